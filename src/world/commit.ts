// One commit by econ, in an order in which kill -9 at any instant leaves the world before it or
// after it (recover.ts does the rest): journal, objects, branch, work tree, index, journal gone.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { accept, assert, type Result, refuse } from "../economy/result.ts";
import type { FolderFile } from "../economy/state.ts";
import { dropPrivateRef, moveBranch } from "./branch.ts";
import type { Change } from "./change.ts";
import { finishCheckout, markedPaths, syncFolders, UNMARKED } from "./checkout.ts";
import { dropJournal, hasJournal, type Journal, writeJournal } from "./crash-journal.ts";
import { hostFailure, replaceFile } from "./durable.ts";
import { type Repository, whyBusy } from "./git.ts";
import { type CommitInput, type Importer, refuseCommit, startImport } from "./import.ts";
import { type IndexLock, lockIndex } from "./index-lock.ts";
import { PRIVATE } from "./layout.ts";
import { isPlainIndex, notePlainIndex, witnessOfIndex } from "./plain-index.ts";
import { syncAll } from "./sync-all.ts";
import { diffTrees, type TreeEntry } from "./trees.ts";
import { kindOf } from "./work-files.ts";

export type CommitOptions = CommitInput & {
  /** "as it is": the work tree holds the new bytes already (a person's own edits). */
  worktree: "write" | "as it is";
  /** False: do not wait for the disk. */
  durable?: boolean;
};

/**
 * Commit these changes on the branch that is checked out, and bring the work tree and the index
 * along. Only under the world's lock and after `repair`. Refused with a reason for which `isMoved`
 * holds when the branch is no longer at `base`; then nothing has changed.
 */
export async function commit(repo: Repository, options: CommitOptions): Promise<Result<string>> {
  const reason = whyBusy(repo) ?? refuseCommit(options);
  if (reason) return refuse(reason);
  if (hasJournal(repo)) return refuse("the last commit stopped half-way: repair it first");
  try {
    keepBytesRaw(repo);
    return await commitJournaled(repo, options);
  } catch (error) {
    // The disk is full or the like. The journal stays, so the next command undoes or finishes it.
    const failure = hostFailure(error);
    if (failure === null) throw error;
    return refuse(`the commit stopped half-way and the next command repairs it: ${failure}`);
  }
}

async function commitJournaled(repo: Repository, options: CommitOptions): Promise<Result<string>> {
  const { base, worktree, durable = true } = options;
  if (durable && worktree === "as it is") await syncEdits(repo, options.changes);
  const importer = startImport(repo, durable);
  const journal = { base, worktree, importer: importer.pid };
  let lock: Result<IndexLock>;
  try {
    writeJournal(repo, { ...journal, next: null }, durable);
    lock = await lockIndex(repo);
  } catch (error) {
    await importer.stop();
    throw error;
  }
  let done: Result<string>;
  try {
    if (lock.ok) done = await commitLocked(repo, options, importer, journal, lock.value);
    else done = lock;
  } finally {
    if (lock.ok) lock.value.release();
    else await importer.stop();
  }
  // The branch has not moved: forget the commit. Its objects are garbage that git tidies up.
  if (!done.ok) await dropPrivateRef(repo);
  // Last of all: where there is no journal, nobody looks for a lock that was left.
  dropJournal(repo, durable);
  return done;
}

async function commitLocked(
  repo: Repository,
  options: CommitOptions,
  importer: Importer,
  journal: Omit<Journal, "next">,
  lock: IndexLock,
): Promise<Result<string>> {
  const { base, worktree, changes, durable = true } = options;
  const isPlain = base !== null && isPlainIndex(repo, base);
  const [imported, marked] = await Promise.all([
    importer.run(options),
    isPlain ? UNMARKED : markedPaths(repo, base),
  ]);
  if (!imported.ok) return imported;
  const next = imported.value;
  const entries = await diffTrees(repo, base, next);
  const stray = strayPath(repo, entries, changes);
  if (stray) return refuse(`${stray} is not among the changes`);
  writeJournal(repo, { ...journal, next }, durable);
  const why = `econ: ${options.message.split("\n", 1)[0]}`;
  const moved = await moveBranch(repo, { base, next, why, durable });
  if (!moved.ok) return moved;
  const fileOf = newVersions(repo, changes);
  await finishCheckout(repo, { base, entries, fileOf, worktree, durable }, marked, lock);
  if (isPlain) notePlainIndex(repo, next, witnessOfIndex(repo));
  return accept(next);
}

/**
 * Editors do not wait for the disk. After a power cut the commit would have what a person saved and
 * the file would be empty, which the next command would take for their newest edit.
 */
async function syncEdits(repo: Repository, changes: Change[]): Promise<void> {
  const files: string[] = [];
  const folders = new Set<string>();
  for (const { path, file } of changes) {
    const place = join(repo.root, path);
    if (file && kindOf(place) === "file") files.push(place);
    folders.add(dirname(place));
  }
  await syncAll(files);
  await syncFolders(repo.root, folders);
}

/** A change to "a" deletes everything below a folder "a": seen here, before it happens. */
function strayPath(repo: Repository, entries: TreeEntry[], changes: Change[]): string | null {
  const paths = new Set(changes.map((change) => repo.prefix + change.path));
  return entries.find((entry) => !paths.has(entry.path))?.path ?? null;
}

function newVersions(repo: Repository, changes: Change[]): (path: string) => FolderFile {
  const files = new Map(changes.map(({ path, file }) => [repo.prefix + path, file]));
  return (path) => {
    const file = files.get(path);
    assert(file, `${path} has no new version`);
    return file;
  };
}

/**
 * A person's .gitattributes may ask for conversions, and then what is committed is not what stands
 * in the file. In the world's folder none are made: info/attributes goes before all others. And
 * .econ stays out of `git status` even where .gitignore does not say so.
 */
export function keepBytesRaw(repo: Repository): void {
  const place = repo.prefix.replaceAll(/[\\*?[\]]/g, "\\$&");
  const pattern = `/${place}**`.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  const attributes = `"${pattern}" -text -ident -filter -working-tree-encoding`;
  ensureLine(join(repo.commonDir, "info", "attributes"), attributes);
  ensureLine(join(repo.commonDir, "info", "exclude"), `/${place}${PRIVATE}/`);
}

function ensureLine(file: string, line: string): void {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (text.split("\n").includes(line)) return;
  mkdirSync(dirname(file), { recursive: true });
  const gap = text === "" || text.endsWith("\n") ? "" : "\n";
  replaceFile(file, `${text}${gap}${line}\n`, false);
}
