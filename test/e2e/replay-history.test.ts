// History can be run again: the same commits come out, and where they do not, the first difference
// is named.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { type Replay, replayHistory, scoreActive } from "../../src/kernel.ts";
import {
  ask,
  BID,
  git,
  living,
  must,
  script,
  temporaryFolder,
  type WorldOptions,
  worldOf,
} from "./helpers.ts";

const CHILD = { "main.sh": `${BID}\necho alive >>log.txt\n` };

const CAST = {
  quick: script(ask({ action: "prompt", content: "# Quick\n\n12 facts", amount: 60 })),
  payer: script(ask({ action: "transfer", to: "quick", amount: 1.25, memo: "thanks" })),
  mother: script(ask({ action: "spawn", logic: CHILD, credits: 60, name: "child" })),
  crasher: script("echo 'about to fail'", "exit 3"),
  slow: script("sleep 30"),
};

/** Ten cycles with a birth, a death, a limit, a person's edit and a person's score between them. */
async function aWorld(options: WorldOptions = {}) {
  const rules = { "execution.timeout_seconds": 1, clock: "wall" };
  const world = await worldOf(CAST, { ...options, rules });
  await world.tick(2);
  await world.edit("agents/quick/inbox/hint.md", "look at the markets\n");
  await world.tick(2);
  const scores = { interesting: 5, useful: 6, understandable: 7 };
  must(await scoreActive(world.root, { scores, reason: "fixed" }));
  await world.tick(2);
  return world;
}

living("a history", () => {
  test("comes out as the same commits, on the wall clock and with runs cut off by time", async () => {
    const world = await aWorld();
    const before = world.git("status", "--porcelain=v2", "--branch");
    expect(must(await replayHistory(world.root))).toEqual({ cycles: 6, difference: null });
    expect(world.git("status", "--porcelain=v2", "--branch")).toBe(before);
    expect(must(await replayHistory(world.root, { last: 2 })).cycles).toBe(2);
    expect(must(await replayHistory(world.root, { range: "HEAD~3..HEAD" })).difference).toBeNull();
  }, 60_000);

  test("of a world in a subfolder does as well", async () => {
    const top = temporaryFolder();
    git(top, "init", "--quiet");
    const world = await aWorld({ root: join(top, "some/world"), inside: true });
    expect(must(await replayHistory(world.root)).difference).toBeNull();
  }, 60_000);

  test("that luck had a hand in differs, and the file, the line and the cycle are named", async () => {
    const world = await worldOf({ gambler: script("date +%N >>luck.txt") });
    await world.tick(2);
    const { cycles, difference } = must(await replayHistory(world.root)) as Replay;
    expect(cycles).toBe(1);
    expect(difference).toMatchObject({
      cycle: 1,
      path: "agents/gambler/workspace/luck.txt",
      line: 1,
      recorded: world
        .git("show", `${difference?.commit}:./agents/gambler/workspace/luck.txt`)
        .trim(),
    });
    const said = await world.econ("replay");
    expect(said.code).toBe(1);
    expect(said.out).toContain("agents/gambler/workspace/luck.txt:1");
  }, 60_000);

  test("that was forged differs: credits that no cycle made", async () => {
    const world = await worldOf({ idle: script("true") });
    await world.tick(1);
    const forged = world
      .read("agents/idle/agent.json")
      .replace('"executions": 1', '"executions": 9');
    await world.edit("agents/idle/agent.json", forged);
    world.git("commit", "--quiet", "--all", "--amend", "--no-edit");
    const { difference } = must(await replayHistory(world.root));
    expect(difference).toMatchObject({ cycle: 1, path: "agents/idle/agent.json" });
  }, 60_000);

  test.each(["--all", "-n1", "no-such-branch", "a...b", ""])(
    "range %j is refused",
    async (range) => {
      const world = await worldOf({ idle: script("true") });
      await world.tick(1);
      const replayed = await replayHistory(world.root, { range });
      expect(replayed.ok).toBe(false);
    },
  );
});
