// Each commit is one small pack, and reading looks through all of them. Geometric repacking joins
// packs so that each is at least twice the next smaller one: logarithmic work, unlike `git gc`,
// which rewrites everything, runs for seconds, and would throw away what a person may want back.
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { accept, type Result, refuse } from "../economy/result.ts";
import { dropPrivateRef } from "./branch.ts";
import { hostFailure } from "./durable.ts";
import { askGit, type Repository } from "./git.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** Join small packs. Call every so many cycles, under the world's lock. */
export async function tidyPacks(repo: Repository): Promise<Result<null>> {
  await dropPrivateRef(repo);
  try {
    removeOldTemporaries(join(repo.commonDir, "objects", "pack"));
  } catch (error) {
    const failure = hostFailure(error);
    if (failure === null) throw error;
    return refuse(failure);
  }
  const settings = ["-c", "repack.writeBitmaps=false", "-c", "repack.updateServerInfo=false"];
  const args = [...settings, "repack", "-d", "-q", "--geometric=2"];
  const done = await askGit(repo, args, { durable: true });
  return done.ok ? accept(null) : done;
}

/** Packs that a killed git never finished. A day, because a person's fetch may be writing one. */
function removeOldTemporaries(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith("tmp_")) continue;
    const file = join(folder, name);
    const age = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > DAY_MS) rmSync(file, { force: true });
  }
}
