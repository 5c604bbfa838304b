// What the README tells a newcomer to type is typed here.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createWorld, loadEconomy, tick, verifyWorld } from "../src/kernel.ts";
import { living } from "./e2e/helpers.ts";

const ROOT = join(import.meta.dir, "..");
const README = readFileSync(join(ROOT, "README.md"), "utf8");

/** The code blocks of a language, in order. */
function blocks(language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm");
  return [...README.matchAll(fence)].map(([, text]) => text as string);
}

const EXAMPLES = { "main.ts": "ts", "main.sh": "bash", "main.py": "python" };

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "econ-readme-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("the agents in the README are the files in docs/examples", () => {
  for (const [file, language] of Object.entries(EXAMPLES))
    expect(blocks(language)).toEqual([readFileSync(join(ROOT, "docs/examples", file), "utf8")]);
  expect(readdirSync(join(ROOT, "docs/examples")).sort()).toEqual(Object.keys(EXAMPLES).sort());
});

living("an agent in five minutes", () => {
  const languages = Object.entries(EXAMPLES).filter(
    ([file]) => file !== "main.py" || Bun.which("python3"),
  );

  test("each example is born of its folder, lives, remembers, and asks", async () => {
    const root = join(folder, "five-minutes");
    // Where bubblewrap is missing, other code than the templates' must be allowed by name.
    const sandbox: [string, string][] = Bun.which("bwrap") ? [] : [["execution.sandbox", "worker"]];
    const settings: [string, string][] = [["clock", "logical"], ...sandbox];
    const made = await createWorld(root, {
      preset: "default",
      seed: "readme",
      settings,
      cast: {},
      durable: false,
    });
    expect(made).toMatchObject({ ok: true });
    for (const [file, language] of languages) {
      const place = join(root, "agents", `in-${language}`, "workspace", file);
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, blocks(language)[0] as string);
    }
    for (let cycle = 1; cycle <= 21; cycle++) {
      const done = await tick(root, { command: "test", durable: false });
      expect(done).toMatchObject({ ok: true });
      if (done.ok) for (const { ending } of done.value.runs) expect(ending.kind).toBe("finished");
    }
    const loaded = await loadEconomy(root);
    if (!loaded.ok) throw new Error("the world cannot be read");
    const { active, queue } = loaded.value.economy;
    const asking = [active, ...queue.values()].map((prompt) => prompt?.agent).sort();
    expect(asking).toEqual(languages.map(([, language]) => `in-${language}`).sort());
    for (const [, language] of languages) {
      const notes = join(root, "agents", `in-${language}`, "workspace/prices.txt");
      const cycles = readFileSync(notes, "utf8").match(/^- cycle \d+: [0-9.]+ credits a second$/gm);
      expect(cycles).toHaveLength(3);
    }
    expect(await verifyWorld(root)).toEqual([]);
  }, 60_000);
});

/** In a shell as a newcomer has it: this toolkit's bin on the PATH, a name for git. */
function inShell(script: string, cwd: string) {
  const done = Bun.spawnSync(["bash", "-euo", "pipefail", "-c", script], {
    cwd,
    env: {
      PATH: `${join(ROOT, "bin")}:${process.env.PATH}`,
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: "1",
      NO_COLOR: "1",
    },
  });
  return { code: done.exitCode, out: done.stdout.toString(), err: done.stderr.toString() };
}

living("the demo", () => {
  /** What is shown, up to the next line that says some were left out. */
  const pieces = (text: string) => text.split("…\n");

  test("prints what the README shows of it, line by line", () => {
    const { code, out } = inShell("econ demo", folder);
    expect(code).toBe(0);
    const [recorded = ""] = blocks("text").filter((block) => block.includes("econ agent genesis"));
    const [first = "", ...later] = pieces(recorded);
    expect(out.slice(0, first.length)).toBe(first);
    let rest = out.slice(first.length);
    for (const piece of later) {
      const [line = ""] = piece.split("\n", 1);
      rest = rest.slice(rest.indexOf(`${line}\n`));
      expect(rest.slice(0, piece.length)).toBe(piece);
      rest = rest.slice(piece.length);
    }
    expect(rest).toBe("");
  }, 300_000);
});

living("branch a world and compare", () => {
  const shell = blocks("sh");
  const containing = (text: string) => shell.find((block) => block.includes(text)) as string;

  test("the commands work, in fewer cycles, and show a difference", () => {
    const script = containing("git diff main..rich").replaceAll("-n 20", "-n 2");
    const { code, out, err } = inShell(script, folder);
    expect([code, err]).toEqual([0, expect.any(String)]);
    expect(out).toContain("4 ran, 7 born");
    expect(out).toMatch(/^-\s+"agent:ann"/m);
    expect(out).toMatch(/^\+\s+"agent:ann"/m);
    const plot = inShell(containing("trailers:key"), join(folder, "what-if"));
    expect(plot.code).toBe(0);
    expect(plot.out).toMatch(/^ {2}1 {2}2\.004 #+\n {2}2 {2}[0-9.]+ #+\n {2}3 {2}[0-9.]+ #+\n$/);
  }, 60_000);
});
