// Reading all of a world without changing it, while cycles may run elsewhere.
import { accept } from "../economy/result.ts";
import type { Economy } from "../economy/state.ts";
import type { Problem } from "../world/change.ts";
import { personEdits } from "../world/edits.ts";
import { openRepository, type Repository } from "../world/git.ts";
import { readWorld, type WorldRead } from "../world/read.ts";
import { verifyWorld as verifyFiles, verifyRead } from "../world/verify.ts";
import { memoryOf, whenQuiet } from "./glance.ts";
import { newbornOf } from "./newborn.ts";
import { blockedBy, type Outcome } from "./outcome.ts";

export type Loaded = { economy: Economy; read: WorldRead; head: string | null; repo: Repository };

export async function loadEconomy(root: string): Promise<Outcome<Loaded>> {
  const loaded = await loadWith(root, () => null);
  return loaded.ok ? accept(loaded.value.loaded) : loaded;
}

/** The economy and what else `look` reads of the world's files, as they stood at one commit. */
export async function loadWith<T>(
  root: string,
  look: (economy: Economy) => T,
): Promise<Outcome<{ loaded: Loaded; seen: T }>> {
  const repo = await openRepository(root);
  if (!repo.ok) return blockedBy(repo);
  const reading = async () => {
    const read = await readWorld(repo.value.root, memoryOf(repo.value));
    const { economy } = read;
    return { read, found: economy && { economy, seen: look(economy) } };
  };
  const { value, head } = await whenQuiet(repo.value, reading, () => false);
  const { read, found } = value;
  if (!found) return { ok: false, problems: read.problems };
  const { economy, seen } = found;
  return accept({ loaded: { economy, read, head, repo: repo.value }, seen });
}

/**
 * All that keeps the next cycle from running: what is wrong in the files, or lies beside them where
 * econ cannot commit it. A cycle that is being committed meanwhile is left aside.
 */
export async function verifyWorld(root: string): Promise<Problem[]> {
  const repo = await openRepository(root);
  if (!repo.ok) return verifyFiles(root);
  const isSound = (problems: Problem[]) => problems.length === 0;
  const look = async () => {
    const read = await readWorld(repo.value.root, memoryOf(repo.value));
    const problems = verifyRead(repo.value.root, read);
    const born = read.economy ? newbornOf(read.economy, read) : accept([]);
    if (!born.ok) problems.push(...born.problems);
    const edits = await personEdits(repo.value);
    const known = new Set(problems.map(({ file }) => file));
    const beside = edits.ok ? [] : edits.problems.filter(({ file }) => !known.has(file));
    return [...problems, ...beside];
  };
  return (await whenQuiet(repo.value, look, isSound)).value;
}
