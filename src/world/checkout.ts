// Bringing the work tree and the index from one commit to the next, for the paths that differ and
// no others. What a person changed meanwhile stays: a file that is no longer the old version keeps
// its bytes, and an index entry that is no longer the old version stays staged.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FolderFile } from "../economy/state.ts";
import { HostFailure } from "./durable.ts";
import { blobId, emptyTree, mustGit, type Repository, runGit, zeroId } from "./git.ts";
import type { IndexLock } from "./index-lock.ts";
import { hiddenFiles } from "./plain-index.ts";
import { syncAll } from "./sync-all.ts";
import { type Blob, parseRaw, type TreeEntry } from "./trees.ts";
import {
  deleteFile,
  dropPrepared,
  hasRealParents,
  kindOf,
  namePrepared,
  prepareFile,
  readFound,
  type Witness,
  witnessAt,
} from "./work-files.ts";

export type Checkout = {
  base: string | null;
  entries: TreeEntry[];
  /** The new version of a path (from the top of the work tree). */
  fileOf: (path: string) => FolderFile;
  worktree: "write" | "as it is";
  durable: boolean;
};

/** What a person has done to git's index, by path from the top of the work tree. */
export type Marked = {
  /** Whose entry is not the base's. */
  staged: Set<string>;
  /** Whose file git was told not to look at. */
  hidden: Set<string>;
};

export const UNMARKED: Marked = { staged: new Set(), hidden: new Set() };

export async function markedPaths(repo: Repository, base: string | null): Promise<Marked> {
  const [staged, hidden] = await Promise.all([stagedPaths(repo, base), hiddenFiles(repo)]);
  if (!hidden.ok) throw new HostFailure(hidden.reason);
  return { staged, hidden: new Set(hidden.value.map(({ path }) => repo.prefix + path)) };
}

async function stagedPaths(repo: Repository, base: string | null): Promise<Set<string>> {
  const against = base ?? emptyTree(repo);
  const args = ["diff-index", "--cached", "-z", "--raw", "--no-renames", "--full-index"];
  const output = await mustGit(repo, [
    "--literal-pathspecs",
    ...args,
    "--ita-visible-in-index",
    against,
    "--",
    ...(repo.prefix ? [repo.prefix] : []),
  ]);
  return new Set(parseRaw(output).map((entry) => entry.path));
}

/** Finish a commit that the branch already has. Doing it again changes nothing. */
export async function finishCheckout(
  repo: Repository,
  checkout: Checkout,
  { staged, hidden }: Marked,
  lock: IndexLock,
): Promise<void> {
  const { settled, folders } = await writeWorktree(repo, checkout);
  const mine = checkout.entries.filter((entry) => !staged.has(entry.path));
  // Asked to read such a file, git leaves its entry as it is, or drops it.
  for (const path of hidden) settled.delete(path);
  const [index, disk] = await Promise.allSettled([
    updateIndex(repo, mine, settled, lock.scratch),
    checkout.durable ? syncFolders(repo.root, folders) : null,
  ]);
  for (const done of [index, disk]) if (done.status === "rejected") throw done.reason;
  lock.publish(checkout.durable);
}

/** Paths that now stand in the work tree as in the new commit, each with its witness. */
type Settled = Map<string, Witness | null>;

/** `folders`: those whose names have changed, for a sync. */
async function writeWorktree(
  repo: Repository,
  checkout: Checkout,
): Promise<{ settled: Settled; folders: Set<string> }> {
  const settled: Settled = new Map();
  const folders = new Set<string>();
  const writes: Judged[] = [];
  const known = new Set<string>();
  // Deletions first: a folder may take the place of a file, or a file that of a folder.
  for (const entry of checkout.entries) {
    const { is, witness } = judge(repo, entry, known);
    if (is === "new") settled.set(entry.path, witness);
    if (is !== "base" || checkout.worktree === "as it is") continue;
    if (entry.after) writes.push({ entry, witness });
    else {
      const path = join(repo.top, entry.path);
      deleteFile(repo.root, path);
      folders.add(dirname(path));
      settled.set(entry.path, null);
    }
  }
  for (const [path, witness] of await writeFiles(repo, checkout, writes, folders)) {
    settled.set(path, witness);
  }
  return { settled, folders };
}

type Judged = { entry: TreeEntry; witness: Witness | null };

