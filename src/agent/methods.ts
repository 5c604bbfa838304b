// The methods of the specification (§5) under their own names in camelCase.
//
// One convention. A method that acts returns an answer and never throws for a refusal:
//   { ok: true, id }       something was made: a bid, a prompt, an agent
//   { ok: true }           done
//   { ok: false, reason }  refused, with a reason to read; nothing changed, nothing was paid
// A method that reads returns the value itself. Amounts are credits as plain numbers, at most six
// decimals. Each answer includes what this run did before, in any of its processes.
import {
  askView,
  type BidView,
  bidView,
  type Environment,
  type MarketState as MarketFacts,
  type TransactionView,
  transactionView,
} from "../economy/environment.ts";
import { agentAccount } from "../economy/ledger.ts";
import { toCredits } from "../economy/money.ts";
import { type Bundle, RESOURCES, type Resource } from "../economy/resources.ts";
import type { Refusal } from "../economy/result.ts";
import { bidsOf, livingAgent, type Message, type Notice, purseOf } from "../economy/state.ts";
import { act, currentSession, freshSession } from "./session.ts";
import type { ActionRequest } from "./strategy.ts";

export type Done = { ok: true; id?: undefined; reason?: undefined } | Refused;
export type Made = { ok: true; id: string; reason?: undefined } | Refused;
type Refused = Refusal & { id?: undefined };

/** A market with the pending bids that name its resource, of everyone. */
export type MarketState = MarketFacts & { activeBids: BidView[] };

export type BidOptions = {
  /** Credits offered at first. Default: the market cost at each clearing. */
  amount?: number | undefined;
  /**
   * Credits offered at most: the offer grows 12.5 % with each lost clearing. Default: twice
   * `amount`, or twice the market cost of now.
   */
  upTo?: number | undefined;
  /** The first cycle in which the bid may win. Default: the next one. */
  notBefore?: number | undefined;
};

export type ExecutionContext = {
  bid: string;
  /** Bought for this run. */
  resources: Bundle;
  /** Credits paid for it. */
  paid: number;
  payload: string[];
  timeoutSeconds: number;
  /** Left of the time and the CPU time, as this process can measure: its own use counts. */
  remaining: { wallSeconds: number; cpuSeconds: number; tokens: number };
};

/** Pay an agent or a person. Refused: not enough credits, nobody of that name, yourself. */
export function transferCredits(to: string, amount: number, memo?: string): Done {
  return done({ action: "transfer", to, amount, ...given({ memo }) });
}

/** Credits you can spend now. What you are paid during this run arrives after it. */
export function getBalance(): number {
  const { economy, run } = freshSession();
  return toCredits(purseOf(economy, run.agent));
}

/** Your transfers of the last 20 cycles, newest first, those of this run included. */
export function getTransactionHistory(limit = 10): TransactionView[] {
  const { economy, environment, run } = freshSession();
  const account = agentAccount(run.agent);
  const now = economy.recent
    .filter(({ from, to }) => from === account || to === account)
    .map(transactionView)
    .reverse();
  return [...now, ...environment.transactions].slice(0, Math.max(0, limit));
}

/**
 * Bid for one execution: all of `resources` or nothing. `payload` is the command to run then, with
 * its arguments; default: what runs now. Refused: not enough credits for the offer, a resource that
 * is not for sale or beyond its supply, `upTo` below the market cost, `notBefore` more than 1,000
 * cycles ahead, too many pending bids.
 */
export function placeBid(resources: Bundle, payload?: string[], options: BidOptions = {}): Made {
  const { amount, upTo, notBefore } = options;
  const argv = payload ?? currentSession().environment.execution.payload;
  const wish = given({ amount, upTo, notBefore });
  return made({ action: "bid", resources, payload: argv, ...wish });
}

/** Offer more for a pending bid (limit: `upTo`, default twice the amount) or a waiting prompt. */
export function raiseBid(id: string, amount: number, upTo?: number): Made {
  return made({ action: "raise", id, amount, ...given({ upTo }) });
}

/** Take back a pending bid or a waiting prompt. Nothing was held, so nothing is paid back. */
export function withdrawBid(id: string): Made {
  return made({ action: "withdraw", id });
}

/** One market: supply, utilisation (%), price (credits per unit), demand, bids, last sales. */
export function getMarketState(resource: Resource): MarketState {
  const { economy, environment, run } = freshSession();
  if (!RESOURCES.includes(resource))
    throw new TypeError(`no market for ${resource}: one of ${RESOURCES.join(", ")}`);
  const market = environment.markets[resource];
  const known = [
    ...environment.bids.filter(({ agent }) => agent !== run.agent),
    ...[...economy.bids.values()].map(bidView),
    ...[...economy.queue.values()].map(askView),
  ];
  const activeBids = known.filter(({ resources }) => Object.hasOwn(resources, resource));
  return { ...market, activeBids };
}

