// Hayek's ablation: an economy of agents learns whom it is worth hearing as long as money is
// conserved; where what was spent comes back from nowhere, whoever shouts loudest is heard.
import type { Logic } from "../../economy/agents.ts";
import { type Run, type RunOutcome, runCycle } from "../../economy/cycle.ts";
import { agentAccount, balanceOf, ISSUANCE } from "../../economy/ledger.ts";
import { newEconomy } from "../../economy/new-economy.ts";
import { accept, assert, refuse } from "../../economy/result.ts";
import { rulesSchema } from "../../economy/rules.ts";
import { type Answer, type Economy, transfer } from "../../economy/state.ts";
import { type Dice, diceOf } from "./dice.ts";
import { type Figure, meanOf, type Reproduction, times } from "./reproduction.ts";
import { forget, found, LOGIC } from "./workbench.ts";

const SOCIETIES = 8;
const CYCLES = 200;
/** The scores of these are compared; the cycles before are for learning. */
const LAST = 100;
/** Strangers arrive while there are fewer; nobody spawns while there are more. */
const CROWD = { least: 12, most: 24 };
const PURSE = 60;
const CHILD = 60;
const RICH = 150;
const BEST_AWARD = 90;

/** What is inherited: how good its prompts are (0 to 1), and what it offers for the slot. */
type Genes = { skill: number; offer: number };

type Society = { economy: Economy; genes: Map<string, Genes>; dice: Dice; arrived: number };

/** Life costs 0.5 a cycle at a fixed price, the slot goes to the highest offer, a 10 earns 90. */
const RULES = rulesSchema.parse({
  clock: "logical",
  economy: { spawn_cost: 0, daily_mint_cap: 1_000_000 },
  resources: {
    cpu_seconds: { supply: 1_000, initial_price: 0.5 },
    memory_mb: { supply: 0, initial_price: 0 },
    attention: { supply: 1, initial_price: 0 },
  },
  pricing: { floor_times_initial: 1, ceiling_times_initial: 1 },
  population: { first_bid: { code: { cpu_seconds: 1 }, model: { cpu_seconds: 1 } } },
});

const between = (low: number, value: number, high: number) => Math.min(high, Math.max(low, value));

function arrive(society: Society): void {
  const { economy, genes, dice } = society;
  society.arrived += 1;
  const id = found(economy, `stranger-${society.arrived}`, PURSE);
  genes.set(id, { skill: dice.unit(), offer: dice.unit() * BEST_AWARD });
}

/** A child is like its parent, a little better or worse, a little bolder or shyer. */
function childOf({ skill, offer }: Genes, dice: Dice): Genes {
  return {
    skill: between(0, skill + 0.2 * (dice.unit() - 0.5), 1),
    offer: between(0, offer * (0.9 + 0.2 * dice.unit()), BEST_AWARD),
  };
}

/** The name of the child's folder carries its genes. */
function logicOf(genes: Genes): Logic {
  const bytes = new TextEncoder().encode(JSON.stringify(genes));
  return { ...LOGIC, folder: new Map([["genes.json", { bytes, executable: false }]]) };
}

/** Bid again, ask for the slot unless a prompt waits, and spawn when rich. */
function live({ economy, genes, dice }: Society, { bid, own }: Run): RunOutcome {
  const traits = genes.get(bid.agent);
  assert(traits, `${bid.agent} has no genes`);
  const { balance } = own.self;
  const actions: object[] = [{ action: "bid", resources: bid.resources, payload: bid.payload }];
  const amount = Math.ceil(traits.offer * 100) / 100;
  if (own.prompts.length === 0 && balance > amount + 1)
    actions.push({ action: "prompt", content: "listen", amount });
  const logic = logicOf(childOf(traits, dice));
  if (balance > RICH && economy.agents.size < CROWD.most)
    actions.push({ action: "spawn", name: "child", logic: "child", credits: CHILD });
  return {
    ending: { kind: "finished" },
    lines: actions.map((action) => accept(action)),
    logicOf: (source) => (source === "child" ? accept(logic) : refuse("no such folder")),
    notes: [],
  };
}

