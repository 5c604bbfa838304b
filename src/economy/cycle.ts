// One cycle of the economy, as one list. Between clearing and settling the winners execute; how
// they do that (sandbox, container, in process) is the caller's: it comes in as a function and its
// results come back as data.
import { type Action, parseAction } from "./actions.ts";
import { bear, cull, die, isTaken, type Logic, type Parentage } from "./agents.ts";
import { expirePrompts, fillSlot, settleAnswer } from "./attention.ts";
import { type Candidate, collectBids } from "./bids.ts";
import { once, ownView, publicView, type Shown } from "./environment.ts";
import { checkNewId } from "./ids.ts";
import { auditBalances, ISSUANCE, releaseHold } from "./ledger.ts";
import { isDeep } from "./lines.ts";
import { adoptRules, clearMarkets, repriceMarkets, settleWinner, type Winner } from "./markets.ts";
import { type Micro, roundedAmount } from "./money.ts";
import { perform, type RunContext } from "./perform.ts";
import { assert, type Result } from "./result.ts";
import {
  type Agent,
  type Answer,
  addBid,
  type Bid,
  bidsOf,
  type Economy,
  HISTORY_CYCLES,
  livingAgent,
  notify,
  record,
} from "./state.ts";
import { oneLine } from "./text.ts";

/** A run that won: what the agent sees, and who pays how much for it. */
export type Run = Shown & { bid: Winner["bid"]; pays: Micro };

export type RunEnding =
  | { kind: "finished" }
  | { kind: "crashed" | "limit"; detail: string }
  /** The host failed, not the agent: the run is undone and refunded. */
  | { kind: "host"; detail: string };

/** What came back from a run, parsed as far as JSON. */
export type RunOutcome = {
  ending: RunEnding;
  /** The lines of actions.jsonl in order: JSON values, or why a line is none. */
  lines: Result<unknown>[];
  logicOf: RunContext["logicOf"];
  /** What the host has to tell the agent: refused files, lines cut. */
  notes: string[];
  /** Why the provider of its model failed it, where it did. */
  providerFailed?: string;
};

export type Execute = (runs: Run[]) => Promise<RunOutcome[]>;

export type CycleInput = {
  /** The instant of this cycle, ISO 8601 UTC. */
  time: string;
  /** Unknown to anyone while bids were placed: breaks ties. */
  tieSeed: string;
  answers: Answer[];
  /** Folders a person made by hand, to be born. */
  newborn: { id: string; logic: Logic }[];
  /** Agents whose folders a person took away. */
  removed: string[];
};

export type Fate = { action: unknown; ok: boolean; answer: string | true };
export type RunReport = { run: Run; ending: RunEnding; fates: Fate[] };
export type CycleReport = { runs: RunReport[]; winners: number; candidates: number };

/** The phases of a cycle. `economy.changes` must be empty before; it holds the plan after. */
export async function runCycle(
  economy: Economy,
  input: CycleInput,
  execute: Execute,
): Promise<CycleReport> {
  return fromCleared(economy, untilCleared(economy, input), { tieSeed: input.tieSeed, execute });
}

/**
 * The phases after the clearing. By itself: a cycle that is known from there on only, as an agent
 * that executes in it knows it (a trial).
 */
export async function fromCleared(
  economy: Economy,
  { candidates, winners }: Clearing,
  { tieSeed, execute }: Pick<CycleInput, "tieSeed"> & { execute: Execute },
): Promise<CycleReport> {
  const runs = wake(economy, winners);
  const outcomes = await execute(runs);
  const reports = settleRuns(economy, runs, outcomes);
  fillSlot(economy, tieSeed);
  repriceMarkets(economy);
  cull(economy);
  closeCycle(economy);
  return { runs: reports, winners: winners.length, candidates: candidates.length };
}

/** The phases before anything executes. By itself: what a cycle would begin with (a dry run). */
export function untilCleared(economy: Economy, input: CycleInput): Clearing {
  openCycle(economy, input);
  admitByHand(economy, input);
  settleAnswers(economy, input.answers);
  expirePrompts(economy);
  const candidates = collectBids(economy);
  return { candidates, winners: clearMarkets(economy, candidates, input.tieSeed) };
}

type Clearing = { candidates: Candidate[]; winners: Winner[] };

function openCycle(economy: Economy, { time }: CycleInput): void {
  assertSound(economy);
  economy.cycle += 1;
  advanceTime(economy, time);
  adoptRules(economy);
}

const DAY_MS = 86_400_000;

