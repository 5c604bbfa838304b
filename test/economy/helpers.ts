// A tiny world built by the rules, and cycles of it with scripted runs: no files, no sandbox, no mocks.
import * as fc from "fast-check";
import { type Action, parseAction } from "../../src/economy/actions.ts";
import { bear, type Logic } from "../../src/economy/agents.ts";
import type { Candidate } from "../../src/economy/bids.ts";
import { CLEARING_RULES, inOrder } from "../../src/economy/clearing.ts";
import {
  type CycleInput,
  type CycleReport,
  type Fate,
  type RunEnding,
  type RunOutcome,
  runCycle,
} from "../../src/economy/cycle.ts";
import {
  agentAccount,
  availableTo,
  balanceOf,
  ISSUANCE,
  personAccount,
} from "../../src/economy/ledger.ts";
import { credits, toCredits } from "../../src/economy/money.ts";
import { newEconomy } from "../../src/economy/new-economy.ts";
import { perform, type RunContext } from "../../src/economy/perform.ts";
import type { Bundle } from "../../src/economy/resources.ts";
import { accept, type Result, refuse } from "../../src/economy/result.ts";
import { rulesSchema } from "../../src/economy/rules.ts";
import { type Economy, noChanges, transfer } from "../../src/economy/state.ts";

/** Properties run on the same cases every time; another seed is one variable away. */
export const SEED = Number(process.env.ECON_TEST_SEED ?? 20260101);
fc.configureGlobal({ seed: SEED });
console.info(`properties in test/economy: seed ${SEED} (ECON_TEST_SEED)`);

/** What runs of these tests cost at their own prices: 3.92 credits. */
export const BUNDLE: Bundle = { cpu_seconds: 1, memory_mb: 96 };
export const COST = 3.92;

export const bid = (more: object = {}) => ({
  action: "bid",
  resources: BUNDLE,
  payload: ["bun", "main.ts"],
  ...more,
});

/** Values of our own, so that tuning the defaults changes no arithmetic here. */
const OWN = {
  clock: "logical",
  resources: {
    tokens: { supply: 10_000, initial_price: 0.1 },
    cpu_seconds: { supply: 8, initial_price: 2 },
    memory_mb: { supply: 1_024, initial_price: 0.02 },
    attention: { supply: 1, initial_price: 50 },
  },
  pricing: {
    raise_above_percent: 80,
    lower_below_percent: 20,
    average_over_cycles: 1,
    max_step_percent: 12.5,
    floor_times_initial: 0.1,
    ceiling_times_initial: 100,
  },
};

export function rulesOf(stated: object = {}) {
  return rulesSchema.parse(merged(OWN, stated));
}

function merged(below: object, above: object): object {
  const both = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(above)) {
    const old = both.get(key);
    const deep = isObject(old) && isObject(value);
    both.set(key, deep ? merged(old, value) : value);
  }
  return Object.fromEntries(both);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export const LOGIC: Logic = {
  folder: new Map([["main.ts", { bytes: new Uint8Array(), executable: false }]]),
  kind: "code",
  payload: ["bun", "main.ts"],
  bid: null,
};

export type Cast = {
  /** Credits each is born with; each has its first bid pending. */
  agents?: Record<string, number>;
  people?: Record<string, number>;
  /** As in econ.yaml; what is left out has its default. */
  rules?: object;
  seed?: string;
};

/** Candidates as the default rule ranks them. */
export const byHighest = (candidates: Candidate[], tieSeed: string) =>
  inOrder(candidates, { rule: CLEARING_RULES.highest, tieSeed, supply: () => 1 });

export function worldOf({ agents = {}, people = {}, rules = {}, seed = "seed" }: Cast): Economy {
  const world = newEconomy(rulesOf(rules), seed, "2026-01-01T00:00:00.000Z");
  for (const [id, purse] of Object.entries(agents)) {
    const parents = { lineage: [], credits: credits(purse), source: "issuance" };
    const born = bear(world, id, LOGIC, parents);
    if (!born.ok) throw new Error(`${id} cannot be born: ${born.reason}`);
  }
  for (const [name, purse] of Object.entries(people)) {
    world.people.add(name);
    const grant = { kind: "grant" as const, from: ISSUANCE, to: personAccount(name), memo: "hi" };
    if (purse > 0) transfer(world, { ...grant, amount: credits(purse) });
  }
  return world;
}

/** What each agent's next run does: lines of actions.jsonl, or how else it ends. */
export type Script = Record<string, unknown[] | RunEnding | Partial<RunOutcome>>;

