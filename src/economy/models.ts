// What one call of a model costs: in tokens out of the bundle, and in dollars out of the
// operator's pocket. Both in integers of their smallest unit, rounded up, so that sums stay exact.
import type { Model } from "./rules.ts";

/** Tokens of one call as the provider counts them; each token is in one of the four. */
export type Usage = { input: number; cachedInput: number; cacheWrite: number; output: number };

/** Dollars in millionths. */
export type MicroDollars = number;

/** A call that was paid for: who made it, of which model (the world's name), what it took. */
export type ModelCost = { agent: string; model: string; calls: number } & Usage & {
    /** Thousandths of a bought token. */
    milliTokens: number;
    dollars: MicroDollars;
  };

/** What a call uses up of the bought tokens, in thousandths. */
export function milliTokensOf({ counts_as }: Pick<Model, "counts_as">, usage: Usage): number {
  const { input, cached_input, cache_write, output } = counts_as;
  const thousandths = (weight: number) => Math.round(weight * 1_000);
  return (
    usage.input * thousandths(input) +
    usage.cachedInput * thousandths(cached_input) +
    usage.cacheWrite * thousandths(cache_write) +
    usage.output * thousandths(output)
  );
}

/** What a call costs the operator; a price is dollars per million tokens. */
export function dollarsOf({ price }: Model, usage: Usage): MicroDollars {
  const { input, cached_input, cache_write, output } = price;
  const exact =
    usage.input * input +
    usage.cachedInput * cached_input +
    usage.cacheWrite * cache_write +
    usage.output * output;
  // 0.1 has no exact binary form: what is a millionth of a millionth over is not over.
  return Math.ceil(exact - 1e-6);
}
