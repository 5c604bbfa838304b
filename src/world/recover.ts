// What the first command after a crash does, before it reads anything: finish the commit that was
// under way or forget it. It may itself be killed at any instant and be run again.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { accept, type Result, refuse } from "../economy/result.ts";
import { dropPrivateRef, removeStaleGitLocks } from "./branch.ts";
import { finishCheckout, markedPaths, sameBlob } from "./checkout.ts";
import { dropJournal, hasJournal, type Journal, readJournal } from "./crash-journal.ts";
import { dropFile, hostFailure } from "./durable.ts";
import { removeLitter } from "./edits.ts";
import { headCommit, type Repository, runGit } from "./git.ts";
import { lockIndex, removeStaleIndexLock } from "./index-lock.ts";
import { PRIVATE } from "./layout.ts";
import { diffTrees, readBlobs, type TreeEntry } from "./trees.ts";
import { isAlive } from "./work-files.ts";

export type Repair =
  /** No crash. */
  | "nothing"
  /** The branch was still before the commit: it never happened. */
  | "undone"
  /** The branch was after the commit: work tree and index are now, too. */
  | "finished"
  /** The branch is somewhere else: a person has seen to it. */
  | "dropped";

/**
 * Run right after taking the world's lock. Refused, to be run again, while a git of a person's is
 * at work or when the disk does not let it finish.
 */
export async function repair(
  repo: Repository,
  { durable = true }: { durable?: boolean } = {},
): Promise<Result<Repair>> {
  try {
    return await repairOnce(repo, durable);
  } catch (error) {
    const failure = hostFailure(error);
    if (failure === null) throw error;
    return refuse(`the world could not be repaired: ${failure}`);
  }
}

/** Replaced under the world's lock: who is killed over one leaves its new version beside it. */
const WRITTEN = ["journal.json", "checked", "economy", "answers-due"];

async function repairOnce(repo: Repository, durable: boolean): Promise<Result<Repair>> {
  removeStaleIndexLock(repo);
  rmSync(join(repo.root, PRIVATE, "scratch"), { recursive: true, force: true });
  for (const name of WRITTEN) dropFile(join(repo.root, PRIVATE, `${name}.new`));
  if (!hasJournal(repo)) return accept("nothing");
  const journal = readJournal(repo);
  if (journal) await waitForEnd(journal.importer);
  await removeStaleGitLocks(repo);
  const outcome = await settleJournal(repo, journal, durable);
  if (!outcome.ok) return outcome;
  await dropPrivateRef(repo);
  await removeLitter(repo);
  // A git that outlived the killed writer may only now have left its copy of the index.
  removeStaleIndexLock(repo);
  dropJournal(repo, durable);
  return outcome;
}

/** The importer ends by itself when its input does. A later process of that number costs a wait. */
async function waitForEnd(pid: number): Promise<void> {
  for (let waited = 0; pid > 0 && waited < IMPORTER_MS && isAlive(pid); waited += 10) {
    await Bun.sleep(10);
  }
}

const IMPORTER_MS = 1_000;

async function settleJournal(
  repo: Repository,
  journal: Journal | null,
  durable: boolean,
): Promise<Result<Repair>> {
  if (!journal) return accept("dropped");
  if (journal.next === null) return accept("undone");
  const head = await headCommit(repo);
  if (head === journal.base) return accept("undone");
  if (head === null || !(await isAncestor(repo, journal.next, head))) return accept("dropped");
  return finish(repo, { ...journal, next: journal.next }, head, durable);
}

async function isAncestor(repo: Repository, older: string, newer: string): Promise<boolean> {
  if (older === newer) return true;
  return (await runGit(repo, ["merge-base", "--is-ancestor", older, newer])).code === 0;
}

async function finish(
  repo: Repository,
  { base, next, worktree }: Journal & { next: string },
  head: string,
  durable: boolean,
): Promise<Result<Repair>> {
  const entries = await stillWanted(repo, await diffTrees(repo, base, next), next, head);
  const blobs = await readBlobs(
    repo,
    entries.flatMap(({ after }) => (after ? [after.id] : [])),
  );
  const byPath = new Map(entries.map((entry) => [entry.path, entry.after]));
  const fileOf = (path: string) => {
    const blob = byPath.get(path)!;
    return { bytes: blobs.get(blob.id)!, executable: blob.mode === "100755" };
  };
  const lock = await lockIndex(repo);
  if (!lock.ok) return lock;
  try {
    const marked = await markedPaths(repo, base);
    await finishCheckout(repo, { base, entries, fileOf, worktree, durable }, marked, lock.value);
    return accept("finished");
  } finally {
    lock.value.release();
  }
}

/** If a person has committed since, only what their commit left as it was. */
async function stillWanted(
  repo: Repository,
  entries: TreeEntry[],
  next: string,
  head: string,
): Promise<TreeEntry[]> {
  if (next === head) return entries;
  const later = new Map((await diffTrees(repo, next, head)).map((entry) => [entry.path, entry]));
  return entries.filter(({ path, after }) => sameBlob(later.get(path)?.after ?? after, after));
}
