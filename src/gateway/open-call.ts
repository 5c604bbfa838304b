// One model call from the reserved tokens to the settled ones. However it ends (answered, cut,
// failed, called off), it is settled and noted exactly once, before the agent gets its last byte.
import { dollarsOf, milliTokensOf } from "../economy/models.ts";
import type { Charge } from "./account.ts";
import type { ModelCall } from "./contract.ts";
import type { Cap } from "./estimate.ts";
import type { Understood } from "./messages-request.ts";
import { believable, type Counts } from "./usage.ts";
import { type Answer, type ApiError, type Asked, apiError, errorAnswer, jsonOf } from "./wire.ts";

/** A call that is open: its caps are reserved. */
export type OpenCall = {
  understood: Understood;
  cap: Cap;
  /** More input tokens are not believed. */
  inputMost: number;
  maxTokens: number;
  /** Aborted when the agent's program no longer waits, the run is over or the time is up. */
  signal: AbortSignal;
  /** Whether it was called off from this side; then nobody failed. */
  calledOff: () => boolean;
  /** Settles and notes the call; all but the first time does nothing. */
  end(ending: CallEnding): void;
  /** While true, the provider is waited for. */
  busy(isBusy: boolean): void;
};

export type CallEnding = {
  status: number;
  type: string;
  retryAfter?: string;
  body: string;
  /** Null: nothing was used. */
  charge: Charge | null;
  /** Why the provider failed; null where it did not. */
  failure: string | null;
};

export const capCharge = ({ usage, milliTokens, dollars }: Cap): Charge => ({
  usage,
  milliTokens,
  dollars,
  worst: true,
});

/** The call ends with an error in the provider's shape. */
export function errorEnd(
  call: OpenCall,
  error: ApiError,
  charge: Charge | null,
  failure: string | null,
  retryAfter?: string,
): Answer {
  const answer = { ...errorAnswer(error), ...(retryAfter !== undefined && { retryAfter }) };
  call.end({ ...answer, charge, failure });
  return answer;
}

/** What the counts come to; the worst case where they cannot be true. */
export function chargeOf(call: OpenCall, counts: Counts, received: number): Charge {
  const { cap, inputMost, understood } = call;
  const { model, textBytes } = understood;
  const usage = believable(counts, { cap, inputMost, sent: textBytes, received });
  if (usage === null) return capCharge(cap);
  return { usage, milliTokens: milliTokensOf(model, usage), dollars: dollarsOf(model, usage) };
}

/** The note of a call for the trace. */
export function noteOf(
  { digest, body: asked }: Asked,
  name: string,
  { status, type, retryAfter, body, charge, failure }: CallEnding,
): ModelCall {
  return {
    digest,
    model: name,
    request: jsonOf(asked),
    status,
    type,
    ...(retryAfter !== undefined && { retryAfter }),
    body,
    usage: charge?.usage ?? null,
    milliTokens: charge?.milliTokens ?? 0,
    dollars: charge?.dollars ?? 0,
    ...(charge?.worst && { worst: true }),
    failed: failure !== null,
  };
}

/** The same of a call of which nobody will hear any more: its worst case, and no answer. */
export function lostNote(asked: Asked, name: string, cap: Cap): ModelCall {
  const answer = errorAnswer(apiError(504, "econ ended before the answer came"));
  const charge = capCharge(cap);
  const note = noteOf(asked, name, { ...answer, charge, failure: "no answer" });
  return { ...note, request: null };
}
