// Who comes first: the higher score, between equal ones a lot, between equal lots the id. One total
// order, for the bids of a clearing and for the prompts that wait for the slot.
import { keyedHash } from "./hash.ts";
import { bug } from "./result.ts";

export type Ranking<T> = {
  scoreOf: (item: T) => number;
  idOf: (item: T) => string;
  /** Breaks ties; unknown while bids were placed. */
  tieSeed: string;
};

/** Best first. It does not depend on the order in which they come. */
export function bestFirst<T>(items: T[], ranking: Ranking<T>): T[] {
  const byId = (equal: T[]) => equal.sort((a, b) => (comesFirst(a, b, ranking) ? -1 : 1));
  const byLot = (equal: T[]) => sorted(equal, (item) => lotOf(item, ranking), byId);
  return sorted(items, (item) => -ranking.scoreOf(item), byLot);
}

/** Whether one comes before another, of a different id, in that order. */
export function comesFirst<T>(one: T, other: T, ranking: Ranking<T>): boolean {
  const { scoreOf, idOf } = ranking;
  const [score, otherScore] = [scoreOf(one), scoreOf(other)];
  if (score !== otherScore) return score > otherScore;
  const [lot, otherLot] = [lotOf(one, ranking), lotOf(other, ranking)];
  return lot === otherLot ? idOf(one) < idOf(other) : lot < otherLot;
}

function lotOf<T>(item: T, { tieSeed, idOf }: Ranking<T>): number {
  return keyedHash(tieSeed, idOf(item));
}

/**
 * Least first; `among` orders those with equal keys. The bare numbers are sorted, and each item
 * looks up its place among them: a fraction of what sorting the items by a comparison takes.
 */
function sorted<T>(items: T[], keyOf: (item: T) => number, among: (equal: T[]) => T[]): T[] {
  if (items.length < 2) return items;
  const keys = new Float64Array(items.length);
  for (let i = 0; i < items.length; i++) keys[i] = keyOf(items[i] as T);
  const places = keys.toSorted();
  /** How many stand at a place that is the first of its key. */
  const standing = new Uint32Array(items.length);
  const ordered = new Array<T>(items.length);
  for (let i = 0; i < items.length; i++) {
    const first = firstPlaceOf(keys[i] as number, places);
    const before = standing[first] as number;
    ordered[first + before] = items[i] as T;
    standing[first] = before + 1;
  }
  for (let first = 0; first < items.length; first += standing[first] as number) {
    const count = standing[first] as number;
    if (count < 2) continue;
    const equal = among(ordered.slice(first, first + count));
    for (let n = 0; n < count; n++) ordered[first + n] = equal[n] as T;
  }
  return ordered;
}

/** By halves. A number that is none has no place, and would displace another. */
function firstPlaceOf(key: number, places: Float64Array): number {
  if (Number.isNaN(key)) bug("a score that is no number");
  let [low, high] = [0, places.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((places[middle] as number) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
