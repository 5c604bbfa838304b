// What winners pay: their offers, or the least that would have won. A strategy behind one function.
import { type Clearing, type Contender, needsOf, rankingOf } from "./clearing.ts";
import type { Micro } from "./money.ts";
import { comesFirst } from "./ranking.ts";
import { milli } from "./resources.ts";
import type { Rules } from "./rules.ts";

/** What these winners pay, all or some. `ordered` are all contenders, best first. */
export type PaymentRule = <Good extends string>(
  winners: Contender<Good>[],
  ordered: Contender<Good>[],
  clearing: Clearing<Good>,
) => Micro[];

export const PAYMENT_RULES: Record<Rules["allocation"]["payment"], PaymentRule> = {
  /** First price. */
  offer: (winners) => winners.map(({ offer }) => offer),
  critical,
};

/** A contender with its needs by number of the good: thousands of winners are gone through. */
type Lot<Good extends string> = {
  contender: Contender<Good>;
  needs: { good: number; quantity: number }[];
};

/**
 * The lowest offer with which a winner would still have won, and at least the market cost. Who
 * wants one bundle and no other then does best by offering what it is worth. An agent does not
 * compete with itself: its other bids do not raise what it pays.
 */
function critical<Good extends string>(
  winners: Contender<Good>[],
  ordered: Contender<Good>[],
  clearing: Clearing<Good>,
): Micro[] {
  const { lots, supply } = lotsOf(ordered, clearing);
  const asked = new Set(winners);
  const pays = new Map<Contender<Good>, Micro>();
  const sold = supply.map(() => 0);
  const running = new Set<string>();
  lots.forEach((lot, at) => {
    const { contender } = lot;
    if (running.has(contender.bid.agent) || !fits(lot, sold, supply)) return;
    if (asked.has(contender)) {
      const first = blockerOf(lots, at, { sold: [...sold], supply, running });
      pays.set(contender, first ? leastBefore(contender, first, clearing) : contender.cost);
    }
    take(lot, sold);
    running.add(contender.bid.agent);
  });
  return winners.map((winner) => pays.get(winner) ?? winner.offer);
}

function lotsOf<Good extends string>(ordered: Contender<Good>[], clearing: Clearing<Good>) {
  const numbers = new Map<Good, number>();
  const supply: number[] = [];
  const lots = ordered.map((contender): Lot<Good> => {
    const needs = needsOf(contender.bid.resources).map(([name, quantity]) => {
      const good = numbers.get(name) ?? supply.push(milli(clearing.supply(name))) - 1;
      numbers.set(name, good);
      return { good, quantity };
    });
    return { contender, needs };
  });
  return { lots, supply };
}

/** How things stand where a winner takes its turn: what is sold by then, and who runs. */
type Turn = { sold: number[]; supply: number[]; running: Set<string> };

/** Who would take, were the winner not there, the first thing that the winner needs. */
function blockerOf<Good extends string>(
  lots: Lot<Good>[],
  at: number,
  { sold, supply, running }: Turn,
): Contender<Good> | null {
  const winner = lots[at] as Lot<Good>;
  const since = new Set([winner.contender.bid.agent]);
  for (let next = at + 1; next < lots.length; next++) {
    const lot = lots[next] as Lot<Good>;
    if (!fits(lot, sold, supply)) continue;
    const { agent } = lot.contender.bid;
    if (running.has(agent) || since.has(agent)) continue;
    take(lot, sold);
    since.add(agent);
    if (!fits(winner, sold, supply)) return lot.contender;
  }
  return null;
}

function fits({ needs }: Lot<string>, sold: number[], supply: number[]): boolean {
  for (const { good, quantity } of needs)
    if ((sold[good] as number) + quantity > (supply[good] as number)) return false;
  return true;
}

function take({ needs }: Lot<string>, sold: number[]): void {
  for (const { good, quantity } of needs) sold[good] = (sold[good] as number) + quantity;
}

/** The lowest offer, from the market cost up, with which a winner comes before another. */
function leastBefore<Good extends string>(
  winner: Contender<Good>,
  other: Contender<Good>,
  clearing: Clearing<Good>,
): Micro {
  const ranking = rankingOf(clearing);
  const isEnough = (offer: Micro) => comesFirst({ ...winner, offer }, other, ranking);
  let [low, high] = [winner.cost, winner.offer];
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
