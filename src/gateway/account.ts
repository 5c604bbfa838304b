// What a session may use, and how its calls share it: the tokens that the run bought, and the
// dollars that the operator gives all agents. Calls that run at once wait for each other before one
// of them is refused for what another has only reserved.
import type { Usage } from "../economy/models.ts";
import type { Cap } from "./estimate.ts";
import type { Purse } from "./purse.ts";
import { type ApiError, apiError } from "./wire.ts";

export type Charge = {
  usage: Usage;
  milliTokens: number;
  dollars: number;
  /** Not what was counted, but the worst case: no count, or one that cannot be true. */
  worst?: true;
};

export type Account = {
  /** Thousandths of bought tokens that are free now. */
  left(): number;
  /** Waits until an open call has ended; false if none is open. */
  oneHasEnded(): Promise<boolean>;
  /** Takes the worst case of a call out of both purses. */
  reserve(cap: Cap): ApiError | null;
  settle(cap: Cap, charge: Charge | null): void;
  /** An answer from the store: its tokens count, its dollars were paid. */
  reuse(milliTokens: number): void;
  tooFew(milliTokens: number): ApiError;
};

const CEILING = "the spending ceiling of this economy is reached; see spending in econ.yaml";

/** `onCeiling` hears why a call that the agent could pay was refused all the same. */
export function accountOf(
  tokens: Purse,
  dollars: Purse,
  bought: number,
  onCeiling: (reason: string) => void,
): Account {
  let open = 0;
  let ended = Promise.withResolvers<void>();
  const tooFew = (milliTokens: number) =>
    apiError(
      402,
      `this call needs up to ${shown(milliTokens)} tokens; ` +
        `${shown(tokens.left())} of the ${shown(bought)} you bought are left`,
    );
  return {
    left: tokens.left,
    tooFew,
    async oneHasEnded() {
      if (open === 0) return false;
      await ended.promise;
      return true;
    },
    reserve(cap) {
      if (!tokens.reserve(cap.milliTokens)) return tooFew(cap.milliTokens);
      if (dollars.reserve(cap.dollars)) {
        open += 1;
        return null;
      }
      tokens.settle(cap.milliTokens, 0);
      onCeiling(CEILING);
      return apiError(402, CEILING);
    },
    settle(cap, charge) {
      tokens.settle(cap.milliTokens, charge?.milliTokens ?? 0);
      dollars.settle(cap.dollars, charge?.dollars ?? 0);
      open -= 1;
      ended.resolve();
      ended = Promise.withResolvers<void>();
    },
    reuse(milliTokens) {
      tokens.settle(0, Math.min(milliTokens, tokens.left()));
    },
  };
}

const shown = (milliTokens: number) => String(Math.ceil(milliTokens) / 1_000);
