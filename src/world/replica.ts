// A private copy of a world's repository, to try things in that must not touch the world: objects
// are shared, the work tree, the branch and the index are its own. Whoever uses it holds a lock in
// its folder, so that the next one finds what a killed econ has left.
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accept, type Result } from "../economy/result.ts";
import { keepBytesRaw } from "./commit.ts";
import { askGit, openRepository, type Repository } from "./git.ts";
import { PRIVATE } from "./layout.ts";
import { lockServe } from "./lock.ts";

export type Replica = {
  /** The world's folder in the copy. */
  root: string;
  repo: Repository;
  /** Make the copy the world as it was at a commit. */
  standAt(commit: string): Promise<Result<unknown>>;
  remove(): void;
};

const BRANCH = "replica";
const PREFIX = "econ-replica-";

/** The world as it was at a commit, in a folder of its own. */
export async function replicate(repo: Repository, commit: string): Promise<Result<Replica>> {
  removeLeftOver();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), PREFIX)));
  const held = lockServe(folder, "econ replay");
  const remove = () => {
    rmSync(folder, { recursive: true, force: true });
    if (held.ok) held.value.release();
  };
  const made = held.ok ? await filled(repo, join(folder, "copy"), commit) : held;
  if (!made.ok) {
    remove();
    return made;
  }
  const copy = made.value;
  const standAt = (other: string) => askGit(copy, ["reset", "--quiet", "--hard", other]);
  return accept({ root: copy.root, repo: copy, standAt, remove });
}

/** One that is being made has no lock yet, and is left alone. */
function removeLeftOver(): void {
  for (const entry of readdirSync(tmpdir(), { withFileTypes: true })) {
    const folder = join(tmpdir(), entry.name);
    if (!entry.name.startsWith(PREFIX) || !entry.isDirectory()) continue;
    if (!existsSync(join(folder, PRIVATE, "serve"))) continue;
    const held = lockServe(folder, "econ replay");
    if (!held.ok) continue;
    held.value.release();
    try {
      rmSync(folder, { recursive: true });
    } catch {
      // Another user's: theirs to remove.
    }
  }
}

async function filled(
  repo: Repository,
  folder: string,
  commit: string,
): Promise<Result<Repository>> {
  // Not "file://": a clone over a path takes the objects from where they are.
  const clone = ["clone", "--quiet", "--shared", "--no-checkout", "--no-tags"];
  const cloned = await askGit(repo, [...clone, "--", repo.commonDir, folder]);
  if (!cloned.ok) return cloned;
  const git = join(folder, ".git");
  const top = { ...repo, root: folder, top: folder, gitDir: git, commonDir: git };
  // Before the first file is written: what agents wrote must not be converted.
  keepBytesRaw(top);
  const checkedOut = await askGit(top, ["checkout", "--quiet", "-B", BRANCH, commit]);
  return checkedOut.ok ? openRepository(join(folder, repo.prefix)) : checkedOut;
}
