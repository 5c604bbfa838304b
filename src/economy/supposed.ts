// The economy that one run can suppose from what it was told: its own part exactly, the rest by
// guesses that are stated. It stands where the run stands, in the middle of a cycle: the markets
// are cleared, the winners are about to execute. For trials.
import { marketCost } from "./bids.ts";
import type { Citizen, Environment } from "./environment.ts";
import { economyFrom } from "./known.ts";
import { agentAccount, CREDIT, hold, ISSUANCE } from "./ledger.ts";
import type { Winner } from "./markets.ts";
import { credits, type Micro } from "./money.ts";
import type { Bundle } from "./resources.ts";
import { assert } from "./result.ts";
import type { Rules } from "./rules.ts";
import { type Agent, addBid, addPrompt, type Bid, type Economy, livingAgent } from "./state.ts";

export type Supposed = {
  economy: Economy;
  /** Who executes in this cycle, the run itself first. */
  winners: Winner[];
  /** Cycles from one run to the next, of the others. */
  pauses: Map<string, number>;
  /** Prompts whose content the run was not told. */
  unread: Set<string>;
  /** What was guessed, in sentences. */
  assumed: string[];
};

/** `guess`: credits of each agent whose balance is private. */
export function supposeEconomy(environment: Environment, guess: Micro): Supposed {
  const economy = economyFrom(environment);
  const supposed: Supposed = {
    economy,
    winners: [],
    pauses: new Map(),
    unread: new Set(environment.prompts.map(({ id }) => id)),
    assumed: [],
  };
  economy.rules = { ...economy.rules, models: modelsAsTold(environment) };
  economy.ledger.balances.clear();
  restoreSelf(supposed, environment);
  restoreSales(economy, environment);
  restoreRecent(economy, environment);
  supposeOthers(supposed, environment, guess);
  supposePrompts(supposed, environment);
  return supposed;
}

/** Providers and their prices are not told: here they charge nothing, so no ceiling is reached. */
function modelsAsTold({ config }: Environment): Rules["models"] {
  const nobody = { id: "unknown", base_url: "", key: "", bytes_per_token: 1 };
  const price = { input: 0, cached_input: 0, cache_write: 0, output: 0 };
  const told = Object.entries(config.models);
  return Object.fromEntries(told.map(([name, model]) => [name, { ...nobody, price, ...model }]));
}

function restoreSelf({ economy, winners }: Supposed, environment: Environment): void {
  const { self, execution, inbox, notices } = environment;
  const agent = livingAgent(economy, self.id);
  restoreRecord(agent, self);
  const lastExecution = self.lastExecution === null ? null : { cycle: 0, at: self.lastExecution };
  const letters = Math.max(0, ...inbox.map(({ n }) => n));
  Object.assign(agent, { createdAt: self.createdAt, children: self.children, lastExecution });
  Object.assign(agent, { inbox: [...inbox], notices: [...notices], letters });
  const paid = credits(execution.paid);
  const { bid: id, resources, payload } = execution;
  const order = { resources, payload, amount: null, upTo: null, notBefore: 0 };
  const bid: Bid = { ...order, id, agent: self.id, placed: economy.cycle, lost: 0 };
  endow(economy, self.id, credits(self.balance) + paid);
  winners.push(paidFor(economy, bid, paid));
}

function restoreRecord(agent: Agent, citizen: Citizen): void {
  agent.executions = citizen.executionCount;
  agent.earned = credits(citizen.totalCreditsEarned);
  agent.spent = credits(citizen.totalCreditsSpent);
  agent.lineage = [...citizen.lineage];
}

function restoreSales(economy: Economy, { markets }: Environment): void {
  for (const { resourceType, recentTransactions } of Object.values(markets)) {
    const market = economy.markets.get(resourceType);
    assert(market, `no market for ${resourceType}`);
    market.sales = recentTransactions.map((sale) => ({ ...sale, amount: credits(sale.amount) }));
  }
}

function restoreRecent(economy: Economy, { transactions }: Environment): void {
  economy.recent = transactions.toReversed().map((view, index) => ({
    ...view,
    kind: view.kind as Economy["recent"][number]["kind"],
    asset: CREDIT,
    n: index + 1,
    amount: credits(view.amount),
  }));
}

