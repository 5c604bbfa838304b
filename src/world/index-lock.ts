// While econ moves the branch, the work tree and the index, git's own index.lock is held, so that
// no `git add`, `commit` or `switch` of a person's comes in between. The new index is made beside
// the old one and renamed over it. The lock file says whose it is, so a stale one of ours is known.
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { accept, type Result, refuse } from "../economy/result.ts";
import { worldId } from "./crash-journal.ts";
import { dropFile, syncFile, syncFolder } from "./durable.ts";
import type { Repository } from "./git.ts";

/** Worlds in one repository share the index but not their locks: the mark says which world. */
const markOf = (repo: Repository) => `held by econ (${worldId(repo)}); its next command ends it`;
const scratchOf = (repo: Repository) => `econ-index-${worldId(repo)}-`;
const WAIT_MS = 3_000;
const POLL_MS = 20;

export type IndexLock = {
  /** A copy of the index to change, for GIT_INDEX_FILE. */
  scratch: string;
  /** Make the copy the index. */
  publish: (durable: boolean) => void;
  release: () => void;
};

/** Take git's index lock, waiting a little for a git command of a person's to end. */
export async function lockIndex(repo: Repository): Promise<Result<IndexLock>> {
  const lock = join(repo.gitDir, "index.lock");
  const scratch = join(repo.gitDir, `${scratchOf(repo)}${process.pid}`);
  const deadline = performance.now() + WAIT_MS;
  while (!makeLock(lock, markOf(repo))) {
    if (performance.now() > deadline) {
      return refuse(`another git command is running in ${repo.top}; if not, remove ${lock}`);
    }
    await Bun.sleep(POLL_MS);
  }
  const index = join(repo.gitDir, "index");
  if (existsSync(index)) copyIndex(index, scratch);
  return accept({
    scratch,
    publish: (durable) => publish(scratch, index, durable),
    release: () => {
      dropFile(scratch);
      dropFile(lock);
    },
  });
}

/**
 * With its time: git looks again into files that are as young as the index, since one may have been
 * edited in that second and kept its length. A copy that seems younger would hide such an edit.
 */
function copyIndex(index: string, scratch: string): void {
  copyFileSync(index, scratch);
  const seconds = Math.floor(statSync(index).mtimeMs / 1000);
  utimesSync(scratch, seconds, seconds);
}

/**
 * A link to nowhere whose target is the mark: to git it is a lock like any other, and it has the
 * mark as soon as it has its name, even after a power cut, which leaves a new file empty.
 */
function makeLock(lock: string, mark: string): boolean {
  try {
    symlinkSync(mark, lock);
    return true;
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === "EEXIST") return false;
    throw error;
  }
}

function publish(scratch: string, index: string, durable: boolean): void {
  if (!existsSync(scratch)) return;
  if (durable) syncFile(scratch);
  renameSync(scratch, index);
  if (durable) syncFolder(join(index, ".."));
}

/** Remove an index lock and scratch that a killed econ left. Only under the world's lock. */
export function removeStaleIndexLock(repo: Repository): boolean {
  const lock = join(repo.gitDir, "index.lock");
  let removed = false;
  if (isOurs(repo, lock)) {
    dropFile(lock);
    removed = true;
  }
  for (const name of readdirSync(repo.gitDir)) {
    if (name.startsWith(scratchOf(repo))) rmSync(join(repo.gitDir, name), { force: true });
  }
  return removed;
}

function isOurs(repo: Repository, lock: string): boolean {
  try {
    return readlinkSync(lock) === markOf(repo);
  } catch {
    return false;
  }
}
