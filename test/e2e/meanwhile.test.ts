// What people do in the middle of a cycle, while a slow agent runs.
import { expect, test } from "bun:test";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { replayHistory } from "../../src/kernel.ts";
import {
  ask,
  BID,
  filled,
  git,
  linesOf,
  living,
  must,
  said,
  script,
  start,
  temporaryFolder,
  until,
  type World,
  worldOf,
} from "./helpers.ts";

const SLOW = script("sleep 0.7", "echo ran >>log.txt");
const ADA = script("echo ran >>log.txt");

/** A tick in which something happens while the runs go on. */
async function tickWhile(world: World, act: () => unknown): Promise<string> {
  const child = start(["--world", world.root, "tick"]);
  await until(() => world.list(".econ/scratch").some((name) => name.startsWith("slow")));
  await Bun.sleep(100);
  await act();
  const { code, out, err } = await said(child);
  expect([code, err]).toEqual([0, ""]);
  return out;
}

living("while an agent runs", () => {
  test("rm -r of its folder is not undone; what the run added is named, and once more is death", async () => {
    const world = await worldOf({ slow: SLOW, ada: ADA });
    const remove = () => rmSync(join(world.root, "agents/slow"), { recursive: true });
    await tickWhile(world, remove);
    const { code, err } = await world.econ("tick");
    expect([code, err]).toEqual([3, expect.stringContaining("agents/slow/agent.json: is missing")]);
    expect(world.has("agents/slow/workspace/main.sh")).toBe(false);
    remove();
    await world.tick();
    expect(world.list("agents")).toEqual(["ada"]);
    expect((await world.economy()).dead.has("slow")).toBe(true);
    expect(await world.wrong()).toEqual([]);
  });

  test("a folder made by hand, a rule changed and mail dropped in wait for the next cycle", async () => {
    const world = await worldOf({ slow: SLOW });
    await tickWhile(world, async () => {
      await world.edit("agents/bob/workspace/main.sh", ADA["main.sh"] ?? "");
      await world.edit("econ.yaml", (text) => text.replace("message_cost: 1", "message_cost: 3"));
      await world.edit("agents/slow/inbox/note.md", "faster!\n");
    });
    expect(world.has("agents/bob/agent.json")).toBe(false);
    const { absorbed, economy } = await world.tick();
    expect(absorbed).toHaveLength(3);
    expect(economy.rules.economy.message_cost).toBe(3_000_000);
    expect(world.record("bob").executions).toBe(1);
    expect(await world.wrong()).toEqual([]);
  });

  test("a score saved by an editor counts in the next cycle", async () => {
    const asks = `[ -e asked ] || ${ask({ action: "prompt", content: "# 7", amount: 60 })}`;
    const world = await worldOf({ slow: script("sleep 0.7", asks, "touch asked") });
    await world.tick();
    const scores = { interesting: 1, useful: 2, understandable: 3 };
    const out = await tickWhile(world, () =>
      world.edit("attention/active.md", (sheet) => filled(sheet, scores)),
    );
    expect(out).not.toContain("awarded");
    const { events } = await world.tick();
    expect(events.map(({ text }) => text).join()).toContain("slow was awarded 18");
    expect(await world.wrong()).toEqual([]);
  });

  test("a broken edit does not spoil the cycle, and stops the next", async () => {
    const world = await worldOf({ slow: SLOW });
    const broken = "economy:\n  initial_credit_budget: lots\n";
    await tickWhile(world, () => world.edit("econ.yaml", broken));
    expect(world.read("econ.yaml")).toBe(broken);
    const { code, err } = await world.econ("tick");
    expect([code, err]).toEqual([3, expect.stringMatching(/econ\.yaml:2: /)]);
    world.git("checkout", "--", "econ.yaml");
    await world.tick();
    expect(await world.wrong()).toEqual([]);
  });

  test("of who dies then, what was committed is buried; what was done there since is named", async () => {
    const last = "cat hint.txt\nsleep 0.7\necho bye >>last-words.txt\n";
    const world = await worldOf({ slow: { "main.sh": last, "hint.txt": "go\n" }, ada: ADA });
    const there = join(world.root, "agents/slow/workspace");
    await tickWhile(world, async () => {
      symlinkSync("/etc/passwd", join(there, "link"));
      mkdirSync(join(there, "clone/.git"), { recursive: true });
      rmSync(join(there, "main.sh"));
      await world.edit("agents/slow/workspace/hint.txt", "stay\n");
    });
    const buried = linesOf(world.git("ls-tree", "-r", "--name-only", "HEAD", "graveyard/slow/"));
    const grave = ["agent.json", "runs/1.jsonl"];
    const workspace = ["hint.txt", "last-words.txt", "main.sh"].map((name) => `workspace/${name}`);
    expect(buried).toEqual([...grave, ...workspace].map((name) => `graveyard/slow/${name}`));
    expect(world.read("graveyard/slow/workspace/hint.txt")).toBe("go\n");
    expect(world.git("ls-tree", "-r", "HEAD", "agents/slow/")).toBe("");
    expect(must(await replayHistory(world.root))).toEqual({ cycles: 1, difference: null });
    const named = async (name: string) => {
      const { code, err } = await world.econ("tick");
      expect([code, err]).toEqual([3, expect.stringContaining(name)]);
    };
    await named("agents/slow/workspace/link: a symbolic link");
    rmSync(join(there, "link"));
    await named("agents/slow/workspace/clone/.git: a repository inside");
    rmSync(join(there, "clone"), { recursive: true });
    expect(world.read("agents/slow/workspace/hint.txt")).toBe("stay\n");
    await named("agents/slow: the name slow belongs to a dead agent");
    rmSync(join(world.root, "agents/slow"), { recursive: true });
    await world.tick();
    expect(await world.wrong()).toEqual([]);
  });

  test("a commit of a person's runs the cycle anew, and what was taken in before is still told", async () => {
    const world = await worldOf({ slow: SLOW });
    await world.edit("agents/slow/workspace/hint.txt", "hello\n");
    const out = await tickWhile(world, () => world.git("commit", "--allow-empty", "-qm", "mine"));
    expect(out).toContain("Took in your edits: agents/slow/workspace/hint.txt");
    expect(world.git("log", "-2", "--format=%s")).toContain("mine");
    expect(await world.wrong()).toEqual([]);
  });

  test("a switch to another branch: the cycle happens there or nowhere, and neither is torn", async () => {
    const world = await worldOf({ slow: SLOW });
    await world.tick();
    world.git("branch", "other");
    await world.tick();
    const main = world.head();
    const child = start(["--world", world.root, "tick"]);
    await until(() => world.list(".econ/scratch").length > 0);
    world.git("checkout", "-q", "other");
    const { code } = await said(child);
    expect(code).toBe(0);
    expect(world.git("rev-parse", "main").trim()).toBe(main);
    expect((await world.economy()).cycle).toBe(2);
    expect(await world.wrong()).toEqual([]);
    world.git("checkout", "-q", "main");
    expect((await world.econ("verify")).code).toBe(0);
    await world.tick();
    expect(await world.wrong()).toEqual([]);
  });
});

