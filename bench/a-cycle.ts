// One cycle of the large world in its phases, by the functions that `econ tick` calls, in its
// order. The lock and the look for a crash are left out: they cost a fraction of a millisecond.
import { runCycle } from "../src/economy/cycle.ts";
import { type Economy, noChanges } from "../src/economy/state.ts";
import { cycleMessage, pricesOf } from "../src/kernel/commit-message.ts";
import type { Continuity } from "../src/kernel/continuity.ts";
import { memoryOf } from "../src/kernel/glance.ts";
import { rememberChecked } from "../src/kernel/open.ts";
import { keepOwnCopy, ownCopy } from "../src/kernel/own-copy.ts";
import { KERNEL } from "../src/kernel/people.ts";
import type { Change } from "../src/world/change.ts";
import { commit } from "../src/world/commit.ts";
import { personEdits } from "../src/world/edits.ts";
import { headCommit, openRepository, type Repository } from "../src/world/git.ts";
import { committedDisk, readWorld } from "../src/world/read.ts";
import { readBack } from "../src/world/read-back.ts";
import { traceText } from "../src/world/trace.ts";
import { changesOf, type Disk } from "../src/world/write.ts";
import { must, stubExecutor } from "./large-world.ts";

const NOTHING = { output: "", calls: [], providerFailed: null };

export type Phases = Record<string, number>;
type Lap = (name: string) => void;

export type Played = { changes: Change[]; message: string };

/** From the economy before a cycle to the files after it. */
export async function played(
  repo: Repository,
  economy: Economy,
  base: string,
  { lap = () => {}, disk: given }: { lap?: Lap; disk?: Disk } = {},
): Promise<Played> {
  const before = pricesOf(economy);
  const { execute, harvests } = stubExecutor(economy.cycle + 1);
  const time = new Date(Date.parse(economy.time) + 10_000).toISOString();
  const input = { time, tieSeed: base, answers: [], newborn: [], removed: [] };
  const report = await runCycle(economy, input, execute);
  lap("economy");
  const runs = new Map(report.runs.map((run) => [run.run.bid.agent, traceText(run, NOTHING)]));
  const workspaces = harvests;
  const disk = given ?? (await committedDisk(repo, base, economy));
  const changes = changesOf(economy, { disk, workspaces, runs });
  const message = cycleMessage(economy, report, before);
  lap("write");
  return { changes, message };
}

export async function commitCycle(
  repo: Repository,
  economy: Economy,
  { base, changes, message, durable }: Played & { base: string; durable: boolean },
): Promise<void> {
  const common = { message, author: KERNEL, at: economy.time, base, changes };
  rememberChecked(repo, must(await commit(repo, { ...common, worktree: "write", durable })));
}

/** A whole cycle from the files, or from what the last one left, to the commit. */
export async function aCycle(
  root: string,
  { continuity, durable = true }: { continuity?: Continuity | undefined; durable?: boolean } = {},
): Promise<{ economy: Economy; base: string; changes: Change[]; phases: Phases }> {
  const phases: Phases = {};
  let last = performance.now();
  const lap = (name: string) => {
    const now = performance.now();
    phases[name] = now - last;
    last = now;
  };
  const repo = must(await openRepository(root));
  lap("repository");
  const resumed = await continuity?.resume(repo);
  if (!resumed) must(await personEdits(repo));
  lap("edits");
  const known = resumed ?? (await ownCopy(repo));
  const { economy } = known ?? (await readWorld(root, memoryOf(repo)));
  if (!economy) throw new Error("the world is not sound");
  lap("read");
  const base = (await headCommit(repo)) ?? "";
  economy.changes = noChanges();
  lap("head");
  const plan = await played(repo, economy, base, { lap });
  await commitCycle(repo, economy, { ...plan, base, durable });
  lap("commit");
  const head = (await headCommit(repo)) ?? "";
  const after = { head, economy: readBack(economy, plan.changes) };
  if (continuity) continuity.keep(after, plan.changes);
  else keepOwnCopy(repo, after);
  lap("keep");
  return { economy, base, changes: plan.changes, phases };
}
