import { describe, expect, test } from "bun:test";
import { econ } from "./terminal.ts";

/** What bash itself would offer after these words. */
async function offers(...words: string[]): Promise<string[]> {
  const { out } = await econ(["completion", "bash"]);
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const script = `${out}\nCOMP_WORDS=(econ ${quoted}); COMP_CWORD=${words.length}; _econ
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const shell = Bun.spawn(["bash", "--norc", "-c", script], { stdout: "pipe", stderr: "pipe" });
  const text = await new Response(shell.stdout).text();
  expect(await new Response(shell.stderr).text()).toBe("");
  return text.split("\n").filter((word) => word !== "");
}

describe("in bash, Tab offers", () => {
  test("commands", async () => {
    expect(await offers("ag")).toEqual(["agents", "agent"]);
    expect(await offers("")).toContain("help");
  });

  test("the options of a command, also behind --world", async () => {
    expect(await offers("tick", "--d")).toEqual(["--dry-run"]);
    expect(await offers("--world", "x", "history", "--k")).toEqual(["--kind"]);
  });

  test("the commands below a command, and their options and values", async () => {
    expect(await offers("agent", "ex")).toEqual(["export"]);
    expect(await offers("agent", "adopt", "--na")).toEqual(["--name"]);
    expect(await offers("agent", "new", "bob", "--j")).toEqual(["--json"]);
    expect(await offers("agent", "new", "bob", "--template", "s")).toEqual([
      "saver",
      "spammer",
      "specialist",
    ]);
  });

  test("files where a file is meant", async () => {
    expect(await offers("agent", "import", `${import.meta.dir}/compl`)).toEqual([import.meta.path]);
  });

  test("fixed words", async () => {
    expect(await offers("completion", "")).toEqual(["bash", "zsh", "fish"]);
  });
});

test("each shell gets every command, and names of agents where one is meant", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { out } = await econ(["completion", shell]);
    for (const name of ["status", "grant", "tell", "completion"]) expect(out).toContain(name);
    expect(out).toContain("econ agents --quiet");
  }
});
