// Payments that come back to the payer, directly or through others: nobody is richer for them, but
// everybody who took part looks as if it had earned something.

/** Too little to mean anything. */
const FLOW_MIN_CREDITS = 10;

type Debts = Map<string, Map<string, number>>;

/**
 * Of what agents paid each other ("payer payee" → credits), the share that went round in a ring of
 * any length. Where rings overlap, the order of payments decides which is counted, so it is a lower
 * bound. Null: hardly anything was paid.
 */
export function circular(flows: ReadonlyMap<string, number>): number | null {
  const debts: Debts = new Map();
  let total = 0;
  for (const [pair, amount] of flows) {
    const [from = "", to = ""] = pair.split(" ");
    total += amount;
    debts.set(from, (debts.get(from) ?? new Map()).set(to, amount));
  }
  if (total < FLOW_MIN_CREDITS) return null;
  let round = 0;
  // The shortest rings first: two that pay each other are one, whoever else they pay.
  for (const [from, own] of debts)
    for (const to of own.keys()) if (debts.get(to)?.has(from)) round += settle(debts, [from, to]);
  for (const start of debts.keys()) round += settleThrough(debts, start);
  return round / total;
}

/**
 * Walks along payments from one payer; each ring that closes is settled and the walk goes on from
 * where it closed. Whoever leads nowhere is left out of all later walks.
 */
function settleThrough(debts: Debts, start: string): number {
  const path = [start];
  const place = new Map([[start, 0]]);
  let round = 0;
  while (path.length > 0) {
    const here = path.at(-1) as string;
    const [next] = debts.get(here)?.keys() ?? [];
    if (next === undefined) {
      path.pop();
      place.delete(here);
      debts.get(path.at(-1) ?? "")?.delete(here);
      continue;
    }
    const met = place.get(next);
    if (met === undefined) {
      place.set(next, path.length);
      path.push(next);
      continue;
    }
    round += settle(debts, path.slice(met));
    for (const left of path.splice(met + 1)) place.delete(left);
  }
  return round;
}

/** What the smallest of a ring's payments is, all of them are less by it; what that is in all. */
function settle(debts: Debts, ring: string[]): number {
  const pairs = ring.map((from, i) => [from, ring[(i + 1) % ring.length] as string] as const);
  const owed = ([from, to]: readonly [string, string]) => debts.get(from)?.get(to) ?? 0;
  const least = Math.min(...pairs.map(owed));
  for (const [from, to] of pairs) {
    const left = owed([from, to]) - least;
    if (left > 0) debts.get(from)?.set(to, left);
    else debts.get(from)?.delete(to);
  }
  return least * ring.length;
}
