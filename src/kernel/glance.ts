// Looking at a world without changing it, while cycles may run elsewhere. A reading counts only
// when the commit was the same before and after and no crash journal lay in between. What a crash
// left half-way is repaired first: it is neither the world before the cycle nor the one after.
import { accept } from "../economy/result.ts";
import { hasJournal } from "../world/crash-journal.ts";
import { headCommit, log, openRepository, type Repository } from "../world/git.ts";
import type { Reader, ReadOptions } from "../world/reader.ts";
import { lastVersion } from "../world/trees.ts";
import { blockedBy, type Outcome } from "./outcome.ts";

/** Reads something of the world; null when a problem was reported to the reader. */
export type Reading<T> = (
  reader: Reader,
  options: ReadOptions,
  repo: Repository,
) => Promise<T | null>;

/** What a reading finds in the world as it stood at one commit, or what is wrong with its files. */
export async function glance<T>(root: string, read: Reading<T>): Promise<Outcome<T>> {
  const repo = await openRepository(root);
  if (!repo.ok) return blockedBy(repo);
  const reading = async () => {
    const reader: Reader = { root: repo.value.root, problems: [] };
    return { seen: await read(reader, memoryOf(repo.value), repo.value), ...reader };
  };
  const { seen, problems } = (await whenQuiet(repo.value, reading, () => false)).value;
  return seen === null ? { ok: false, problems } : accept(seen);
}

/** Who a person removed is remembered by git until a cycle has let it die. */
export function memoryOf(repo: Repository): ReadOptions {
  return { recall: (path) => lastVersion(repo, path) };
}

const ATTEMPTS_MAX = 20;
const PAUSE_MS = 100;

/** A reading during which nothing was committed, or one that is `enough` even so. */
export async function whenQuiet<T>(
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
  const { withLock } = await import("../world/lock.ts");
  const { repair } = await import("../world/recover.ts");
  // If the lock is held, its holder is committing. Where nothing can be repaired we only look.
  await withLock(repo.root, { command: "a repair", timeoutMs: 0 }, () => repair(repo));
}

export type Chapter = { cycle: number; time: string; subject: string; events: string[] };

/** The last commits of the world as its chronicle, newest first. */
export async function chronicle(root: string, commits: number): Promise<Chapter[]> {
  const repo = await openRepository(root);
  return repo.ok ? chronicleIn(repo.value, commits) : [];
}

export async function chronicleIn(repo: Repository, commits: number): Promise<Chapter[]> {
  const entries = await log(repo, commits);
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
