// How unequal wealth becomes when chance alone moves it, payment by payment through the ledger.
import { agentAccount, balanceOf } from "../../economy/ledger.ts";
import { credits, type Micro } from "../../economy/money.ts";
import { assert } from "../../economy/result.ts";
import { type Economy, transfer } from "../../economy/state.ts";
import { type Dice, diceOf } from "./dice.ts";
import { averaged, type Figure, meanOf, type Reproduction, times } from "./reproduction.ts";
import { bareEconomy, forget, found } from "./workbench.ts";

const AGENTS = 300;
const START = 100;
/** In a sweep each agent meets about two others. The law is reached within twenty. */
const SETTLING = 30;
const SWEEPS = 60;

/** Two meet: each keeps the part that it saves, the rest of both is split at random. */
function meet(economy: Economy, [one, other]: [string, string], saving: number, dice: Dice): void {
  const [a, b] = [one, other].map((id) => balanceOf(economy.ledger, agentAccount(id)));
  assert(a !== undefined && b !== undefined, "two met who are not there");
  const pot = a + b - Math.floor(a * saving) - Math.floor(b * saving);
  const after = Math.floor(a * saving) + Math.floor(pot * dice.unit());
  const [from, to] = after < a ? [one, other] : [other, one];
  if (after === a) return;
  const accounts = { from: agentAccount(from), to: agentAccount(to) };
  const paid = transfer(economy, {
    ...accounts,
    kind: "payment",
    amount: Math.abs(after - a),
    memo: "chance",
  });
  assert(paid.ok, "a payment was refused");
}

/** 0 when all have the same, near 1 when one has all. */
export function giniOf(wealth: Micro[]): number {
  const sorted = [...wealth].sort((a, b) => a - b);
  const total = sorted.reduce((sum, each) => sum + each, 0);
  const weighted = sorted.reduce((sum, each, n) => sum + (n + 1) * each, 0);
  return (2 * weighted) / (sorted.length * total) - (sorted.length + 1) / sorted.length;
}

/** The Gini coefficient in the long run, averaged over sweeps; and that no credit came or went. */
function inequalityOf(saving: number, seed: string): number {
  const economy = bareEconomy();
  const agents = times(AGENTS, (n) => found(economy, `agent-${n}`, START));
  const dice = diceOf(`wealth/${saving}/${seed}`);
  const wealth = () => agents.map((id) => balanceOf(economy.ledger, agentAccount(id)));
  const pick = () => agents[dice.below(AGENTS)] as string;
  const ginis = times(SWEEPS, () => {
    for (let n = 0; n < AGENTS; n++) {
      const [one, other] = [pick(), pick()];
      if (one !== other) meet(economy, [one, other], saving, dice);
    }
    forget(economy);
    return giniOf(wealth());
  });
  const total = wealth().reduce((sum, each) => sum + each, 0);
  assert(total === credits(AGENTS * START), "credits came or went");
  return meanOf(ginis.slice(SETTLING));
}

/** Saved part → published Gini coefficient. */
const TABLE: [saving: number, gini: number][] = [
  [0, 0.5],
  [0.1, 0.446],
  [0.25, 0.375],
  [0.5, 0.273],
  [0.75, 0.176],
  [0.9, 0.106],
];

export const wealth: Reproduction = {
  name: "wealth",
  source:
    "Drăgulescu, Yakovenko: Statistical mechanics of money, 2000; Patriarca, Chakraborti, Kaski: " +
    "Statistical model with a standard gamma distribution, 2004",
  protocol:
    `${AGENTS} agents with ${START} credits each meet in random pairs; each saves a part of what ` +
    "it has and the rest of both is split at random. Compared is the Gini coefficient in the " +
    "long run, which for no saving is that of the exponential law.",
  run: async (seeds) =>
    TABLE.map(
      ([saving, gini]): Figure => ({
        what: `Gini coefficient, ${saving * 100} % saved`,
        ours: averaged(seeds, (seed) => inequalityOf(saving, seed)),
        theirs: gini,
        tolerance: 0.02,
        standing: saving === 0 ? "verified" : "computed",
      }),
    ),
};
