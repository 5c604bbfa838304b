// The state of an economy, as data, and what a cycle changes of it. Everything in src/economy reads
// and writes this; src/world turns it into files and back; the agent's side builds a small one from
// its environment, so that both sides answer by the same rules.

import type { Ledger, Movement, Transfer } from "./ledger.ts";
import { agentAccount, availableTo, balanceOf, CREDIT, move, personAccount } from "./ledger.ts";
import type { MicroDollars, ModelCost } from "./models.ts";
import type { Micro } from "./money.ts";
import type { Overview } from "./overview.ts";
import { drop, ownedBy, ownersOf, put } from "./owned.ts";
import type { Bundle, Resource } from "./resources.ts";
import { bug, type Result } from "./result.ts";
import type { Rules } from "./rules.ts";

/** A command in the agent's workspace, with arguments. Resolved when it runs. */
export type Payload = string[];

/** What an agent orders: all the resources of one execution, at one amount. */
export type BidOrder = {
  resources: Bundle;
  payload: Payload;
  /** What it offers at first. Null: the market cost at each clearing. */
  amount: Micro | null;
  /** What it offers at most. Null: twice its first offer. */
  upTo: Micro | null;
  /** The first cycle at which it takes part in a clearing. */
  notBefore: number;
};

export type Bid = BidOrder & {
  id: string;
  agent: string;
  /** Cycle in which it was placed. */
  placed: number;
  /** Clearings it took part in and lost. */
  lost: number;
};

export type Message = {
  /** Number in the recipient's inbox, from 1. */
  n: number;
  from: string;
  to: string;
  cycle: number;
  at: string;
  content: string;
};

/** A reason the agent reads when it wakes: what was refused, what was undone. */
export type Notice = { cycle: number; text: string };

export function isSameFile(a: FolderFile | undefined, b: FolderFile): boolean {
  if (a?.executable !== b.executable || a.bytes.length !== b.bytes.length) return false;
  return a.bytes.every((byte, index) => byte === b.bytes[index]);
}

/** Where an imported agent lived before: its name there, that world's id, and how far it was. */
export type Origin = { id: string; world: string; cycle: number; lineage: string[] };

export type Death = { cycle: number; at: string; cause: string };

export type Agent = {
  id: string;
  /** Parent first, then its parent, … */
  lineage: string[];
  /** The worlds it came through, the last one first; none for who was born here. */
  origins: Origin[];
  createdCycle: number;
  createdAt: string;
  executions: number;
  lastExecution: { cycle: number; at: string } | null;
  earned: Micro;
  spent: Micro;
  /** Children it has had, for naming the next one. */
  children: number;
  /** Messages ever received: the number of the newest. */
  letters: number;
  /** Bids and prompts placed since it last woke: the last number of their ids. */
  placed: number;
  /** Runs in a row that crashed or hit a limit. */
  crashes: number;
  /** Runs in a row that were undone because the provider of their model failed. */
  providerFailures: number;
  notices: Notice[];
  /** The order it last ran on: what wakes it when its active prompt is answered. */
  lastOrder: BidOrder | null;
  death: Death | null;
  /** Unread messages, oldest first. */
  inbox: Message[];
};

/** An agent that has done nothing yet. `born` is null where it is not known. */
export function newAgent(id: string, born: { cycle: number; time: string } | null): Agent {
  return {
    id,
    lineage: [],
    origins: [],
    createdCycle: born?.cycle ?? 0,
    createdAt: born?.time ?? "",
    executions: 0,
    lastExecution: null,
    earned: 0,
    spent: 0,
    children: 0,
    letters: 0,
    placed: 0,
    crashes: 0,
    providerFailures: 0,
    notices: [],
    lastOrder: null,
    death: null,
    inbox: [],
  };
}

export type Sale = { cycle: number; bid: string; agent: string; quantity: number; amount: Micro };

export type Market = {
  resource: Resource;
  supply: number;
  /** Credits (micro) per unit. */
  price: Micro;
  initialPrice: Micro;
  /** Share of supply sold at the last clearing, 0–100. */
  utilization: number;
  /** Its moving average, which the price follows. Null where nothing was ever for sale. */
  averageUtilization: number | null;
  /** Quantity asked for at the last clearing, sold or not. */
  demand: number;
  sales: Sale[];
};

