// A private copy of the economy, for an agent that would rather try a strategy than die of it: the
// world's own rules over what this run was told. What it was not told is guessed, and the report
// says how. Nothing is written, neither actions nor files.
import { type CycleReport, fromCleared, type Run, runCycle } from "../economy/cycle.ts";
import type { Environment } from "../economy/environment.ts";
import { credits, toCredits } from "../economy/money.ts";
import {
  type Answer,
  type Economy,
  type Folder,
  noChanges,
  type Scores,
} from "../economy/state.ts";
import { type Supposed, supposeEconomy } from "../economy/supposed.ts";
import { logicOf } from "./logic.ts";
import { getExecutionContext } from "./methods.ts";
import { readState } from "./run.ts";
import { currentSession, type Session } from "./session.ts";
import { type AnyStrategy, Minds } from "./trial-minds.ts";
import { Notes, type TrialReport } from "./trial-report.ts";
import { readFolder } from "./workspace.ts";

export const TRIAL_CYCLES_MAX = 1_000;

/** Scores (0 to 10 each) for a prompt that is shown, or null: no answer in this cycle. */
export type TrialHuman = (prompt: {
  id: string;
  agent: string;
  content: string;
  amount: number;
}) => Scores | null;

export type Trial = {
  /** Decides for this run, in its place, and then whenever a bid of it wins. */
  me: AnyStrategy;
  /** What `me` remembers at first. Default: the workspace's state.json. */
  state?: unknown;
  /** Strategies of other agents, by id. The rest repeat the bid that they have pending. */
  others?: Record<string, AnyStrategy>;
  /** Default: nobody answers. */
  human?: TrialHuman;
  /** Cycles after this one: 1 to 1,000. */
  cycles?: number;
  /** Credits of each agent whose balance is private. Default: the initial budget of this world. */
  balances?: number;
  /** Breaks ties. Default: from the environment, so that the same trial gives the same report. */
  seed?: string;
  /** CPU seconds it may take. Default: half of what this run has left. */
  cpuSeconds?: number;
};

/** One private economy, from what an environment tells. */
export class TestEconomy {
  readonly #told: Environment;
  readonly #session: Session | null;

  /**
   * Without an environment: from what this run was told when it began, with the files of its
   * workspace to spawn from. What it has done since is not in it.
   */
  constructor(told?: Environment) {
    this.#session = told ? null : currentSession();
    this.#told = JSON.parse(JSON.stringify(told ?? currentSession().environment));
  }

  /**
   * Play a strategy and tell what came of it. Each call begins anew. A strategy that throws crashes
   * its run, as in the world; one that never returns is stopped by the limits of this run only.
   */
  async play(trial: Trial): Promise<TrialReport> {
    const { cycles = 50, seed = `trial/${this.#told.nameSeed}/${this.#told.cycle}` } = trial;
    if (!Number.isInteger(cycles) || cycles < 1 || cycles > TRIAL_CYCLES_MAX)
      throw new RangeError(`a trial has 1 to ${TRIAL_CYCLES_MAX} cycles, not ${cycles}`);
    const clock = new CpuClock(trial.cpuSeconds ?? this.#spareSeconds());
    const guess = trial.balances ?? this.#told.config.economy.initial_credit_budget;
    const supposed = supposeEconomy(this.#told, credits(guess));
    const minds = this.#minds(supposed, trial);
    const notes = new Notes(this.#told, seed, assumptions(supposed, trial));
    const execute = async (runs: Run[]) => runs.map((run) => minds.run(supposed.economy, run));
    const { economy, winners } = supposed;
    let report = await fromCleared(
      economy,
      { candidates: winners, winners },
      { tieSeed: `${seed}/${economy.cycle}`, execute },
    );
    for (let played = 0; ; played++) {
      const over = this.#note(notes, economy, report);
      if (over || played === cycles) return notes.report(over ? "died" : "played");
      if (clock.isUsed()) return notes.report("time", clock.limit);
      economy.changes = noChanges();
      const answers = answersOf(supposed, trial.human);
      const tieSeed = `${seed}/${economy.cycle + 1}`;
      const input = { time: nextTime(economy), tieSeed, answers, newborn: [], removed: [] };
      report = await runCycle(economy, input, execute);
    }
  }

  /** Takes a cycle into the report; whether it was the last one of this agent. */
  #note(notes: Notes, economy: Economy, report: CycleReport): boolean {
    notes.take(economy, report);
    return !economy.agents.has(this.#told.self.id);
  }

  #minds(supposed: Supposed, { me, state, others = {} }: Trial): Minds {
    const { self, agents } = this.#told;
    const session = this.#session;
    const unknown = Object.keys(others).find((name) => !agents.includes(name));
    if (unknown !== undefined) throw new TypeError(`others: there is no agent ${unknown}`);
    const folderOf = (agent: string): Folder =>
      session && agent === self.id ? readFolder(session.workspace) : new Map();
    const minds = new Minds(supposed.pauses, (agent, source) =>
      logicOf(source, () => folderOf(agent)),
    );
    for (const [name, strategy] of Object.entries(others)) minds.give(name, strategy);
    minds.give(self.id, me, state === undefined && session ? readState(session) : state);
    return minds;
  }

  /** Half of what the run has left: the rest is for what it came to do. */
  #spareSeconds(): number {
    if (!this.#session) return Number.POSITIVE_INFINITY;
    const { resources, remaining } = getExecutionContext();
    const { cpuSeconds, wallSeconds } = remaining;
    return (resources.cpu_seconds ? Math.min(cpuSeconds, wallSeconds) : wallSeconds) / 2;
  }
}

function assumptions({ assumed, unread }: Supposed, { human, others }: Trial): string[] {
  const given = Object.keys(others ?? {});
  return [
    ...assumed,
    ...(given.length > 0 ? [`by the strategies that you gave: ${given.sort().join(", ")}`] : []),
    "agents born in the trial repeat their first bid",
    human
      ? "the human answers as you said, in the cycle after a prompt is shown"
      : "nobody answers prompts",
    ...(human && unread.size > 0 ? ["prompts of which you know no content get no points"] : []),
    "no credits were minted yet today, no ceiling on dollars is reached",
    "nothing in a run takes time or memory, and no host or provider fails",
  ];
}

function answersOf({ economy, unread }: Supposed, human?: TrialHuman): Answer[] {
  const prompt = economy.active;
  if (!prompt || !human) return [];
  const { id, agent, content, amount } = prompt;
  const scores = unread.has(id)
    ? { interesting: 0, useful: 0, understandable: 0 }
    : human({ id, agent, content, amount: toCredits(amount) });
  return scores === null ? [] : [{ prompt: id, scores, reason: "", by: "trial" }];
}

function nextTime({ time, rules }: Economy): string {
  return new Date(Date.parse(time) + rules.allocation.schedule_seconds * 1000).toISOString();
}

/** What this process used since, against a limit. */
class CpuClock {
  readonly limit: number;
  readonly #start = process.cpuUsage();

  constructor(limit: number) {
    this.limit = limit;
  }

  isUsed(): boolean {
    const { user, system } = process.cpuUsage(this.#start);
    return (user + system) / 1e6 > this.limit;
  }
}
