// What an agent is shown: the AgentEnvironment of the specification (§2), plain JSON in credits.

import type { Transfer } from "./ledger.ts";
import { agentAccount } from "./ledger.ts";
import type { Winner } from "./markets.ts";
import { toCredits } from "./money.ts";
import type { Bundle, Resource } from "./resources.ts";
import { bug } from "./result.ts";
import { mapAmounts } from "./rule-amounts.ts";
import type { PublicRules, Rules } from "./rules.ts";
import {
  type Agent,
  type Bid,
  bidsOf,
  type Economy,
  inOrderOfIds,
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
  /** Its moving average, which the price follows; null where nothing was ever for sale. */
  averageUtilization: number | null;
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

/** What only one run is shown. */
export type OwnView = {
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

export type Environment = PublicView & OwnView;

/** What one run is shown: the part that is the same for all runs of its cycle, and its own. */
export type Shown = { shared: PublicView; own: OwnView };

export function environmentOf({ shared, own }: Shown): Environment {
  return { ...shared, ...own };
}

const INBOX_SHOWN_MAX = 100;
/** Anyone can pay anyone a thousandth of a cent: that must not fill what the paid one reads. */
const TRANSACTIONS_SHOWN_MAX = 200;

/**
 * What everyone may see, built once a cycle. What is as long as the population is noted now and
 * written out when somebody looks, which has to be before the next clearing.
 */
export function publicView(economy: Economy): PublicView {
  const { cycle, time, rules } = economy;
  const markets = {} as Record<Resource, MarketState>;
  for (const market of economy.markets.values()) markets[market.resource] = marketState(market);
  const ids = [...economy.agents.keys()];
  const [bids, prompts] = [[...economy.bids.values()], [...economy.queue.values()]];
  const isOpen = rules.visibility === "open";
  const agentsView = once(() => ids.sort());
  const bidsView = once(() => {
    if (economy.cycle !== cycle) bug(`the bids of cycle ${cycle} are read in ${economy.cycle}`);
    const pending = inOrderOfIds(bids).map(isOpen ? openBidView : bidView);
    return [...pending, ...inOrderOfIds(prompts).map(askView)];
  });
  return {
    cycle,
    time,
    get agents() {
      return agentsView();
    },
    people: [...economy.people].sort(),
    config: shownRules(rules),
    markets,
    get bids() {
      return bidsView();
    },
    ...(isOpen ? { population: populationOf(economy) } : {}),
  };
}

/** Made when first asked for, and kept. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The rules as agents are told them; amounts in credits. */
export function shownRules(rules: Rules): PublicRules {
  const shown = Object.entries(rules.models).map(([name, { counts_as, max_output }]) => [
    name,
    { counts_as, max_output },
  ]);
  return mapAmounts({ ...rules, models: Object.fromEntries(shown) }, toCredits);
}

/** In an open world agents see each other as people see them. */
function populationOf(economy: Economy): Citizen[] {
  return inOrderOfIds([...economy.agents.values()]).map((agent) => citizen(economy, agent));
}

/** What one winner alone sees when it wakes. */
export function ownView(economy: Economy, { bid, pays }: Pick<Winner, "bid" | "pays">): OwnView {
  const agent = livingAgent(economy, bid.agent);
  const transactions = transactionsOf(economy, agent.id);
  return {
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
    pendingBids: bidsOf(economy, agent.id).map(openBidView),
    prompts: promptViews(economy, agent.id),
    get transactions() {
      return transactions();
    },
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

/** As they are now, written out when somebody looks. */
function transactionsOf({ recent }: Economy, agentId: string): () => TransactionView[] {
  const count = recent.length;
  return once(() => {
    const own = placesOf(recent, agentAccount(agentId)).filter((place) => place < count);
    const shown = own.slice(-TRANSACTIONS_SHOWN_MAX).reverse();
    return shown.map((place) => transactionView(recent[place] as Transfer));
  });
}

type Accounts = { read: number; places: Map<string, number[]> };

const accountBooks = new WeakMap<Transfer[], Accounts>();

/** Where in the list the transfers of an account stand; it is read once for all that ask. */
function placesOf(recent: Transfer[], account: string): number[] {
  const books = accountBooks.get(recent) ?? { read: 0, places: new Map() };
  accountBooks.set(recent, books);
  for (; books.read < recent.length; books.read++) {
    const { from, to } = recent[books.read] as Transfer;
    for (const side of [from, to]) {
      const known = books.places.get(side);
      if (known) known.push(books.read);
      else books.places.set(side, [books.read]);
    }
  }
  return books.places.get(account) ?? [];
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
    averageUtilization: market.averageUtilization,
    currentMarketPrice: toCredits(market.price),
    initialPrice: toCredits(market.initialPrice),
    demand: market.demand,
    recentTransactions: market.sales.map((sale) => ({ ...sale, amount: toCredits(sale.amount) })),
  };
}

function openBidView(bid: Bid): BidView & { payload: Payload } {
  return { ...bidView(bid), payload: bid.payload };
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
