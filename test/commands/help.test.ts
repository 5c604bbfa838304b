import { describe, expect, test } from "bun:test";
import { allCommands, CATALOGUE } from "../../src/commands/catalogue.ts";
import { econ } from "./terminal.ts";

const specs = await allCommands();
/** With those below others, by their whole names: "agent new". */
const everySpec = specs.flatMap((spec) => [
  spec,
  ...(spec.subcommands ?? []).map((below) => ({ ...below, name: `${spec.name} ${below.name}` })),
]);

describe("help", () => {
  test("of econ lists every command with what it is for", async () => {
    const { code, out } = await econ(["--help"]);
    expect(code).toBe(0);
    for (const { name, summary } of specs) {
      expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
      expect(out.replaceAll(/\s+/g, " ")).toContain(summary);
    }
    expect(out).toContain("Exit codes:");
    expect(await econ([])).toEqual({ code: 0, out, err: "" });
  });

  test("fits in 80 columns", async () => {
    for (const words of [[], ...everySpec.map(({ name }) => ["help", ...name.split(" ")])])
      for (const line of (await econ(words)).out.split("\n"))
        expect([line, line.length <= 80]).toEqual([line, true]);
  });

  for (const { name, about, examples, ...spec } of everySpec)
    describe(name, () => {
      test("is a paragraph and examples of the command itself", async () => {
        const { code, out } = await econ([...name.split(" "), "--help"]);
        expect(code).toBe(0);
        expect(out.replaceAll(/\s+/g, " ")).toContain(about);
        expect(about.length).toBeGreaterThan(80);
        expect(examples.length).toBeGreaterThan(0);
        expect(examples.some(([line]) => line.includes(`econ ${name}`))).toBe(true);
        for (const [line, why] of examples) {
          expect(out).toContain(line);
          expect(out).toContain(why);
        }
      });

      test("explains every argument and option", async () => {
        for (const each of [...(spec.arguments ?? []), ...(spec.options ?? [])])
          expect(each.about.length).toBeGreaterThan(5);
        expect((await econ(["help", ...name.split(" ")])).out).toBe(
          (await econ([...name.split(" "), "-h"])).out,
        );
      });
    });
});

test("the catalogue's names are the commands' names", () => {
  expect(specs.map(({ name }) => name)).toEqual(Object.keys(CATALOGUE));
});
