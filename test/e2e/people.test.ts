// People in the world's folder: an editor, a shell and git beside a running economy. Law 3: nothing
// of theirs is lost, nothing of theirs is mistaken for econ's.
import { beforeAll, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { verifyWorld } from "../../src/kernel.ts";
import {
  ask,
  BID,
  BUNDLE,
  git,
  linesOf,
  living,
  MAIL,
  problemsOf,
  said,
  script,
  start,
  temporaryFolder,
  until,
  type World,
  worldOf,
} from "./helpers.ts";

const ADA = script("echo ran >>log.txt", MAIL);

type Broken = [what: string, path: string, edit: (text: string) => string, said: RegExp];

const BROKEN: Broken[] = [
  ["YAML that does not parse", "econ.yaml", (t) => `${t}\nx: [\n`, /^econ: econ\.yaml:\d+: /m],
  [
    "a misspelt rule",
    "econ.yaml",
    (t) => t.replace("spawn_cost:", "spawn_cots:"),
    /econ\.yaml:\d+: .*spawn_cots.*spawn_cost/,
  ],
  [
    "a rule of the wrong type",
    "econ.yaml",
    (t) => t.replace(/spawn_cost: 100/, "spawn_cost: plenty"),
    /econ\.yaml:\d+: .*expected/,
  ],
  ["half a JSON file", "markets/tokens.json", (t) => t.slice(0, 30), /markets\/tokens\.json:\d+: /],
  [
    "a record with an unknown status",
    "agents/ada/agent.json",
    (t) => t.replace(/"executions": \d+/, '"executions": "many"'),
    /agents\/ada\/agent\.json:\d+: .*executions.*expected/,
  ],
  [
    "a forged balance",
    "ledger/balances.json",
    (t) => t.replace(/("agent:ada": ")[^"]+/, "$1999999"),
    /ledger\/balances\.json/,
  ],
  [
    "a forged line of the journal",
    "ledger/0/1.jsonl",
    (t) => t.replace(/"amount":"[^"]+"/, '"amount":"1"'),
    /ledger\//,
  ],
  ["a bid for nobody", "bids/ada-0-9.json", () => "{}", /bids\/ada-0-9\.json/],
  [
    "a score out of range",
    "attention/active.md",
    (t) => t.replace(/^useful:.*$/m, "useful: 11"),
    /attention\/active\.md:\d+: useful: expected a number from 0 to 10/,
  ],
];

living("a broken hand edit", () => {
  let world: World;

  beforeAll(async () => {
    const prompt = ask({ action: "prompt", content: "# See 7 facts", amount: 60 });
    world = await worldOf({ ada: script(`[ -e asked ] || ${prompt}`, "touch asked") });
    await world.tick();
  });

  for (const [what, path, edit, expected] of BROKEN)
    test(`(${what}) stops the cycle, named with its place; nothing is overwritten`, async () => {
      const head = world.head();
      const before = world.has(path) ? world.read(path) : "";
      await world.edit(path, edit(before));
      const { code, err } = await world.econ("tick");
      expect([code, err]).toEqual([3, expect.stringMatching(expected)]);
      expect(world.head()).toBe(head);
      expect(world.read(path)).toBe(edit(before));
      expect((await verifyWorld(world.root)).length).toBeGreaterThan(0);
      if (before === "") rmSync(join(world.root, path));
      else await world.edit(path, before);
      expect(await world.wrong()).toEqual([]);
    });

  test("once mended lets the world go on as if nothing had been", async () => {
    expect((await world.tick()).absorbed).toEqual([]);
    expect(await world.wrong()).toEqual([]);
  });

  test("(a forged balance) is found as well when it was committed by hand", async () => {
    const world = await worldOf({ ada: ADA });
    await world.tick();
    await world.edit("ledger/balances.json", (t) => t.replace(/("agent:ada": ")/, "$17"));
    world.git("commit", "-qam", "I am rich");
    for (const words of [["tick"], ["verify"], ["grant", "ada", "1"]]) {
      const { code, err } = await world.econ(...words);
      expect([words, code]).toEqual([words, 3]);
      expect(err).toContain("ledger/balances.json");
    }
    world.git("revert", "--no-edit", "HEAD");
    await world.tick();
    expect(await world.wrong()).toEqual([]);
  });
});

living("a person's edit", () => {
  test("becomes that person's own commit, before the cycle's", async () => {
    const world = await worldOf({ ada: ADA });
    await world.edit("econ.yaml", (text) => text.replace("message_cost: 1", "message_cost: 2"));
    await world.edit("agents/ada/workspace/hint.txt", "try harder\n");
    const { absorbed, economy } = await world.tick();
    expect(absorbed).toEqual(["agents/ada/workspace/hint.txt", "econ.yaml"]);
    expect(economy.rules.economy.message_cost).toBe(2_000_000);
    expect(linesOf(world.git("log", "-2", "--format=%an <%ae>: %s"))).toEqual([
      expect.stringMatching(/^econ .*: cycle 1: /),
      "Pat <pat@example.org>: by hand: 2 files edited",
    ]);
    const changed = linesOf(world.git("diff", "--name-only", "HEAD^^", "HEAD^"));
    expect(changed).toEqual(absorbed);
    expect(await world.wrong()).toEqual([]);
  });

  test("of the same length, in the second of the last commit, is seen, and so is the next", async () => {
    // Git tells such files apart by looking again; an index that seems newer than it is stops that.
    const sleeper = { action: "bid", resources: BUNDLE, payload: ["true"], notBefore: 900 };
    const world = await worldOf({ ada: { "main.sh": ask(sleeper) } });
    const plan = "agents/ada/workspace/plan.txt";
    await world.tick();
    for (const other of ["econ.yaml", plan]) {
      await Bun.sleep(1_000 - (Date.now() % 1_000));
      await world.edit(plan, "plan 1\n");
      await world.tick();
      await world.edit(plan, "plan 2\n");
      await Bun.sleep(1_000 - (Date.now() % 1_000));
      if (other !== plan) await world.edit(other, (text) => `${text}# a comment\n`);
      await world.tick();
      expect(world.git("show", `HEAD:${plan}`)).toBe("plan 2\n");
      expect(await world.wrong()).toEqual([]);
    }
  });

  test("that is staged elsewhere stays staged, and stays out of econ's commits", async () => {
    const place = temporaryFolder();
    git(place, "init", "-q", "-b", "main");
    await Bun.write(join(place, "notes.txt"), "a\n");
    git(place, "add", ".");
    git(place, "commit", "-qm", "before the world");
    const world = await worldOf({ ada: ADA }, { root: join(place, "deep", "world"), inside: true });
    await Bun.write(join(place, "notes.txt"), "a\nb\n");
    git(place, "add", "notes.txt");
    await Bun.write(join(place, "loose.txt"), "untracked\n");
    await world.tick(2);
    expect(linesOf(git(place, "status", "--porcelain"))).toEqual(["M  notes.txt", "?? loose.txt"]);
    expect(git(place, "log", "-3", "--name-only", "--format=")).not.toContain("notes.txt");
    expect(git(place, "diff", "--cached")).toContain("+b");
    expect((await world.econ("verify")).code).toBe(0);
    git(place, "fsck", "--strict");
  });

  test("in the middle of a merge: the cycle is refused until it is over", async () => {
    const world = await worldOf({ ada: ADA });
    await world.tick();
    world.git("checkout", "-q", "-b", "other");
    await world.edit("note.txt", "theirs\n").then(() => world.git("add", "note.txt"));
    world.git("commit", "-qm", "theirs");
    world.git("checkout", "-q", "main");
    await world.edit("note.txt", "ours\n").then(() => world.git("add", "note.txt"));
    world.git("commit", "-qm", "ours");
    expect(() => world.git("merge", "-q", "other")).toThrow();
    const head = world.head();
    const { code, err } = await world.econ("tick");
    expect([code, err]).toEqual([1, expect.stringContaining("merge")]);
    expect(world.head()).toBe(head);
    world.git("merge", "--abort");
    await world.tick();
    expect(await world.wrong()).toEqual([]);
  });

  test("in git while a slow agent runs: the cycle is done again on it, nothing is lost", async () => {
    const world = await worldOf({ slow: script("sleep 0.7", "echo ran >>log.txt"), ada: ADA });
    const child = start(["--world", world.root, "tick"]);
    await until(() => world.list(".econ/scratch").length >= 2, { what: "a run" });
    await world.edit("agents/ada/workspace/plan.txt", "from the person\n");
    world.git("add", ".");
    world.git("commit", "-qm", "a plan");
    const { code, err } = await said(child);
    expect([code, err]).toEqual([0, ""]);
    expect(linesOf(world.git("log", "-2", "--format=%an %s"))).toEqual([
      expect.stringMatching(/^econ cycle 1: 2 ran/),
      "Pat a plan",
    ]);
    expect(world.read("agents/ada/workspace/plan.txt")).toBe("from the person\n");
    expect(world.read("agents/slow/workspace/log.txt")).toBe("ran\n");
    expect(await world.wrong()).toEqual([]);
  });

  test("in a file that a run changes too, saved meanwhile, is not overwritten", async () => {
    const world = await worldOf({ slow: script("sleep 0.7", "echo the agent >diary.txt") });
    await world.edit("agents/slow/workspace/diary.txt", "empty\n");
    const child = start(["--world", world.root, "tick"]);
    await until(() => world.list(".econ/scratch").length >= 1, { what: "a run" });
    await world.edit("agents/slow/workspace/diary.txt", "the person\n");
    const { code } = await said(child);
    expect(code).toBe(0);
    expect(world.read("agents/slow/workspace/diary.txt")).toBe("the person\n");
    await world.tick();
    const told = world.git("log", "-p", "--format=%an", "--", "agents/slow/workspace/diary.txt");
    expect(told).toContain("+the person");
    expect(told).toContain("+the agent");
    expect(await world.wrong()).toEqual([]);
  });
});

living("two commands at once", () => {
  test("go one after the other, and the second says for whom it waits", async () => {
    const world = await worldOf({ slow: script("sleep 1") });
    const first = start(["--world", world.root, "tick"]);
    await until(() => world.has(".econ/holder.json"), { what: "the first tick" });
    const second = await said(start(["--world", world.root, "tick"]));
    expect([second.code, second.err]).toEqual([
      0,
      expect.stringMatching(/waiting for `econ tick` \(process \d+\)/),
    ]);
    expect(second.err).toContain(`process ${first.pid}`);
    expect((await said(first)).code).toBe(0);
    expect((await world.economy()).cycle).toBe(2);
    expect(await world.wrong()).toEqual([]);
  });
});

living("folders by hand", () => {
  test("mkdir is a birth with one first bid, rm -r is a death, and mail dropped in arrives", async () => {
    const world = await worldOf({ ada: ADA });
    await world.tick();
    await world.edit("agents/bob/workspace/main.sh", ADA["main.sh"] ?? "");
    const born = await world.tick();
    expect(born.events.map(({ text }) => text).join()).toContain("bob was put into the world");
    expect(world.read("agents/bob/workspace/log.txt")).toBe("ran\n");
    expect(world.record("bob")).toMatchObject({ executions: 1, lineage: [] });
    await world.edit("agents/bob/inbox/hello.md", "Look at the *prices*.\n");
    await world.tick();
    expect(world.read("agents/bob/workspace/mail.txt")).toContain("Look at the *prices*.");
    expect(world.list("agents/bob/inbox/read")).toEqual(["1-human.md"]);
    rmSync(join(world.root, "agents/ada"), { recursive: true });
    const died = await world.tick();
    expect(died.events.map(({ text }) => text).join()).toContain("a person removed its folder");
    expect(world.list("agents")).toEqual(["bob"]);
    expect((await world.econ("agents", "--dead")).out).toContain("ada");
    expect(linesOf(world.git("log", "-4", "--format=%an"))).toContain("Pat");
    expect(await world.wrong()).toEqual([]);
  });

  test("one that cannot run, or has a person's name, is a problem and not a birth", async () => {
    const world = await worldOf({ ada: ADA });
    await world.edit("agents/empty/workspace/notes.txt", "nothing to run\n");
    await world.edit("agents/pat/workspace/main.sh", `${BID}\n`);
    const said = problemsOf(await world.tryTick());
    expect(said).toContain("agents/empty/workspace:null: nothing to run: no main.ts");
    expect(said).toContain("agents/pat/workspace:null: the name pat is a person's");
    rmSync(join(world.root, "agents/empty"), { recursive: true });
    rmSync(join(world.root, "agents/pat"), { recursive: true });
    await world.tick();
    expect(await world.wrong()).toEqual([]);
  });
});

living("a branch is a counterfactual", () => {
  test("two branches go different ways, and git diff compares them", async () => {
    const world = await worldOf({ ada: ADA, bob: ADA });
    await world.tick(2);
    world.git("checkout", "-q", "-b", "dear");
    await world.edit("econ.yaml", (t) =>
      t.replace("initial_credit_budget: 1000", "initial_credit_budget: 50"),
    );
    await world.edit("agents/late/workspace/main.sh", ADA["main.sh"] ?? "");
    await world.tick(3);
    expect(await world.wrong()).toEqual([]);
    world.git("checkout", "-q", "main");
    expect(world.list("agents")).toEqual(["ada", "bob"]);
    await world.tick(3);
    expect(await world.wrong()).toEqual([]);
    const diff = world.git("diff", "main", "dear", "--", "ledger/balances.json", "econ.yaml");
    expect(diff).toContain("+  initial_credit_budget: 50");
    expect(diff).toMatch(/\+ +"agent:late": "/);
    expect(world.git("log", "--format=%s", "main..dear")).toContain("1 born");
    world.git("checkout", "-q", "dear");
    expect((await world.econ("status", "--json")).out).toContain('"alive": 3');
    await world.tick();
    expect(await world.wrong()).toEqual([]);
  });
});
