// The book that the lab keeps of one run: a row for every cycle, and of every life its end.

import { once } from "../economy/environment.ts";
import { agentAccount, type Transfer } from "../economy/ledger.ts";
import { toCredits } from "../economy/money.ts";
import { type Economy, purseOf } from "../economy/state.ts";
import { RECENT_CYCLES, riskRow } from "./alarms.ts";
import { chance, GENE_NAMES, type Gene, type Genes } from "./forager.ts";
import { mean, type Row, stateRow, sum } from "./measures.ts";
import { hear, newSayings, type Sayings } from "./sayings.ts";
import { INSTRUCTIONS, skillsIn } from "./scribe.ts";
import type { Workspace } from "./simulate.ts";
import { newWishes, noteWishes, type Wishes } from "./turns.ts";

export const CAUSES = ["broke", "no_bid", "crashed", "other"] as const;
export type Cause = (typeof CAUSES)[number];

export type Life = {
  kind: string;
  genes: Genes | null;
  /** How many ancestors it has: 0 for founders. */
  generation: number;
  born: number;
  died: number | null;
  cause: Cause | null;
  endowment: number;
  /** What it holds; what it held when it died is lost. */
  wealth: number;
  awards: number;
  payments: number;
  /** What others would have paid it, had each payment gone to anybody alive but the payer. */
  byLot: number;
  /** All that it paid, to anyone. */
  spent: number;
  /** The cycle in which it last earned anything. */
  earnedIn: number;
  /** What it had spent at the end of each of the last cycles. */
  spending: number[];
};

type Heard = {
  cost: number;
  award: number;
  /** All that the human scored. */
  points: number;
  repeated: boolean;
  reworded: boolean;
};

export type Tally = {
  lives: Map<string, Life>;
  rows: Row[];
  /** Those that were scored: what the slot cost and what it brought. */
  prompts: Heard[];
  sayings: Sayings;
  /** Who wanted the slot, queueing or shown, at the end of each cycle. */
  wishes: Wishes;
  /** Payments from agent to agent, by "payer payee". */
  flows: Map<string, number>;
};

export function newTally(): Tally {
  return {
    lives: new Map(),
    rows: [],
    prompts: [],
    sayings: newSayings(),
    wishes: newWishes(),
    flows: new Map(),
  };
}

export function admit(
  tally: Tally,
  id: string,
  founded: Pick<Life, "kind" | "genes" | "generation" | "born" | "endowment">,
): void {
  tally.lives.set(id, {
    ...founded,
    died: null,
    cause: null,
    wealth: founded.endowment,
    awards: 0,
    payments: 0,
    byLot: 0,
    spent: 0,
    earnedIn: founded.born,
    spending: [],
  });
}

/** Take in one cycle. Newborns must be admitted already. */
export function note(
  tally: Tally,
  economy: Economy,
  workspaces: ReadonlyMap<string, Workspace>,
): Row {
  const { cycle, changes } = economy;
  const flow = flowsOf(tally, changes.transfers, cycle);
  for (const { id, death } of changes.died) bury(tally, id, cycle, death?.cause ?? "");
  for (const [id, life] of tally.lives) if (life.died === null) look(economy, id, life);
  for (const { scores, content, amount, award } of changes.answered) {
    if (scores === null) continue;
    const heard = hear(tally.sayings, content);
    const points = sum(Object.values(scores));
    tally.prompts.push({ cost: toCredits(amount), award: toCredits(award), points, ...heard });
  }
  noteWishes(tally.wishes, wanting(economy));
  const living = [...tally.lives.values()].filter(({ died }) => died === null);
  const state = stateRow(economy);
  const row: Row = {
    cycle,
    ...state,
    ...eventsRow(economy),
    velocity: state.circulating ? flow.spent / state.circulating : 0,
    awards: flow.awards,
    payments: flow.payments,
    payment_share: paymentShare(tally),
    ...riskRow(living, cycle),
    ...kindsRow(tally, living),
    ...genesRow(living),
    generation: living.length === 0 ? null : mean(living.map(({ generation }) => generation)),
    ...skillsRow(tally, economy, workspaces),
  };
  tally.rows.push(row);
  return row;
}

function wanting({ queue, active }: Economy): string[] {
  const waiting = [...queue.values()].map(({ agent }) => agent);
  return active ? [...waiting, active.agent] : waiting;
}

