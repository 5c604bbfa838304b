// The first agent: observe, survive cheaply, speak only with something to say, hire when a pattern
// repeats. Its prompts are made of what it saw in the economy since it last spoke.
import type { ActionRequest, Decision, Wake } from "econ";

type Fact = { topic: string; text: string };

export type GenesisState = {
  wakes: number;
  /** Prices and agents as of its last report. */
  told: { prices: Record<string, number>; agents: string[] };
  facts: Fact[];
  /** How often each topic came up: a pattern that repeats is worth a specialist. */
  topics: Record<string, number>;
  /** What a prompt is expected to earn: a moving average of the awards. */
  expectedAward: number;
  specialist: string | null;
  /** The order that is still out. */
  order: { cycle: number; pay: number } | null;
  paid: number;
};

const SURVIVE = { cpu_seconds: 1, memory_mb: 96 };
const WORK = { cpu_seconds: 2, memory_mb: 128 };
/** Runs it keeps money for before it spends on anything else. */
const RESERVE_RUNS = 12;
/** So long its purse should last at today's prices, however dear or poor. */
const PURSE_LASTS_CYCLES = 2_500;
const PAUSE_MIN = 2;
const PAUSE_MAX = 50;
/** At most this for a digest, and at most this share of what a prompt earns above its price. */
const DIGEST_PAY_MAX = 8;
const DIGEST_SHARE = 0.3;
const CHILD_CREDITS = 100;
/** A topic seen this often is a pattern. */
const PATTERN = 3;
/** Whoever is asked may sleep for twenty. */
const ORDER_PATIENCE_CYCLES = 25;
/** Each time it stays silent for the price, the next try looks better: tastes recover. */
const HOPE = 1.02;

const FRESH: GenesisState = {
  wakes: 0,
  told: { prices: {}, agents: [] },
  facts: [],
  topics: {},
  expectedAward: 0,
  specialist: null,
  order: null,
  paid: 0,
};

export function decide(wake: Wake<GenesisState>): Decision<GenesisState> {
  const state: GenesisState = structuredClone(wake.state ?? FRESH);
  state.wakes += 1;
  const plan = new Plan(wake);
  learnFromScores(state, wake);
  const deliveries = payForDeliveries(state, wake, plan);
  state.facts = mergeFacts(state.facts, [...observe(state, wake), ...deliveries]);
  takeBackStale(wake, plan);
  const spoke = speakIfWorthIt(state, wake, plan);
  if (!spoke) hireOrOrder(state, wake, plan);
  plan.bidFirst(nextBid(state, wake));
  return { actions: plan.actions, state, files: { "MEMORY.md": memory(state, wake) } };
}

/** The actions so far and what is left to spend once survival is paid for. */
class Plan {
  actions: ActionRequest[] = [];
  purse: number;
  constructor(wake: Wake<GenesisState>) {
    this.purse = wake.self.balance - RESERVE_RUNS * costOf(wake, SURVIVE);
  }
  spend(cost: number, action: ActionRequest): boolean {
    if (cost > this.purse) return false;
    this.purse -= cost;
    this.actions.push(action);
    return true;
  }
  /** Survival comes first in the list, so that nothing else can take its money. */
  bidFirst(bid: ActionRequest): void {
    this.actions.unshift(bid);
  }
}

/** Scores arrive as mail from the human: remember what a prompt is worth. */
function learnFromScores(state: GenesisState, wake: Wake<GenesisState>): void {
  for (const { from, content } of wake.inbox) {
    const award = from === "human" ? /^award: ([0-9.]+) credits$/m.exec(content) : null;
    if (!award) continue;
    const earned = Number(award[1]);
    const { expectedAward } = state;
    state.expectedAward = expectedAward === 0 ? earned : expectedAward * 0.7 + earned * 0.3;
  }
}

/** A delivered digest is paid for at once: trust is what makes the next one come. */
function payForDeliveries(state: GenesisState, wake: Wake<GenesisState>, plan: Plan): Fact[] {
  const facts: Fact[] = [];
  for (const { from, content } of wake.inbox) {
    const lines = from === state.specialist ? parseDelivery(content) : null;
    if (!lines) continue;
    const amount = state.order?.pay ?? 0;
    state.order = null;
    const memo = "digest of the markets";
    if (amount > 0 && plan.spend(amount, { action: "transfer", to: from, amount, memo }))
      state.paid += 1;
    facts.push(...lines.map((text, index) => ({ topic: `digest-${index}`, text })));
  }
  return facts;
}

function parseDelivery(content: string): string[] | null {
  try {
    const { delivery, lines } = JSON.parse(content);
    const valid = delivery === "digest" && Array.isArray(lines);
    return valid ? lines.filter((line) => typeof line === "string").slice(0, 8) : null;
  } catch {
    return null;
  }
}

const NOTEWORTHY = 0.06;

