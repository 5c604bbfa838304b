import { expect, test } from "bun:test";
import { chmodSync, linkSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { walk } from "../../src/execution/walk.ts";
import { temporaryFolder } from "./ground.ts";

const BOUNDS = { entries: 100, bytes: 1_000 };

function kinds(root: string, bounds: Parameters<typeof walk>[1] = BOUNDS) {
  const { entries, whole } = walk(root, bounds);
  expect(whole).toBe(true);
  return Object.fromEntries(entries.map(({ name, kind }) => [name, kind]));
}

test("everything in a folder is named as what it is; nothing is followed or waited for", () => {
  const root = temporaryFolder();
  mkdirSync(join(root, "sub"));
  writeFileSync(join(root, "sub/a"), "a");
  writeFileSync(join(root, "one"), "1");
  linkSync(join(root, "one"), join(root, "other"));
  symlinkSync("/", join(root, "up"));
  Bun.spawnSync(["mkfifo", join(root, "pipe")]);
  expect(kinds(root)).toEqual({
    sub: "directory",
    "sub/a": "file",
    one: "hard link",
    other: "hard link",
    up: "symlink",
    pipe: "special file",
  });
});

test("a folder that is passed by is named and not entered, a large file named and not read", () => {
  const root = temporaryFolder();
  mkdirSync(join(root, "deps/x"), { recursive: true });
  writeFileSync(join(root, "big"), "");
  truncateSync(join(root, "big"), 2 ** 40);
  const bounds = { ...BOUNDS, fileBytes: 2 ** 20, isPassedBy: (path: string) => path === "deps" };
  expect(kinds(root, bounds)).toEqual({ deps: "directory", big: "file larger than 1 MB" });
});

test("of what goes beyond the bytes so much is read as shows it", () => {
  const root = temporaryFolder();
  for (const name of ["a", "b", "c"]) writeFileSync(join(root, name), "x".repeat(900));
  const { entries } = walk(root, BOUNDS);
  expect(entries.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(1_001);
});

test("a folder with more names than are looked at is not whole", () => {
  const root = temporaryFolder();
  for (let n = 0; n < 120; n++) mkdirSync(join(root, `${n}`));
  const { entries, whole } = walk(root, BOUNDS);
  expect([entries.length, whole]).toEqual([101, false]);
});

test("what its owner has locked is that folder's trouble and no failure of the host", () => {
  const root = temporaryFolder();
  mkdirSync(join(root, "locked"));
  writeFileSync(join(root, "secret"), "x");
  chmodSync(join(root, "locked"), 0);
  chmodSync(join(root, "secret"), 0);
  // The administrator may read everything.
  const isRoot = process.getuid?.() === 0;
  const { entries } = walk(root, BOUNDS);
  const unread = entries.filter(({ kind }) => kind.endsWith("cannot be read"));
  expect(unread.map(({ name }) => name).sort()).toEqual(isRoot ? [] : ["locked", "secret"]);
  chmodSync(join(root, "locked"), 0o700);
  expect(kinds(join(root, "gone"))).toEqual({ "": "folder that cannot be read" });
});
