// What an agent is shown: the AgentEnvironment of the specification (§2), plain JSON in credits.

import type { Transfer } from "./ledger.ts";
import { agentAccount } from "./ledger.ts";
import type { Winner } from "./markets.ts";
import { toCredits } from "./money.ts";
import type { Bundle, Resource } from "./resources.ts";
import { mapAmounts } from "./rule-amounts.ts";
import type { PublicRules, Rules } from "./rules.ts";
import {
  type Agent,
  type Bid,
  bidsOf,
  byId,
  type Economy,
  livingAgent,
  type Market,
  type Message,
  type Notice,
  type Payload,
  type Prompt,
  promptsOf,
  purseOf,
} from "./state.ts";

/** A pending bid as everyone sees it: without its payload, unless the world is open. */
export type BidView = {
  payload?: Payload;
  id: string;
  agent: string;
  resources: Bundle | { attention: 1 };
  amount: number | null;
  upTo: number | null;
  notBefore: number;
  lost: number;
};

export type SaleView = {
  cycle: number;
  bid: string;
  agent: string;
  quantity: number;
  amount: number;
};

export type MarketState = {
  resourceType: Resource;
  availableSupply: number;
  /** Percent of supply sold at the last clearing. */
  currentUtilization: number;
  /** Credits per unit. */
  currentMarketPrice: number;
  initialPrice: number;
  /** Quantity asked for at the last clearing, sold or not. */
  demand: number;
  recentTransactions: SaleView[];
};

export type TransactionView = {
  cycle: number;
  kind: string;
  from: string;
  to: string;
  amount: number;
  memo: string;
};

/** The same for every run of a cycle. */
export type PublicView = {
  cycle: number;
  time: string;
  agents: string[];
  people: string[];
  config: PublicRules;
  markets: Record<Resource, MarketState>;
  bids: BidView[];
  /** Only with `visibility: open`: what else would be its owner's business. */
  population?: Citizen[];
};

export type Citizen = {
  id: string;
  balance: number;
  totalCreditsEarned: number;
  totalCreditsSpent: number;
  executionCount: number;
  lineage: string[];
};

export type Environment = PublicView & {
  self: Citizen & {
    status: "alive";
    createdAt: string;
    lastExecution: string | null;
    children: number;
  };
  execution: {
    bid: string;
    resources: Bundle;
    paid: number;
    payload: Payload;
    timeoutSeconds: number;
  };
  inbox: Message[];
  /** What was refused or undone since the agent last woke, with reasons. */
  notices: Notice[];
  pendingBids: (BidView & { payload: Payload })[];
  prompts: { id: string; amount: number; status: "pending" | "active"; placed: number }[];
  transactions: TransactionView[];
  nameSeed: string;
};

const INBOX_SHOWN_MAX = 100;
/** Anyone can pay anyone a thousandth of a cent: that must not fill what the paid one reads. */
const TRANSACTIONS_SHOWN_MAX = 200;

/** What everyone may see, built once a cycle. */
export function publicView(economy: Economy): PublicView {
  const markets = {} as Record<Resource, MarketState>;
  for (const market of economy.markets.values()) markets[market.resource] = marketState(market);
  return {
    cycle: economy.cycle,
    time: economy.time,
    agents: [...economy.agents.keys()].sort(),
    people: [...economy.people].sort(),
    config: mapAmounts(publicRules(economy.rules), toCredits),
    markets,
    bids: [...byId(economy.bids).map(bidView), ...byId(economy.queue).map(askView)],
    ...(economy.rules.visibility === "open" ? openView(economy) : {}),
  };
}

function publicRules(rules: Rules): PublicRules {
  const shown = Object.entries(rules.models).map(([name, { counts_as, max_output }]) => [
    name,
    { counts_as, max_output },
  ]);
  return { ...rules, models: Object.fromEntries(shown) };
}

/** In an open world agents see each other as people see them. */
function openView(economy: Economy): Pick<PublicView, "bids" | "population"> {
  const bids = byId(economy.bids).map((bid) => ({ ...bidView(bid), payload: bid.payload }));
  return {
    bids: [...bids, ...byId(economy.queue).map(askView)],
    population: byId(economy.agents).map((agent) => citizen(economy, agent)),
  };
}

