// What the state of an economy means for what comes next, in the words the views share.
import { type Standing, standingOf } from "../economy/bids.ts";
import { nextPrice } from "../economy/markets.ts";
import type { Micro } from "../economy/money.ts";
import type { Bidding, Overview } from "../economy/overview.ts";
import { stepPrice } from "../economy/pricing.ts";
import { type Bundle, type Resource, resourcesOf } from "../economy/resources.ts";
import { ceilingReached } from "../economy/spending.ts";
import type { Bid, Market } from "../economy/state.ts";
import { quantityText } from "./amounts.ts";

/** What a bid would do at the next clearing if nothing else changed. */
export type BidOutlook = { bid: Bid; cost: Micro; offer: Micro; state: Standing };

export function outlookOf(economy: Overview, bid: Bid, cycle = economy.cycle + 1): BidOutlook {
  const { cost, offer, standing } = standingOf(economy, bid, cycle);
  return { bid, cost, offer, state: standing };
}

/** Bids, what can win first. */
export function outlooksOf(economy: Overview, bids: Iterable<Bid>): BidOutlook[] {
  return [...bids].map((bid) => outlookOf(economy, bid)).sort(firstToWin);
}

/** Of each agent's bids the one that can win first. */
export function firstOutlooks(economy: Bidding): Map<string, BidOutlook> {
  const firsts = new Map<string, BidOutlook>();
  for (const bid of economy.bids.values()) {
    const outlook = outlookOf(economy, bid);
    const best = firsts.get(bid.agent);
    if (!best || firstToWin(outlook, best) < 0) firsts.set(bid.agent, outlook);
  }
  return firsts;
}

function firstToWin(a: BidOutlook, b: BidOutlook): number {
  return (
    Number(b.state === "ready") - Number(a.state === "ready") ||
    b.offer - a.offer ||
    (a.bid.id < b.bid.id ? -1 : 1)
  );
}

export type Trend = "up" | "down" | "flat";

export const ARROWS: Record<Trend, string> = { up: "↑", down: "↓", flat: "→" };

/** Where the last repricing pushed a price; for attention, where the next prompt shown will. */
export function trendOf(economy: Overview, market: Market): Trend {
  const { pricing } = economy.rules;
  if (market.supply === 0 || economy.cycle === 0) return "flat";
  if (market.resource === "tokens" && ceilingReached(economy)) return "flat";
  const isSlot = market.resource === "attention";
  if (isSlot && !economy.active) return "flat";
  const next = isSlot
    ? stepPrice(market, economy.queue.size > 0, pricing)
    : nextPrice(economy.rules, market);
  if (next === market.price) return "flat";
  return next > market.price ? "up" : "down";
}

export const RESOURCE_NAMES: Record<Resource, { name: string; unit: string }> = {
  cpu_seconds: { name: "CPU", unit: "sec" },
  memory_mb: { name: "Memory", unit: "MB" },
  tokens: { name: "Tokens", unit: "token" },
  gpu_seconds: { name: "GPU", unit: "sec" },
  attention: { name: "Attention", unit: "prompt" },
};

/** The order in which people read markets. */
export const MARKET_ORDER: Resource[] = [
  "cpu_seconds",
  "memory_mb",
  "tokens",
  "gpu_seconds",
  "attention",
];

/** "2,000 tokens + 10 cpu + 128 MB". */
export function bundleText(bundle: Bundle): string {
  const units = { tokens: "tokens", cpu_seconds: "cpu s", memory_mb: "MB", gpu_seconds: "gpu s" };
  const parts = resourcesOf(bundle).map(
    (resource) => `${quantityText(bundle[resource] ?? 0)} ${units[resource]}`,
  );
  return parts.join(" + ");
}

/** A payload as one would type it in a shell. */
export function payloadText(payload: string[]): string {
  const quoted = payload.map((word) =>
    /^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`,
  );
  return quoted.join(" ");
}
