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