/** What one winner sees when it wakes. */
export function environmentFor(
  economy: Economy,
  shared: PublicView,
  { bid, pays }: Pick<Winner, "bid" | "pays">,
): Environment {
  const agent = livingAgent(economy, bid.agent);
  return {
    ...shared,
    self: selfView(economy, agent),
    execution: {
      bid: bid.id,
      resources: bid.resources,
      paid: toCredits(pays),
      payload: bid.payload,
      timeoutSeconds: economy.rules.execution.timeout_seconds,
    },
    inbox: shownMail(agent),
    notices: [...agent.notices],
    pendingBids: bidsOf(economy, agent.id).map((own) => ({
      ...bidView(own),
      payload: own.payload,
    })),
    prompts: promptViews(economy, agent.id),
    transactions: transactionsOf(economy, agent.id),
    nameSeed: economy.seed,
  };
}

/** The oldest unread messages: what a run is shown and, if it ends well, has read. */
function shownMail(agent: Agent): Message[] {
  return agent.inbox.slice(0, INBOX_SHOWN_MAX);
}

function selfView(economy: Economy, agent: Agent): Environment["self"] {
  return {
    ...citizen(economy, agent),
    status: "alive",
    createdAt: agent.createdAt,
    lastExecution: agent.lastExecution?.at ?? null,
    children: agent.children,
  };
}

function citizen(economy: Economy, agent: Agent): Citizen {
  return {
    id: agent.id,
    balance: toCredits(purseOf(economy, agent.id)),
    totalCreditsEarned: toCredits(agent.earned),
    totalCreditsSpent: toCredits(agent.spent),
    executionCount: agent.executions,
    lineage: agent.lineage,
  };
}

function promptViews(economy: Economy, agentId: string): Environment["prompts"] {
  const own = promptsOf(economy, agentId);
  if (economy.active?.agent === agentId) own.unshift(economy.active);
  return own.map(({ id, amount, shown, placed }) => ({
    id,
    amount: toCredits(amount),
    status: shown === null ? "pending" : "active",
    placed,
  }));
}

function transactionsOf(economy: Economy, agentId: string): TransactionView[] {
  const own = transfersOf(economy.recent, agentAccount(agentId));
  return own.slice(-TRANSACTIONS_SHOWN_MAX).map(transactionView).reverse();
}

type Accounts = { read: number; transfers: Map<string, Transfer[]> };

const accountBooks = new WeakMap<Transfer[], Accounts>();

/** The recent transfers of one account; the list is read once, however many agents wake. */
function transfersOf(recent: Transfer[], account: string): Transfer[] {
  const books = accountBooks.get(recent) ?? { read: 0, transfers: new Map() };
  accountBooks.set(recent, books);
  for (; books.read < recent.length; books.read++) {
    const transfer = recent[books.read] as Transfer;
    for (const side of [transfer.from, transfer.to]) {
      const known = books.transfers.get(side);
      if (known) known.push(transfer);
      else books.transfers.set(side, [transfer]);
    }
  }
  return books.transfers.get(account) ?? [];
}

export function transactionView({
  cycle,
  kind,
  from,
  to,
  amount,
  memo,
}: Transfer): TransactionView {
  return { cycle, kind, from, to, amount: toCredits(amount), memo };
}

export function marketState(market: Market): MarketState {
  return {
    resourceType: market.resource,
    availableSupply: market.supply,
    currentUtilization: market.utilization,
    currentMarketPrice: toCredits(market.price),
    initialPrice: toCredits(market.initialPrice),
    demand: market.demand,
    recentTransactions: market.sales.map((sale) => ({ ...sale, amount: toCredits(sale.amount) })),
  };
}

export function bidView(bid: Bid): BidView {
  return {
    id: bid.id,
    agent: bid.agent,
    resources: bid.resources,
    amount: bid.amount === null ? null : toCredits(bid.amount),
    upTo: bid.upTo === null ? null : toCredits(bid.upTo),
    notBefore: bid.notBefore,
    lost: bid.lost,
  };
}

export function askView(prompt: Prompt): BidView {
  return {
    id: prompt.id,
    agent: prompt.agent,
    resources: { attention: 1 },
    amount: toCredits(prompt.amount),
    upTo: null,
    notBefore: 0,
    lost: 0,
  };
}
