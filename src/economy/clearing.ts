// Clearing: who runs this cycle. Bundles are all or nothing, within the supply of every good they
// name, at most one per agent. The order of bids is a strategy behind one function.
import { keyedHash } from "./hash.ts";
import type { Micro } from "./money.ts";
import { milli } from "./resources.ts";
import type { Rules } from "./rules.ts";

/** A bid as clearing sees it. The goods are the caller's: the lab sells others than a world. */
export type Contender<Good extends string = string> = {
  bid: { id: string; agent: string; resources: Partial<Record<Good, number>> };
  /** The least that the markets take for it. */
  cost: Micro;
  offer: Micro;
};

/**
 * What a rule ranks by, best first. It must never fall as the offer rises, nor rise as the bundle
 * grows (`size`: the sum over its goods of the share of the supply): then it pays nobody to ask
 * for more than it needs, and the lowest offer that still wins is well defined.
 */
export type ClearingRule = (offer: Micro, size: number) => number;

export const CLEARING_RULES: Record<Rules["allocation"]["clearing"], ClearingRule> = {
  /** The specification's rule. */
  highest: (offer) => offer,
  /** Lehmann, O'Callaghan and Shoham (JACM 49(5), 2002), with shares in the place of goods. */
  "per-size": (offer, size) => offer / Math.sqrt(size),
};

/** What a clearing goes by. */
export type Clearing<Good extends string> = {
  rule: ClearingRule;
  /** Breaks ties; unknown while bids were placed. */
  tieSeed: string;
  /** In units. */
  supply: (good: Good) => number;
};

export type Rank = { score: number; tie: number; id: string };

/** Contenders best first: a total order that does not depend on the order they come in. */
export function inOrder<Good extends string, C extends Contender<Good>>(
  contenders: C[],
  clearing: Clearing<Good>,
): C[] {
  const ranked = contenders.map((contender) => ({
    contender,
    rank: rankOf(contender, clearing),
  }));
  ranked.sort((a, b) => compare(a.rank, b.rank));
  return ranked.map(({ contender }) => contender);
}

export function rankOf<Good extends string>(
  contender: Contender<Good>,
  { rule, tieSeed, supply }: Clearing<Good>,
): Rank {
  const { id } = contender.bid;
  const score = rule(contender.offer, sizeOf(contender, supply));
  return { score, tie: keyedHash(tieSeed, id), id };
}

/** Below zero: `a` comes first. */
export function compare(a: Rank, b: Rank): number {
  return b.score - a.score || a.tie - b.tie || (a.id < b.id ? -1 : 1);
}

/** What of everything that is for sale a bundle takes: its shares of the supplies, summed. */
function sizeOf<Good extends string>(
  { bid }: Contender<Good>,
  supply: (good: Good) => number,
): number {
  // In the order of the names, since a sum of doubles depends on its order.
  const needs = needsOf(bid.resources).sort(([a], [b]) => (a < b ? -1 : 1));
  return needs.reduce((sum, [good, quantity]) => sum + quantity / milli(supply(good)), 0);
}

/** The goods of a bundle with their quantities in thousandths. */
export function needsOf<Good extends string>(
  resources: Partial<Record<Good, number>>,
): [Good, number][] {
  const named = Object.keys(resources) as Good[];
  return named.map((good) => [good, milli(resources[good] ?? 0)]);
}

export type Cleared<Good extends string, C> = {
  winners: C[];
  /** Contenders that lost for want of supply. */
  outbid: C[];
  /** Contenders whose owner won with another bid: neither won nor lost. */
  spared: C[];
  /** Quantities sold, in thousandths. */
  sold: Map<Good, number>;
};

/** Allocate in the given order while the supply (in units) lasts. */
export function allocate<Good extends string, C extends Contender<Good>>(
  ordered: C[],
  supply: (good: Good) => number,
): Cleared<Good, C> {
  const cleared: Cleared<Good, C> = { winners: [], outbid: [], spared: [], sold: new Map() };
  const running = new Set<string>();
  for (const contender of ordered) {
    if (running.has(contender.bid.agent)) cleared.spared.push(contender);
    else if (!fits(contender, cleared.sold, supply)) cleared.outbid.push(contender);
    else {
      cleared.winners.push(contender);
      running.add(contender.bid.agent);
      take(contender, cleared.sold);
    }
  }
  return cleared;
}

function fits<Good extends string>(
  { bid }: Contender<Good>,
  sold: Map<Good, number>,
  supply: (good: Good) => number,
): boolean {
  return needsOf(bid.resources).every(
    ([good, quantity]) => (sold.get(good) ?? 0) + quantity <= milli(supply(good)),
  );
}

function take<Good extends string>({ bid }: Contender<Good>, sold: Map<Good, number>): void {
  for (const [good, quantity] of needsOf(bid.resources))
    sold.set(good, (sold.get(good) ?? 0) + quantity);
}