export type Prompt = {
  id: string;
  agent: string;
  content: string;
  format: "markdown" | "json";
  /** Offered for the slot; charged when shown. */
  amount: Micro;
  placed: number;
  /** Cycle since which it is before the human. Null while it waits. */
  shown: number | null;
};

export type Scores = { interesting: number; useful: number; understandable: number };

export type AnsweredPrompt = Prompt & {
  answered: number;
  scores: Scores | null;
  reason: string;
  award: Micro;
  outcome: "scored" | "timed out" | "withdrawn";
  by: string;
};

/** A person's answer as it was read: complete scores for one prompt. */
export type Answer = { prompt: string; scores: Scores; reason: string; by: string };

export type EventKind =
  | "ran"
  | "crashed"
  | "refused"
  | "bid dropped"
  | "born"
  | "died"
  | "paid"
  | "sent"
  | "asked"
  | "shown"
  | "scored"
  | "timed out"
  | "granted"
  | "host"
  | "closed";

/** A line of the world's chronicle. */
export type Event = { kind: EventKind; agent: string; text: string };

export type FolderFile = { bytes: Uint8Array; executable: boolean };

/** The regular files of a folder by relative path ("memory/day-1.md"), parents implied. */
export type Folder = Map<string, FolderFile>;

/** A newborn and the files of its workspace. */
export type Birth = { agent: string; folder: Folder };

/** What one cycle (or one act of a person) changed: all that has to be written. */
export type Changes = {
  transfers: Transfer[];
  mail: Message[];
  /** Messages that a run has read: they move to inbox/read/. */
  read: Message[];
  born: Birth[];
  /** The dead, with their death: their folders move to the graveyard. */
  died: Agent[];
  answered: AnsweredPrompt[];
  agents: Set<string>;
  bids: Set<string>;
  prompts: Set<string>;
  markets: Set<Resource>;
  /** What models cost, one for each agent and model. */
  costs: ModelCost[];
  events: Event[];
};

/** What the providers of models have cost: on the last day that cost something, and in all. */
export type Spent = { day: string; today: MicroDollars; total: MicroDollars };

/** A person has stopped the world: no cycle runs until somebody resumes it. */
export type Pause = { by: string; at: string; reason: string };

export type Economy = {
  rules: Rules;
  seed: string;
  /** Cycles completed. During a cycle: the number of the one that runs. */
  cycle: number;
  /** ISO 8601 instant of the cycle, UTC, milliseconds. */
  time: string;
  ledger: Ledger;
  /** The living. */
  agents: Map<string, Agent>;
  /** Names of the dead: never given again. */
  dead: Set<string>;
  people: Set<string>;
  markets: Map<Resource, Market>;
  bids: Map<string, Bid>;
  /** The prompt before the human. */
  active: Prompt | null;
  /** Prompts that wait for the slot. */
  queue: Map<string, Prompt>;
  minted: { day: string; amount: Micro };
  spent: Spent;
  paused: Pause | null;
  /** Transfers of the last HISTORY_CYCLES cycles, oldest first. */
  recent: Transfer[];
  changes: Changes;
};

/** How far back an agent's transaction history reaches. */
export const HISTORY_CYCLES = 20;

export function noChanges(): Changes {
  return {
    transfers: [],
    mail: [],
    read: [],
    born: [],
    died: [],
    answered: [],
    agents: new Set(),
    bids: new Set(),
    prompts: new Set(),
    markets: new Set(),
    costs: [],
    events: [],
  };
}

/**
 * The only door for money: moves it, numbers and records the transfer, keeps the agents' totals.
 */
export function transfer(economy: Economy, movement: Movement): Result<Micro> {
  const moved = move(economy.ledger, movement);
  if (!moved.ok) return moved;
  const { asset = CREDIT, kind, from, to, amount, memo } = movement;
  const [cycle, n] = [economy.cycle, nextTransferNumber(economy)];
  const recorded: Transfer = { cycle, n, asset, kind, from, to, amount, memo };
  economy.changes.transfers.push(recorded);
  economy.recent.push(recorded);
  tally(economy, recorded);
  return moved;
}

/** A transfer that cannot fail because its amount was checked or held before. */
export function mustTransfer(economy: Economy, movement: Movement): void {
  const moved = transfer(economy, movement);
  if (!moved.ok) bug(`a checked transfer failed: ${moved.reason}`);
}

/**
 * Acts of people between two cycles share the next cycle's journal, so numbers go on from there.
 */
