// Reading a world without its lock: a cycle may commit meanwhile, so the reading counts only when
// the commit was the same before and after and no crash journal lay in between. What a crash left
// half-way is repaired first: it is neither the world before the cycle nor the one after.
import { accept } from "../economy/result.ts";
import type { Economy } from "../economy/state.ts";
import type { Problem } from "../world/change.ts";
import { hasJournal } from "../world/crash-journal.ts";
import { personEdits } from "../world/edits.ts";
import { headCommit, log, openRepository, type Repository } from "../world/git.ts";
import { withLock } from "../world/lock.ts";
import { type ReadOptions, readWorld, type WorldRead } from "../world/read.ts";
import { repair } from "../world/recover.ts";
import { lastVersion } from "../world/trees.ts";
import { verifyWorld as verifyFiles, verifyRead } from "../world/verify.ts";
import { newbornOf } from "./newborn.ts";
import { blockedBy, type Outcome } from "./outcome.ts";

export type Loaded = { economy: Economy; read: WorldRead; head: string | null; repo: Repository };

const ATTEMPTS_MAX = 20;
const PAUSE_MS = 100;

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

/** Who a person removed is remembered by git until a cycle has let it die. */
export function memoryOf(repo: Repository): ReadOptions {
  return { recall: (path) => lastVersion(repo, path) };
}

/** A reading during which nothing was committed, or one that is `enough` even so. */
async function whenQuiet<T>(
  repo: Repository,
  read: () => Promise<T>,
  enough: (value: T) => boolean,
): Promise<{ value: T; head: string | null }> {
  for (let attempt = 1; ; attempt++) {
    await repairAbandoned(repo);
    const head = await headCommit(repo);
    const busyBefore = hasJournal(repo);
    const value = await read();
    const quiet = !busyBefore && !hasJournal(repo) && head === (await headCommit(repo));
    if (quiet || enough(value) || attempt === ATTEMPTS_MAX) return { value, head };
    await Bun.sleep(PAUSE_MS);
  }
}

/** A journal whose writer was killed stays until somebody repairs: a reader may be the first. */
async function repairAbandoned(repo: Repository): Promise<void> {
  if (!hasJournal(repo)) return;
  // If the lock is held, its holder is committing. Where nothing can be repaired we only look.
  await withLock(repo.root, { command: "a repair", timeoutMs: 0 }, () => repair(repo));
}

export type Chapter = { cycle: number; time: string; subject: string; events: string[] };

/** The last commits of the world as its chronicle, newest first. */
export async function chronicle(root: string, commits: number): Promise<Chapter[]> {
  const repo = await openRepository(root);
  if (!repo.ok) return [];
  const entries = await log(repo.value, commits);
  return entries.map(({ subject, body, at }) => {
    const lines = body.split("\n").filter((line) => line !== "");
    const trailer = (name: string) =>
      lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    return {
      cycle: Number(trailer("Econ-Cycle") ?? Number.NaN),
      time: trailer("Econ-Time") ?? at,
      subject,
      events: lines.filter((line) => !/^Econ-[A-Za-z-]+: /.test(line)),
    };
  });
}