function supposeOthers(supposed: Supposed, environment: Environment, guess: Micro): void {
  const { economy, assumed } = supposed;
  const open = new Map(environment.population?.map((citizen) => [citizen.id, citizen]));
  const others = environment.agents.filter((id) => id !== environment.self.id);
  for (const id of others) {
    const citizen = open.get(id);
    if (citizen) restoreRecord(livingAgent(economy, id), citizen);
    endow(economy, id, citizen ? credits(citizen.balance) : guess);
  }
  const seen = supposeBids(supposed, environment);
  const unseen = others.filter((id) => !seen.has(id));
  for (const id of unseen) supposed.winners.push(supposeRun(economy, id));
  if (others.length === 0) return;
  if (!environment.population) assumed.push(`each other agent holds ${guess / 1_000_000} credits`);
  assumed.push("whoever has a bid pending runs on it when it wins, and then repeats it");
  if (unseen.length === 0) return;
  const names = unseen.length > 5 ? `${unseen.length} agents` : unseen.join(", ");
  assumed.push(`without a pending bid, so running now on the bundle last bought: ${names}`);
}

/** The bids of others as everyone sees them. Whose they are. */
function supposeBids({ economy, pauses }: Supposed, { bids, cycle, self }: Environment) {
  const seen = new Set<string>();
  for (const view of bids) {
    if (view.agent === self.id || "attention" in view.resources) continue;
    const { id, agent, notBefore, lost, payload = ["unknown"] } = view;
    const resources = view.resources as Bundle;
    const [amount, upTo] = [micro(view.amount), micro(view.upTo)];
    const order = { resources, payload, amount, upTo, notBefore };
    addBid(economy, { ...order, id, agent, placed: cycle, lost });
    const pause = Math.max(1, notBefore - cycle);
    pauses.set(agent, Math.min(pause, pauses.get(agent) ?? pause));
    seen.add(agent);
  }
  return seen;
}

function micro(amount: number | null): Micro | null {
  return amount === null ? null : credits(amount);
}

/** Who has no pending bid must be executing in this cycle, or it would be dead. */
function supposeRun(economy: Economy, agent: string): Winner {
  const resources = lastBundle(economy, agent);
  const order = { resources, payload: ["unknown"], amount: null, upTo: null, notBefore: 0 };
  const bid: Bid = { ...order, id: `${agent}-now`, agent, placed: economy.cycle, lost: 0 };
  const cost = marketCost(economy, resources);
  endow(economy, agent, cost);
  return paidFor(economy, bid, cost);
}

/** What it bought last, as far as the markets still show it; else what a newborn bids for. */
function lastBundle(economy: Economy, agent: string): Bundle {
  const sales = [...economy.markets.values()].flatMap(({ resource, sales }) =>
    sales.filter((sale) => sale.agent === agent).map((sale) => ({ ...sale, resource })),
  );
  const runs = sales.filter(({ resource }) => resource !== "attention");
  const last = Math.max(...runs.map(({ cycle }) => cycle));
  const bought = runs.filter(({ cycle }) => cycle === last);
  if (!bought.some(({ resource }) => resource === "cpu_seconds"))
    return economy.rules.population.first_bid.code as Bundle;
  return Object.fromEntries(bought.map(({ resource, quantity }) => [resource, quantity]));
}

/** Prompts of others: who asks and what it offers is public, what it says is not. */
function supposePrompts(supposed: Supposed, { bids, markets, self, cycle }: Environment): void {
  const { economy, unread } = supposed;
  const known = { content: "", format: "markdown" as const, placed: cycle };
  for (const { id, agent, amount, resources } of bids) {
    if (agent === self.id || !("attention" in resources)) continue;
    addPrompt(economy, { ...known, id, agent, amount: credits(amount ?? 0), shown: null });
    unread.add(id);
  }
  const last = markets.attention.recentTransactions.at(-1);
  const taken = markets.attention.currentUtilization > 0 && !economy.active;
  if (!taken || !last || !economy.agents.has(last.agent)) return;
  const { bid: id, agent, amount, cycle: shown } = last;
  economy.active = { ...known, id, agent, amount: credits(amount), shown };
  unread.add(id);
}

function paidFor(economy: Economy, bid: Bid, pays: Micro): Winner {
  const account = agentAccount(bid.agent);
  const held = hold(economy.ledger, bid.id, { account, asset: CREDIT, amount: pays });
  assert(held.ok, `${bid.agent} cannot have paid for its run`);
  return { bid, pays, cost: pays, offer: pays };
}

/** Out of nothing, as far as the trial goes: issuance keeps the books even. */
function endow(economy: Economy, agent: string, amount: Micro): void {
  const { balances } = economy.ledger;
  const books = balances.get(CREDIT) ?? new Map<string, Micro>();
  balances.set(CREDIT, books);
  if (amount === 0) return;
  const account = agentAccount(agent);
  books.set(account, (books.get(account) ?? 0) + amount);
  books.set(ISSUANCE, (books.get(ISSUANCE) ?? 0) - amount);
}
