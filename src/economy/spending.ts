// What the providers of models have cost the operator, and the ceilings on it. Dollars are no asset
// of the economy: nobody in it holds them. At a ceiling the tokens are closed: bids for them wait,
// and lose nothing by it, until the next day or until a person raises the ceiling.

import type { MicroDollars, ModelCost } from "./models.ts";
import { formatAmount } from "./money.ts";
import { assert } from "./result.ts";
import { type Economy, record, type Spent } from "./state.ts";

export const NOTHING_SPENT: Spent = { day: "", today: 0, total: 0 };

/** The ceiling that is reached, and its height. */
export type Ceiling = { of: "day" | "world"; dollars: MicroDollars };

/** Spent on the day of the world's clock. */
export function spentToday({ spent, time }: Economy): MicroDollars {
  return spent.day === dayOf(time) ? spent.today : 0;
}

/** The ceilings of econ.yaml in millionths of a dollar. */
function ceilingsOf({ rules }: Economy): Record<Ceiling["of"], MicroDollars> {
  const { dollars_per_day, dollars_per_world } = rules.spending;
  return {
    day: Math.round(dollars_per_day * 1_000_000),
    world: Math.round(dollars_per_world * 1_000_000),
  };
}

/** What may still be spent below each ceiling; never less than 0. */
export function dollarsLeft(economy: Economy): Record<Ceiling["of"], MicroDollars> {
  const { day, world } = ceilingsOf(economy);
  return {
    day: Math.max(0, day - spentToday(economy)),
    world: Math.max(0, world - economy.spent.total),
  };
}

/** Null while there is something left to spend: then tokens are sold. */
export function ceilingReached(economy: Economy): Ceiling | null {
  const left = dollarsLeft(economy);
  const ceilings = ceilingsOf(economy);
  if (left.world === 0) return { of: "world", dollars: ceilings.world };
  return left.day === 0 ? { of: "day", dollars: ceilings.day } : null;
}

/** "today's $5 are spent": why no tokens are sold. */
export function closedText({ of, dollars }: Ceiling): string {
  const height = `$${formatAmount(dollars)}`;
  return of === "day" ? `today's ${height} are spent` : `the world's ${height} are spent`;
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
  if (wasOpen && ceiling)
    record(economy, "closed", "", `tokens are closed: ${closedText(ceiling)}`);
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
