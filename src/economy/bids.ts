// Bundle bids: all the resources of one execution at one amount, all or nothing. A bid holds no
// credits; it is a standing offer that raises itself, because its owner sleeps while it is outbid.
import { bidIdOf, quote } from "./ids.ts";
import { AMOUNT_MAX, formatAmount, type Micro, mulDivUp } from "./money.ts";
import type { Overview } from "./overview.ts";
import { BUNDLE_RESOURCES, type Bundle, milli, resourcesOf } from "./resources.ts";
import { accept, type Result, refuse } from "./result.ts";
import { payableTokens } from "./spending.ts";
import {
  addBid,
  type Bid,
  type BidOrder,
  bidsPendingOf,
  type Economy,
  livingAgent,
  marketOf,
  notify,
  purseOf,
  record,
  removeBid,
} from "./state.ts";

/** How far ahead a bid may wait, and how long it stands after it could first have won. */
export const BID_HORIZON_CYCLES = 1_000;

/** A price that nobody can pay; what is more is not told apart, so that it stays exact. */
const COST_MAX = 2 * AMOUNT_MAX;

/** What the market asks for a bundle at today's prices. */
export function marketCost(economy: Overview, bundle: Bundle): Micro {
  let cost = 0;
  for (const resource of BUNDLE_RESOURCES) {
    const quantity = bundle[resource];
    if (quantity !== undefined)
      cost += mulDivUp(marketOf(economy, resource).price, milli(quantity), 1000);
  }
  return Math.min(cost, COST_MAX);
}

export function placeBid(economy: Economy, agentId: string, asked: BidOrder): Result<Bid> {
  const order = withMemory(economy, asked);
  const limit = economy.rules.allocation.max_bids_per_agent;
  if (bidsPendingOf(economy, agentId) >= limit)
    return refuse(`${limit} bids are pending already; withdraw one first`);
  const upTo = checkBid(economy, order, purseOf(economy, agentId));
  if (!upTo.ok) return upTo;
  const agent = livingAgent(economy, agentId);
  agent.placed += 1;
  const id = bidIdOf(agent);
  const placed = { id, agent: agentId, placed: economy.cycle, lost: 0 };
  const bid: Bid = { ...order, ...placed, upTo: upTo.value };
  addBid(economy, bid);
  economy.changes.agents.add(agentId);
  return accept(bid);
}

/** Whether someone with such a purse could place this order; its limit in credits if so. */
export function checkBid(economy: Economy, asked: BidOrder, purse: Micro): Result<Micro> {
  const order = withMemory(economy, asked);
  const checked = checkOrder(economy, order);
  if (!checked.ok) return checked;
  const cost = marketCost(economy, order.resources);
  const offer = Math.max(order.amount ?? 0, cost);
  const upTo = order.upTo ?? limitFor(order.amount, cost);
  if (upTo < cost)
    return refuse(
      `the market asks ${formatAmount(cost)}, the bid goes up to ${formatAmount(upTo)}`,
    );
  if (purse < offer)
    return refuse(`the bid needs ${formatAmount(offer)} credits, there are ${formatAmount(purse)}`);
  return accept(upTo);
}

/** Every run uses memory: a bid that names none buys the default amount. */
function withMemory(economy: Economy, order: BidOrder): BidOrder {
  const isSold = marketOf(economy, "memory_mb").supply > 0;
  if (!isSold || order.resources.memory_mb !== undefined) return order;
  const memory_mb = economy.rules.execution.default_memory_mb;
  return { ...order, resources: { ...order.resources, memory_mb } };
}

/** Twice what it asks to offer: never more than its owner could foresee. */
function limitFor(amount: Micro | null, cost: Micro): Micro {
  return Math.min(2 * (amount ?? cost), AMOUNT_MAX);
}

function checkOrder(economy: Economy, order: BidOrder): Result<BidOrder> {
  const named = resourcesOf(order.resources);
  if (named.length === 0) return refuse(`a bid needs a resource: ${BUNDLE_RESOURCES.join(", ")}`);
  for (const resource of named) {
    const { supply } = marketOf(economy, resource);
    if (supply === 0) return refuse(`${resource} is not for sale here (supply 0)`);
    if ((order.resources[resource] ?? 0) > supply)
      return refuse(`${resource}: the whole supply is ${supply}, so this bid could never win`);
  }
  if (!named.includes("cpu_seconds") && marketOf(economy, "cpu_seconds").supply > 0)
    return refuse("a bid needs cpu_seconds: nothing runs without");
  if (order.amount !== null && order.upTo !== null && order.upTo < order.amount)
    return refuse("upTo is less than amount");
  if (order.notBefore > economy.cycle + BID_HORIZON_CYCLES)
    return refuse(`notBefore may be at most ${BID_HORIZON_CYCLES} cycles ahead`);
  return accept(order);
}

/** Offer more: the new amount, and the new limit (twice the amount unless given). */
export function raiseBid(
  economy: Economy,
  agentId: string,
  raise: { id: string; amount: Micro; upTo: Micro | null },
): Result<Bid> {
  const found = ownBid(economy, agentId, raise.id);
  if (!found.ok) return found;
  const bid = { ...found.value };
  const offered = bid.amount ?? marketCost(economy, bid.resources);
  if (raise.amount <= offered)
    return refuse(`a raise must be above the ${formatAmount(offered)} offered so far`);
  const upTo = raise.upTo ?? limitFor(raise.amount, 0);
  if (upTo < raise.amount) return refuse("upTo is less than amount");
  const purse = purseOf(economy, agentId);
  if (purse < raise.amount)
    return refuse(`the bid needs ${formatAmount(raise.amount)}, you have ${formatAmount(purse)}`);
  bid.amount = raise.amount;
  bid.upTo = upTo;
  addBid(economy, bid);
  return accept(bid);
}