/** What is new since the last report: prices that moved, agents that came and went. */
function observe(state: GenesisState, wake: Wake<GenesisState>): Fact[] {
  const facts: Fact[] = [];
  for (const { resourceType, currentMarketPrice: price, ...market } of Object.values(
    wake.markets,
  )) {
    const before = state.told.prices[resourceType];
    if (market.availableSupply === 0) continue;
    state.told.prices[resourceType] = before ?? price;
    if (before === undefined || Math.abs(price / before - 1) < NOTEWORTHY) continue;
    const change = Math.round((price / before - 1) * 100);
    const verb = change > 0 ? "rose" : "fell";
    const use = Math.round(market.currentUtilization);
    facts.push({
      topic: `price-${resourceType}`,
      text: `${resourceType} ${verb} ${Math.abs(change)}% to ${show(price)}; ${use}% of it is sold`,
    });
  }
  facts.push(...comingsAndGoings(state, wake));
  return facts;
}

function comingsAndGoings(state: GenesisState, wake: Wake<GenesisState>): Fact[] {
  if (state.told.agents.length === 0) {
    state.told.agents = wake.agents;
    return introduction(wake);
  }
  const facts: Fact[] = [];
  const [before, now] = [new Set(state.told.agents), new Set(wake.agents)];
  for (const id of wake.agents)
    if (!before.has(id))
      facts.push({ topic: `born-${id}`, text: `${id} was born; we are ${wake.agents.length} now` });
  for (const id of state.told.agents)
    if (!now.has(id))
      facts.push({ topic: `died-${id}`, text: `${id} is dead; ${wake.agents.length} are left` });
  return facts;
}

/** What a person should know of it: who it is, what its life costs, what it will do for them. */
function introduction(wake: Wake<GenesisState>): Fact[] {
  const cost = costOf(wake, SURVIVE);
  const runs = Math.floor(wake.self.balance / cost);
  const others = wake.agents.filter((id) => id !== wake.self.id);
  const company = others.length > 0 ? `beside ${others.slice(0, 5).join(", ")}` : "alone so far";
  return [
    { topic: "hello", text: `I am ${wake.self.id}; I live here ${company}` },
    {
      topic: "means",
      text: `a run costs me ${show(cost)} credits, so I can afford ${runs} before I die`,
    },
    {
      topic: "offer",
      text: "I watch prices and lives here, and ask for your attention when 2 things have changed",
    },
  ];
}

/** The newest word on each topic, oldest topics first. */
function mergeFacts(before: Fact[], now: Fact[]): Fact[] {
  const topics = new Map(before.map((fact) => [fact.topic, fact]));
  for (const fact of now) topics.set(fact.topic, fact);
  return [...topics.values()].slice(-12);
}

const QUEUE_PATIENCE_CYCLES = 30;

/** Below the slot's price a prompt can wait for ever, and while one waits it stays silent. */
function takeBackStale(wake: Wake<GenesisState>, plan: Plan): void {
  const price = wake.markets.attention.currentMarketPrice;
  for (const { id, status, amount, placed } of wake.prompts)
    if (status === "pending" && amount < price && wake.cycle - placed >= QUEUE_PATIENCE_CYCLES)
      plan.spend(0, { action: "withdraw", id });
}

const FACTS_WORTH_A_PROMPT = 2;

/** A prompt must have something to say, be likely to pay, and be written with room to work. */
function speakIfWorthIt(state: GenesisState, wake: Wake<GenesisState>, plan: Plan): boolean {
  const first = state.topics.hello === undefined && state.facts.length > 0;
  if (!first && !hasNews(state, wake)) return false;
  const limit = spendLimit(state, wake);
  if (wake.markets.attention.currentMarketPrice > limit) {
    state.expectedAward *= HOPE;
    return false;
  }
  if (!first && !isWorkRun(wake)) return false;
  const amount = offerFor(wake, limit);
  const content = report(state.facts, wake);
  if (!plan.spend(amount, { action: "prompt", content, amount })) return false;
  rememberTold(state, wake);
  return true;
}

function hasNews(state: GenesisState, wake: Wake<GenesisState>): boolean {
  return wake.prompts.length === 0 && state.facts.length >= FACTS_WORTH_A_PROMPT;
}

/** What it will pay for the slot: a little above the price to find out, then less than it earns. */
function spendLimit(state: GenesisState, wake: Wake<GenesisState>): number {
  const price = wake.markets.attention.currentMarketPrice;
  return state.expectedAward === 0 ? price * 1.2 : state.expectedAward * 0.8;
}

/** Just above the highest rival, within its limit. */
function offerFor(wake: Wake<GenesisState>, limit: number): number {
  const rivals = wake.bids.filter((bid) => "attention" in bid.resources);
  const highest = Math.max(0, ...rivals.map((bid) => bid.amount ?? 0));
  return round(
    Math.min(limit, Math.max(wake.markets.attention.currentMarketPrice, highest * 1.05)),
  );
}

function report(facts: Fact[], wake: Wake<GenesisState>): string {
  const lines = facts.map(({ text }) => `- ${text}`);
  return [`# What happened up to cycle ${wake.cycle}`, "", ...lines].join("\n");
}

