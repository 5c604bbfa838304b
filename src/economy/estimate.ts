// What cycles to come may cost in dollars, before anybody runs them: a bound that cannot be passed,
// and what is likely.
import type { MicroDollars, ModelCost } from "./models.ts";
import type { Bidding, Overview } from "./overview.ts";
import { milli } from "./resources.ts";
import { dearestToken, dollarsLeft, totalOf } from "./spending.ts";
import { marketOf } from "./state.ts";

export type CycleCosts = { cycle: number; costs: ModelCost[] };

export type Estimate = {
  cycles: number;
  /** It cannot cost more: all the tokens at the dearest price, never past what may be spent. */
  atMost: MicroDollars;
  likely: MicroDollars;
  /**
   * "history": the last cycles went on as they did. "bids": none has called a model yet, and the
   * tokens that pending bids ask for are all used, at the dearest price.
   */
  basis: "history" | "bids";
};

/** How many of the last cycles tell what the next will be like. */
export const HISTORY_SEEN_CYCLES = 100;

/** `history`: the costs of the last HISTORY_SEEN_CYCLES cycles, those without any left out. */
export function estimateCosts(economy: Bidding, history: CycleCosts[], cycles: number): Estimate {
  const dearest = dearestToken(economy.rules);
  const ceiling = spendableIn(economy, cycles);
  const costOf = (milliTokens: number) =>
    milliTokens === 0 ? 0 : bounded(cycles * (milliTokens / 1000) * dearest, ceiling);
  const supply = milli(marketOf(economy, "tokens").supply);
  const atMost = costOf(supply);
  const isSeen = ({ cycle }: CycleCosts) => cycle > economy.cycle - HISTORY_SEEN_CYCLES;
  const seen = history.filter(isSeen);
  if (seen.length === 0)
    return { cycles, atMost, likely: costOf(Math.min(supply, asked(economy))), basis: "bids" };
  const spent = seen.reduce((sum, { costs }) => sum + totalOf(costs), 0);
  const mean = spent / Math.min(HISTORY_SEEN_CYCLES, economy.cycle);
  return { cycles, atMost, likely: bounded(cycles * mean, atMost), basis: "history" };
}

function bounded(dollars: number, ceiling: MicroDollars): MicroDollars {
  return dollars < ceiling ? Math.ceil(dollars) : ceiling;
}

/** Tokens that pending bids ask for, in thousandths. */
function asked(economy: Bidding): number {
  const bids = [...economy.bids.values()];
  return bids.reduce((sum, { resources }) => sum + milli(resources.tokens ?? 0), 0);
}

const DAY_SECONDS = 86_400;

/**
 * What the ceilings let pass in so many cycles, which may begin just before a day ends. How many
 * days they take is known by the logical clock only: by the other each may have a day of its own.
 */
function spendableIn(economy: Overview, cycles: number): MicroDollars {
  const left = dollarsLeft(economy);
  const { allocation, clock, spending } = economy.rules;
  const perDay = Math.round(spending.dollars_per_day * 1_000_000);
  if (clock === "wall") return Math.min(left.world, cycles * perDay);
  const newDays = Math.ceil((cycles * allocation.schedule_seconds) / DAY_SECONDS);
  return Math.min(left.world, left.day + newDays * perDay);
}
