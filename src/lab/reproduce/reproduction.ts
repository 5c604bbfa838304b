// A published result and our repetition of it: what was measured there and here, and how far apart
// the two may be. The program under test is the one that worlds run on.

/**
 * What stands behind a published figure: the source itself was read (verified), it is arithmetic
 * that was done again for the comparison (computed), or it is known from memory or from others
 * (unverified).
 */
export type Standing = "verified" | "computed" | "unverified";

export type Figure = {
  what: string;
  ours: number;
  /** A number, or the range that the source claims. */
  theirs: number | { from: number; to: number };
  /** How far ours may lie off. */
  tolerance: number;
  standing: Standing;
};

export type Reproduction = {
  name: string;
  source: string;
  /** What is done, in two sentences. */
  protocol: string;
  /** More seeds, more of the same throws, less noise. */
  run: (seeds: string[]) => Promise<Figure[]>;
};

/** Differences below this are the doubles' own. */
const ROUNDING = 1e-9;

export function isWithin({ ours, theirs, tolerance }: Figure): boolean {
  const { from, to } = typeof theirs === "number" ? { from: theirs, to: theirs } : theirs;
  return ours >= from - tolerance - ROUNDING && ours <= to + tolerance + ROUNDING;
}

export function seedsOf(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `seed-${n + 1}`);
}

export function meanOf(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The mean of one figure over the seeds. */
export function averaged(seeds: string[], measure: (seed: string) => number): number {
  return meanOf(seeds.map(measure));
}

/** Four standard errors of a mean: noise alone passes this once in fifteen thousand times. */
export function noiseOf(deviation: number, trials: number): number {
  return (4 * deviation) / Math.sqrt(trials);
}

export function times<T>(count: number, make: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, n) => make(n));
}
