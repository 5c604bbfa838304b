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
