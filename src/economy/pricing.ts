// Prices follow demand: up when most of the supply was sold, down when little was. How far is a
// strategy behind one function.
import { AMOUNT_MAX, type Micro, mulDivDown, mulDivUp } from "./money.ts";
import type { Rules } from "./rules.ts";

export type PriceRule = (now: PriceInput, rules: Rules["pricing"]) => Micro;

/** A price and the share of supply sold at it, 0–100. */
export type PriceInput = { price: Micro; initialPrice: Micro; utilization: number };

export const PRICE_RULES: Record<Rules["allocation"]["pricing"], PriceRule> = { threshold };

const PARTS = 1_000_000;

/**
 * Above the upper threshold the price rises, below the lower one it falls, in proportion to how far
 * beyond it the market is, at most `max_step_percent` a cycle, between the floor and the ceiling.
 */
function threshold(
  { price, initialPrice, utilization }: PriceInput,
  rules: Rules["pricing"],
): Micro {
  const { raise_above_percent: high, lower_below_percent: low, max_step_percent: step } = rules;
  let next = price;
  if (utilization > high) {
    const beyond = (utilization - high) / (100 - high);
    next = mulDivUp(price, PARTS + Math.round((step / 100) * beyond * PARTS), PARTS);
  } else if (utilization < low) {
    const beyond = (low - utilization) / low;
    next = mulDivDown(price, PARTS - Math.round((step / 100) * beyond * PARTS), PARTS);
  }
  return withinBand(next, initialPrice, rules);
}

/** One full step up or down: how the attention slot is repriced when a prompt is shown. */
export function stepPrice(input: PriceInput, up: boolean, rules: Rules["pricing"]): Micro {
  return threshold({ ...input, utilization: up ? 100 : 0 }, rules);
}

function withinBand(price: Micro, initialPrice: Micro, rules: Rules["pricing"]): Micro {
  const { floor, ceiling } = priceBand(initialPrice, rules);
  return Math.min(Math.max(price, floor), ceiling, AMOUNT_MAX);
}

/** How low and how high a price may go. */
export function priceBand(initialPrice: Micro, rules: Rules["pricing"]) {
  const floor = mulDivUp(initialPrice, Math.round(rules.floor_times_initial * PARTS), PARTS);
  const ceiling = mulDivDown(initialPrice, Math.round(rules.ceiling_times_initial * PARTS), PARTS);
  return { floor, ceiling };
}
