// Division of labour, and what chance alone makes of it: who is paid by whom says something only
// beside what it would be if the same payments, births and deaths had met anybody.
import { diceOf } from "./reproduce/dice.ts";

/** What one life earned, in credits: from the human, from other agents. */
type Income = { awards: number; payments: number };

/**
 * How far who somebody is says where its income comes from: 1, everybody lives on one source and
 * both are lived on; 0, all live on the same mixture. The mutual information of earner and source,
 * credit by credit, as a share of all that there is to know of the source. Null: one source only.
 */
export function division(incomes: readonly Income[]): number | null {
  const awards = incomes.reduce((sum, own) => sum + own.awards, 0);
  const payments = incomes.reduce((sum, own) => sum + own.payments, 0);
  const total = awards + payments;
  const open = entropy(awards, payments);
  if (open === 0) return null;
  let left = 0;
  for (const own of incomes)
    left += ((own.awards + own.payments) / total) * entropy(own.awards, own.payments);
  return 1 - left / open;
}

/** Of a credit that comes from one of two sources, in bits. */
function entropy(one: number, other: number): number {
  if (one <= 0 || other <= 0) return 0;
  const share = one / (one + other);
  return -share * Math.log2(share) - (1 - share) * Math.log2(1 - share);
}

type Span = { kind: string; born: number; died: number | null };

export type Neutral = {
  /** The mean life of each kind, in cycles, if each death had met any of those alive. */
  lifetime: Map<string, number>;
  /** The share of draws in which the kind lived at least as long as it did. */
  luck: Map<string, number>;
};

const DRAWS = 200;

/**
 * The null of selection at the same turnover: births and deaths in the cycles in which they were,
 * but who dies is drawn by lot from the living, again and again.
 */
export function neutral(lives: readonly Span[], cycles: number, seed: string): Neutral {
  const kinds = [...new Set(lives.map(({ kind }) => kind))];
  const observed = meansOf(lives, cycles);
  const sums = new Map(kinds.map((kind) => [kind, 0]));
  const atLeast = new Map(kinds.map((kind) => [kind, 0]));
  const { births, deaths } = eventsOf(lives);
  for (let draw = 0; draw < DRAWS; draw++) {
    const drawn = meansOf(drawDeaths(births, deaths, `${seed} ${draw}`), cycles);
    for (const [kind, mean] of drawn) {
      sums.set(kind, (sums.get(kind) ?? 0) + mean / DRAWS);
      const reached = mean >= (observed.get(kind) ?? 0) - 1e-9;
      if (reached) atLeast.set(kind, (atLeast.get(kind) ?? 0) + 1 / DRAWS);
    }
  }
  // Where nobody dies every draw is what was observed.
  return { lifetime: sums, luck: deaths.length === 0 ? new Map() : atLeast };
}

function eventsOf(lives: readonly Span[]) {
  const births = lives.toSorted((a, b) => a.born - b.born);
  const deaths = lives.flatMap(({ died }) => (died === null ? [] : [died])).sort((a, b) => a - b);
  return { births, deaths };
}

function drawDeaths(births: Span[], deaths: number[], seed: string): Span[] {
  const dice = diceOf(seed);
  const all: Span[] = [];
  const living: Span[] = [];
  let next = 0;
  for (const cycle of deaths) {
    for (; next < births.length && (births[next] as Span).born <= cycle; next++) {
      const life = { ...(births[next] as Span), died: null };
      all.push(life);
      living.push(life);
    }
    const at = dice.below(living.length);
    const [victim, last] = [living[at] as Span, living.pop() as Span];
    victim.died = cycle;
    if (victim !== last) living[at] = last;
  }
  return [...all, ...births.slice(next)];
}

function meansOf(lives: readonly Span[], cycles: number): Map<string, number> {
  const means = new Map<string, number>();
  for (const [kind, own] of Map.groupBy(lives, (life) => life.kind)) {
    const total = own.reduce((sum, { born, died }) => sum + (died ?? cycles) - born, 0);
    means.set(kind, total / own.length);
  }
  return means;
}