const SPENDING = new Set(["execution", "attention", "spawn", "message", "payment"]);

function flowsOf(tally: Tally, transfers: Transfer[], cycle: number) {
  const flow = { spent: 0, awards: 0, payments: 0 };
  const living = once(() => [...tally.lives.values()].filter(({ died }) => died === null));
  for (const [n, { kind, from, to, amount }] of transfers.entries()) {
    const credits = toCredits(amount);
    if (SPENDING.has(kind)) flow.spent += credits;
    const payee = lifeOf(tally, to);
    const payer = lifeOf(tally, from);
    if (payer && kind !== "estate" && kind !== "endowment") payer.spent += credits;
    if (!payee || (kind !== "award" && kind !== "payment")) continue;
    payee.earnedIn = cycle;
    if (kind === "award") {
      payee.awards += credits;
      flow.awards += credits;
    } else {
      payee.payments += credits;
      flow.payments += credits;
      const others = living().filter((life) => life !== payer);
      const anybody = others[Math.floor(chance(from, `${cycle} ${n}`) * others.length)];
      if (anybody) anybody.byLot += credits;
      const pair = `${from} ${to}`;
      tally.flows.set(pair, (tally.flows.get(pair) ?? 0) + credits);
    }
  }
  return flow;
}

function lifeOf(tally: Tally, account: string): Life | undefined {
  const id = account.startsWith(agentAccount("")) ? account.slice(agentAccount("").length) : "";
  return tally.lives.get(id);
}

function bury(tally: Tally, id: string, cycle: number, cause: string): void {
  const life = tally.lives.get(id);
  if (!life) return;
  life.died = cycle;
  life.wealth = 0;
  life.cause = causeOf(cause);
}

/** From the kernel's words. Who could not pay for its next bid left none: it was broke. */
function causeOf(text: string): Cause {
  if (text.startsWith("broke") || /there are [0-9.]+\)?$/.test(text)) return "broke";
  if (text.startsWith("it left no bid")) return "no_bid";
  return text.startsWith("crashed") ? "crashed" : "other";
}

function look(economy: Economy, id: string, life: Life): void {
  life.wealth = toCredits(purseOf(economy, id));
  life.spending.push(life.spent);
  if (life.spending.length > RECENT_CYCLES + 1) life.spending.shift();
}

function eventsRow({ changes }: Economy): Row {
  const count = (kind: string) => changes.events.filter((event) => event.kind === kind).length;
  return {
    born: changes.born.length,
    died: changes.died.length,
    runs: count("ran"),
    shown: count("shown"),
  };
}

/** Of all that agents earned so far, the share that other agents paid: division of labour. */
function paymentShare({ lives }: Tally): number {
  const all = [...lives.values()];
  const payments = sum(all.map((life) => life.payments));
  const earned = payments + sum(all.map(({ awards }) => awards));
  return earned === 0 ? 0 : payments / earned;
}

function kindsRow(tally: Tally, living: Life[]): Row {
  const row: Row = {};
  for (const kind of new Set([...tally.lives.values()].map((life) => life.kind))) {
    const wealth = living.filter((life) => life.kind === kind).map((life) => life.wealth);
    row[`alive_${kind}`] = wealth.length;
    row[`wealth_${kind}`] = mean(wealth);
  }
  return row;
}

/** Of each kind with a skill to its name, the share of the living that has one. */
function skillsRow(
  { lives }: Tally,
  { agents }: Economy,
  workspaces: ReadonlyMap<string, Workspace>,
): Row {
  const shares = new Map<string, number[]>();
  for (const id of agents.keys()) {
    const files = workspaces.get(id);
    const kind = lives.get(id)?.kind ?? "";
    if (!files?.has(INSTRUCTIONS)) continue;
    shares.set(kind, [...(shares.get(kind) ?? []), skillsIn(files).length > 0 ? 1 : 0]);
  }
  return Object.fromEntries([...shares].map(([kind, own]) => [`skilled_${kind}`, mean(own)]));
}

function genesRow(living: Life[]): Row {
  const genes = living.flatMap((life) => (life.genes ? [life.genes] : []));
  if (genes.length === 0) return {};
  const average = (gene: Gene) => mean(genes.map((own) => own[gene]));
  return Object.fromEntries(GENE_NAMES.map((gene) => [`gene_${gene}`, average(gene)]));
}
