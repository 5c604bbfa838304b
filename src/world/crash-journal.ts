// The crash journal: what a commit is about to do, on disk before it does it, so that the next
// command can finish it or undo it. It is there exactly while a commit is under way.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { removeFile, replaceFile } from "./durable.ts";
import type { Repository } from "./git.ts";
import { PRIVATE } from "./layout.ts";

// Paths are not listed: base and next say which they are, and a file that lists a hundred thousand
// of them would have to be synced in every cycle.
export type Journal = {
  /** The commit before; null: there is none yet. */
  base: string | null;
  /** The commit after. Null: its objects are not all on disk yet, so nothing has happened. */
  next: string | null;
  /** Whether the work tree is written, or holds the new bytes already. */
  worktree: "write" | "as it is";
  /** The process that writes the objects: when ours is killed it may live on for a moment. */
  importer: number;
};

const fileOf = (repo: Pick<Repository, "root">) => join(repo.root, PRIVATE, "journal.json");

export function writeJournal(repo: Repository, journal: Journal, durable: boolean): void {
  mkdirSync(join(repo.root, PRIVATE), { recursive: true });
  replaceFile(fileOf(repo), `${JSON.stringify(journal)}\n`, durable);
}

export function hasJournal(repo: Pick<Repository, "root">): boolean {
  return existsSync(fileOf(repo));
}

/** The journal of a commit that did not end; null when there is none, or none that can be read. */
export function readJournal(repo: Repository): Journal | null {
  if (!hasJournal(repo)) return null;
  try {
    const { base, next, worktree, importer } = JSON.parse(readFileSync(fileOf(repo), "utf8"));
    if (!isCommit(base) || !isCommit(next)) return null;
    return {
      base,
      next,
      worktree: worktree === "write" ? "write" : "as it is",
      importer: Number.isSafeInteger(importer) && importer > 0 ? importer : 0,
    };
  } catch {
    // Replaced whole, so it cannot be half written; a person may have edited it.
    return null;
  }
}

function isCommit(value: unknown): boolean {
  return value === null || (typeof value === "string" && /^[0-9a-f]{40,64}$/.test(value));
}

export function dropJournal(repo: Repository, durable: boolean): void {
  removeFile(fileOf(repo), durable);
}

/** Names this world among those that share a repository. */
export function worldId(repo: Repository): string {
  return createHash("sha256").update(repo.root).digest("hex").slice(0, 16);
}

/** Keeps the new commit's objects from being pruned until the branch has them. One per world. */
export function privateRef(repo: Repository): string {
  return `refs/econ/next-${worldId(repo)}`;
}