/** All bytes to disk first, then all names: so the moment between judging and naming is short. */
async function writeFiles(
  repo: Repository,
  checkout: Checkout,
  writes: Judged[],
  folders: Set<string>,
): Promise<Settled> {
  const written: Settled = new Map();
  const known = new Set<string>();
  const temporaries = new Set<string>();
  try {
    const prepared = writes
      .filter(({ entry }) => canStand(repo, entry, known))
      .map(({ entry, witness }) => {
        const path = join(repo.top, entry.path);
        const file = prepareFile(path, checkout.fileOf(entry.path));
        temporaries.add(file.temporary);
        for (const folder of file.changed) folders.add(folder);
        return { ...file, name: entry.path, replaces: witness };
      });
    if (checkout.durable) await syncAll([...temporaries]);
    for (const file of prepared) {
      // Somebody saved their own version since it was judged: theirs stays.
      if (witnessAt(file.path) !== file.replaces) continue;
      namePrepared(file);
      temporaries.delete(file.temporary);
      written.set(file.name, file.witness);
    }
  } finally {
    // Of a full disk they would take what the repair needs.
    dropPrepared(temporaries);
  }
  return written;
}

type Judgement = { is: "base" | "new" | "person's"; witness: Witness | null };

/** Is a path in the work tree still the old version, already the new one, or a person's? */
function judge(repo: Repository, entry: TreeEntry, known: Set<string>): Judgement {
  const isNew = entry.before === null;
  if (!hasRealParents(repo.top, entry.path, known)) {
    return { is: isNew ? "base" : "person's", witness: null };
  }
  const found = readFound(join(repo.top, entry.path));
  if (found.kind === "other") {
    // A folder where the base has no file may go away with its files: see canStand.
    return { is: isNew && found.what === "a folder" ? "base" : "person's", witness: null };
  }
  const now = found.kind === "file" ? blobOf(repo, found.file) : null;
  const witness = found.kind === "file" ? found.witness : null;
  if (sameBlob(now, entry.after)) return { is: "new", witness };
  return { is: sameBlob(now, entry.before) ? "base" : "person's", witness };
}

/** After the deletions: is the place of a new file free, below real folders? */
function canStand(repo: Repository, entry: TreeEntry, known: Set<string>): boolean {
  if (!hasRealParents(repo.top, entry.path, known)) return false;
  return ["missing", "file"].includes(kindOf(join(repo.top, entry.path)));
}

function blobOf(repo: Repository, file: FolderFile): Blob {
  return { mode: file.executable ? "100755" : "100644", id: blobId(repo, file.bytes) };
}

export function sameBlob(one: Blob | null, other: Blob | null): boolean {
  return one?.id === other?.id && one?.mode === other?.mode;
}

/** Those of these folders that are still there, else the one above, whose names have changed. */
export async function syncFolders(root: string, folders: Set<string>): Promise<void> {
  const there = [...folders].map((changed) => {
    let folder = changed;
    while (folder !== root && !existsSync(folder)) folder = dirname(folder);
    return folder;
  });
  await syncAll([...new Set(there)].filter((folder) => existsSync(folder)));
}

/**
 * Set the entries of these paths in a copy of the index. For a file that stands as in the new
 * commit git reads the file itself, which records its times and keeps `git status` quick; if
 * somebody wrote to it at that moment, its entry is set by id, or their edit would be staged.
 */
async function updateIndex(
  repo: Repository,
  entries: TreeEntry[],
  settled: Settled,
  index: string,
): Promise<void> {
  const byFile = entries.filter((entry) => settled.has(entry.path));
  const names = byFile.map((entry) => `${entry.path}\0`).join("");
  const env = { GIT_INDEX_FILE: index };
  let read = true;
  if (names) {
    const args = ["update-index", "-z", "--add", "--remove", "--replace", "--stdin"];
    const { code } = await runGit(repo, args, { env, stdin: [encoder.encode(names)] });
    read = code === 0;
  }
  const isRead = ({ path }: TreeEntry) =>
    read && settled.has(path) && witnessAt(join(repo.top, path)) === settled.get(path);
  const lines = entries
    .filter((entry) => !isRead(entry))
    .map(({ path, after }) => `${after?.mode ?? "0"} ${after?.id ?? zeroId(repo)}\t${path}\0`);
  if (lines.length === 0) return;
  // An entry that stands in the way (a staged folder where the file goes) gives way.
  const args = ["update-index", "-z", "--index-info"];
  await mustGit(repo, args, { env, stdin: [encoder.encode(lines.join(""))] });
}

const encoder = new TextEncoder();
