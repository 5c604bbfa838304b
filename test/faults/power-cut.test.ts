// Law 8, for the machine: what a command reported done is there after a power cut. The disk is
// copied at the instant the command ends; the copy has only what was synced.
import { beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { ask, econ, filled, git, MAIL, SANDBOXED, script, World, worldOf } from "../e2e/helpers.ts";
import { cutPower, DISKS, type Disk, newDisk, remove } from "./loop-disk.ts";
import { callsOf, TRACED } from "./strace.ts";

const CAST = {
  ada: script("date +%N >>noise.txt", ask({ action: "message", to: "bob", content: "hello" })),
  bob: script(MAIL, ask({ action: "prompt", content: "# See\n\n7", amount: 60 })),
};
/** So many files are synced at once and not one by one. */
const MANY = 60;
const WRITER = {
  ada: script(`for n in $(seq ${MANY}); do mkdir -p d$n; date +%N >d$n/f; done`),
};
const PLAN = "agents/ada/workspace/plan.txt";

/** What stands on the copied disk: sound, at the commit that was reported, and it goes on. */
async function foundAfter(disk: Disk, reported: string): Promise<World> {
  const world = new World(join(disk.folder, "world"));
  expect(await world.wrong()).toEqual([]);
  expect(world.head()).toBe(reported);
  const next = await world.econ("tick");
  expect([next.code, next.err]).toEqual([0, ""]);
  return world;
}

const onDisks = DISKS && SANDBOXED ? describe : describe.skip;

onDisks("after a power cut, what was reported done is there:", () => {
  let disk: Disk;
  let world: World;

  beforeAll(async () => {
    disk = newDisk();
    const root = join(disk.folder, "world");
    world = await worldOf(CAST, { root, credits: { ada: 100_000, bob: 100_000 } });
    Bun.spawnSync(["sync", "-f", root]);
  });

  /** Do it, cut the power at once, and see to the copy. */
  async function cut(words: string[], look: (copy: World) => unknown = () => {}): Promise<void> {
    const done = await world.econ(...words);
    const copy = cutPower(disk);
    expect([done.code, done.err]).toEqual([0, ""]);
    await look(await foundAfter(copy, world.head()));
    remove(copy);
  }

  test.each([1, 2])("a cycle (%i)", () => cut(["tick"]), 20_000);

  test("a grant", () => cut(["grant", "ada", "1"]), 20_000);

  test.each([
    [1, "tick"],
    [2, "grant ada 1"],
  ])(
    "a person's edit (%i), taken in by %s: the commit and the file",
    async (n, line) => {
      const text = `plan ${n}, which no editor has synced\n`;
      await world.edit(PLAN, text);
      await cut(line.split(" "), (copy) => {
        expect(copy.read(PLAN)).toBe(text);
        expect(copy.git("show", `HEAD:${PLAN}`)).toBe(text);
      });
    },
    20_000,
  );

  test("scores, by command", async () => {
    await world.econ("tick");
    const saved = await world.econ("attend", "7", "8", "9", "good");
    const copy = cutPower(disk);
    expect([saved.code, saved.err]).toEqual([0, ""]);
    const found = new World(join(copy.folder, "world"));
    expect(found.read("attention/active.md")).toContain("interesting: 7");
    const told = await found.econ("tick");
    expect(told.out).toContain("bob was awarded");
    remove(copy);
  }, 20_000);

  test("scores, by an editor, once a cycle has taken them in", async () => {
    const sheet = "attention/active.md";
    await world.econ("tick");
    const scores = { interesting: 1, useful: 2, understandable: 3 };
    await world.edit(sheet, (text) => filled(text, scores));
    await cut(["tick"]);
  }, 20_000);
});

onDisks("after a power cut, of many files each is there:", () => {
  let disk: Disk;
  let world: World;

  beforeAll(async () => {
    disk = newDisk();
    const root = join(disk.folder, "world");
    world = await worldOf(WRITER, { root, credits: { ada: 100_000 } });
    await world.econ("tick");
    Bun.spawnSync(["sync", "-f", root]);
  });

  const file = (n: number) => `agents/ada/workspace/d${n + 1}/f`;
  const texts = (of: World) => Array.from({ length: MANY }, (_, n) => of.read(file(n)));

  async function cut(): Promise<void> {
    const done = await world.econ("tick");
    const copy = cutPower(disk);
    expect([done.code, done.err]).toEqual([0, ""]);
    const found = new World(join(copy.folder, "world"));
    expect(texts(found)).toEqual(texts(world));
    await foundAfter(copy, world.head());
    remove(copy);
  }

  test("those that a cycle wrote", cut, 20_000);

  test("those that a person edited and a cycle took in", async () => {
    for (let n = 0; n < MANY; n++) await world.edit(file(n), `by hand ${n}\n`);
    await cut();
  }, 20_000);
});

onDisks("a world made just before a power cut", () => {
  test("is there", async () => {
    const disk = newDisk();
    const root = join(disk.folder, "world");
    const made = await econ(["init", root, "--clock", "logical"]);
    const copy = cutPower(disk);
    expect([made.code, made.err]).toEqual([0, ""]);
    await foundAfter(copy, git(root, "rev-parse", "HEAD").trim());
    remove(copy);
    remove(disk);
  }, 20_000);
});

test.skipIf(!TRACED || !SANDBOXED)(
  "`durable: false` in econ.yaml waits for no disk",
  async () => {
    const syncs = async (durable: string) => {
      const world = await worldOf(CAST, { rules: { durable } });
      return (await callsOf("econ", "fsync,fdatasync", ["--world", world.root, "tick"])).length;
    };
    expect(await syncs("false")).toBe(0);
    expect(await syncs("true")).toBeGreaterThan(20);
  },
  20_000,
);
