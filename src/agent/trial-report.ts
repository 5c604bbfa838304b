// What a trial tells of one agent: its life, cycle by cycle, and what was assumed of the rest.
import type { CycleReport, RunReport } from "../economy/cycle.ts";
import type { Environment } from "../economy/environment.ts";
import { toCredits } from "../economy/money.ts";
import type { Resource } from "../economy/resources.ts";
import { type Economy, purseOf } from "../economy/state.ts";

export type TrialReport = {
  agent: string;
  seed: string;
  /** played: to the end. died: before it. time: the trial's own CPU time was used up before it. */
  stopped: "played" | "died" | "time";
  alive: boolean;
  /** How it came out, in a sentence. */
  outcome: string;
  /** The end of this cycle, then of each further one. Amounts in credits. */
  cycles: {
    cycle: number;
    balance: number;
    agents: number;
    prices: Record<Resource, number>;
  }[];
  /** Runs of this agent, this one first. `crashed`: what its strategy threw. */
  executions: { cycle: number; bid: string; paid: number; actions: number; crashed?: string }[];
  /** Prompts of this agent that were scored. */
  awards: { cycle: number; prompt: string; paid: number; award: number }[];
  refusals: { cycle: number; action: string; reason: string }[];
  /** Refusals beyond those listed. */
  moreRefusals: number;
  death: { cycle: number; cause: string } | null;
  assumed: string[];
};

/** A strategy may be refused a thousand things a cycle. */
const REFUSALS_MAX = 100;

export class Notes {
  readonly #report: TrialReport;

  constructor({ self }: Environment, seed: string, assumed: string[]) {
    this.#report = {
      agent: self.id,
      seed,
      stopped: "played",
      alive: true,
      outcome: "",
      cycles: [],
      executions: [],
      awards: [],
      refusals: [],
      moreRefusals: 0,
      death: null,
      assumed,
    };
  }

  /** One cycle: what it changed stands in `economy.changes`. */
  take(economy: Economy, { runs }: CycleReport): void {
    const { agent, cycles, awards } = this.#report;
    const { cycle, changes } = economy;
    for (const report of runs) if (report.run.bid.agent === agent) this.#ran(cycle, report);
    for (const { id, agent: owner, amount, award } of changes.answered)
      if (owner === agent)
        awards.push({ cycle, prompt: id, paid: toCredits(amount), award: toCredits(award) });
    const dead = changes.died.find(({ id }) => id === agent);
    if (dead) this.#report.death = { cycle, cause: dead.death?.cause ?? "" };
    const balance = dead ? 0 : toCredits(purseOf(economy, agent));
    cycles.push({ cycle, balance, agents: economy.agents.size, prices: pricesOf(economy) });
  }

  #ran(cycle: number, { run, ending, fates }: RunReport): void {
    const { executions } = this.#report;
    const crashed = ending.kind === "finished" ? {} : { crashed: ending.detail };
    const paid = toCredits(run.pays);
    executions.push({ cycle, bid: run.bid.id, paid, actions: fates.length, ...crashed });
    for (const { action, ok, answer } of fates)
      if (!ok) this.#refused(cycle, actionName(action), String(answer));
  }

  #refused(cycle: number, action: string, reason: string): void {
    if (this.#report.refusals.length < REFUSALS_MAX)
      this.#report.refusals.push({ cycle, action, reason });
    else this.#report.moreRefusals += 1;
  }

  report(stopped: TrialReport["stopped"], cpuSeconds = 0): TrialReport {
    const { death, cycles } = this.#report;
    const last = cycles.at(-1)?.cycle ?? 0;
    const seconds = Math.round(cpuSeconds * 1000) / 1000;
    const after = `${cycles.length - 1} cycles`;
    const outcome = death
      ? `dead in cycle ${death.cycle}, after ${after}: ${death.cause}`
      : stopped === "time"
        ? `alive in cycle ${last}, but the trial's ${seconds} cpu seconds were used after ${after}`
        : `alive in cycle ${last}, after ${after}`;
    return { ...this.#report, stopped, alive: death === null, outcome };
  }
}

function actionName(action: unknown): string {
  const name = (action as { action?: unknown } | null)?.action;
  return typeof name === "string" ? name : "an action";
}

function pricesOf(economy: Economy): Record<Resource, number> {
  const prices = [...economy.markets.values()].map(({ resource, price }) => [
    resource,
    toCredits(price),
  ]);
  return Object.fromEntries(prices) as Record<Resource, number>;
}
