// A command goes on from econ's own copy of the economy only where the files say the same, and from
// no copy that is not its own.
import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { grantCredits } from "../../src/economy/acts.ts";
import { ownCopy } from "../../src/kernel/own-copy.ts";
import { act, createWorld, type TickReport, tick } from "../../src/kernel.ts";
import { openRepository } from "../../src/world/git.ts";
import { checkOwnCopy } from "../simulator/checked.ts";
import { git, must } from "../world/worlds.ts";

let folder = "";
let root = "";
const place = (path: string) => join(root, path);
const own = () => place(".econ/economy");
const options = { command: "test", durable: false };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "econ-copy-"));
  root = join(folder, "world");
  const cast = { ada: { template: "idler" }, bob: { template: "idler" } };
  const made = await createWorld(root, { preset: "default", cast, person: "Pat", durable: false });
  expect(made).toMatchObject({ ok: true });
  await grant(1);
  expect(await copyOf(root)).not.toBeNull();
});

afterEach(() => rmSync(folder, { recursive: true }));

const copyOf = async (at: string) => ownCopy(must(await openRepository(at)));

async function grant(amount: number): Promise<void> {
  const gift = { to: "ada", amount, memo: "x" };
  const given = await act(root, { ...options, subject: "x" }, (economy) =>
    grantCredits(economy, gift),
  );
  expect(given).toMatchObject({ ok: true });
}

async function cycle(): Promise<TickReport> {
  const done = await tick(root, options);
  if (!done.ok) throw new Error(JSON.stringify(done.problems));
  return done.value;
}

test("it says what the files say, in the same order, after acts and after cycles", async () => {
  for (let n = 0; n < 3; n++) {
    await cycle();
    expect(await copyOf(root)).not.toBeNull();
    await checkOwnCopy(root);
    await grant(1 + n);
    expect(await copyOf(root)).not.toBeNull();
    await checkOwnCopy(root);
  }
});

test("where nobody has edited a file, none of the agents' is read", async () => {
  // It would be refused. To git an empty folder is nothing, and no clone has it.
  mkdirSync(place("agents/No Name"));
  expect((await cycle()).cycle).toBe(1);
  rmSync(own());
  expect(await tick(root, options)).toMatchObject({ ok: false });
});

test("deleted, it is made again", async () => {
  rmSync(own());
  await cycle();
  expect(await copyOf(root)).not.toBeNull();
});

const SETTING = /timeout_cycles: \d+/;

/** With the old date and as many bytes. */
function setTimeoutTo(cycles: number): void {
  const { atime, mtime } = statSync(place("econ.yaml"));
  const text = readFileSync(place("econ.yaml"), "utf8");
  expect(text).toMatch(SETTING);
  writeFileSync(place("econ.yaml"), text.replace(SETTING, `timeout_cycles: ${cycles}`));
  utimesSync(place("econ.yaml"), atime, mtime);
}

/** What a person does to the rules, which every cycle tells that it went by. */
const EDITS: [string, () => void][] = [
  ["saved", () => setTimeoutTo(77)],
  [
    "committed",
    () => {
      setTimeoutTo(77);
      git(root, "commit", "-qam", "longer");
    },
  ],
  [
    "hidden from git",
    () => {
      git(root, "update-index", "--skip-worktree", "econ.yaml");
      setTimeoutTo(77);
    },
  ],
];

test("whom git leaves out of the work tree nobody has removed", async () => {
  git(root, "sparse-checkout", "set", "--no-cone", "/*", "!/agents/bob/");
  expect(await tick(root, options)).toMatchObject({ ok: false });
  git(root, "sparse-checkout", "disable");
  expect([...(await cycle()).economy.agents.keys()]).toContain("bob");
});

test.each(EDITS)("an edit that was %s counts, whatever the copy says", async (_, edit) => {
  edit();
  expect((await cycle()).economy.rules.attention.timeout_cycles).toBe(77);
});

test("another branch is another world", async () => {
  await cycle();
  git(root, "switch", "-qc", "other", "HEAD~1");
  expect(await copyOf(root)).toBeNull();
  expect((await cycle()).cycle).toBe(1);
});

/** What may stand in its place. */
const OTHERS: [string, () => void][] = [
  ["one that was cut off", () => truncateSync(own(), statSync(own()).size - 1)],
  ["one with more at its end", () => appendFileSync(own(), "x")],
  ["one in which a bit is another", () => flip(statSync(own()).size >> 1)],
  ["one that has another digest", () => flip(0)],
  ["an empty file", () => truncateSync(own(), 0)],
  ["a folder", () => replace(() => mkdirSync(own()))],
  ["a link", () => replace(() => symlinkSync(place("world.json"), own()))],
  ["a pipe", () => replace(() => Bun.spawnSync(["mkfifo", own()]))],
];

function flip(at: number): void {
  const bytes = readFileSync(own());
  bytes[at]! ^= 1;
  writeFileSync(own(), bytes);
}

function replace(by: () => void): void {
  rmSync(own());
  by();
}

test.each(OTHERS)("%s is no copy, and keeps no cycle from running", async (_, put) => {
  put();
  expect(await copyOf(root)).toBeNull();
  expect((await cycle()).cycle).toBe(1);
});

test("one that came along with a world from elsewhere is not believed", async () => {
  const elsewhere = join(folder, "elsewhere");
  cpSync(root, elsewhere, { recursive: true });
  expect(await copyOf(elsewhere)).toBeNull();
  // Nor where it then stands at the place of the old one.
  rmSync(root, { recursive: true });
  cpSync(elsewhere, root, { recursive: true });
  expect(await copyOf(root)).toBeNull();
});

/** What decides how files are read, beside the files. */
const READERS = [
  "src/economy/rules.ts",
  "src/world/read.ts",
  "src/agent/logic.ts",
  "src/agent/mind/front.ts",
  "package-lock.json",
];

test("of another version of econ it is no copy, wherever that differs", () => {
  const home = join(import.meta.dir, "../..");
  const econ = join(folder, "econ");
  for (const name of ["src", "templates", "package.json", "package-lock.json"])
    cpSync(join(home, name), join(econ, name), { recursive: true });
  symlinkSync(join(home, "node_modules"), join(econ, "node_modules"));
  const kernel = JSON.stringify(join(econ, "src/kernel"));
  const source = `
    const { act } = await import(${kernel} + "/act.ts");
    const { ownCopy } = await import(${kernel} + "/own-copy.ts");
    const { openRepository } = await import(${kernel} + "/../world/git.ts");
    const root = ${JSON.stringify(root)};
    const nothing = (economy) => ({ ok: true, value: "nothing" });
    if (process.env.ACT) await act(root, { command: "x", subject: "x", durable: false }, nothing);
    console.log((await ownCopy((await openRepository(root)).value)) !== null);`;
  const run = (env: Record<string, string>) => {
    const done = Bun.spawnSync([process.execPath, "-e", source], {
      cwd: econ,
      env: { ...process.env, ...env },
    });
    return done.stdout.toString().trim() || done.stderr.toString();
  };
  expect(run({ ACT: "yes" })).toBe("true");
  expect(run({})).toBe("true");
  for (const reader of READERS) {
    const old = readFileSync(join(econ, reader));
    appendFileSync(join(econ, reader), "\n");
    expect([reader, run({})]).toEqual([reader, "false"]);
    writeFileSync(join(econ, reader), old);
  }
}, 60_000);
