// The strategies that an experiment can name: the templates' own, and a few that only a lab needs.
// A strategy draws its chances from the world's seed, its own name and the cycle: the same seed,
// the same life.

import { decide as genesis } from "../../templates/agents/genesis/decide.ts";
import { decide as idler } from "../../templates/agents/idler/decide.ts";
import { decide as saver } from "../../templates/agents/saver/decide.ts";
import { decide as spammer } from "../../templates/agents/spammer/decide.ts";
import { decide as specialist } from "../../templates/agents/specialist/decide.ts";
import { keyedHash } from "../economy/hash.ts";
import { drawGenes, forager, type Genes, type Heredity, MUTATION, PRUDENT } from "./forager.ts";
import { giver } from "./nulls.ts";
import { liar, paraphraser, parrot, ring, turns } from "./provokers.ts";
import type { AnyStrategy } from "./simulate.ts";

export const TEMPLATES: Record<string, AnyStrategy> = {
  genesis,
  idler,
  saver,
  specialist,
  spammer,
};

const PROVOKERS: Record<string, AnyStrategy> = {
  parrot,
  paraphraser,
  liar,
  ring,
  turns,
  giver,
};

/** Those with parameters, the null models, and those that provoke an alarm. */
const LAB_STRATEGIES = ["forager", "scribe", "random", "coin", ...Object.keys(PROVOKERS)];

export const STRATEGY_NAMES = [...Object.keys(TEMPLATES), ...LAB_STRATEGIES];

/**
 * The null model of a bidder: it reports what moved, as genesis does, but when it speaks, what it
 * offers and how long it sleeps are drawn anew each time it wakes.
 */
export const random: AnyStrategy = (wake) => {
  const genes = drawGenes(wake.nameSeed, `${wake.self.id}/${wake.cycle}`);
  return forager(genes, "none", { topic: "changes" })(wake);
};

/**
 * The null model of selection among kinds: at each wake it behaves as one of them, drawn by lot, so
 * that its name says nothing about what it does.
 */
export function coin(kinds: string[]): AnyStrategy {
  return (wake) => {
    const lot = keyedHash(wake.nameSeed, `coin ${wake.self.id} ${wake.cycle}`) % kinds.length;
    const kind = kinds[lot] ?? "";
    const memory = (wake.state ?? {}) as Record<string, unknown>;
    const decision = strategyNamed(kind)({ ...wake, state: memory[kind] ?? null });
    return { ...decision, state: { ...memory, [kind]: decision.state } };
  };
}

export type Features = {
  of?: string[];
  genes?: Genes;
  heredity?: Heredity;
  mutation?: number;
};

export function strategyNamed(
  name: string,
  { of = [], genes = PRUDENT, heredity = "none", mutation = MUTATION }: Features = {},
): AnyStrategy {
  if (name === "coin") return coin(of);
  if (name === "random") return random;
  if (name === "forager") return forager(genes, heredity, { mutation });
  const known = TEMPLATES[name] ?? PROVOKERS[name];
  if (!known) throw new Error(`econ has a bug: no strategy ${name}`);
  return known;
}
