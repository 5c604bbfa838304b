// History run again: each cycle of a range from the commit before it, in a private copy of the
// world, with what was recorded as its inputs: the instant, the models' answers, the runs that the
// host undid, what was paid for. The same commit must come out, to the last byte.
import { accept, refuse } from "../economy/result.ts";
import type { Decided } from "../execution/execute.ts";
import type { Sandbox } from "../execution/sandbox.ts";
import { replaying } from "../gateway/replaying.ts";
import { cyclesIn, type PastCycle } from "../world/cycles.ts";
import { type FirstDifference, firstDifference } from "../world/difference.ts";
import { openRepository, type Repository } from "../world/git.ts";
import { type Replica, replicate } from "../world/replica.ts";
import { blockedBy, type Outcome, withHost } from "./outcome.ts";
import { recordedOf } from "./recorded.ts";
import { type TickReport, tick } from "./tick.ts";

export type ReplayOptions = {
  /** "A..B", "A.." or one revision. Default: all there is. */
  range?: string;
  /** So many of the last cycles of the range only. */
  last?: number;
  onCycle?: (done: number, total: number, cycle: number) => void;
  signal?: AbortSignal;
  sandbox?: Sandbox;
};

/** The first cycle that came out otherwise, the first file in it, and what is known of why. */
export type Difference = FirstDifference & { cycle: number; commit: string; why: string | null };

export type Replay = { cycles: number; difference: Difference | null };

/** Run history again, oldest cycle first, up to the first difference. */
export function replayHistory(root: string, options: ReplayOptions = {}): Promise<Outcome<Replay>> {
  return withHost(async () => {
    const repo = await openRepository(root);
    if (!repo.ok) return blockedBy(repo);
    const found = await cyclesIn(repo.value, options.range ?? "HEAD");
    if (!found.ok) return blockedBy(found);
    const cycles = options.last ? found.value.slice(-options.last) : found.value;
    const [first] = cycles;
    if (!first) return blockedBy(refuse("there is no cycle in this range: run econ tick first"));
    const replica = await replicate(repo.value, first.parent);
    if (!replica.ok) return blockedBy(replica);
    try {
      return await runAgain(repo.value, replica.value, cycles, options);
    } finally {
      replica.value.remove();
    }
  });
}

async function runAgain(
  repo: Repository,
  replica: Replica,
  cycles: PastCycle[],
  options: ReplayOptions,
): Promise<Outcome<Replay>> {
  let stands = cycles[0]!.parent;
  for (const [index, past] of cycles.entries()) {
    if (options.signal?.aborted) return blockedBy(refuse("the replay was called off"));
    options.onCycle?.(index, cycles.length, past.cycle);
    // A person's commits lie between two cycles.
    if (stands !== past.parent) {
      const moved = await replica.standAt(past.parent);
      if (!moved.ok) return blockedBy(moved);
    }
    const difference = await replayCycle(repo, replica, past, options);
    if (!difference.ok) return difference;
    if (difference.value) return accept({ cycles: index + 1, difference: difference.value });
    stands = past.commit;
  }
  return accept({ cycles: cycles.length, difference: null });
}

/** Null: the same commit came out. */
async function replayCycle(
  repo: Repository,
  replica: Replica,
  past: PastCycle,
  { signal, sandbox }: ReplayOptions,
): Promise<Outcome<Difference | null>> {
  const recorded = await recordedOf(repo, past);
  if (!recorded.ok) return recorded;
  const { time, sessions, decided, costs } = recorded.value;
  const models = replaying(sessions);
  const done = await tick(replica.root, {
    command: "econ replay",
    home: repo,
    durable: false,
    time,
    models: { ...models, costs: () => costs },
    decided,
    ...(signal ? { signal } : {}),
    ...(sandbox ? { sandbox } : {}),
  });
  if (!done.ok) return done;
  const { commit, runs } = done.value;
  if (commit === past.commit) return accept(null);
  const found = models.difference();
  const why = found
    ? `${found.agent} asked its model something else: ${found.differs}`
    : notRunHere(runs, decided);
  const { cycle } = past;
  const first = await firstDifference(replica.repo, past.commit, commit);
  return accept({ cycle, commit: past.commit, why, ...first });
}

/** Of a run that this machine cannot repeat: its sandbox may hold less than the one of then. */
function notRunHere(runs: TickReport["runs"], decided: Map<string, Decided>): string | null {
  for (const { run, ending } of runs) {
    const { agent } = run.bid;
    if (ending.kind === "host" && decided.get(agent)?.ending.kind !== "host")
      return `${agent}'s run could not be repeated here: ${ending.detail}`;
  }
  return null;
}
