// What is left of the bought tokens, counted as the gateway counts them: before a call by the worst
// that it can cost, after it by what it did cost.
import { milliTokensOf, type Usage } from "../../economy/models.ts";
import type { Model } from "../../economy/rules.ts";

/** What agents are shown of a model. */
export type Shown = Pick<Model, "counts_as" | "max_output">;

export type Purse = {
  readonly model: Shown;
  /** Thousandths of a token, as all sums here. */
  readonly bought: number;
  spent: number;
  used: Usage;
  calls: number;
};

/** An answer shorter than this is not worth its input. */
const ANSWER_MIN = 100;
/** A longer one takes minutes, in which a connection may break and all of it be lost. */
const ANSWER_MAX = 8_192;

export function purseFor(model: Shown, tokens: number): Purse {
  const used = { input: 0, cachedInput: 0, cacheWrite: 0, output: 0 };
  return { model, bought: Math.round(tokens * 1_000), spent: 0, used, calls: 0 };
}

/** About how many tokens a text is: rather more than it will be, so that a call that fits, fits. */
export function tokensOf(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3);
}

/** Whole tokens left. */
export function left({ bought, spent }: Purse): number {
  return Math.max(0, Math.floor((bought - spent) / 1_000));
}

/** The most that a call costs, by the tokens that go in and out. */
export function costOf({ model }: Purse, input: number, output: number): number {
  const none = { input: 0, cachedInput: 0, cacheWrite: 0, output };
  const asInput = milliTokensOf(model, { ...none, input });
  return Math.max(asInput, milliTokensOf(model, { ...none, cacheWrite: input }));
}

/** How long an answer may be, with so much kept back. 0: nothing worth asking for fits. */
export function answerRoom(purse: Purse, input: number, reserve: number): number {
  const room = purse.bought - purse.spent - reserve - costOf(purse, input, 0);
  const each = milliTokensOf(purse.model, {
    input: 0,
    cachedInput: 0,
    cacheWrite: 0,
    output: 1,
  });
  const most = Math.min(purse.model.max_output, ANSWER_MAX);
  const fits = each === 0 ? most : Math.floor(room / each);
  const answer = room < 0 ? 0 : Math.min(fits, most);
  return answer < Math.min(ANSWER_MIN, most) ? 0 : answer;
}

/** After a call. Where the server did not say what it took, it took all it could. */
export function count(purse: Purse, usage: Usage): void {
  purse.calls += 1;
  purse.spent += milliTokensOf(purse.model, usage);
  for (const kind of ["input", "cachedInput", "cacheWrite", "output"] as const)
    purse.used[kind] += usage[kind];
}
