// Chance for experiments: the same seed gives the same throws on every machine. The generator is
// sfc32 (Doty-Humphrey, PractRand, public domain), started from the economy's own keyed hash.
import { keyedHash } from "../../economy/hash.ts";

export type Dice = {
  /** From 0 up to but not 1. */
  unit: () => number;
  /** A whole number from 0 below `sides`. */
  below: (sides: number) => number;
};

export function diceOf(seed: string): Dice {
  const word = (name: string) => (keyedHash(seed, name) % 0x1_0000_0000) | 0;
  let [a, b, c, counter] = [word("a"), word("b"), word("c"), 1];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  // Its author's advice: the first throws still look like the seed.
  for (let throws = 0; throws < 12; throws++) next();
  const unit = () => ((next() >>> 5) * 0x400_0000 + (next() >>> 6)) / 2 ** 53;
  return { unit, below: (sides) => Math.floor(unit() * sides) };
}

/** How many events happen where `mean` are expected (Knuth's method: for small means). */
export function poisson(dice: Dice, mean: number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = dice.unit(); product > limit; product *= dice.unit()) count += 1;
  return count;
}
