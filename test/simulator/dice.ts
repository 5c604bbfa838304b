// Every choice of a simulated life comes from here, and all of them from one seed.
import { keyedHash } from "../../src/economy/hash.ts";

export type Dice = {
  /** A whole number from 0 to below this. */
  below: (sides: number) => number;
  /** True in so many of a hundred throws. */
  percent: (share: number) => boolean;
  pick: <T>(from: readonly T[]) => T;
};

/** Dice that fall the same way for the same seed and matter, however often others are thrown. */
export function diceFor(seed: string, matter: string): Dice {
  let throws = 0;
  const below = (sides: number) => keyedHash(seed, `${matter}/${throws++}`) % sides;
  return {
    below,
    percent: (share) => below(100) < share,
    pick: (from) => from[below(from.length)] as (typeof from)[number],
  };
}

/** One of these, the more often the larger its number. */
export function weighed<T extends string>(dice: Dice, weights: Record<T, number>): T {
  const entries = Object.entries(weights) as [T, number][];
  let left = dice.below(entries.reduce((sum, [, weight]) => sum + weight, 0));
  for (const [name, weight] of entries) {
    if (left < weight) return name;
    left -= weight;
  }
  throw new Error("no choice among none");
}
