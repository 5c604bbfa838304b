// What an experiment measures: pure figures of distributions and series, and the columns of one
// cycle. docs/economics.md says what each column means.
import { agentAccount, BURN, balanceOf, ISSUANCE } from "../economy/ledger.ts";
import { toCredits } from "../economy/money.ts";
import { circulationOf, type Economy } from "../economy/state.ts";

export type Row = Record<string, number | null>;

/** 0: all have the same. Towards 1: one has everything. */
export function gini(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const total = sum(sorted);
  if (total === 0 || sorted.length === 0) return 0;
  let weighted = 0;
  for (const [index, value] of sorted.entries()) weighted += (index + 1) * value;
  return (2 * weighted) / (sorted.length * total) - (sorted.length + 1) / sorted.length;
}

/** What the richest tenth has of all; at least one of them. */
export function topShare(values: readonly number[], part = 0.1): number {
  const total = sum(values);
  if (total === 0) return 0;
  const count = Math.max(1, Math.round(values.length * part));
  return sum(values.toSorted((a, b) => b - a).slice(0, count)) / total;
}

/** How much it changes from one cycle to the next, as a share: the deviation of its log returns. */
export function volatility(series: readonly number[]): number {
  const changes: number[] = [];
  for (let i = 1; i < series.length; i++) {
    const [before = 0, after = 0] = [series[i - 1], series[i]];
    if (before > 0 && after > 0) changes.push(Math.log(after / before));
  }
  return deviation(changes);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length;
}

/** The deviation of a sample; 0 for fewer than two. */
export function deviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  return Math.sqrt(sum(values.map((value) => (value - middle) ** 2)) / (values.length - 1));
}

/** Student's t for 95 % in the middle, by degrees of freedom from 1; then 30, 40, 60, 120, ∞. */
const T = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145,
  2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048,
  2.045, 2.042,
];

export type Estimate = { mean: number; half: number; n: number };

/** The mean over seeds and half its 95 % confidence interval; null when no seed has the figure. */
export function estimate(values: readonly (number | null)[]): Estimate | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const freedom = known.length - 1;
  // Between the table's last row and infinity: the next lower row, so never too narrow.
  const t =
    T[freedom - 1] ?? (freedom > 120 ? 1.98 : freedom > 60 ? 2 : freedom > 40 ? 2.021 : 2.042);
  const half = freedom === 0 ? 0 : (t * deviation(known)) / Math.sqrt(known.length);
  return { mean: mean(known), half, n: known.length };
}

/** The figures that a cycle's state alone gives. */
export function stateRow(economy: Economy): Row {
  const wealth = [...economy.agents.keys()].map((id) =>
    toCredits(balanceOf(economy.ledger, agentAccount(id))),
  );
  const circulating = toCredits(circulationOf(economy).total);
  const issued = toCredits(-balanceOf(economy.ledger, ISSUANCE));
  const burnt = toCredits(balanceOf(economy.ledger, BURN));
  const row: Row = {
    alive: economy.agents.size,
    gini: gini(wealth),
    top_share: topShare(wealth),
    circulating,
    issued,
    burnt,
    // What was paid to markets: it is out of the world as well.
    sunk: issued - burnt - circulating,
  };
  for (const market of economy.markets.values()) {
    if (market.supply === 0) continue;
    row[`price_${market.resource}`] = toCredits(market.price);
    row[`use_${market.resource}`] = market.utilization / 100;
  }
  return row;
}