/**
 * A clock set back a little must not turn the world's time back. One that is more than a day behind
 * is followed: then it was the world that had been ahead, and it would stay there for years.
 */
export function advanceTime(economy: Economy, time: string): void {
  const ahead = Date.parse(economy.time) - Date.parse(time);
  if (ahead >= 0 && ahead <= DAY_MS) return;
  economy.time = time;
  // What was minted on a day that is still to come counts today: no second day by a clock.
  const today = time.slice(0, 10);
  if (economy.minted.day > today) economy.minted = { ...economy.minted, day: today };
}

function closeCycle(economy: Economy): void {
  assert(economy.ledger.holds.size === 0, "a hold outlived its cycle");
  const oldest = economy.cycle - HISTORY_CYCLES;
  const first = economy.recent.findIndex(({ cycle }) => cycle > oldest);
  if (first !== 0) economy.recent = first < 0 ? [] : economy.recent.slice(first);
  assertSound(economy);
}

/** Law 4, before and after each cycle. */
function assertSound(economy: Economy): void {
  const problems = auditBalances(economy.ledger);
  assert(problems.length === 0, `the books are wrong: ${problems.join("; ")}`);
}

/** Folders that a person made or took away are births and deaths. */
function admitByHand(economy: Economy, { newborn, removed }: CycleInput): void {
  for (const id of removed)
    if (economy.agents.has(id)) die(economy, id, "a person removed its folder");
  for (const { id, logic } of newborn) {
    if (isTaken(economy, id)) continue;
    const credits = economy.rules.economy.initial_credit_budget;
    const parents: Parentage = { lineage: [], credits, source: ISSUANCE };
    const name = checkNewId(id);
    const born = name.ok ? bear(economy, id, logic, parents) : name;
    if (born.ok) record(economy, "born", id, `${id} was put into the world by hand`);
    else record(economy, "refused", id, `${id} was not born: ${born.reason}`);
  }
}

function settleAnswers(economy: Economy, answers: Answer[]): void {
  for (const answer of answers) {
    const settled = settleAnswer(economy, answer);
    if (!settled.ok) record(economy, "refused", answer.prompt, `a score: ${settled.reason}`);
  }
}

function wake(economy: Economy, winners: Winner[]): Run[] {
  if (winners.length === 0) return [];
  const shared = publicView(economy);
  return winners.map((winner) => {
    const { bid, pays } = winner;
    return { bid, pays, own: ownView(economy, winner), shared };
  });
}

/** Results in winner order, so that the number of parallel runs changes nothing. */
function settleRuns(economy: Economy, runs: Run[], outcomes: RunOutcome[]): RunReport[] {
  assert(runs.length === outcomes.length, "a run without an outcome");
  // A sleeper is not told of the dead, so what it may name its child is decided by the living.
  const [{ shared } = { shared: null }] = runs;
  const told = once(() => new Set([...(shared?.agents ?? []), ...(shared?.people ?? [])]));
  const just = runs.map((run, at) => blameless(economy, run, outcomes[at] as RunOutcome));
  for (const [at, run] of runs.entries()) settlePayment(economy, run, just[at] as RunOutcome);
  return runs.map((run, at) => {
    const outcome = just[at] as RunOutcome;
    const { ending } = outcome;
    const fates = ending.kind === "finished" ? applyRun(economy, run, outcome, told) : [];
    if (ending.kind === "crashed" || ending.kind === "limit") giveBack(economy, run, ending.detail);
    return { run, ending, fates };
  });
}

/**
 * A provider's failure is nobody's death and nobody's cost: a run that it ended, or left without a
 * bid, did not happen.
 */
function blameless(economy: Economy, { bid }: Run, outcome: RunOutcome): RunOutcome {
  const { providerFailed, ending, lines } = outcome;
  if (providerFailed === undefined || ending.kind === "host") return outcome;
  const limit = economy.rules.execution.max_actions;
  const asked = lines.slice(0, limit).map((line) => kindOf(line));
  const keepsOne = bidsOf(economy, bid.agent).length > 0 && !asked.includes("withdraw");
  if (ending.kind === "finished" && (keepsOne || asked.includes("bid"))) return outcome;
  const detail = `the provider of its model failed: ${oneLine(providerFailed, DETAIL_CHARS_MAX)}`;
  return { ...outcome, ending: { kind: "host", detail } };
}

const DETAIL_CHARS_MAX = 200;

function kindOf(line: Result<unknown>): Action["action"] | null {
  const parsed: Result<Action> = line.ok ? parseAction(line.value) : line;
  return parsed.ok ? parsed.value.action : null;
}

