// Why a run that ends badly is undone and paid back: what others failed it. Nothing of that may be
// had at will, or an agent would run, look at what came of it, and take it back.
import type { ModelCall } from "./contract.ts";
import type { ApiError } from "./wire.ts";

export type Excuses = {
  /** The host, or a ceiling in dollars. */
  host(reason: string): void;
  /** The provider of a model, by the world's name. */
  provider(name: string, error: Pick<ApiError, "status" | "message">): void;
  /** The first one that holds, once these are all the run's calls; null where none does. */
  after(calls: ModelCall[]): string | null;
};

/**
 * A key that is missing or refused, a model that the provider does not know: it stays so, and who
 * was answered by another model need not have asked this one.
 */
const LASTING = new Set([401, 403, 404]);
const TOO_MANY = 429;

/** `crowded`: whether the run has ever had several requests under way. */
export function excusesOf(crowded: () => boolean): Excuses {
  let first: string | null = null;
  let unheard: string | null = null;
  const host = (reason: string) => {
    first ??= reason.slice(0, 300);
  };
  return {
    host,
    provider(name, { status, message }) {
      const reason = `${name}: ${message}`;
      if (LASTING.has(status)) unheard ??= reason.slice(0, 300);
      else if (status !== TOO_MANY || !crowded()) host(reason);
    },
    after(calls) {
      const isHeard = calls.some(({ status, usage }) => status === 200 && usage !== null);
      return first ?? (isHeard ? null : unheard);
    },
  };
}
