// A strategy with parameters that its children inherit with small changes: what selection can act
// on. In the lab only. It reports what moved, as genesis does, but simply: when to speak, what to
// offer and how long to sleep are its genes.
import type { ActionRequest, Decision, Strategy, Wake } from "../agent/strategy.ts";
import { keyedHash } from "../economy/hash.ts";

export const GENES = {
  /** Speaks when it expects at least so many times the price of the slot. */
  threshold: { least: 0, most: 4 },
  /** Offers so much above the price, as a share of it. */
  margin: { least: 0, most: 2 },
  /** Cycles between two runs. */
  pause: { least: 1, most: 20 },
  /** Does nothing: what it does by itself is drift. */
  marker: { least: 0, most: 1 },
} as const;

export type Gene = keyof typeof GENES;
export type Genes = Record<Gene, number>;
export const GENE_NAMES = Object.keys(GENES) as Gene[];

/** Speaks only of prices that moved, or of how they stand as well. */
type Topic = "changes" | "anything";

/** none: it has no children. inherit: theirs are its own, changed a little. random: any. */
export type Heredity = "none" | "inherit" | "random";

/** What a careful agent would choose. */
export const PRUDENT: Genes = { threshold: 1.2, margin: 0.05, pause: 4, marker: 0.5 };

/** Uniform over each gene's range: founders, and children of the null model. */
export function drawGenes(seed: string, who: string): Genes {
  return everyGene((gene) => {
    const { least, most } = GENES[gene];
    return rounded(least + (most - least) * chance(seed, `${who} ${gene}`));
  });
}

/** How far a child's genes may lie from its parent's, as a share of their range. */
export const MUTATION = 0.1;

/** A step of up to `reach` of the range each way; a gene that meets its bound turns back. */
export function mutate(genes: Genes, seed: string, who: string, reach = MUTATION): Genes {
  return everyGene((gene) => {
    const { least, most } = GENES[gene];
    const step = (2 * chance(seed, `${who} ${gene}`) - 1) * reach * (most - least);
    const moved = genes[gene] + step;
    return rounded(moved < least ? 2 * least - moved : moved > most ? 2 * most - moved : moved);
  });
}

function everyGene(of: (gene: Gene) => number): Genes {
  return Object.fromEntries(GENE_NAMES.map((gene) => [gene, of(gene)])) as Genes;
}

export function chance(seed: string, what: string): number {
  return (keyedHash(seed, what) % 1_000_003) / 1_000_003;
}

const rounded = (value: number) => Math.round(value * 10_000) / 10_000;

type ForagerState = {
  /** A moving average of what a prompt earned. */
  expected: number | null;
  told: Record<string, number>;
  since: number;
};

export const CHILD_FILE = "forager.json";
const BUNDLE = { cpu_seconds: 1, memory_mb: 96 };
const CHILD_CREDITS = 100;
const RESERVE_RUNS = 12;
/** Rich enough to have a child: what it costs, so many times. */
const RICH = 2;

export function forager(
  genes: Genes,
  heredity: Heredity,
  { topic = "anything", mutation = MUTATION }: { topic?: Topic; mutation?: number } = {},
): Strategy<ForagerState> {
  return (wake) => {
    const state = wake.state ?? { expected: null, told: pricesOf(wake), since: wake.cycle };
    const expected = learn(state.expected, wake);
    const actions: ActionRequest[] = [nextBid(genes, wake)];
    const purse = wake.self.balance - RESERVE_RUNS * costOf(wake);
    const news = [...newsOf(state, wake), ...(topic === "anything" ? standing(wake) : [])];
    const prompt =
      news.length > 0 ? promptFor(genes, { ...state, expected }, wake, { purse, news }) : null;
    if (prompt) actions.push(prompt);
    const child =
      heredity === "none" || prompt ? null : childFor({ genes, heredity, mutation }, wake, purse);
    if (child) actions.push(child);
    const told = prompt ? { told: pricesOf(wake), since: wake.cycle } : {};
    return { actions, state: { ...state, ...told, expected } } as Decision<ForagerState>;
  };
}