function settlePayment(economy: Economy, { bid, pays }: Run, outcome: RunOutcome): void {
  const { ending, providerFailed } = outcome;
  if (ending.kind !== "host") {
    settleWinner(economy, { bid, pays });
    return;
  }
  releaseHold(economy.ledger, bid.id);
  addBid(economy, providerFailed === undefined ? bid : deferred(economy, bid));
  const text = `run was undone: ${ending.detail}`;
  if (providerFailed !== undefined) notify(economy, bid.agent, `your ${text}`);
  record(economy, "host", bid.agent, `${bid.agent}'s ${text}`);
}

const WAIT_CYCLES_MAX = 60;

/** After each failure running it waits twice as long: nobody asks a dead provider for ever. */
function deferred(economy: Economy, bid: Bid): Bid {
  const agent = livingAgent(economy, bid.agent);
  const wait = Math.min(WAIT_CYCLES_MAX, 2 ** agent.providerFailures);
  agent.providerFailures = Math.min(agent.providerFailures + 1, WAIT_CYCLES_MAX);
  economy.changes.agents.add(agent.id);
  return { ...bid, notBefore: economy.cycle + wait };
}

/** A run that ended well: it has read its mail and its notices, and its actions count. */
function applyRun(
  economy: Economy,
  run: Run,
  { lines, logicOf, notes }: RunOutcome,
  told: () => Set<string>,
): Fate[] {
  const agent = livingAgent(economy, run.bid.agent);
  startAfresh(economy, agent, run);
  record(
    economy,
    "ran",
    agent.id,
    `${agent.id} executed (cost: ${roundedAmount(run.pays)} credits)`,
  );
  const wasTaken = (id: string) => told().has(id);
  const context: RunContext = { agent: agent.id, logicOf, wasTaken, renamed: new Map() };
  const limit = economy.rules.execution.max_actions;
  const fates = lines.slice(0, limit).map((line) => decideFate(economy, context, line));
  // Last, since of many notices the first are dropped.
  for (const note of notes) notify(economy, agent.id, note);
  if (lines.length > limit)
    notify(economy, agent.id, `only the first ${limit} of ${lines.length} actions were read`);
  return fates;
}

function startAfresh(economy: Economy, agent: Agent, { bid, own }: Run): void {
  const { resources, payload, amount, upTo } = bid;
  agent.executions += 1;
  agent.lastExecution = { cycle: economy.cycle, at: economy.time };
  agent.placed = 0;
  agent.crashes = 0;
  agent.providerFailures = 0;
  agent.lastOrder = { resources, payload, amount, upTo, notBefore: 0 };
  if (own.notices.length > 0)
    agent.notices = agent.notices.filter((notice) => !own.notices.includes(notice));
  if (own.inbox.length > 0)
    agent.inbox = agent.inbox.filter((message) => !own.inbox.includes(message));
  economy.changes.read.push(...own.inbox);
  economy.changes.agents.add(agent.id);
}

function decideFate(economy: Economy, context: RunContext, line: Result<unknown>): Fate {
  const parsed: Result<Action> = line.ok ? parseAction(line.value) : line;
  const done = parsed.ok ? perform(economy, context, parsed.value) : parsed;
  // What cannot be written as JSON again must not reach the trace.
  const value = line.ok ? line.value : null;
  const action = parsed.ok || !isDeep(value) ? value : null;
  if (done.ok) return { action, ok: true, answer: done.value };
  const kind = parsed.ok ? parsed.value.action : "an action";
  notify(economy, context.agent, `${kind} was refused: ${done.reason}`);
  record(economy, "refused", context.agent, `${context.agent}: ${kind} refused: ${done.reason}`);
  return { action, ok: false, answer: done.reason };
}

const CRASHES_FORGIVEN = 3;

/** A crash undoes the run but not its cost; the bid comes back, three times running at most. */
function giveBack(economy: Economy, { bid }: Run, detail: string): void {
  const agent = livingAgent(economy, bid.agent);
  agent.crashes += 1;
  agent.providerFailures = 0;
  agent.executions += 1;
  agent.lastExecution = { cycle: economy.cycle, at: economy.time };
  economy.changes.agents.add(agent.id);
  record(economy, "crashed", agent.id, `${agent.id} crashed: ${detail}`);
  if (agent.crashes > CRASHES_FORGIVEN) {
    die(economy, agent.id, `crashed ${agent.crashes} times running (${detail})`);
    return;
  }
  notify(economy, agent.id, `your run on ${bid.id} failed and was undone: ${detail}`);
  addBid(economy, { ...bid, lost: 0 });
}
