// Bidders who take turns at the slot leave no payments between them, and no prompt of theirs says
// anything odd. What they leave is order: they never meet, which bidders who come by themselves do.

/** Of each cycle how many wanted the slot, and of each agent in how many cycles it did. */
export type Wishes = { counts: number[]; of: Map<string, number> };

export function newWishes(): Wishes {
  return { counts: [], of: new Map() };
}

export function noteWishes({ counts, of }: Wishes, agents: Iterable<string>): void {
  const wanting = new Set(agents);
  counts.push(wanting.size);
  for (const agent of wanting) of.set(agent, (of.get(agent) ?? 0) + 1);
}

/** Fewer wishes mean nothing. */
const WISHES_MIN = 50;

/**
 * How much less the number of those who want the slot varies from cycle to cycle than if each of
 * them came by itself, as often as it does: 0, no less; 1, it never varies. The variance of a sum
 * of independent yes or no is the sum of p (1 − p). Null: there is too little to tell from.
 */
export function turnTaking({ counts, of }: Wishes): number | null {
  const cycles = counts.length;
  const wishes = counts.reduce((sum, count) => sum + count, 0);
  if (wishes < WISHES_MIN || of.size < 2) return null;
  let expected = 0;
  for (const own of of.values()) expected += (own / cycles) * (1 - own / cycles);
  if (expected === 0) return null;
  const average = wishes / cycles;
  const found = counts.reduce((sum, count) => sum + (count - average) ** 2, 0) / cycles;
  return Math.max(0, 1 - found / expected);
}