/** The human scores what it is shown by what it is worth. */
function answersOf({ economy, genes }: Society): Answer[] {
  const prompt = economy.active;
  if (!prompt) return [];
  const score = 10 * (genes.get(prompt.agent)?.skill ?? 0);
  const scores = { interesting: score, useful: score, understandable: score };
  return [{ prompt: prompt.id, by: "simulated", reason: "", scores }];
}

/** Whatever was spent comes back, out of nowhere. */
function refund({ economy }: Society, before: Map<string, number>): void {
  for (const id of economy.agents.keys()) {
    const to = agentAccount(id);
    const lost = (before.get(id) ?? 0) - balanceOf(economy.ledger, to);
    if (lost > 0)
      transfer(economy, { kind: "grant", from: ISSUANCE, to, amount: lost, memo: "from nowhere" });
  }
}

type Shown = { score: number; isWorthIt: boolean };

/** What was answered: its score, and whether it earned what it had paid for the slot. */
async function step(society: Society, isConserved: boolean, seed: string): Promise<Shown[]> {
  const { economy, genes } = society;
  while (economy.agents.size < CROWD.least) arrive(society);
  const ids = [...economy.agents.keys()];
  const before = new Map(ids.map((id) => [id, balanceOf(economy.ledger, agentAccount(id))]));
  const input = {
    time: economy.time,
    tieSeed: `${seed}/${economy.cycle}`,
    answers: answersOf(society),
    newborn: [],
    removed: [],
  };
  forget(economy);
  await runCycle(economy, input, async (runs) => runs.map((run) => live(society, run)));
  for (const { agent, folder } of economy.changes.born) {
    const file = folder.get("genes.json");
    if (file) genes.set(agent, JSON.parse(new TextDecoder().decode(file.bytes)));
  }
  if (!isConserved) refund(society, before);
  return economy.changes.answered.flatMap(({ scores, award, amount }) =>
    scores ? [{ score: scores.useful, isWorthIt: award >= amount }] : [],
  );
}

/** What was shown in one society after it had time to learn. */
async function shownIn(isConserved: boolean, seed: string): Promise<Shown[]> {
  const economy = newEconomy(RULES, seed, "2026-01-01T00:00:00.000Z");
  const society: Society = { economy, genes: new Map(), dice: diceOf(`hayek/${seed}`), arrived: 0 };
  const shown: Shown[][] = [];
  for (let cycle = 0; cycle < CYCLES; cycle++) shown.push(await step(society, isConserved, seed));
  return shown.slice(-LAST).flat();
}

/** Means over all societies of one kind. */
async function societies(isConserved: boolean, seeds: string[]) {
  const names = seeds.flatMap((seed) => times(SOCIETIES, (n) => `${seed}/${n}`));
  const all = await Promise.all(names.map((name) => shownIn(isConserved, name)));
  const over = (measure: (shown: Shown) => number) =>
    meanOf(all.map((shown) => meanOf(shown.map(measure))));
  return {
    score: over(({ score }) => score),
    worthIt: over(({ isWorthIt }) => Number(isWorthIt)),
  };
}

export const conservation: Reproduction = {
  name: "conservation",
  source:
    "Baum: Toward a model of mind as a laissez-faire economy of idiots, 1996; Baum, Durdanovic: " +
    "Evolution of cooperative problem solving in an artificial economy, 2000 (Hayek)",
  protocol:
    "Agents inherit how good their prompts are and what they offer for the slot, with variation; " +
    "who is rich spawns, who is broke dies. Compared is what the human gets to see when money is " +
    "conserved and when whatever was spent comes back out of nowhere; the claim is of quality: " +
    "learning in the one, none in the other.",
  run: async (seeds) => {
    const [whole, ablated] = [await societies(true, seeds), await societies(false, seeds)];
    const range = (what: string, ours: number, from: number, to: number): Figure => {
      return { what, ours, theirs: { from, to }, tolerance: 0, standing: "verified" };
    };
    return [
      range("mean score, money conserved (chance: 5)", whole.score, 6.5, 10),
      range("the same without conservation", ablated.score, 3.5, 6.5),
      range("prompts that earn what they cost, conserved", whole.worthIt, 0.5, 1),
      range("the same without conservation", ablated.worthIt, 0, 0.5),
    ];
  },
};
