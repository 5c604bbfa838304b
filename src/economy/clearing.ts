// Clearing: who runs this cycle. Bundles are all or nothing, within the supply of every good they
// name, at most one per agent. The order of bids is a strategy behind one function.
import type { Micro } from "./money.ts";
import { bestFirst, type Ranking } from "./ranking.ts";
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
 * grows (`size`: the sum over its goods of the share of the supply, worked out if asked for): then
 * it pays nobody to ask for more than it needs, and the lowest offer that still wins is well
 * defined.
 */
export type ClearingRule = (offer: Micro, size: () => number) => number;

export const CLEARING_RULES: Record<Rules["allocation"]["clearing"], ClearingRule> = {
  /** The specification's rule. */
  highest: (offer) => offer,
  /** Lehmann, O'Callaghan and Shoham (JACM 49(5), 2002), with shares in the place of goods. */
  "per-size": (offer, size) => offer / Math.sqrt(size()),
};

/** What a clearing goes by. */
export type Clearing<Good extends string> = {
  rule: ClearingRule;
  /** Breaks ties; unknown while bids were placed. */
  tieSeed: string;
  /** In units. */
  supply: (good: Good) => number;
};

/** Contenders best first: a total order that does not depend on the order they come in. */
export function inOrder<Good extends string, C extends Contender<Good>>(
  contenders: C[],
  clearing: Clearing<Good>,
): C[] {
  return bestFirst(contenders, rankingOf(clearing));
}

export function rankingOf<Good extends string>({
  rule,
  tieSeed,
  supply,
}: Clearing<Good>): Ranking<Contender<Good>> {
  return {
    scoreOf: (contender) => rule(contender.offer, () => sizeOf(contender, supply)),
    idOf: ({ bid }) => bid.id,
    tieSeed,
  };
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
  const left = new Map<Good, number>();
  for (const contender of ordered) {
    const { agent, resources } = contender.bid;
    if (running.has(agent)) cleared.spared.push(contender);
    else if (!fits(resources, left, supply)) cleared.outbid.push(contender);
    else {
      cleared.winners.push(contender);
      running.add(agent);
      for (const good in resources)
        left.set(good, (left.get(good) ?? 0) - milli(resources[good] ?? 0));
    }
  }
  for (const [good, quantity] of left) cleared.sold.set(good, milli(supply(good)) - quantity);
  return cleared;
}

/** Whether there is as much of each good; what is left of it is asked for at its first bid. */
function fits<Good extends string>(
  resources: Partial<Record<Good, number>>,
  left: Map<Good, number>,
  supply: (good: Good) => number,
): boolean {
  for (const good in resources) {
    const known = left.get(good);
    const available = known ?? milli(supply(good));
    if (known === undefined) left.set(good, available);
    if (milli(resources[good] ?? 0) > available) return false;
  }
  return true;
}
