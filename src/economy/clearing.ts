// Clearing: who runs this cycle. Bundles are all or nothing, within the supply of every resource
// they name, at most one per agent. The order of bids is a strategy behind one function.
import type { Candidate } from "./bids.ts";
import { keyedHash } from "./hash.ts";
import { type BundleResource, milli, resourcesOf } from "./resources.ts";
import type { Rules } from "./rules.ts";

/**
 * Orders candidates best first. Must be a total order that does not depend on the input's order.
 */
export type ClearingRule = (candidates: Candidate[], tieSeed: string) => Candidate[];

export const CLEARING_RULES: Record<Rules["allocation"]["clearing"], ClearingRule> = { highest };

/** The specification's rule: the highest offer first; the winner pays its offer. */
function highest(candidates: Candidate[], tieSeed: string): Candidate[] {
  const ranked = candidates.map((candidate) => ({
    candidate,
    tie: keyedHash(tieSeed, candidate.bid.id),
  }));
  ranked.sort(
    (a, b) =>
      b.candidate.offer - a.candidate.offer ||
      a.tie - b.tie ||
      (a.candidate.bid.id < b.candidate.bid.id ? -1 : 1),
  );
  return ranked.map(({ candidate }) => candidate);
}

export type Cleared = {
  winners: Candidate[];
  /** Candidates that lost for want of supply. */
  outbid: Candidate[];
  /** Candidates whose owner won with another bid: neither won nor lost. */
  spared: Candidate[];
  /** Quantities sold, in thousandths. */
  sold: Map<BundleResource, number>;
};

/** Allocate in the given order while the supply (in units) lasts. */
export function allocate(
  ordered: Candidate[],
  supply: (resource: BundleResource) => number,
): Cleared {
  const cleared: Cleared = { winners: [], outbid: [], spared: [], sold: new Map() };
  const running = new Set<string>();
  for (const candidate of ordered) {
    const { bid } = candidate;
    const named = resourcesOf(bid.resources);
    const fits = named.every(
      (resource) =>
        (cleared.sold.get(resource) ?? 0) + milli(bid.resources[resource] ?? 0) <=
        milli(supply(resource)),
    );
    if (running.has(bid.agent)) cleared.spared.push(candidate);
    else if (!fits) cleared.outbid.push(candidate);
    else {
      cleared.winners.push(candidate);
      running.add(bid.agent);
      for (const resource of named) {
        const before = cleared.sold.get(resource) ?? 0;
        cleared.sold.set(resource, before + milli(bid.resources[resource] ?? 0));
      }
    }
  }
  return cleared;
}
