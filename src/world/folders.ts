// Whether a name has come or gone in any folder of the world since it was last looked at. A folder
// shows that in its own times, so nobody has to list twenty thousand of them before each cycle.
// What is in the files that git knows is git's to tell.
import { lstatSync, readdirSync, utimesSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Change } from "./change.ts";
import { PRIVATE } from "./layout.ts";

type Stamp = { dev: number; ino: number; ctimeMs: number };

type Folder = {
  /** Null: too young to tell by; then the names are compared. */
  stamp: Stamp | null;
  /** Sorted, in one string, which takes a tenth of the room that a list does. */
  names: string;
};

/** The folders of a world by their path below it; the world's own is "". */
export type SeenFolders = Map<string, Folder>;

/** File systems keep time in steps, the coarsest of two seconds; within one, changes look alike. */
const STEP_MS = 3_000;
const FOLDERS_AT_ONCE = 2_000;

/** Look at all folders. A name that comes or goes from now on is found by `areStill`. */
export async function seeFolders(root: string): Promise<SeenFolders> {
  const seen: SeenFolders = new Map();
  const now = clockOf(root);
  const pending = [""];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    // A daemon has other things to answer while a large world is looked through.
    if (seen.size % FOLDERS_AT_ONCE === FOLDERS_AT_ONCE - 1) await setImmediate();
    const stamp = stampOf(`${root}/${path}`);
    if (!stamp) continue;
    const names: string[] = [];
    for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
      names.push(entry.name);
      const isOurs = path === "" && (entry.name === PRIVATE || entry.name === ".git");
      if (entry.isDirectory() && !isOurs) pending.push(join(path, entry.name));
    }
    seen.set(path, { stamp: isOld(stamp, now) ? stamp : null, names: joined(names) });
  }
  return seen;
}

/** Has no name come or gone in any of them, and is each the same folder as before? */
export async function areStill(root: string, seen: SeenFolders): Promise<boolean> {
  const now = clockOf(root);
  let count = 0;
  for (const [path, folder] of seen) {
    if (++count % FOLDERS_AT_ONCE === 0) await setImmediate();
    const stamp = stampOf(`${root}/${path}`);
    if (!stamp) return false;
    if (folder.stamp) {
      if (!isSame(stamp, folder.stamp)) return false;
      continue;
    }
    if (joined(readdirSync(join(root, path))) !== folder.names) return false;
    if (isOld(stamp, now)) folder.stamp = stamp;
  }
  return true;
}

/** The names are now those that a commit has left, wherever it changed some. */
export function changeFolders(seen: SeenFolders, changes: Change[]): void {
  const changed = new Map<string, Set<string>>();
  const namesOf = (folder: string) => {
    const names = changed.get(folder) ?? new Set(split(seen.get(folder)?.names ?? ""));
    changed.set(folder, names);
    return names;
  };
  // In the order of a checkout: one that is emptied goes, one that is needed is made.
  const take = (path: string) => {
    const names = namesOf(parentOf(path));
    names.delete(basename(path));
    if (names.size === 0 && parentOf(path) !== "") take(parentOf(path));
  };
  const give = (path: string) => {
    const names = namesOf(parentOf(path));
    if (names.size === 0 && parentOf(path) !== "") give(parentOf(path));
    names.add(basename(path));
  };
  for (const { path, file } of changes) if (!file) take(path);
  for (const { path, file } of changes) if (file) give(path);
  for (const [path, names] of changed) {
    if (names.size === 0 && path !== "") seen.delete(path);
    else seen.set(path, { stamp: null, names: joined([...names]) });
  }
}

/** What the file system has for a clock, which need not be this machine's, in milliseconds. */
function clockOf(root: string): number {
  const own = join(root, PRIVATE);
  utimesSync(own, new Date(), new Date());
  return lstatSync(own).ctimeMs;
}

function stampOf(path: string): Stamp | null {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isDirectory() ? { dev: stat.dev, ino: stat.ino, ctimeMs: stat.ctimeMs } : null;
}

/** The time of change cannot be set, and each name that comes or goes is a change. */
function isSame(one: Stamp, other: Stamp): boolean {
  return one.dev === other.dev && one.ino === other.ino && one.ctimeMs === other.ctimeMs;
}

const isOld = ({ ctimeMs }: Stamp, now: number) => ctimeMs < now - STEP_MS;
const parentOf = (path: string) => (path.includes("/") ? dirname(path) : "");
const joined = (names: string[]) => names.sort().join("/");
const split = (names: string) => (names === "" ? [] : names.split("/"));
