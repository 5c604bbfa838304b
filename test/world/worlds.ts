// Real git worlds in temporary folders, for the tests of src/world.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Result } from "../../src/economy/result.ts";
import type { Change } from "../../src/world/change.ts";
import { type CommitOptions, commit } from "../../src/world/commit.ts";
import { openRepository, type Repository } from "../../src/world/git.ts";

const made: string[] = [];

export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "econ test ")));
  made.push(folder);
  return folder;
}

export function removeTemporaryFolders(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export const ADA = { name: "Ada", email: "ada@example.org" };
export const AT = "2026-01-02T03:04:05.678Z";

/** git as a person runs it, with their own settings but nobody's real ones. */
export function git(folder: string, ...args: string[]): string {
  const { GIT_DIR: _, GIT_INDEX_FILE: __, ...env } = process.env;
  const done = Bun.spawnSync(["git", "-c", "gc.auto=0", ...args], {
    cwd: folder,
    env: { ...env, ...PERSON },
  });
  if (done.exitCode !== 0) throw new Error(`git ${args.join(" ")}: ${done.stderr}`);
  return done.stdout.toString();
}

const PERSON = {
  GIT_AUTHOR_NAME: "Bob",
  GIT_AUTHOR_EMAIL: "bob@example.org",
  GIT_COMMITTER_NAME: "Bob",
  GIT_COMMITTER_EMAIL: "bob@example.org",
  GIT_CONFIG_GLOBAL: "/dev/null",
};

export const bytes = (text: string) => new TextEncoder().encode(text);

export function file(text: string, executable = false): Change["file"] {
  return { bytes: bytes(text), executable };
}

/** Changes as a literal: { path: text or null }. */
export function changes(files: Record<string, string | null>): Change[] {
  return Object.entries(files).map(([path, text]) => ({
    path,
    file: text === null ? null : file(text),
  }));
}

export function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

export function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`refused: ${result.reason}`);
  return result.value;
}

export function reasonOf(result: Result<unknown>): string {
  if (result.ok) throw new Error("was not refused");
  return result.reason;
}

/** Commit quickly: these worlds need not survive a power cut. */
export function commitTo(
  repo: Repository,
  base: string | null,
  files: Record<string, string | null>,
  more: Partial<CommitOptions> = {},
): Promise<Result<string>> {
  const message = "cycle 1: something happened";
  const given = { message, author: ADA, at: AT, worktree: "write", durable: false } as const;
  return commit(repo, { ...given, base, changes: changes(files), ...more });
}

export const FIRST = {
  "econ.yaml": "rules: 1\n",
  "agents/a/agent.json": "{}\n",
  "agents/b/agent.json": "{}\n",
  "inbox/one.md": "first\nsecond\nthird\n",
};

/** A world with one commit; in a subfolder of its repository when one is named. */
export async function makeWorld(subfolder = ""): Promise<{ repo: Repository; base: string }> {
  const top = temporaryFolder();
  git(top, "init", "-q", "-b", "main");
  if (subfolder) {
    write(top, "outside.txt", "not the world's\n");
    git(top, "add", ".");
    git(top, "commit", "-qm", "before the world");
  }
  const root = join(top, subfolder);
  mkdirSync(root, { recursive: true });
  const repo = must(await openRepository(root));
  const parent = subfolder ? git(top, "rev-parse", "HEAD").trim() : null;
  return { repo, base: must(await commitTo(repo, parent, FIRST)) };
}

export const status = (repo: Repository) => git(repo.top, "status", "--porcelain");

/** No object is missing, broken, or of a form that another git would refuse. */
export function fsck(repo: Repository): string {
  return git(repo.top, "fsck", "--strict", "--no-dangling", "--no-progress");
}
