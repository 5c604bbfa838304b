// The shapes of --json: stable, exact, amounts as numbers of credits. Scripts rely on them, so keys
// are added here but never renamed. Markets and transfers have the shape that agents see.

import type { Standing } from "../economy/bids.ts";
import {
  type MarketState,
  marketState,
  type TransactionView,
  transactionView,
} from "../economy/environment.ts";
import { agentAccount, balanceOf, type Transfer } from "../economy/ledger.ts";
import { type Micro, toCredits } from "../economy/money.ts";
import type { Census, Life, Overview } from "../economy/overview.ts";
import type { Bundle, Resource } from "../economy/resources.ts";
import {
  type Agent,
  type Bid,
  bidsOf,
  circulationOf,
  type Economy,
  marketOf,
  type Prompt,
} from "../economy/state.ts";
import type { Chapter } from "../kernel/glance.ts";
import type { RunTrace } from "../world/trace.ts";
import type { CallSummary } from "../world/trace-calls.ts";
import type { AgentPage } from "./agent.ts";
import { type Grave, livesByBalance } from "./agents.ts";
import { type SpentJson, spentJson } from "./costs.ts";
import { MARKET_ORDER, outlooksOf, trendOf } from "./outlook.ts";

export type PromptJson = {
  id: string;
  agent: string;
  amount: number;
  status: "active" | "waiting";
  placed: number;
  shown: number | null;
};

export type MarketJson = MarketState & { trend: "up" | "down" | "flat" };

export type StatusJson = {
  cycle: number;
  time: string;
  alive: number;
  dead: number;
  circulation: { agents: number; people: number; total: number };
  pendingBids: number;
  /** What models cost, in dollars. */
  spent: SpentJson;
  paused: Economy["paused"];
  markets: Partial<Record<Resource, MarketJson>>;
  activity: Chapter[];
  attention: PromptJson[];
};

export function statusJson(economy: Overview, activity: Chapter[]): StatusJson {
  const { agents, people, total } = circulationOf(economy);
  return {
    cycle: economy.cycle,
    time: economy.time,
    alive: economy.agents.size,
    dead: economy.dead.size,
    circulation: {
      agents: toCredits(agents),
      people: toCredits(people),
      total: toCredits(total),
    },
    pendingBids: economy.bids.size,
    spent: spentJson(economy),
    paused: economy.paused,
    markets: marketsJson(economy),
    activity,
    attention: promptsJson(economy),
  };
}

export function marketsJson(economy: Overview): StatusJson["markets"] {
  const markets = MARKET_ORDER.map((resource) => marketOf(economy, resource));
  return Object.fromEntries(
    markets.map((market) => [
      market.resource,
      { ...marketState(market), trend: trendOf(economy, market) },
    ]),
  );
}

function promptsJson(economy: Overview): PromptJson[] {
  const waiting = [...economy.queue.values()].sort((a, b) => b.amount - a.amount);
  return (economy.active ? [economy.active, ...waiting] : waiting).map(promptJson);
}

function promptJson({ id, agent, amount, placed, shown }: Prompt): PromptJson {
  const status = shown === null ? "waiting" : "active";
  return { id, agent, amount: toCredits(amount), status, placed, shown };
}

export type AgentJson = {
  id: string;
  status: "alive" | "dead";
  balance: number;
  earned: number;
  spent: number;
  executions: number;
  lastExecution: Agent["lastExecution"];
  created: { cycle: number; at: string };
  lineage: string[];
  origins: Agent["origins"];
  children: number;
  death: Agent["death"];
};

function agentJson(economy: Overview, agent: Life): AgentJson {
  return {
    id: agent.id,
    status: agent.death ? "dead" : "alive",
    balance: toCredits(balanceOf(economy.ledger, agentAccount(agent.id))),
    earned: toCredits(agent.earned),
    spent: toCredits(agent.spent),
    executions: agent.executions,
    lastExecution: agent.lastExecution,
    created: { cycle: agent.createdCycle, at: agent.createdAt },
    lineage: agent.lineage,
    origins: agent.origins,
    children: agent.children,
    death: agent.death,
  };
}

export function agentsJson(economy: Census): AgentJson[] {
  return livesByBalance(economy).map((agent) => agentJson(economy, agent));
}

/** The dead; of one whose grave cannot be read only the name is known. */
export function deadJson(economy: Overview, graves: Grave[]): (AgentJson | { id: string })[] {
  return graves.map(({ id, agent }) => (agent ? agentJson(economy, agent) : { id }));
}

export type BidJson = {
  id: string;
  agent: string;
  resources: Bundle;
  payload: string[];
  amount: number | null;
  upTo: number | null;
  notBefore: number;
  placed: number;
  lost: number;
  /** What it would offer at the next clearing, and what the market asks for it now. */
  offer: number;
  cost: number;
  state: Standing;
};

/** A call of a model: what it used up of the bought tokens, and what it cost in dollars. */
type CallJson = Omit<CallSummary, "milliTokens"> & { tokens: number };
type RunJson = Omit<RunTrace, "calls"> & { calls: CallJson[] };

export type AgentPageJson = AgentJson & {
  bids: BidJson[];
  prompts: (PromptJson & { content: string })[];
  inbox: Agent["inbox"];
  notices: Agent["notices"];
  runs: RunJson[];
  files: AgentPage["files"];
  /** What its folder tells of it: program, model, skills and so on. */
  portrait: AgentPage["portrait"];
  edits: AgentPage["edits"];
};

export function agentPageJson(economy: Overview, page: AgentPage): AgentPageJson {
  const { agent, bids, runs, files, portrait, edits } = page;
  const prompts = economy.active
    ? [economy.active, ...economy.queue.values()]
    : economy.queue.values();
  return {
    ...agentJson(economy, agent),
    bids: bidsJson(economy, bids),
    prompts: [...prompts]
      .filter((prompt) => prompt.agent === agent.id)
      .map((prompt) => ({ ...promptJson(prompt), content: prompt.content })),
    inbox: agent.inbox,
    notices: agent.notices,
    runs: runs.map((run) => ({ ...run, calls: run.calls.map(callJson) })),
    files,
    portrait,
    edits,
  };
}

function callJson({ dollars, milliTokens, ...call }: CallSummary): CallJson {
  return { ...call, tokens: milliTokens / 1000, dollars: toCredits(dollars) };
}

/** What a command answers that brought an agent into the world. */
export function birthJson(economy: Economy, agent: Agent): AgentJson & { bids: BidJson[] } {
  return { ...agentJson(economy, agent), bids: bidsJson(economy, bidsOf(economy, agent.id)) };
}

function bidsJson(economy: Overview, bids: Bid[]): BidJson[] {
  return outlooksOf(economy, bids).map(({ bid, offer, cost, state }) => ({
    id: bid.id,
    agent: bid.agent,
    resources: bid.resources,
    payload: bid.payload,
    amount: orNull(bid.amount),
    upTo: orNull(bid.upTo),
    notBefore: bid.notBefore,
    placed: bid.placed,
    lost: bid.lost,
    offer: toCredits(offer),
    cost: toCredits(cost),
    state,
  }));
}

function orNull(amount: Micro | null): number | null {
  return amount === null ? null : toCredits(amount);
}

export function historyJson(transfers: Transfer[]): TransactionView[] {
  return transfers.map(transactionView);
}
