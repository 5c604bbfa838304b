// What the providers of models have cost the operator, and the ceilings on it. Dollars are no asset
// of the economy: nobody in it holds them. At a ceiling the tokens are closed: bids for them wait,
// and lose nothing by it, until the next day or until a person raises the ceiling.

import type { MicroDollars, ModelCost } from "./models.ts";
import { formatAmount } from "./money.ts";
import type { Overview } from "./overview.ts";
import { milli } from "./resources.ts";
import { assert } from "./result.ts";
import type { Model, Rules } from "./rules.ts";
import { type Economy, marketOf, record, type Spent } from "./state.ts";

export const NOTHING_SPENT: Spent = { day: "", today: 0, total: 0 };

/** A ceiling that is reached: its height, and the tokens that can still be paid, in thousandths. */
export type Ceiling = { of: "day" | "world"; dollars: MicroDollars; payable: number };

/** Spent on the day of the world's clock. */
export function spentToday({ spent, time }: Overview): MicroDollars {
  return spent.day === dayOf(time) ? spent.today : 0;
}

/** The ceilings of econ.yaml in millionths of a dollar. */
function ceilingsOf({ rules }: Overview): Record<Ceiling["of"], MicroDollars> {
  const { dollars_per_day, dollars_per_world } = rules.spending;
  return {
    day: Math.round(dollars_per_day * 1_000_000),
    world: Math.round(dollars_per_world * 1_000_000),
  };
}

/** What may still be spent below each ceiling; never less than 0. */
export function dollarsLeft(economy: Overview): Record<Ceiling["of"], MicroDollars> {
  const { day, world } = ceilingsOf(economy);
  return {
    day: Math.max(0, day - spentToday(economy)),
    world: Math.max(0, world - economy.spent.total),
  };
}

/**
 * Null while the dollars left pay for all tokens of a clearing, whatever they are used for. No more
 * are sold than that: what an agent has bought it can use.
 */
export function ceilingReached(economy: Overview): Ceiling | null {
  const payable = payableTokens(economy);
  if (payable >= milli(marketOf(economy, "tokens").supply)) return null;
  const left = dollarsLeft(economy);
  const of = left.world <= left.day ? "world" : "day";
  return { of, dollars: ceilingsOf(economy)[of], payable };
}

/** In thousandths; infinite where no price bounds them. */
export function payableTokens(economy: Overview): number {
  const { day, world } = dollarsLeft(economy);
  const left = Math.min(day, world);
  const dearest = dearestToken(economy.rules);
  // Models that cost nothing go on in a world that may spend nothing.
  if (left === 0 && dearest > 0) return 0;
  const isBound = dearest > 0 && Number.isFinite(dearest);
  return isBound ? Math.floor((left * 1000) / dearest) : Number.POSITIVE_INFINITY;
}

/** The most that a bought token can cost, in millionths of a dollar; infinite if some are free. */
export function dearestToken({ models }: Rules): number {
  return Math.max(0, ...Object.values(models).flatMap(perToken));
}

function perToken({ price, counts_as }: Model): number[] {
  const kinds = ["input", "cached_input", "cache_write", "output"] as const;
  return kinds.map((kind) => {
    if (price[kind] === 0) return 0;
    return counts_as[kind] === 0 ? Number.POSITIVE_INFINITY : price[kind] / counts_as[kind];
  });
}

/** "tokens are closed: today's $5 are spent": why no tokens are sold, or not all of them. */
export function closedText({ of, dollars, payable }: Ceiling): string {
  const height = `${of === "day" ? "today's" : "the world's"} $${formatAmount(dollars)}`;
  if (payable === 0) return `tokens are closed: ${height} are spent`;
  return `no more than ${payable / 1000} tokens are sold: ${height} pay for no more`;
}

/** Once a cycle, after its runs: what they took, and what cycles that were given up took before. */
export function bookCosts(economy: Economy, costs: ModelCost[]): void {
  const wasOpen = ceilingReached(economy) === null;
  economy.changes.costs = summedUp([...economy.changes.costs, ...costs]);
  const dollars = totalOf(costs);
  if (dollars > 0)
    economy.spent = {
      day: dayOf(economy.time),
      today: spentToday(economy) + dollars,
      total: economy.spent.total + dollars,
    };
  const ceiling = ceilingReached(economy);
  if (wasOpen && ceiling) record(economy, "closed", "", closedText(ceiling));
}

export function totalOf(costs: { dollars: MicroDollars }[]): MicroDollars {
  return costs.reduce((sum, { dollars }) => sum + dollars, 0);
}

/** One for each agent and model, in the order of their names. */
function summedUp(costs: ModelCost[]): ModelCost[] {
  const sums = new Map<string, ModelCost>();
  for (const cost of costs) {
    const key = `${cost.agent} ${cost.model}`;
    const before = sums.get(key);
    sums.set(key, before ? sumOf(before, cost) : cost);
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cost]) => cost);
}

export function sumOf(a: ModelCost, b: ModelCost): ModelCost {
  const sum: ModelCost = {
    agent: a.agent,
    model: a.model,
    calls: a.calls + b.calls,
    input: a.input + b.input,
    cachedInput: a.cachedInput + b.cachedInput,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    output: a.output + b.output,
    milliTokens: a.milliTokens + b.milliTokens,
    dollars: a.dollars + b.dollars,
  };
  assert(Number.isSafeInteger(sum.dollars), `dollars of ${a.dollars} and ${b.dollars}`);
  return sum;
}

function dayOf(time: string): string {
  return time.slice(0, 10);
}
