// One market per resource: supply, utilisation, demand, price, and the last sales.
import type { Candidate } from "./bids.ts";
import { allocate, CLEARING_RULES, type Cleared, type Clearing, inOrder } from "./clearing.ts";
import { agentAccount, CREDIT, hold, marketAccount, releaseHold } from "./ledger.ts";
import { type Micro, mulDivUp, splitAmount } from "./money.ts";
import { PAYMENT_RULES } from "./payment.ts";
import { PRICE_RULES } from "./pricing.ts";
import {
  BUNDLE_RESOURCES,
  type Bundle,
  type BundleResource,
  milli,
  RESOURCES,
  resourcesOf,
} from "./resources.ts";
import { bug } from "./result.ts";
import type { Rules } from "./rules.ts";
import { ceilingReached, payableTokens } from "./spending.ts";
import { type Economy, type Market, marketOf, mustTransfer, removeBid } from "./state.ts";

/** The markets at the start of a world. */
export function openMarkets(rules: Rules): Map<Market["resource"], Market> {
  return new Map(
    RESOURCES.map((resource) => {
      const { supply, initial_price } = rules.resources[resource];
      const market: Market = {
        resource,
        supply,
        price: initial_price,
        initialPrice: initial_price,
        utilization: 0,
        averageUtilization: null,
        demand: 0,
        sales: [],
      };
      return [resource, market];
    }),
  );
}

/**
 * A person who edits the supplies or starting prices in econ.yaml is obeyed from the next clearing.
 */
export function adoptRules(economy: Economy): void {
  for (const resource of RESOURCES) {
    const market = marketOf(economy, resource);
    const { supply, initial_price } = economy.rules.resources[resource];
    if (market.supply === supply && market.initialPrice === initial_price) continue;
    if (market.initialPrice !== initial_price) market.price = initial_price;
    market.supply = supply;
    market.initialPrice = initial_price;
    economy.changes.markets.add(resource);
  }
}

/** A candidate that won, and what it pays: never more than it offered. */
export type Winner = Candidate & { pays: Micro };

/** Allocate the supply to the candidates; what winners will pay is put on hold. */
export function clearMarkets(economy: Economy, candidates: Candidate[], tieSeed: string): Winner[] {
  const { clearing: rule, payment } = economy.rules.allocation;
  const clearing: Clearing<BundleResource> = {
    rule: CLEARING_RULES[rule],
    tieSeed,
    supply: (resource) => forSale(economy, resource),
  };
  const ordered = inOrder(candidates, clearing);
  const cleared = allocate(ordered, clearing.supply);
  const payments = PAYMENT_RULES[payment](cleared.winners, ordered, clearing);
  const winners = cleared.winners.map(
    ({ bid, cost, offer }, n): Winner => ({ bid, cost, offer, pays: payments[n] as Micro }),
  );
  for (const { bid, pays } of winners) {
    const held = hold(economy.ledger, bid.id, {
      account: agentAccount(bid.agent),
      asset: CREDIT,
      amount: pays,
    });
    if (!held.ok) bug(`winner ${bid.id} cannot pay`);
    removeBid(economy, bid.id);
  }
  for (const { bid } of cleared.outbid) {
    bid.lost += 1;
    economy.changes.bids.add(bid.id);
  }
  noteDemand(economy, candidates, cleared.sold);
  return winners;
}

function forSale(economy: Economy, resource: BundleResource): number {
  const { supply } = marketOf(economy, resource);
  return resource === "tokens" ? Math.min(supply, payableTokens(economy) / 1000) : supply;
}

type Noted = Pick<Market, "demand" | "utilization" | "averageUtilization">;

function isNoted(market: Market, noted: Noted): boolean {
  return (Object.keys(noted) as (keyof Noted)[]).every((name) => market[name] === noted[name]);
}

type Sold = Cleared<BundleResource, Candidate>["sold"];