export const crash: RunEnding = { kind: "crashed", detail: "exit 1" };
export const hostFails: RunEnding = { kind: "host", detail: "no memory left on this machine" };

/** One cycle. Who has no script only bids again. */
export async function cycle(
  world: Economy,
  script: Script = {},
  input: Partial<CycleInput> = {},
): Promise<CycleReport> {
  world.changes = noChanges();
  return runCycle(
    world,
    {
      time: new Date(Date.UTC(2026, 0, 1) + (world.cycle + 1) * 10_000).toISOString(),
      tieSeed: `tie ${world.cycle}`,
      answers: [],
      newborn: [],
      removed: [],
      ...input,
    },
    async (runs) => runs.map((run) => outcomeOf(script[run.bid.agent] ?? [bid()])),
  );
}

export async function cycles(world: Economy, count: number, script: Script = {}): Promise<void> {
  for (let n = 0; n < count; n++) await cycle(world, script);
}

function outcomeOf(played: Script[string]): RunOutcome {
  const lines = Array.isArray(played) ? played.map((line) => accept(line)) : [];
  const well: RunOutcome = { ending: { kind: "finished" }, lines, logicOf, notes: [] };
  if (Array.isArray(played)) return well;
  return "kind" in played ? { ...well, ending: played } : { ...well, ...played };
}

/** Any folder named "logic" will do; another is not there. */
export const logicOf: RunContext["logicOf"] = (source) =>
  source === "logic" || typeof source === "object" ? accept(LOGIC) : refuse("no such folder");

/** One action of an agent that is awake, parsed and done as in a run. */
export function act(world: Economy, agent: string, line: unknown): Result<string | true> {
  const parsed: Result<Action> = parseAction(line);
  if (!parsed.ok) return parsed;
  const run: RunContext = { agent, logicOf, wasTaken: () => false, renamed: new Map() };
  return perform(world, run, parsed.value);
}

/** These and no other bids of an agent are pending. */
export function only(world: Economy, agent: string, ...orders: object[]): void {
  for (const { id } of bidsBy(world, agent)) act(world, agent, { action: "withdraw", id });
  for (const order of orders) {
    const placed = act(world, agent, bid(order));
    if (!placed.ok) throw new Error(placed.reason);
  }
}

export const reasonOf = (result: Result<unknown>) => (result.ok ? "accepted" : result.reason);

export function fatesOf(report: CycleReport, agent: string): Fate[] {
  return report.runs.find(({ run }) => run.bid.agent === agent)?.fates ?? [];
}

/** Who ran, in winner order. */
export const ranIn = (report: CycleReport) => report.runs.map(({ run }) => run.bid.agent);

/** What an agent has, in credits. */
export const purse = (world: Economy, agent: string) =>
  toCredits(availableTo(world.ledger, agentAccount(agent)));

export const balance = (world: Economy, account: string) =>
  toCredits(balanceOf(world.ledger, account));

export const bidsBy = (world: Economy, agent: string) =>
  [...world.bids.values()].filter((pending) => pending.agent === agent);

export const noticesOf = (world: Economy, agent: string) =>
  (world.agents.get(agent)?.notices ?? []).map(({ text }) => text);

export const eventsOf = (world: Economy, kind: string) =>
  world.changes.events.filter((event) => event.kind === kind).map(({ text }) => text);

/** A value with every map and set in order: equal text means equal in all that counts. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part) => {
    if (part instanceof Map) return [...part].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
    return part instanceof Set ? [...part].sort() : part;
  });
}

/** All of a world but what only tells of it: notices, chronicle, lists of what was touched. */
export function substance(world: Economy): string {
  const { changes, agents, ...rest } = world;
  const mute = new Map([...agents].map(([id, agent]) => [id, { ...agent, notices: [] }]));
  const { transfers, mail, read, born, died, answered } = changes;
  return canonical({ rest, mute, transfers, mail, read, born, died, answered });
}

/** Make the slot somebody's: as if its prompt had won it. */
export function giveSlot(world: Economy, agent: string, id = `${agent}-0-p9`): void {
  world.active = {
    id,
    agent,
    content: "hello",
    format: "markdown",
    amount: credits(50),
    placed: world.cycle,
    shown: world.cycle,
  };
  const owner = world.agents.get(agent);
  if (owner)
    owner.lastOrder = { ...bid(), amount: null, upTo: null, notBefore: 0, resources: BUNDLE };
}

export const answer = (prompt: string, points: number, more: object = {}) => ({
  prompt,
  scores: { interesting: points, useful: points, understandable: points },
  reason: "",
  by: "ada",
  ...more,
});
