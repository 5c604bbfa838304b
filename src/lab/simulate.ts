// A whole economy in one process: the world's own rules, with strategies called as functions
// instead of sandboxed runs, and no files. For tests, for tuning, and for looking at many lives at
// once.

import type { Strategy } from "../agent/strategy.ts";
import type { LogicSource } from "../economy/actions.ts";
import { bear, type Logic } from "../economy/agents.ts";
import { type CycleReport, type Run, type RunOutcome, runCycle } from "../economy/cycle.ts";
import { once, type PublicView } from "../economy/environment.ts";
import { keyedHash } from "../economy/hash.ts";
import { ISSUANCE } from "../economy/ledger.ts";
import { credits } from "../economy/money.ts";
import { newEconomy } from "../economy/new-economy.ts";
import { accept, assert, bug, refuse } from "../economy/result.ts";
import type { Rules } from "../economy/rules.ts";
import { type Answer, type Birth, type Economy, noChanges } from "../economy/state.ts";
import { judge, type Memory, type Taste, USUAL } from "./human.ts";
import { plainCopy } from "./plain.ts";

// biome-ignore lint/suspicious/noExplicitAny: a cast holds strategies with states of many types.
export type AnyStrategy = Strategy<any>;

/** The text files of an agent's folder, by path: what it wrote, and what its parent gave it. */
export type Workspace = Map<string, string>;

export type Member = { strategy: AnyStrategy; credits?: number; files?: Workspace };

/** The mind of a child that its parent wrote; it may keep the files, which stay the child's. */
export type Hatch = (agent: string, files: Workspace) => AnyStrategy | null;

export type Simulation = {
  economy: Economy;
  workspaces: Map<string, Workspace>;
  /** What each agent's strategy keeps from run to run. */
  memories: Map<string, unknown>;
  /** Runs one cycle; its report. */
  step: () => Promise<CycleReport>;
};

/** Who scores: never a person. */
export const SIMULATED_HUMAN = "simulated";

const EPOCH = Date.UTC(2026, 0, 1);

/**
 * A fresh economy of named members. `children` are the strategies that a spawn's folder may name.
 */
export function simulate(options: {
  rules: Rules;
  seed: string;
  cast: Record<string, Member>;
  children?: Record<string, AnyStrategy>;
  /** A strategy for a child that its parent wrote. */
  hatch?: Hatch;
  /** Whether a simulated human scores prompts, and which. */
  human?: boolean | Taste;
  /** The chance of each agent, in each cycle, to be removed by lot, whatever it does. */
  hazard?: number;
}): Simulation {
  const economy = newEconomy(options.rules, options.seed, new Date(EPOCH).toISOString());
  const minds = new Map<string, AnyStrategy>();
  const memories = new Map<string, unknown>();
  const workspaces = new Map<string, Workspace>();
  const founders: Birth[] = [];
  for (const [id, member] of Object.entries(options.cast)) {
    minds.set(id, member.strategy);
    workspaces.set(id, member.files ?? new Map());
    const budget = options.rules.economy.initial_credit_budget;
    const purse = member.credits === undefined ? budget : credits(member.credits);
    const born = bear(economy, id, codeFolder(), {
      lineage: [],
      credits: purse,
      source: ISSUANCE,
    });
    assert(born.ok, `the cast cannot be born: ${born.ok ? "" : born.reason}`);
    // A cast may be larger than what one cycle lets be born.
    founders.push(...economy.changes.born.splice(0));
  }
  economy.changes.born = founders;
  const children = options.children ?? {};
  const human = options.human === true ? USUAL : options.human || null;
  const heard: Memory = new Map();
  const step = async () => {
    const report = await runCycle(
      economy,
      {
        time: new Date(EPOCH + (economy.cycle + 1) * 10_000).toISOString(),
        tieSeed: `${options.seed}/${economy.cycle}`,
        answers: human ? answersOf(economy, heard, options.seed, human) : [],
        newborn: [],
        removed: struckDown(economy, options.seed, options.hazard ?? 0),
      },
      async (runs) => {
        const [first] = runs;
        if (!first) return [];
        const shared = sharedView(first.shared);
        return runs.map((run) => think(run, { shared, minds, memories, workspaces, children }));
      },
    );
    adoptChildren(economy, { minds, workspaces, children }, options.hatch);
    return report;
  };
  return { economy, workspaces, memories, step: () => startCycle(economy, step) };
}

/** Why a world with these rules would not let such a member be born; null when it would. */
export function birthRefusal(rules: Rules, purse: number | undefined): string | null {
  const economy = newEconomy(rules, "", new Date(EPOCH).toISOString());
  const held = purse === undefined ? rules.economy.initial_credit_budget : credits(purse);
  const parents = { lineage: [], credits: held, source: "issuance" };
  const born = bear(economy, "anyone", codeFolder(), parents);
  return born.ok ? null : born.reason;
}

