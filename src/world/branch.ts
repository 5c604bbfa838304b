// Moving the branch: compare and swap, as a transaction that git aborts by itself if its writer is
// killed before it says "commit". From "prepare" on git holds the locks of HEAD and of the branch,
// so what is looked at then stays true until the end.
import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { accept, type Result, refuse } from "../economy/result.ts";
import { privateRef } from "./crash-journal.ts";
import { HostFailure, syncFile, syncFolder } from "./durable.ts";
import {
  branchRef,
  headCommit,
  type Repository,
  runGit,
  talkToGit,
  whyBusy,
  whyFailed,
  zeroId,
} from "./git.ts";

const MOVED = "the branch moved meanwhile";

/** Was a commit refused only because somebody else committed first? Then run it again. */
export function isMoved(reason: string): boolean {
  return reason.startsWith(MOVED);
}

/** HEAD's branch from base to next, and the private ref gone, both or neither. */
export async function moveBranch(
  repo: Repository,
  {
    base,
    next,
    why,
    durable,
  }: { base: string | null; next: string; why: string; durable: boolean },
): Promise<Result<null>> {
  const args = ["update-ref", "-m", why, "--stdin", "-z"];
  const child = talkToGit(repo, args, { durable });
  const old = base ?? zeroId(repo);
  const move = `update HEAD\0${next}\0${old}\0delete ${privateRef(repo)}\0\0`;
  await child.say(`start\0${move}prepare\0`);
  const isPrepared = await child.hears("prepare: ok\n");
  const busy = isPrepared ? whyBusy(repo) : null;
  await child.say(isPrepared && !busy ? "commit\0" : "abort\0");
  const { code, stderr } = await child.end();
  if (busy) return refuse(busy);
  if (isPrepared && code === 0) {
    if (durable) syncRefs(repo);
    const [left] = await locksLeft(repo);
    if (left) throw new HostFailure(`git could not remove ${left}`);
    return accept(null);
  }
  const head = await headCommit(repo);
  // It failed after it had moved: then the commit has happened, and the repair finishes it.
  if (head === next) throw new HostFailure(`git update-ref failed: ${whyFailed(repo, stderr)}`);
  if (head !== base) return refuse(`${MOVED}: it is at ${head}, not at ${base}`);
  return refuse(`git could not move the branch: ${whyFailed(repo, stderr)}`);
}

/** Git syncs the ref's file; its name in the folder, and older gits' file, are synced here. */
function syncRefs(repo: Repository): void {
  const file = join(repo.commonDir, branchRef(repo) ?? "HEAD");
  if (existsSync(file)) syncFile(file);
  for (let folder = dirname(file); folder.startsWith(repo.commonDir); folder = dirname(folder)) {
    if (existsSync(folder)) syncFolder(folder);
  }
  if (repo.gitDir !== repo.commonDir) syncFolder(repo.gitDir);
}

export async function dropPrivateRef(repo: Repository): Promise<void> {
  await runGit(repo, ["update-ref", "-d", privateRef(repo)]);
}

/** How long a git command of ours that outlived its killed parent may take to end by itself. */
const ORPHAN_MS = 1_000;

/**
 * Remove the ref locks that a killed commit of ours left. Call only under the world's lock and with
 * its journal at hand. A lock is first given the time to go by itself: the git that was told to
 * commit outlives its parent by a moment, and a person's own git holds such locks for as long.
 */
export async function removeStaleGitLocks(repo: Repository): Promise<void> {
  for (const lock of await locksLeft(repo)) rmSync(lock, { force: true });
}

/** Those that are still there a moment later: git takes a disk that keeps one for a success. */
async function locksLeft(repo: Repository): Promise<string[]> {
  const branch = branchRef(repo);
  const locks = [
    join(repo.gitDir, "HEAD.lock"),
    join(repo.commonDir, "packed-refs.lock"),
    join(repo.commonDir, `${privateRef(repo)}.lock`),
    ...(branch ? [join(repo.commonDir, `${branch}.lock`)] : []),
  ];
  const left = () => locks.filter((lock) => existsSync(lock));
  const deadline = performance.now() + ORPHAN_MS;
  while (left().length > 0 && performance.now() < deadline) await Bun.sleep(10);
  return left();
}
