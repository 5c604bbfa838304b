// A world of ten thousand agents of whom a hundred act in every cycle, each of these placing its
// next bid, paying somebody and writing a file. They do not really run: what a cycle costs besides.
import { mkdirSync } from "node:fs";
import { bear, type Logic } from "../src/economy/agents.ts";
import type { Execute, Run } from "../src/economy/cycle.ts";
import { ISSUANCE } from "../src/economy/ledger.ts";
import { AMOUNT_MAX } from "../src/economy/money.ts";
import { newEconomy } from "../src/economy/new-economy.ts";
import { accept, refuse } from "../src/economy/result.ts";
import type { Rules } from "../src/economy/rules.ts";
import type { Economy, Folder } from "../src/economy/state.ts";
import type { Kept } from "../src/execution/execute.ts";
import { rememberChecked } from "../src/kernel/open.ts";
import { KERNEL } from "../src/kernel/people.ts";
import { presetConfig, rulesText } from "../src/kernel/templates.ts";
import { commit } from "../src/world/commit.ts";
import { readConfig } from "../src/world/config.ts";
import { initRepository } from "../src/world/git.ts";
import { CONFIG, RULES } from "../src/world/layout.ts";
import { initialWorld } from "../src/world/write.ts";

export const AGENTS = 10_000;
export const ACTORS = 100;

const TIME = "2026-01-01T00:00:00.000Z";
/** Later than any cycle here, so that whoever is no actor sleeps. */
const NEVER = 1_000_000;

const file = (text: string) => ({ bytes: new TextEncoder().encode(text), executable: false });

const SETTINGS: [string, string][] = [
  ["clock", "logical"],
  ["resources.cpu_seconds.supply", "1000000"],
  ["resources.memory_mb.supply", "100000000"],
  ["population.max_alive", "20000"],
  ["population.max_births_per_cycle", "20000"],
];

/** What `accept` or the like gave; in a measurement nothing may be refused. */
export function must<T>(result: { ok: true; value: T } | { ok: false }): T {
  if (result.ok) return result.value;
  throw new Error(JSON.stringify(result));
}

export const nameOf = (index: number) => `agent-${String(index).padStart(5, "0")}`;

type Size = {
  agents?: number;
  actors?: number;
  /** What each of them runs. */
  program?: string;
  settings?: [string, string][];
  /** What happened before the first commit. */
  past?: (economy: Economy) => void;
};

export async function createLargeWorld(root: string, size: Size = {}): Promise<Economy> {
  mkdirSync(root, { recursive: true });
  const config = must(presetConfig("default", [...SETTINGS, ...(size.settings ?? [])]));
  const economy = populated(must(readConfig(config)), size);
  size.past?.(economy);
  const template: Folder = new Map([
    [CONFIG, file(config)],
    [RULES, file(rulesText())],
  ]);
  const repo = must(await initRepository(root));
  const done = await commit(repo, {
    message: "a new world\n\nEcon-Cycle: 0\n",
    author: KERNEL,
    at: TIME,
    base: null,
    changes: initialWorld(economy, { template, people: [{ id: "owner", display: "Owner" }] }),
    worktree: "write",
    durable: false,
  });
  rememberChecked(repo, must(done));
  return economy;
}

/** In memory only: agents with a purse and a first bid, most of them asleep. */
export function populated(rules: Rules, size: Size = {}): Economy {
  const { agents = AGENTS, actors = ACTORS, program = "// thinks\n" } = size;
  const economy = newEconomy(rules, "bench", TIME);
  economy.people.add("owner");
  const folder: Folder = new Map([["main.ts", file(program)]]);
  const logic: Logic = { folder, kind: "code", payload: ["bun", "main.ts"], bid: null };
  // As much as can be, so that nobody starves in a thousand cycles.
  const credits = Math.floor(AMOUNT_MAX / 2 / agents);
  for (let index = 0; index < agents; index++) {
    const parents = { lineage: [], credits, source: ISSUANCE };
    must(bear(economy, nameOf(index), logic, parents));
  }
  const awake = new Set(Array.from({ length: actors }, (_, index) => nameOf(index)));
  for (const bid of economy.bids.values()) if (!awake.has(bid.agent)) bid.notBefore = NEVER;
  return economy;
}

/** In place of a sandbox: what the winners would have decided. */
export function stubExecutor(cycle: number): { execute: Execute; harvests: Map<string, Kept> } {
  const harvests = new Map<string, Kept>();
  const execute: Execute = async (runs) => runs.map((run) => outcomeOf(run, cycle, harvests));
  return { execute, harvests };
}

function outcomeOf(run: Run, cycle: number, harvests: Map<string, Kept>) {
  const { agent } = run.bid;
  const code = file("// thinks\n");
  const before: Folder = new Map([["main.ts", code]]);
  const note = file(`In cycle ${cycle} ${agent} thought of ${cycle * 7919}.\n`);
  const after: Folder = new Map([...before, ["notes.md", note]]);
  harvests.set(agent, { before, after, output: "", calls: [], providerFailed: null });
  const { resources, payload } = run.bid;
  const bid = { action: "bid", resources, payload };
  const pay = { action: "transfer", to: nameOf(ACTORS), amount: 0.01, memo: `cycle ${cycle}` };
  return {
    ending: { kind: "finished" } as const,
    lines: [accept(bid), accept(pay)],
    logicOf: () => refuse("nobody is born here"),
    notes: [],
  };
}