function nextTransferNumber(economy: Economy): number {
  const last = economy.recent.at(-1);
  return last?.cycle === economy.cycle ? last.n + 1 : 1;
}

/** What an agent was born with it has not earned, and what it leaves behind it has not spent. */
function tally(economy: Economy, { from, to, amount, kind }: Transfer): void {
  const payer = agentOf(economy, from);
  const payee = agentOf(economy, to);
  if (payer && kind !== "estate") payer.spent = added(payer.spent, amount);
  if (payee && kind !== "endowment") payee.earned = added(payee.earned, amount);
  if (payer) economy.changes.agents.add(payer.id);
  if (payee) economy.changes.agents.add(payee.id);
}

/** Two agents may send the same credits to and fro for ever; a total stops where integers do. */
function added(total: Micro, amount: Micro): Micro {
  return Math.min(total + amount, Number.MAX_SAFE_INTEGER);
}

function agentOf(economy: Economy, account: string): Agent | undefined {
  return account.startsWith("agent:") ? economy.agents.get(account.slice(6)) : undefined;
}

/** What an agent can spend now. */
export function purseOf(economy: Overview, agent: string): Micro {
  return availableTo(economy.ledger, agentAccount(agent));
}

export function livingAgent(economy: Economy, id: string): Agent {
  return economy.agents.get(id) ?? bug(`${id} is not alive`);
}

export function marketOf(economy: Overview, resource: Resource): Market {
  return economy.markets.get(resource) ?? bug(`no market for ${resource}`);
}

export function record(economy: Economy, kind: EventKind, agent: string, text: string): void {
  economy.changes.events.push({ kind, agent, text });
}

const NOTICES_MAX = 50;

/** Tell an agent something that it will read when it next wakes. */
export function notify(economy: Economy, id: string, text: string): void {
  const agent = economy.agents.get(id);
  if (!agent) return;
  agent.notices.push({ cycle: economy.cycle, text });
  if (agent.notices.length > NOTICES_MAX) agent.notices.shift();
  economy.changes.agents.add(id);
}

export type Circulation = { agents: Micro; people: Micro; total: Micro };

/** Credits in circulation: what the living and the people hold. */
export function circulationOf(economy: Overview): Circulation {
  let agents = 0;
  let people = 0;
  for (const id of economy.agents.keys()) agents += balanceOf(economy.ledger, agentAccount(id));
  for (const name of economy.people) people += balanceOf(economy.ledger, personAccount(name));
  return { agents, people, total: agents + people };
}

const ownerOf = (owned: { agent: string }) => owned.agent;

/** The pending bids of an agent, by id. */
export function bidsOf(economy: Economy, agent: string): Bid[] {
  return ownedBy(economy.bids, agent, ownerOf);
}

/** How many they are. */
export function bidsPendingOf(economy: Economy, agent: string): number {
  const ids = ownersOf(economy.bids, ownerOf).get(agent) ?? [];
  return typeof ids === "string" ? 1 : ids.length;
}

/** The living without a pending bid, by id. */
export function bidless(economy: Economy): Agent[] {
  const bidders = ownersOf(economy.bids, ownerOf);
  // Who bids is alive: while they are as many as the living, nobody is missing.
  if (bidders.size === economy.agents.size) return [];
  return inOrderOfIds([...economy.agents.values()].filter(({ id }) => !bidders.has(id)));
}

/** The only door for bids, in… */
export function addBid(economy: Economy, bid: Bid): void {
  put(economy.bids, bid.id, bid, ownerOf);
  economy.changes.bids.add(bid.id);
}

/** …and out. */
export function removeBid(economy: Economy, id: string): void {
  drop(economy.bids, id, ownerOf);
  economy.changes.bids.add(id);
}

/** The waiting prompts of an agent, by id. */
export function promptsOf(economy: Economy, agent: string): Prompt[] {
  return ownedBy(economy.queue, agent, ownerOf);
}

export function addPrompt(economy: Economy, prompt: Prompt): void {
  put(economy.queue, prompt.id, prompt, ownerOf);
  economy.changes.prompts.add(prompt.id);
}

export function removePrompt(economy: Economy, id: string): void {
  drop(economy.queue, id, ownerOf);
  economy.changes.prompts.add(id);
}

/** Who came first, or was read first, decides nothing. The list given is sorted. */
export function inOrderOfIds<T extends { id: string }>(entries: T[]): T[] {
  return entries.sort((a, b) => (a.id < b.id ? -1 : 1));
}