function learn(expected: number | null, wake: Wake<ForagerState>): number | null {
  let learnt = expected;
  for (const { from, content } of wake.inbox) {
    const award = from === "human" ? /^award: ([0-9.]+) credits$/m.exec(content) : null;
    if (!award) continue;
    learnt = learnt === null ? Number(award[1]) : learnt * 0.7 + Number(award[1]) * 0.3;
  }
  return learnt;
}

/** Silence makes the next try look better, or one bad score would be the last word. */
const HOPE = 1.02;

function promptFor(
  genes: Genes,
  state: ForagerState,
  wake: Wake<ForagerState>,
  { purse, news }: { purse: number; news: string[] },
): ActionRequest | null {
  const price = wake.markets.attention.currentMarketPrice;
  const hoped = (state.expected ?? 0) * HOPE ** (wake.cycle - state.since);
  const tries = state.expected === null || hoped >= genes.threshold * price;
  const amount = Math.ceil(price * (1 + genes.margin) * 1_000_000) / 1_000_000;
  if (!tries || wake.prompts.length > 0 || amount > purse) return null;
  return { action: "prompt", content: [`# Cycle ${wake.cycle}`, "", ...news].join("\n"), amount };
}

const NOTEWORTHY = 0.12;

function newsOf(state: ForagerState, wake: Wake<ForagerState>): string[] {
  const lines: string[] = [];
  for (const [resource, price] of Object.entries(pricesOf(wake))) {
    const change = price / (state.told[resource] ?? price) - 1;
    if (Math.abs(change) < NOTEWORTHY) continue;
    const verb = change > 0 ? "rose" : "fell";
    lines.push(`- ${resource} ${verb} ${Math.round(Math.abs(change) * 100)}% to ${price}`);
  }
  return lines;
}

/** How compute stands: no news, but a human who never tires takes it. */
function standing({ markets }: Wake<ForagerState>): string[] {
  const { currentMarketPrice: price, currentUtilization: use } = markets.cpu_seconds;
  return [`- cpu_seconds stands at ${price}; ${Math.round(use)}% of it is sold`];
}

function childFor(
  { genes, heredity, mutation }: { genes: Genes; heredity: Heredity; mutation: number },
  wake: Wake<ForagerState>,
  purse: number,
): ActionRequest | null {
  if (purse < RICH * (wake.config.economy.spawn_cost + CHILD_CREDITS)) return null;
  const who = `child ${wake.self.id} ${wake.self.children}`;
  const own =
    heredity === "inherit"
      ? mutate(genes, wake.nameSeed, who, mutation)
      : drawGenes(wake.nameSeed, who);
  const logic = { [CHILD_FILE]: JSON.stringify(own) };
  return { action: "spawn", logic, credits: CHILD_CREDITS, name: "forager" };
}

function nextBid(genes: Genes, wake: Wake<ForagerState>): ActionRequest {
  const notBefore = wake.cycle + Math.max(1, Math.round(genes.pause));
  return { action: "bid", resources: BUNDLE, payload: wake.execution.payload, notBefore };
}

function pricesOf(wake: Wake<ForagerState>): Record<string, number> {
  const sold = Object.values(wake.markets).filter(({ availableSupply }) => availableSupply > 0);
  return Object.fromEntries(
    sold.map(({ resourceType, currentMarketPrice }) => [resourceType, currentMarketPrice]),
  );
}

function costOf(wake: Wake<ForagerState>): number {
  const { cpu_seconds, memory_mb } = wake.markets;
  return (
    cpu_seconds.currentMarketPrice * BUNDLE.cpu_seconds +
    memory_mb.currentMarketPrice * BUNDLE.memory_mb
  );
}
