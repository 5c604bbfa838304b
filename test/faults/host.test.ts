// What the host may refuse: room on the disk, writing at all, descriptors. Every command says so in
// one line with the cause, leaves nothing half done, and works again when the cause is gone.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  ask,
  ENV,
  econ,
  MAIL,
  SANDBOXED,
  type Said,
  said,
  script,
  TOOLKIT,
  temporaryFolder,
  World,
  worldOf,
} from "../e2e/helpers.ts";
import { DISKS, type Disk, newDisk, remount, remove, roomOf } from "./loop-disk.ts";

const CAST = {
  ada: script("echo x >>note.txt", ask({ action: "message", to: "bob", content: "hello" })),
  bob: script(MAIL, ask({ action: "prompt", content: "# See\n\n7", amount: 60 })),
};
const CREDITS = { ada: 1_000_000, bob: 1_000_000 };
const PLAN = "agents/ada/workspace/plan.txt";
const ALL = process.env.ECON_SWEEP === "all";
const KB = Array.from({ length: 96 }, (_, n) => 2 * n);

type Host = { world: World; refused: RegExp; withhold: () => void; restore: () => void };
let edits = 0;

/** A command while the host withholds something, then after; the person had just saved a file. */
async function trial(host: Host, line: string): Promise<void> {
  const { world } = host;
  const plan = `plan ${++edits}\n`;
  await world.edit(PLAN, plan);
  const before = cycleOf(world);
  host.withhold();
  const isInit = line === "init";
  const root = isInit ? join(world.root, "../new") : world.root;
  const words = isInit ? ["init", root] : ["--world", root, ...line.split(" ")];
  const done = await econ(words).finally(host.restore);
  expectPlain(done, host.refused);
  if (isInit) {
    const again = await econ(words);
    expect(again.code === 0 || /is a world (already|now)/.test(again.err)).toBe(true);
    expect(await new World(root).wrong()).toEqual([]);
    rmSync(root, { recursive: true });
  }
  const next = await world.econ("tick");
  expect([next.code, next.err]).toEqual([0, ""]);
  expect(await world.wrong()).toEqual([]);
  expect(world.git("show", `HEAD:${PLAN}`)).toBe(plan);
  const ran = cycleOf(world) - before;
  expect(line === "tick" && done.code === 0 ? [2] : [1, 2]).toContain(ran);
}

/** Done; or refused, in one line that names the cause. */
function expectPlain({ code, err }: Said, cause: RegExp): void {
  if (code === 0) return;
  expect([code, err]).toEqual([1, expect.stringMatching(/^econ: [^\n]+\n$/)]);
  // What was no fault of the host's is none here: the slot may be empty.
  if (!err.includes("no prompt is before the human")) expect(err).toMatch(cause);
}

function cycleOf(world: World): number {
  return JSON.parse(world.git("show", "HEAD:world.json")).cycle;
}

const FULL = /disk is full|space/;

const onDisks = DISKS && SANDBOXED ? describe : describe.skip;

onDisks("a disk", () => {
  let disk: Disk;
  let world: World;

  beforeAll(async () => {
    disk = newDisk({ megabytes: 32, inodes: 4_000 });
    world = await worldOf(CAST, { root: join(disk.folder, "world"), credits: CREDITS });
    await world.tick(2);
  });
  afterAll(() => remove(disk));

  const filler = () => join(disk.folder, "filler");
  const restore = () => rmSync(filler(), { recursive: true, force: true });

  /** Leave so many bytes. */
  const fill = (room: number) => () => {
    Bun.spawnSync(["sync", "-f", disk.folder]);
    const length = roomOf(disk).bytes - room;
    if (length > 0) Bun.spawnSync(["fallocate", "-l", String(length), filler()]);
  };

  /** Leave so many inodes. */
  const populate = (room: number) => () => {
    mkdirSync(filler());
    for (let n = roomOf(disk).inodes - room; n > 0; n--) writeFileSync(join(filler(), `${n}`), "");
  };

  const rooms: [string, number[]][] = [
    ["tick", ALL ? KB : [0, 16, 40]],
    ["grant ada 1", ALL ? KB : [2, 16]],
    ["attend 7 8 9 good", ALL ? KB : [0]],
    ["init", ALL ? KB : [0, 48, 144]],
  ];
  for (const [line, left] of rooms)
    test(`that is full may stop econ ${line.split(" ")[0]}`, async () => {
      for (const kb of left) {
        const host = { world, refused: FULL, withhold: fill(kb * 1024), restore };
        await trial(host, line);
      }
    }, 600_000);

  const inodes: [string, number[]][] = [
    ["tick", ALL ? KB : [0, 4]],
    ["grant ada 1", ALL ? KB : [2]],
    ["attend 7 8 9 good", [0]],
    ["init", ALL ? KB : [4, 40]],
  ];
  for (const [line, left] of inodes)
    test(`without an inode may stop econ ${line.split(" ")[0]}`, async () => {
      for (const room of left)
        await trial({ world, refused: FULL, withhold: populate(room), restore }, line);
    }, 600_000);

  test("that is read-only is one that is looked at", async () => {
    const host = {
      world,
      refused: /read-only/i,
      withhold: () => remount(disk, "ro"),
      restore: () => remount(disk, "rw"),
    };
    for (const [line] of rooms) await trial(host, line);
    host.withhold();
    const looks = await Promise.all([
      world.econ("status"),
      world.econ("agents"),
      world.econ("verify"),
    ]);
    host.restore();
    expect(looks.map(({ code, err }) => [code, err])).toEqual([0, 0, 0].map((code) => [code, ""]));
  }, 60_000);
});

const MANY = /too many|Too many/;

/** A command that may have so many descriptors. */
async function withDescriptors(count: number, words: string[]): Promise<Said> {
  const line = ["sh", "-c", `ulimit -n ${count}; exec "$@"`, "sh", join(TOOLKIT, "bin/econ")];
  const argv = [...line, ...words];
  return said(
    Bun.spawn(argv, { cwd: "/", env: ENV, stdin: "ignore", stdout: "pipe", stderr: "pipe" }),
  );
}

test.skipIf(!SANDBOXED)(
  "too few descriptors are said to be too few",
  async () => {
    const world = await worldOf(CAST, { credits: CREDITS });
    await world.tick(2);
    const seen = new Set<number>();
    for (const count of ALL ? Array.from({ length: 40 }, (_, n) => 12 + n) : [12, 19, 27]) {
      for (const line of ["tick", "grant ada 1", "attend 7 8 9 good", "verify"]) {
        const done = await withDescriptors(count, ["--world", world.root, ...line.split(" ")]);
        expectPlain(done, MANY);
        seen.add(done.code);
      }
      const made = join(temporaryFolder(), "new");
      expectPlain(await withDescriptors(count, ["init", made]), MANY);
      const next = await world.econ("tick");
      expect([count, next.code, next.err]).toEqual([count, 0, ""]);
      expect(await world.wrong()).toEqual([]);
      // Who has too little to run agents undoes their runs: it is nobody's crash.
      for (const id of Object.keys(CAST)) expect(world.record(id)).toMatchObject({ crashes: 0 });
    }
    expect(seen).toEqual(new Set([0, 1]));
  },
  600_000,
);