living("two worlds in one repository", () => {
  test("tick at the same time: each repeats what the other's commits overtook", async () => {
    const top = temporaryFolder();
    git(top, "init", "-q", "-b", "main");
    const a = await worldOf({ ada: ADA }, { root: join(top, "a"), inside: true });
    const b = await worldOf({ ada: ADA }, { root: join(top, "b"), inside: true });
    const both = await Promise.all([a, b].map((world) => world.econ("tick", "-n", "3")));
    expect(both.map(({ code, err }) => [code, err])).toEqual([
      [0, ""],
      [0, ""],
    ]);
    expect([(await a.economy()).cycle, (await b.economy()).cycle]).toEqual([3, 3]);
    expect([...(await a.wrong()), ...(await b.wrong())]).toEqual([]);
  });
});

living("what a person commits by hand and no agent could have made", () => {
  test("a symlink in a workspace is named, kept out of runs, and others run", async () => {
    const world = await worldOf({ linked: ADA, ada: ADA });
    symlinkSync("/etc/passwd", join(world.root, "agents/linked/workspace/link"));
    const refused = await world.econ("tick");
    expect([refused.code, refused.err]).toEqual([3, expect.stringContaining("workspace/link")]);
    world.git("add", "-A");
    world.git("commit", "-qm", "a link");
    const { code, out, err } = await world.econ("tick");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/linked's run was undone: .*link/);
    expect(out).toContain("ada executed");
    rmSync(join(world.root, "agents/linked/workspace/link"));
    await world.tick();
    expect(world.read("agents/linked/workspace/log.txt")).toBe("ran\n");
    expect(await world.wrong()).toEqual([]);
  });

  test("an agent's folder that leads out of the world is refused", async () => {
    const world = await worldOf({ ada: ADA });
    await world.tick();
    const outside = join(temporaryFolder(), "outside");
    mkdirSync(outside);
    await Bun.write(join(outside, "workspace/main.sh"), `${BID}\n`);
    symlinkSync(outside, join(world.root, "agents/out"));
    const { code, err } = await world.econ("tick");
    expect([code, err]).toEqual([3, expect.stringContaining("agents/out")]);
    world.git("add", "-A");
    world.git("commit", "-qm", "a way out");
    const again = await world.econ("tick");
    expect([again.code, again.err]).toEqual([3, expect.stringContaining("agents/out")]);
    rmSync(join(world.root, "agents/out"));
    must(await world.tryTick());
    expect(linesOf(world.git("status", "--porcelain"))).toEqual([]);
  });
});