/** What the last cycle changed has been seen; births of the first cycle belong to it. */
function startCycle(economy: Economy, step: () => Promise<CycleReport>): Promise<CycleReport> {
  economy.changes = noChanges();
  return step();
}

/** Whom it meets says nothing of how it lives. */
function struckDown({ agents, cycle }: Economy, seed: string, hazard: number): string[] {
  if (hazard === 0) return [];
  const lot = (id: string) => keyedHash(seed, `hazard ${id} ${cycle}`) % 1_000_003;
  return [...agents.keys()].filter((id) => lot(id) < hazard * 1_000_003);
}

function answersOf(economy: Economy, heard: Memory, seed: string, human: Taste): Answer[] {
  const prompt = economy.active;
  if (!prompt || human.taste === "none") return [];
  return [{ prompt: prompt.id, by: SIMULATED_HUMAN, ...judge(prompt.content, heard, seed, human) }];
}

/** All the way down. */
function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}

/** What all who wake in a cycle see alike: copied when somebody looks, and only to be read. */
type SharedView = { [Name in keyof PublicView]-?: () => PublicView[Name] };

function sharedView(view: PublicView): SharedView {
  const look = <Name extends keyof PublicView>(name: Name) =>
    once(() => frozen(plainCopy(view[name])));
  return {
    cycle: () => view.cycle,
    time: () => view.time,
    agents: look("agents"),
    people: look("people"),
    config: look("config"),
    markets: look("markets"),
    bids: look("bids"),
    population: look("population"),
  };
}

/** What an agent sees, as through the sandbox: it cannot reach into the economy. */
function wakeOf({ own, shared: { population } }: Run, shared: SharedView, state: unknown) {
  return {
    cycle: shared.cycle(),
    time: shared.time(),
    get agents() {
      return shared.agents();
    },
    get people() {
      return shared.people();
    },
    get config() {
      return shared.config();
    },
    get markets() {
      return shared.markets();
    },
    get bids() {
      return shared.bids();
    },
    ...(population ? { population: shared.population() } : {}),
    self: plainCopy(own.self),
    execution: plainCopy(own.execution),
    inbox: plainCopy(own.inbox),
    notices: plainCopy(own.notices),
    pendingBids: plainCopy(own.pendingBids),
    prompts: plainCopy(own.prompts),
    get transactions() {
      return plainCopy(own.transactions);
    },
    nameSeed: own.nameSeed,
    state,
  };
}

type Minds = {
  shared: SharedView;
  minds: Map<string, AnyStrategy>;
  memories: Map<string, unknown>;
  workspaces: Map<string, Workspace>;
  children: Record<string, AnyStrategy>;
};

function think(run: Run, { shared, minds, memories, workspaces, children }: Minds): RunOutcome {
  const { agent } = run.bid;
  const mind = minds.get(agent);
  if (!mind) bug(`${agent} has no strategy`);
  const decision = mind(wakeOf(run, shared, memories.get(agent) ?? null));
  memories.set(agent, plainCopy(decision.state));
  for (const [path, text] of Object.entries(decision.files ?? {}))
    workspaces.get(agent)?.set(path, text);
  return {
    ending: { kind: "finished" },
    lines: decision.actions.map((action) => accept(plainCopy(action))),
    logicOf: (source: LogicSource) => {
      if (typeof source === "string")
        return children[source] ? accept(codeFolder(source)) : refuse("there is no such folder");
      const files = new Map(Object.entries(source));
      return files.size > 0 ? accept(codeOf(files)) : refuse("the folder is empty");
    },
    notes: [],
  };
}

function adoptChildren(
  economy: Economy,
  { minds, workspaces, children }: Pick<Minds, "minds" | "workspaces" | "children">,
  hatch?: Hatch,
): void {
  for (const { agent, folder } of economy.changes.born) {
    const [name = ""] = folder.keys();
    const text = ({ bytes }: { bytes: Uint8Array }) => new TextDecoder().decode(bytes);
    const files = new Map([...folder].map(([path, file]) => [path, text(file)] as const));
    const mind = children[name] ?? hatch?.(agent, files);
    if (mind) minds.set(agent, mind);
    workspaces.set(agent, children[name] ? new Map() : files);
  }
}

/** In process a folder is only a name: the strategy that it stands for. */
function codeFolder(name = "main.ts"): Logic {
  return codeOf(new Map([[name, ""]]));
}

function codeOf(files: Workspace): Logic {
  const encode = (text: string) => ({ bytes: new TextEncoder().encode(text), executable: false });
  return {
    folder: new Map([...files].map(([path, text]) => [path, encode(text)] as const)),
    kind: "code",
    payload: ["bun", "main.ts"],
    bid: null,
  };
}
