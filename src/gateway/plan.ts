// Before a call: how many tokens it may take, reserved from what the run bought. The size of the
// request bounds its input without asking anybody; where that is too coarse, the provider counts.
import type { Account } from "./account.ts";
import { type Cap, capOf, outputThatFits } from "./estimate.ts";
import type { Understood } from "./messages-request.ts";
import type { Upstream } from "./upstream.ts";
import { type ApiError, apiError } from "./wire.ts";

/** `cap` is reserved and has to be settled. `inputMost`: more input is not believed of it. */
export type Plan =
  | { ok: true; cap: Cap; inputMost: number; maxTokens: number; thinkingTokens: number }
  | { ok: false; error: ApiError };

/**
 * The provider's count of a request's input tokens, or what came instead. `isFailure`: the provider
 * failed; not where it has no counting, or its asker went away.
 */
export type Counted =
  | { kind: "count"; tokens: number }
  | Extract<Upstream, { kind: "refused" }>
  | { kind: "failed"; error: ApiError; isFailure: boolean };

export type Planning = {
  account: Account;
  count: (understood: Understood) => Promise<Counted>;
  /** The provider failed, and the call could not be made for that. */
  onFailure: (error: ApiError) => void;
};

/** So many tokens any provider writes within the time that a call may stay open. */
export const TIMELY_TOKENS = 10_000;

/** The output that a call may have, whatever the run has bought: in one piece it must be timely. */
function mostOf({ model, maxTokens, stream }: Understood): number {
  return Math.min(maxTokens, model.max_output, stream ? model.max_output : TIMELY_TOKENS);
}

export async function planCall(planning: Planning, understood: Understood): Promise<Plan> {
  const { account, onFailure } = planning;
  const { model, maxTokens: asked, thinkingTokens, inputMax } = understood;
  if (asked < 1) return refused(400, "max_tokens: expected a whole number of at least 1");
  if (thinkingTokens >= asked) {
    return refused(400, "thinking.budget_tokens: must be less than max_tokens");
  }
  const most = mostOf(understood);
  const needed = () => capOf(model, inputMax ?? 0, most).milliTokens;
  let input = inputMax !== null && needed() <= account.left() ? inputMax : null;
  let inputMost = 0;
  let failure: ApiError | null = null;
  if (input === null) {
    const counted = await planning.count(understood);
    const bound = boundOf(counted, understood);
    if (counted.kind === "failed" && counted.isFailure) failure = counted.error;
    if (bound === null) return uncounted(counted, onFailure);
    input = bound;
    // What is only reckoned is charged as it is counted in the end, up to what the bytes can be.
    if (isReckoned(counted)) inputMost = inputMax ?? 0;
  }
  inputMost = Math.max(inputMost, input);
  for (;;) {
    const fits = outputThatFits(model, { input, asked: most, left: account.left() });
    if (fits !== null) return reserved(account, understood, { input, inputMost, maxTokens: fits });
    if (!(await account.oneHasEnded())) {
      if (failure !== null) onFailure(failure);
      const least = capOf(model, input, most).milliTokens;
      return { ok: false, error: account.tooFew(least) };
    }
  }
}

/** A count is an estimate: the call itself may find a few tokens more. */
const withMargin = (tokens: number) => Math.ceil(tokens * 1.05) + 64;

/** The provider has no counting: the size of the text has to do. */
const isReckoned = (counted: Counted) => counted.kind === "failed" && counted.error.status === 404;

function boundOf(counted: Counted, { model, inputMax }: Understood): number | null {
  if (isReckoned(counted) && inputMax !== null) return Math.ceil(inputMax / model.bytes_per_token);
  if (counted.kind !== "count") return inputMax;
  return Math.min(withMargin(counted.tokens), inputMax ?? Number.POSITIVE_INFINITY);
}

function uncounted(counted: Counted, onFailure: Planning["onFailure"]): Plan {
  if (counted.kind === "refused") return { ok: false, error: counted.error };
  if (counted.kind === "failed" && counted.error.status !== 404) {
    if (counted.isFailure) onFailure(counted.error);
    return { ok: false, error: counted.error };
  }
  return refused(400, "this model's provider counts no tokens: send it nothing but text");
}

/** The provider takes no less to think; and as much is left for the answer. */
const THINKING_LEAST = 1_024;

/** Thinking is cut with the output it is part of, so that a client may ask for plenty. */
function reserved(
  account: Account,
  understood: Understood,
  { input, inputMost, maxTokens }: { input: number; inputMost: number; maxTokens: number },
): Plan {
  const { model, thinkingTokens: wished } = understood;
  const thinkingTokens = wished < maxTokens ? wished : maxTokens - THINKING_LEAST;
  if (wished > 0 && thinkingTokens < Math.min(wished, THINKING_LEAST)) {
    const why = maxTokens < mostOf(understood) ? "what you bought" : "this model";
    const most = `${why} allows ${maxTokens} tokens of output`;
    return refused(402, `thinking.budget_tokens: ${most}, and thinking must need less`);
  }
  const cap = capOf(model, input, maxTokens);
  const error = account.reserve(cap);
  return error ? { ok: false, error } : { ok: true, cap, inputMost, maxTokens, thinkingTokens };
}

function refused(status: number, message: string): Plan {
  return { ok: false, error: apiError(status, message) };
}