/** All markets by resource: tokens, cpu_seconds, memory_mb, gpu_seconds, attention. */
export function getAllMarkets(): Record<Resource, MarketState> {
  const states = RESOURCES.map((resource) => [resource, getMarketState(resource)]);
  return Object.fromEntries(states) as Record<Resource, MarketState>;
}

/** Your own bids that have not won yet, with their payloads. */
export function getPendingBids(): Environment["pendingBids"] {
  const { economy, run } = freshSession();
  return bidsOf(economy, run.agent).map((bid) => ({ ...bidView(bid), payload: bid.payload }));
}

/**
 * Make an agent. `logic` is a folder of your workspace ("." for all of it), copied as it stands
 * when this run ends, or the files themselves, { path: text }. You pay the spawn cost and the
 * `credits`, which are the child's and pay its first bid. `name` is a wish: the id in the answer
 * counts.
 */
export function spawnAgent(
  logic: string | Record<string, string>,
  credits: number,
  name?: string,
): Made {
  return made({ action: "spawn", logic, credits, ...given({ name }) });
}

/** Write to an agent, for the message cost. Text stays text; any other value is sent as JSON. */
export function sendMessage(to: string, content: unknown): Done {
  return done({ action: "message", to, content });
}

/** Messages you have not read, oldest first, at most 100. A run that ends well has read them. */
export function getInbox(): Message[] {
  return currentSession().environment.inbox;
}

/**
 * Bid for the human's attention: text is markdown, any other value is shown as JSON. The amount is
 * paid when the prompt is shown, whatever its scores. Refused: below the slot's price, not enough
 * credits, too many prompts waiting, over 64 KiB.
 */
export function promptHuman(content: unknown, amount: number): Made {
  return made({ action: "prompt", content, amount });
}

/** The ids of the living agents, sorted; children of this run included. */
export function getAgentDirectory(): string[] {
  return [...freshSession().economy.agents.keys()].sort();
}

/** The rules of this world, as in econ.yaml; amounts in credits. */
export function getConfig(): Environment["config"] {
  return currentSession().environment.config;
}

/** The instant of this cycle. It stands still during a run. */
export function getCurrentTime(): Date {
  return new Date(currentSession().environment.time);
}

/** What was bought for this run, what it cost, and what is left of it. */
export function getExecutionContext(): ExecutionContext {
  const { bid, resources, paid, payload, timeoutSeconds } = currentSession().environment.execution;
  const used = usedSoFar();
  const left = (bought: number, spent: number) => Math.max(0, bought - spent);
  const remaining = {
    wallSeconds: left(timeoutSeconds, used.wallSeconds),
    cpuSeconds: left(resources.cpu_seconds ?? 0, used.cpuSeconds),
    // The gateway counts them; the default harness tells the commands that it starts.
    tokens: Number(process.env.ECON_TOKENS_LEFT ?? resources.tokens ?? 0),
  };
  return { bid, resources, paid, payload, timeoutSeconds, remaining };
}

/** The resources that this process has used so far; of the run's other processes it cannot tell. */
export type ExecutionUse = { wallSeconds: number; cpuSeconds: number; memoryMb: number };

/** What this execution has used so far, and your record: runs before it, totals, lineage, dates. */
export function getExecutionStats(): Environment["self"] & { used: ExecutionUse } {
  const { economy, environment, run } = freshSession();
  const { self } = environment;
  const now = livingAgent(economy, run.agent);
  return {
    ...self,
    balance: toCredits(purseOf(economy, run.agent)),
    totalCreditsSpent: self.totalCreditsSpent + toCredits(now.spent),
    children: now.children,
    used: usedSoFar(),
  };
}

function usedSoFar(): ExecutionUse {
  const { user, system } = process.cpuUsage();
  const memoryMb = Math.round(process.memoryUsage.rss() / 1e5) / 10;
  return { wallSeconds: performance.now() / 1000, cpuSeconds: (user + system) / 1e6, memoryMb };
}

/** What was refused or undone since you last ran, with reasons. */
export function getNotices(): Notice[] {
  return currentSession().environment.notices;
}

/** Everything you were told when this run began. It does not change during the run. */
export function getEnvironment(): Environment {
  return currentSession().environment;
}

function done(request: ActionRequest): Done {
  const answer = act(currentSession(), request);
  return answer.ok ? { ok: true } : answer;
}

function made(request: ActionRequest): Made {
  const answer = act(currentSession(), request);
  return answer.ok ? { ok: true, id: String(answer.value) } : answer;
}

/** Only the options that were given: an action has no empty fields. */
function given<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
