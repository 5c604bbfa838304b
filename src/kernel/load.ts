// Reading a world without its lock: a cycle may commit meanwhile, so the reading counts only when
// the commit was the same before and after and no crash journal lay in between.
import { accept } from "../economy/result.ts";
import type { Economy } from "../economy/state.ts";
import { hasJournal } from "../world/crash-journal.ts";
import { headCommit, log, openRepository, type Repository } from "../world/git.ts";
import { readWorld, type WorldRead } from "../world/read.ts";
import { blockedBy, type Outcome } from "./outcome.ts";

export type Loaded = { economy: Economy; read: WorldRead; head: string | null; repo: Repository };

const ATTEMPTS_MAX = 20;
const PAUSE_MS = 100;

export async function loadEconomy(root: string): Promise<Outcome<Loaded>> {
  const repo = await openRepository(root);
  if (!repo.ok) return blockedBy(repo);
  for (let attempt = 1; ; attempt++) {
    const head = await headCommit(repo.value);
    const busyBefore = hasJournal(repo.value);
    const read = await readWorld(repo.value.root);
    const quiet = !busyBefore && !hasJournal(repo.value) && head === (await headCommit(repo.value));
    if (quiet || attempt === ATTEMPTS_MAX) {
      if (!read.economy) return { ok: false, problems: read.problems };
      return accept({ economy: read.economy, read, head, repo: repo.value });
    }
    await Bun.sleep(PAUSE_MS);
  }
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