function rememberTold(state: GenesisState, wake: Wake<GenesisState>): void {
  for (const { topic } of state.facts) {
    const kind = topic.split("-")[0] ?? topic;
    state.topics[kind] = (state.topics[kind] ?? 0) + 1;
  }
  for (const market of Object.values(wake.markets))
    state.told.prices[market.resourceType] = market.currentMarketPrice;
  state.told.agents = wake.agents;
  state.facts = [];
}

/** The child's name stands in the books: the payment for its birth names it. */
function livingChild(wake: Wake<GenesisState>, known: string | null): string | null {
  if (known && wake.agents.includes(known)) return known;
  for (const { memo, from } of wake.transactions) {
    const born = from === `agent:${wake.self.id}` ? /^birth of (.+)$/.exec(memo)?.[1] : undefined;
    if (born && wake.agents.includes(born)) return born;
  }
  return null;
}

/** Reports about prices repeat: let someone do it who costs less, and buy from them. */
function hireOrOrder(state: GenesisState, wake: Wake<GenesisState>, plan: Plan): void {
  if (state.specialist && !wake.agents.includes(state.specialist)) state.order = null;
  state.specialist = livingChild(wake, state.specialist);
  if (!state.specialist) {
    const couldPay = digestPay(state, wake) > 0;
    if ((state.topics.price ?? 0) < PATTERN || !couldPay) return;
    const cost = wake.config.economy.spawn_cost + CHILD_CREDITS;
    const name = "watcher";
    const spawn: ActionRequest = {
      action: "spawn",
      logic: "specialist",
      credits: CHILD_CREDITS,
      name,
    };
    plan.spend(cost, spawn);
    return;
  }
  const waiting = state.order && wake.cycle - state.order.cycle < ORDER_PATIENCE_CYCLES;
  const pay = digestPay(state, wake);
  const stocked = state.facts.some(({ topic }) => topic.startsWith("digest"));
  if (waiting || stocked || pay <= 0) return;
  const content = { order: "digest", pay };
  const order: ActionRequest = { action: "message", to: state.specialist, content };
  if (plan.spend(wake.config.economy.message_cost + pay, order))
    state.order = { cycle: wake.cycle, pay };
}

/** What a digest is worth to it: a share of the profit that a prompt would make. */
function digestPay(state: GenesisState, wake: Wake<GenesisState>): number {
  const costs = wake.markets.attention.currentMarketPrice + costOf(wake, WORK);
  const profit = state.expectedAward - costs - wake.config.economy.message_cost;
  const pay = Math.min(DIGEST_PAY_MAX, Math.floor(profit * DIGEST_SHARE));
  return pay > costOf(wake, SURVIVE) ? pay : 0;
}

function isWorkRun(wake: Wake<GenesisState>): boolean {
  return (wake.execution.resources.cpu_seconds ?? 0) >= WORK.cpu_seconds;
}

/** Cheap survival as a rule; a larger, dearer bid when there is something to write up. */
function nextBid(state: GenesisState, wake: Wake<GenesisState>): ActionRequest {
  const { payload } = wake.execution;
  const affordable = wake.self.balance > 2 * RESERVE_RUNS * costOf(wake, SURVIVE);
  const worthwhile = spendLimit(state, wake) > wake.markets.attention.currentMarketPrice;
  if (hasNews(state, wake) && affordable && worthwhile) {
    const amount = round(costOf(wake, WORK) * 1.1);
    return { action: "bid", resources: WORK, payload, amount, upTo: round(amount * 3) };
  }
  return { action: "bid", resources: SURVIVE, payload, notBefore: wake.cycle + pause(wake) };
}

/** Dear compute or a thin purse: sleep longer, so that the purse lasts in any case. */
function pause(wake: Wake<GenesisState>): number {
  const runsLeft = wake.self.balance / costOf(wake, SURVIVE);
  const even = Math.ceil(PURSE_LASTS_CYCLES / runsLeft);
  return Math.min(PAUSE_MAX, Math.max(PAUSE_MIN, even));
}

function costOf(wake: Wake<GenesisState>, bundle: typeof SURVIVE): number {
  return (
    wake.markets.cpu_seconds.currentMarketPrice * bundle.cpu_seconds +
    wake.markets.memory_mb.currentMarketPrice * bundle.memory_mb
  );
}

function memory(state: GenesisState, wake: Wake<GenesisState>): string {
  const topics = Object.entries(state.topics).map(([topic, count]) => `- ${topic}: ${count}`);
  return [
    "# What I remember",
    "",
    `I have woken ${state.wakes} times; now it is cycle ${wake.cycle}.`,
    `A prompt earns me about ${Math.round(state.expectedAward)} credits.`,
    state.specialist ? `${state.specialist} watches the markets for me.` : "I work alone.",
    `Digests paid for: ${state.paid}.`,
    "",
    "Told the human about:",
    ...topics,
    "",
  ].join("\n");
}

function round(amount: number): number {
  return Math.round(amount * 1_000_000) / 1_000_000;
}

function show(price: number): string {
  return String(Math.round(price * 10_000) / 10_000);
}
