// What a call can cost at most, known before it is made. Pure arithmetic on the rules of a model.
import { dollarsOf, type MicroDollars, milliTokensOf, type Usage } from "../economy/models.ts";
import type { Model } from "../economy/rules.ts";

/** The worst that a call can come to. */
export type Cap = { usage: Usage; milliTokens: number; dollars: MicroDollars };

/** Fewer tokens than these are no answer that a call is worth making for. */
const USEFUL_OUTPUT = 16;

const KINDS = ["input", "cachedInput", "cacheWrite"] as const;

function usageOf(kind: (typeof KINDS)[number], input: number, output: number): Usage {
  return { input: 0, cachedInput: 0, cacheWrite: 0, [kind]: input, output };
}

/** The provider decides which input it counts as cached: the dearest kind is assumed. */
export function capOf(model: Model, input: number, output: number): Cap {
  const ways = KINDS.map((kind) => usageOf(kind, input, output));
  return {
    usage: usageOf("input", input, output),
    milliTokens: Math.max(...ways.map((usage) => milliTokensOf(model, usage))),
    dollars: Math.max(...ways.map((usage) => dollarsOf(model, usage))),
  };
}

/**
 * The most output tokens, of those asked for, that fit into what is left beside an input of so
 * many. Null: none that would be of use.
 */
export function outputThatFits(
  model: Model,
  { input, asked, left }: { input: number; asked: number; left: number },
): number | null {
  const most = Math.min(asked, model.max_output);
  const room = left - capOf(model, input, 0).milliTokens;
  if (room < 0) return null;
  const each = milliTokensOf(model, usageOf("input", 0, 1));
  const fits = each === 0 ? most : Math.min(most, Math.floor(room / each));
  return fits >= Math.min(most, USEFUL_OUTPUT) && fits > 0 ? fits : null;
}
