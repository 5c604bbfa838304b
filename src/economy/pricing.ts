// Prices follow demand: up when most of the supply was sold, down when little was. How far is a
// strategy behind one function.
import { AMOUNT_MAX, type Micro, mulDivDown, mulDivUp } from "./money.ts";
import type { Rules } from "./rules.ts";

export type PriceRule = (now: PriceInput, rules: Rules["pricing"]) => Micro;

/** A price and the share of supply sold at it lately, 0–100. */
export type PriceInput = { price: Micro; initialPrice: Micro; utilization: number };

export const PRICE_RULES: Record<Rules["allocation"]["pricing"], PriceRule> = {
  threshold,
  eip1559,
};

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

/** Utilisation is a percentage with two decimals: parts of 10,000, half of which are the target. */
const TARGET = 5_000;

/**
 * Half the supply is the target; away from it the price moves, by an eighth when all or nothing is
 * sold. Of the section `pricing` only the floor and the ceiling apply.
 */
function eip1559({ price, initialPrice, utilization }: PriceInput, rules: Rules["pricing"]): Micro {
  return withinBand(nextBaseFee(price, Math.round(utilization * 100), TARGET), initialPrice, rules);
}

/** The integer arithmetic of EIP-1559, division by division: a quote of its specification. */
export function nextBaseFee(fee: number, used: number, target: number): number {
  if (used === target) return fee;
  const distance = Math.abs(used - target);
  const change = Math.floor(mulDivDown(fee, distance, target) / 8);
  return used > target ? fee + Math.max(change, 1) : fee - change;
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
function priceBand(initialPrice: Micro, rules: Rules["pricing"]) {
  const floor = mulDivUp(initialPrice, Math.round(rules.floor_times_initial * PARTS), PARTS);
  const ceiling = mulDivDown(initialPrice, Math.round(rules.ceiling_times_initial * PARTS), PARTS);
  return { floor, ceiling };
}