export function withdrawBid(economy: Economy, agentId: string, id: string): Result<Bid> {
  const found = ownBid(economy, agentId, id);
  if (found.ok) removeBid(economy, id);
  return found;
}

function ownBid(economy: Economy, agentId: string, id: string): Result<Bid> {
  const bid = economy.bids.get(id);
  if (bid?.agent === agentId) return accept(bid);
  return refuse(`you have no pending bid ${quote(id)}`);
}

/**
 * What a bid offers at this clearing: its amount or the market cost, 12.5 % more for each clearing
 * it lost, never above its limit nor above what its owner has.
 */
export function offerOf(bid: Bid, cost: Micro, purse: Micro): Micro {
  const base = Math.max(bid.amount ?? 0, cost);
  const limit = Math.min(bid.upTo ?? limitFor(bid.amount, cost), Math.max(purse, base));
  let offer = base;
  for (let loss = 0; loss < bid.lost && offer < limit; loss++) offer = mulDivUp(offer, 9, 8);
  return Math.min(offer, limit);
}

export const EXPIRED = "it expired";

export type Candidate = { bid: Bid; cost: Micro; offer: Micro };

/** How a bid stands before a clearing. What is neither ready nor dropped waits. */
export type Standing =
  | "ready"
  | "not due"
  | "expired"
  | "not for sale"
  | "tokens closed"
  | "below the market"
  | "cannot be paid";

/** What a bid would do at the clearing of a cycle, at the prices and with the purse of now. */
export function standingOf(
  economy: Overview,
  bid: Bid,
  cycle: number,
): { cost: Micro; offer: Micro; standing: Standing } {
  const cost = marketCost(economy, bid.resources);
  const purse = purseOf(economy, bid.agent);
  const offer = offerOf(bid, cost, purse);
  return { cost, offer, standing: standingAt(economy, bid, { cycle, cost, purse, offer }) };
}

type Terms = { cycle: number; cost: Micro; purse: Micro; offer: Micro };

function standingAt(economy: Overview, bid: Bid, { cycle, cost, purse, offer }: Terms): Standing {
  if (bid.notBefore > cycle) return "not due";
  const { tokens } = bid.resources;
  if (tokens !== undefined && milli(tokens) > payableTokens(economy)) return "tokens closed";
  if (expiryOf(bid) < cycle) return "expired";
  if (!isSold(economy, bid.resources)) return "not for sale";
  if (offer < cost) return "below the market";
  return offer > purse ? "cannot be paid" : "ready";
}

/**
 * The bids that take part in this clearing. Those that expired, or that their owner can no longer
 * pay, are dropped with a notice; the others wait: nobody outbid them, so they lose nothing.
 */
export function collectBids(economy: Economy): Candidate[] {
  const candidates: Candidate[] = [];
  const dropped: { bid: Bid; why: string }[] = [];
  for (const bid of economy.bids.values()) {
    // Most bids of a large world sleep: they cost a glance.
    if (bid.notBefore > economy.cycle) continue;
    const { cost, offer, standing } = standingOf(economy, bid, economy.cycle);
    if (standing === "ready") candidates.push({ bid, cost, offer });
    if (standing === "tokens closed" && expiryOf(bid) < economy.cycle) renew(economy, bid);
    if (standing === "expired") dropped.push({ bid, why: EXPIRED });
    // While its prompt is before the human an agent may yet earn: its bid waits.
    if (standing === "cannot be paid" && economy.active?.agent !== bid.agent) {
      const purse = formatAmount(purseOf(economy, bid.agent));
      dropped.push({ bid, why: `it needs ${formatAmount(offer)}, there are ${purse}` });
    }
  }
  // In the order of their ids, since what is said of them is history.
  dropped.sort((a, b) => (a.bid.id < b.bid.id ? -1 : 1));
  for (const { bid, why } of dropped) dropBid(economy, bid, why);
  return candidates;
}

function isSold(economy: Overview, bundle: Bundle): boolean {
  for (const resource of BUNDLE_RESOURCES) {
    const quantity = bundle[resource];
    if (quantity !== undefined && milli(quantity) > milli(marketOf(economy, resource).supply))
      return false;
  }
  return true;
}

function expiryOf(bid: Bid): number {
  return Math.max(bid.notBefore, bid.placed) + BID_HORIZON_CYCLES;
}

/** While the tokens are closed its time stands still: it must not expire once they open. */
function renew(economy: Economy, bid: Bid): void {
  bid.notBefore = economy.cycle;
  economy.changes.bids.add(bid.id);
}

function dropBid(economy: Economy, bid: Bid, why: string): void {
  removeBid(economy, bid.id);
  notify(economy, bid.agent, `your bid ${bid.id} was dropped: ${why}`);
  record(economy, "bid dropped", bid.agent, `${bid.agent}'s bid ${bid.id} was dropped: ${why}`);
}
