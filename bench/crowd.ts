// Bidders for bundles as the benches of clearing draw them, and one clearing of their bids.
import { allocate, CLEARING_RULES, type Contender, inOrder } from "../src/economy/clearing.ts";
import { PAYMENT_RULES } from "../src/economy/payment.ts";
import { type Bundle, clearingOf } from "../src/lab/reproduce/auctions.ts";
import type { Dice } from "../src/lab/reproduce/dice.ts";

export type RuleName = keyof typeof CLEARING_RULES;

/** As the preset ample has it. */
export const supply = { tokens: 10_000, cpu_seconds: 8, memory_mb: 1_024 };

/** What a bundle takes of all supplies, on average over the three. */
export const sizeOf = (bundle: Record<string, number>) =>
  Object.entries(supply).reduce((sum, [good, all]) => sum + (bundle[good] ?? 0) / all / 3, 0);

/** Half are code (cpu and memory), half use a model. */
export function bundleOf(dice: Dice): Bundle {
  const between = (low: number, high: number) =>
    Math.round((low + dice.unit() * (high - low)) * 10) / 10;
  if (dice.unit() < 0.5) return { cpu_seconds: between(0.2, 2), memory_mb: between(64, 256) };
  const tokens = Math.round(between(500, 4_000));
  return { tokens, cpu_seconds: between(1, 6), memory_mb: between(64, 512) };
}

/** `luck` is uniform on [0, 1). */
export type Worth = (size: number, luck: number) => number;

export const WORTHS: [name: string, worth: Worth][] = [
  ["Worth grows with size", (size, luck) => 100 * size * (0.5 + luck)],
  ["Worth grows with the root of size", (size, luck) => 30 * Math.sqrt(size) * (0.5 + luck)],
  ["Worth does not depend on size", (_, luck) => 10 * luck],
];

/** Who wins, and what the payments sum to. */
export function clear(bidders: Contender[], rule: RuleName, payment: keyof typeof PAYMENT_RULES) {
  const clearing = clearingOf({ supply }, CLEARING_RULES[rule]);
  const ordered = inOrder(bidders, clearing);
  const { winners } = allocate(ordered, clearing.supply);
  const paid = PAYMENT_RULES[payment](winners, ordered, clearing);
  const pays = new Map(winners.map(({ bid }, n) => [bid.id, paid[n] as number]));
  return { pays, revenue: [...pays.values()].reduce((sum, paid) => sum + paid, 0) };
}