function noteDemand(economy: Economy, candidates: Candidate[], sold: Sold): void {
  for (const resource of BUNDLE_RESOURCES) {
    let asked = 0;
    for (const { bid } of candidates) asked += milli(bid.resources[resource] ?? 0);
    const market = marketOf(economy, resource);
    const demand = asked / 1000;
    const utilization = percent(sold.get(resource) ?? 0, milli(market.supply));
    const averageUtilization =
      forSale(economy, resource) > 0
        ? averageOf(market.averageUtilization, utilization, economy.rules)
        : market.averageUtilization;
    const noted = { demand, utilization, averageUtilization };
    if (isNoted(market, noted)) continue;
    Object.assign(market, noted);
    economy.changes.markets.add(resource);
  }
}

/** What a winner pays is split over the markets in proportion to what each asked. */
export function settleWinner(economy: Economy, { bid, pays }: Pick<Winner, "bid" | "pays">): void {
  releaseHold(economy.ledger, bid.id);
  if (pays === 0) return;
  const named = resourcesOf(bid.resources);
  const costs = named.map((resource) => costOf(economy, bid.resources, resource));
  const weights = costs.some((cost) => cost > 0) ? costs : named.map(() => 1);
  const parts = splitAmount(pays, weights);
  named.forEach((resource, index) => {
    const amount = parts[index] ?? 0;
    const quantity = bid.resources[resource] ?? 0;
    if (amount > 0)
      mustTransfer(economy, {
        kind: "execution",
        from: agentAccount(bid.agent),
        to: marketAccount(resource),
        amount,
        memo: `${bid.id}: ${quantity} ${resource}`,
      });
    recordSale(economy, resource, {
      cycle: economy.cycle,
      bid: bid.id,
      agent: bid.agent,
      quantity,
      amount,
    });
  });
}

function costOf(economy: Economy, bundle: Bundle, resource: BundleResource): Micro {
  return mulDivUp(marketOf(economy, resource).price, milli(bundle[resource] ?? 0), 1000);
}

export function recordSale(
  economy: Economy,
  resource: Market["resource"],
  sale: Market["sales"][number],
): void {
  const market = marketOf(economy, resource);
  const keep = economy.rules.allocation.transaction_history_length;
  market.sales.push(sale);
  while (market.sales.length > keep) market.sales.shift();
  economy.changes.markets.add(resource);
}

/**
 * The exponential moving average of the share sold. Sleepers who wake in turn use little on
 * average, and much or nothing in any one cycle. It begins where the price would rest: at the first
 * clearing all are awake, which says nothing of later ones.
 */
function averageOf(before: number | null, sold: number, { allocation, pricing }: Rules): number {
  const cycles = allocation.pricing === "threshold" ? pricing.average_over_cycles : 1;
  const start = before ?? (pricing.raise_above_percent + pricing.lower_below_percent) / 2;
  return Math.round((start + (sold - start) / cycles) * 10_000) / 10_000;
}

/**
 * Every market but attention (repriced when a prompt is shown) and those with nothing to sell.
 * Tokens that were closed at the clearing keep their price: nobody could buy any. So this comes
 * before the cycle's own costs are booked.
 */
export function repriceMarkets(economy: Economy): void {
  for (const resource of BUNDLE_RESOURCES) {
    const market = marketOf(economy, resource);
    if (market.supply === 0) continue;
    if (resource === "tokens" && ceilingReached(economy)) continue;
    setPrice(economy, market, nextPrice(economy.rules, market));
  }
}

/** What the rule makes of the price, where this much was sold of late. */
export function nextPrice({ allocation, pricing }: Rules, market: Market): Micro {
  const utilization = market.averageUtilization ?? market.utilization;
  return PRICE_RULES[allocation.pricing]({ ...market, utilization }, pricing);
}

export function setPrice(economy: Economy, market: Market, price: Micro): void {
  if (price === market.price) return;
  market.price = price;
  economy.changes.markets.add(market.resource);
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100;
}
