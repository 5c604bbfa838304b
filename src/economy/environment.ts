// What an agent is shown: the AgentEnvironment of the specification (§2), as plain JSON in credits.
// And the way back: the small economy that the agent's side needs to answer by the kernel's rules.

import type { Candidate } from "./bids.ts";
import type { Transfer } from "./ledger.ts";
import { agentAccount, CREDIT, emptyLedger, ISSUANCE } from "./ledger.ts";
import { credits, type Micro, toCredits } from "./money.ts";
import type { Bundle, Resource } from "./resources.ts";
import type { Rules } from "./rules.ts";
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
  noChanges,
  type Payload,
  type Prompt,
  promptsOf,
  purseOf,
} from "./state.ts";

/** A pending bid as everyone sees it: without its payload. */
export type BidView = {
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
  config: Rules;
  markets: Record<Resource, MarketState>;
  bids: BidView[];
};

export type Environment = PublicView & {
  self: {
    id: string;
    balance: number;
    status: "alive";
    executionCount: number;
    totalCreditsEarned: number;
    totalCreditsSpent: number;
    lineage: string[];
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

/** What everyone may see, built once a cycle. */
export function publicView(economy: Economy): PublicView {
  const markets = {} as Record<Resource, MarketState>;
  for (const market of economy.markets.values()) markets[market.resource] = marketState(market);
  return {
    cycle: economy.cycle,
    time: economy.time,
    agents: [...economy.agents.keys()].sort(),
    people: [...economy.people].sort(),
    config: mapAmounts(economy.rules, toCredits),
    markets,
    bids: [...byId(economy.bids).map(bidView), ...byId(economy.queue).map(askView)],
  };
}

/** What one winner sees when it wakes. */
export function environmentFor(
  economy: Economy,
  shared: PublicView,
  { bid, offer }: Candidate,
): Environment {
  const agent = livingAgent(economy, bid.agent);
  return {
    ...shared,
    self: selfView(economy, agent),
    execution: {
      bid: bid.id,
      resources: bid.resources,
      paid: toCredits(offer),
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
export function shownMail(agent: Agent): Message[] {
  return agent.inbox.slice(0, INBOX_SHOWN_MAX);
}

function selfView(economy: Economy, agent: Agent): Environment["self"] {
  return {
    id: agent.id,
    balance: toCredits(purseOf(economy, agent.id)),
    status: "alive",
    executionCount: agent.executions,
    totalCreditsEarned: toCredits(agent.earned),
    totalCreditsSpent: toCredits(agent.spent),
    lineage: agent.lineage,
    createdAt: agent.createdAt,
    lastExecution: agent.lastExecution?.at ?? null,
    children: agent.children,
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
  return transfersOf(economy.recent, agentAccount(agentId)).map(transactionView).reverse();
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

/** The rules with every amount converted: micro-credits ↔ credits. The same keys as econ.yaml. */
export function mapAmounts(rules: Rules, convert: (amount: number) => number): Rules {
  const { economy, resources } = rules;
  const rates = economy.attention_conversion_rates;
  return {
    ...rules,
    economy: {
      ...economy,
      initial_credit_budget: convert(economy.initial_credit_budget),
      spawn_cost: convert(economy.spawn_cost),
      message_cost: convert(economy.message_cost),
      daily_mint_cap: convert(economy.daily_mint_cap),
      attention_conversion_rates: {
        interesting: convert(rates.interesting),
        useful: convert(rates.useful),
        understandable: convert(rates.understandable),
      },
    },
    resources: Object.fromEntries(
      Object.entries(resources).map(([name, { supply, initial_price }]) => [
        name,
        { supply, initial_price: convert(initial_price) },
      ]),
    ) as Rules["resources"],
  };
}

/** The economy as far as one agent can know it: enough to answer its actions by the same rules. */
export function economyFrom(environment: Environment): Economy {
  const { self } = environment;
  const rules = mapAmounts(environment.config, credits);
  const agents = new Map(environment.agents.map((id) => [id, stranger(id)]));
  agents.set(self.id, {
    ...stranger(self.id),
    lineage: self.lineage,
    executions: self.executionCount + 1,
    children: self.children,
  });
  const economy: Economy = {
    rules,
    seed: environment.nameSeed,
    cycle: environment.cycle,
    time: environment.time,
    ledger: emptyLedger(),
    agents,
    dead: new Set(),
    people: new Set(environment.people),
    markets: new Map(),
    bids: new Map(),
    active: null,
    queue: new Map(),
    minted: { day: "", amount: 0 },
    recent: [],
    changes: noChanges(),
  };
  restoreBooks(economy, self.id, credits(self.balance));
  restoreMarkets(economy, environment);
  return economy;
}

function restoreBooks(economy: Economy, self: string, balance: Micro): void {
  if (balance === 0) return;
  economy.ledger.balances.set(
    CREDIT,
    new Map([
      [agentAccount(self), balance],
      [ISSUANCE, -balance],
    ]),
  );
}

function restoreMarkets(economy: Economy, environment: Environment): void {
  for (const state of Object.values(environment.markets))
    economy.markets.set(state.resourceType, {
      resource: state.resourceType,
      supply: state.availableSupply,
      price: credits(state.currentMarketPrice),
      initialPrice: credits(state.initialPrice),
      utilization: state.currentUtilization,
      demand: state.demand,
      sales: [],
    });
  for (const view of environment.pendingBids) {
    const { id, agent, payload, notBefore, lost } = view;
    const amount = view.amount === null ? null : credits(view.amount);
    const upTo = view.upTo === null ? null : credits(view.upTo);
    const resources = view.resources as Bundle;
    const bid = { id, agent, payload, notBefore, lost, amount, upTo, resources };
    economy.bids.set(id, { ...bid, placed: environment.cycle });
  }
  for (const { id, amount, status, placed } of environment.prompts) {
    const known = { id, agent: environment.self.id, content: "", format: "markdown" as const };
    const prompt: Prompt = { ...known, amount: credits(amount), placed, shown: null };
    if (status === "active") economy.active = { ...prompt, shown: placed };
    else economy.queue.set(id, prompt);
  }
}

function stranger(id: string): Agent {
  return {
    id,
    lineage: [],
    createdCycle: 0,
    createdAt: "",
    executions: 0,
    lastExecution: null,
    earned: 0,
    spent: 0,
    children: 0,
    letters: 0,
    placed: 0,
    crashes: 0,
    notices: [],
    lastOrder: null,
    death: null,
    inbox: [],
  };
}
