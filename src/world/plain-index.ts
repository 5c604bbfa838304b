// What this process knows of git's index: that it says of the world's files what a commit says, and
// hides no edit of them. Then nothing is staged, and what a person has edited shows in the work
// tree alone. Known by the index file's witness, so whatever anybody does to it ends it.
import { join } from "node:path";
import { accept, type Result } from "../economy/result.ts";
import { askGit, type Repository } from "./git.ts";
import type { Blob } from "./trees.ts";
import { type Witness, witnessAt } from "./work-files.ts";

let known: string | null = null;

/** Does the index say what this commit says? False: it is not known. */
export function isPlainIndex(repo: Repository, commit: string): boolean {
  return known !== null && known === keyOf(repo, commit, witnessOfIndex(repo));
}

/** It does, `index` being its witness before anybody looked at it, or under its lock. */
export function notePlainIndex(repo: Repository, commit: string, index: Witness | null): void {
  known = index && keyOf(repo, commit, index);
}

const keyOf = ({ root }: Repository, commit: string, index: Witness | null) =>
  `${index} ${commit} ${root}`;

export const witnessOfIndex = ({ gitDir }: Repository) => witnessAt(join(gitDir, "index"));

/** Has a person told git to take files for unchanged (skip-worktree, assume-unchanged)? */
export async function hidesEdits(repo: Repository): Promise<boolean> {
  const listed = await askGit(repo, ["ls-files", "-v", "-z", "--", "."], { cwd: repo.root });
  if (!listed.ok) return true;
  // A tag, a name and a NUL each.
  const { value } = listed;
  for (let at = 0; at < value.length; at = value.indexOf(0, at) + 1)
    if (value[at] !== UNHIDDEN) return true;
  return false;
}

const UNHIDDEN = "H".charCodeAt(0);

export type Hidden = {
  /** Relative to the world. */
  path: string;
  index: Blob;
  /** Skip-worktree: git does not even miss the file (a sparse checkout has none). */
  skipped: boolean;
};

/** The files that a person has told git to take for unchanged. */
export async function hiddenFiles(repo: Repository): Promise<Result<Hidden[]>> {
  const args = ["ls-files", "-v", "--stage", "-z", "--", "."];
  const listed = await askGit(repo, args, { cwd: repo.root });
  if (!listed.ok) return listed;
  const records = new TextDecoder().decode(listed.value).split("\0");
  return accept(
    records.flatMap((record) => {
      const [, tag, mode, id, path] = HIDDEN.exec(record) ?? [];
      if (!tag || !mode || !id || !path) return [];
      return [{ path, index: { mode, id }, skipped: tag.toLowerCase() === "s" }];
    }),
  );
}

const HIDDEN = /^([a-zS]) (\d+) ([0-9a-f]+) 0\t(.+)$/s;
