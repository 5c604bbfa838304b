// A watcher of markets for hire: it records prices each time it wakes, answers orders with a digest,
// and keeps count of who pays. It costs little, because it sleeps between its observations.
import type { ActionRequest, Decision, Wake } from "econ";

export type SpecialistState = {
  /** Prices it has seen, newest last: [cycle, price per resource]. */
  seen: { cycle: number; prices: Record<string, number> }[];
  /** Deliveries not yet paid, by customer. */
  unpaid: Record<string, number>;
  delivered: number;
};

const BUNDLE = { cpu_seconds: 1, memory_mb: 96 };
const REMEMBERED = 40;
/** Without another customer its purse should last so long. */
const PURSE_LASTS_CYCLES = 600;
const PAUSE_MIN = 2;
const PAUSE_MAX = 20;
/** It works on credit for a customer, but not for ever. */
const UNPAID_MAX = 2;

type Order = { order: string; pay: number };

export function decide(wake: Wake<SpecialistState>): Decision<SpecialistState> {
  const before = wake.state ?? { seen: [], unpaid: {}, delivered: 0 };
  const seen = [...before.seen, { cycle: wake.cycle, prices: pricesOf(wake) }].slice(-REMEMBERED);
  const unpaid = settle(before.unpaid, wake);
  const actions: ActionRequest[] = [nextBid(wake)];
  let delivered = before.delivered;
  let purse = wake.self.balance - survival(wake) * 2;
  for (const message of wake.inbox) {
    const order = parseOrder(message.content);
    if (!order || !wake.agents.includes(message.from)) continue;
    if ((unpaid[message.from] ?? 0) >= UNPAID_MAX) continue;
    const cost = wake.config.economy.message_cost;
    if (purse < cost) break;
    purse -= cost;
    delivered += 1;
    unpaid[message.from] = (unpaid[message.from] ?? 0) + 1;
    const lines = digest(seen, wake);
    actions.push({
      action: "message",
      to: message.from,
      content: { delivery: order.order, pay: order.pay, lines },
    });
  }
  const state = { seen, unpaid, delivered };
  return { actions, state, files: { "MEMORY.md": memory(state) } };
}

function pricesOf(wake: Wake<SpecialistState>): Record<string, number> {
  const prices: Record<string, number> = {};
  for (const market of Object.values(wake.markets))
    if (market.availableSupply > 0) prices[market.resourceType] = market.currentMarketPrice;
  return prices;
}

/** Payments that came in since it last woke clear the customers' debts, one delivery each. */
function settle(unpaid: Record<string, number>, wake: Wake<SpecialistState>) {
  const left = { ...unpaid };
  const me = `agent:${wake.self.id}`;
  const since = wake.state?.seen.at(-1)?.cycle ?? wake.cycle;
  for (const { cycle, to, from, kind } of wake.transactions) {
    if (cycle < since || to !== me || kind !== "payment") continue;
    const customer = from.replace("agent:", "");
    if (left[customer]) left[customer] = Math.max(0, left[customer] - 1);
  }
  return left;
}

function parseOrder(content: string): Order | null {
  try {
    const value = JSON.parse(content);
    return value?.order === "digest" && typeof value.pay === "number" ? value : null;
  } catch {
    return null;
  }
}

/** What it sells: for each resource the range it saw and where the price is going. */
function digest(seen: SpecialistState["seen"], wake: Wake<SpecialistState>): string[] {
  const first = seen[0];
  const last = seen.at(-1);
  if (!first || !last) return [];
  const lines: string[] = [];
  for (const [resource, price] of Object.entries(last.prices)) {
    const series = seen.map(({ prices }) => prices[resource] ?? price);
    const [low, high] = [Math.min(...series), Math.max(...series)];
    if (low === high) continue;
    const trend = price > (series.at(-3) ?? price) ? "rising" : "falling";
    const place = price === high ? "its high" : price === low ? "its low" : trend;
    lines.push(
      `${resource} moved between ${show(low)} and ${show(high)} since cycle ${first.cycle}, now ${place}`,
    );
  }
  const busiest = busiestBuyer(wake);
  if (busiest) lines.push(`${busiest.agent} bought most compute lately: ${busiest.runs} runs`);
  return lines;
}

function busiestBuyer(wake: Wake<SpecialistState>): { agent: string; runs: number } | null {
  const runs = new Map<string, number>();
  for (const sale of wake.markets.cpu_seconds.recentTransactions)
    runs.set(sale.agent, (runs.get(sale.agent) ?? 0) + 1);
  const [top] = [...runs].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return top ? { agent: top[0], runs: top[1] } : null;
}

/** Poor, or where compute is dear, it sleeps longer: alive when the next order comes. */
function nextBid(wake: Wake<SpecialistState>): ActionRequest {
  const runsLeft = wake.self.balance / survival(wake);
  const even = Math.ceil(PURSE_LASTS_CYCLES / runsLeft);
  const pause = Math.min(PAUSE_MAX, Math.max(PAUSE_MIN, even));
  return {
    action: "bid",
    resources: BUNDLE,
    payload: wake.execution.payload,
    notBefore: wake.cycle + pause,
  };
}

function survival(wake: Wake<SpecialistState>): number {
  const { cpu_seconds, memory_mb } = wake.markets;
  return (
    cpu_seconds.currentMarketPrice * BUNDLE.cpu_seconds +
    memory_mb.currentMarketPrice * BUNDLE.memory_mb
  );
}

function memory({ seen, delivered, unpaid }: SpecialistState): string {
  const debts = Object.entries(unpaid).filter(([, count]) => count > 0);
  return [
    "# What I remember",
    "",
    `I have looked at the markets ${seen.length} times lately and delivered ${delivered} digests.`,
    ...debts.map(([customer, count]) => `- ${customer} owes me for ${count}`),
    "",
  ].join("\n");
}

function show(price: number): string {
  return String(Math.round(price * 10_000) / 10_000);
}
