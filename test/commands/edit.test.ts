// `econ agent edit` at a real terminal, with editors that are shell scripts.
import { describe, expect, test } from "bun:test";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { put, temporaryFolder, type World, worldOf } from "./worlds.ts";

const CLI = join(import.meta.dir, "../../src/cli.ts");
const CAST = { ann: { template: "saver" } };
const FILE = "agents/ann/workspace/AGENTS.md";

async function atTerminal(world: World, editor: string, ...words: string[]) {
  let shown = "";
  const child = Bun.spawn([process.execPath, CLI, "agent", "edit", ...words], {
    cwd: world.path("agents/ann/workspace"),
    env: { ...process.env, VISUAL: editor, NO_COLOR: "1" },
    terminal: { cols: 200, rows: 30, data: (_, bytes) => (shown += Buffer.from(bytes)) },
  });
  const code = await child.exited;
  return { code, shown: shown.replaceAll("\r", "") };
}

describe("editing an agent", () => {
  test("opens its instructions and tells what the change will do; the next cycle takes it in", async () => {
    const world = await worldOf(CAST);
    const { code, shown } = await atTerminal(world, "sed -i s/Saver/Spender/", "ann");
    expect([code, shown]).toEqual([0, expect.stringContaining(`${FILE} is changed.`)]);
    expect(shown).toContain("Its program: main.ts.");
    expect(readFileSync(world.path(FILE), "utf8")).toContain("# Spender");
    expect((await world.json("tick", "--dry-run")).edits).toEqual([FILE]);
  });

  test("tells which model the instructions now name, and what is not understood", async () => {
    const world = await worldOf(CAST);
    put(world.path("agents/ann/workspace"), { "AGENTS.md": "# Ann\n" });
    rmSync(world.path("agents/ann/workspace/main.ts"));
    const named = await atTerminal(world, "sed -i '1i ---\\nmodel: haiku\\n---'", "ann");
    expect(named.shown).toContain("Its model: haiku.");
    const other = await atTerminal(world, "sed -i s/haiku/gpt/", "ann");
    expect(other.shown).toContain('Its model: "gpt", which this world does not have');
    const broken = await atTerminal(world, "sed -i 3d", "ann");
    expect(broken.shown).toContain("front matter is not understood");
  });

  test("splits the editor's words as a shell does, and stands in the world, not in the agent", async () => {
    const world = await worldOf(CAST);
    const note = join(temporaryFolder(), "with blank");
    const editor = `sh -c 'pwd >"$1"; echo "$2" >>"$1"' x "${note}"`;
    expect((await atTerminal(world, editor, "ann", "main.ts")).code).toBe(0);
    expect(readFileSync(note, "utf8")).toBe(
      `${world.root}\n${world.path("agents/ann/workspace/main.ts")}\n`,
    );
  });

  test("that changes nothing, or whose editor fails, says so", async () => {
    const world = await worldOf(CAST);
    expect((await atTerminal(world, "true", "ann")).shown).toContain("is as it was");
    const failed = await atTerminal(world, "false", "ann");
    expect([failed.code, failed.shown]).toEqual([1, "econ: the editor ended with exit code 1\n"]);
  });

  test("shows right away what a cycle would stop at", async () => {
    const world = await worldOf(CAST);
    const { code, shown } = await atTerminal(world, "rm -f econ.yaml; ln -sf /etc/passwd", "ann");
    expect([code, shown]).toEqual([3, expect.stringContaining("econ.yaml")]);
  });

  const REFUSED: [words: string[], why: string][] = [
    [["bob"], 'no agent "bob"'],
    [["ann", "../agent.json"], 'has a ".."'],
    [["ann", "/etc/passwd"], "absolute"],
    [["ann", ".git/config"], "git's own"],
    [["ann", "nowhere/x.md"], "there is no folder"],
    [["ann", "pipe"], "a named pipe"],
    [["ann", "link"], "a symbolic link"],
  ];

  test("opens only files of a living agent's workspace", async () => {
    const world = await worldOf(CAST);
    Bun.spawnSync(["mkfifo", world.path("agents/ann/workspace/pipe")]);
    Bun.spawnSync(["ln", "-s", "/etc/passwd", world.path("agents/ann/workspace/link")]);
    for (const [words, why] of REFUSED) {
      const { code, shown } = await atTerminal(world, "echo opened", ...words);
      expect([words, code, shown]).toEqual([words, 1, expect.stringContaining(why)]);
      expect(shown).not.toContain("opened");
    }
  });

  test("needs a terminal", async () => {
    const world = await worldOf(CAST);
    const { code, err } = await world.say("agent", "edit", "ann");
    expect([code, err]).toEqual([
      1,
      `econ: an editor needs a terminal; edit ${FILE} in another way`,
    ]);
  });
});
