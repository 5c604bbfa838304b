// Small economies for views, built by the rules themselves: births, bids, prompts, transfers.
import { bear, die, type Logic } from "../../src/economy/agents.ts";
import { askHuman } from "../../src/economy/attention.ts";
import { credits } from "../../src/economy/money.ts";
import { newEconomy } from "../../src/economy/new-economy.ts";
import type { Resource } from "../../src/economy/resources.ts";
import { assert } from "../../src/economy/result.ts";
import { rulesSchema } from "../../src/economy/rules.ts";
import { type Economy, marketOf } from "../../src/economy/state.ts";
import type { Chapter } from "../../src/kernel.ts";

export const logic: Logic = {
  folder: new Map(),
  kind: "code",
  payload: ["bun", "main.ts"],
  bid: null,
};

/** The specification's values (§14.2), so that tuning the defaults changes no picture here. */
const SPEC = {
  economy: { spawn_cost: 100 },
  resources: {
    tokens: { supply: 10_000, initial_price: 0.1 },
    cpu_seconds: { supply: 100, initial_price: 5 },
    memory_mb: { supply: 10_000, initial_price: 0.01 },
    gpu_seconds: { supply: 0, initial_price: 10 },
    attention: { supply: 1, initial_price: 50 },
  },
  pricing: { raise_above_percent: 80, lower_below_percent: 20, ceiling_times_initial: 100 },
  population: { first_bid: { code: { cpu_seconds: 1, memory_mb: 96 }, model: { tokens: 100 } } },
};

export function emptyEconomy(rules: object = {}): Economy {
  return newEconomy(rulesSchema.parse({ ...SPEC, ...rules }), "test", "2026-11-21T12:00:00.000Z");
}

export function born(economy: Economy, id: string, amount: number, lineage: string[] = []): void {
  const parents = { lineage, credits: credits(amount), source: "issuance" };
  const result = bear(economy, id, logic, parents);
  assert(result.ok, result.ok ? "" : result.reason);
}

export function market(economy: Economy, name: Resource, price: number, utilization: number): void {
  Object.assign(marketOf(economy, name), { price: credits(price), utilization });
}

export function prompt(economy: Economy, agent: string, amount: number, content = "Hello?"): void {
  const ask = { content, format: "markdown" as const, amount: credits(amount) };
  const asked = askHuman(economy, agent, ask);
  assert(asked.ok, asked.ok ? "" : asked.reason);
}

/** The economy of the specification's own dashboard. */
export function sampleEconomy(): Economy {
  const economy = emptyEconomy();
  economy.cycle = 42;
  economy.people.add("ada");
  for (const [id, amount] of [
    ["genesis", 1000],
    ["scribe", 870],
    ["merchant", 640.5],
    ["teacher", 505],
    ["doomed", 20],
  ] as const)
    born(economy, id, amount, id === "genesis" ? [] : ["genesis"]);
  born(economy, "pupil", 434.5, ["teacher", "genesis"]);
  die(economy, "doomed", "it left no bid");
  prompt(economy, "scribe", 120, "# A question\nWhat should I write about?");
  economy.active = [...economy.queue.values()][0] ?? null;
  economy.queue.clear();
  if (economy.active) economy.active.shown = 41;
  prompt(economy, "merchant", 85);
  prompt(economy, "teacher", 60.25);
  market(economy, "cpu_seconds", 5.2, 85);
  market(economy, "memory_mb", 0.0108, 30);
  market(economy, "tokens", 0.0875, 12.4);
  market(economy, "attention", 56.25, 100);
  return economy;
}

export const sampleChapters: Chapter[] = [
  {
    cycle: 42,
    time: "2026-11-21T12:35:00.000Z",
    subject: "cycle 42: 2 ran",
    events: [
      "genesis executed (cost: 5.96 credits)",
      "merchant paid teacher 12.5: a lesson in \u001b[2Jprices",
    ],
  },
  {
    cycle: 41,
    time: "2026-11-21T12:34:50.000Z",
    subject: "cycle 41: 1 ran, 1 born",
    events: [
      "teacher spawned pupil (cost: 534.5 credits)",
      "scribe bid 120 for attention",
      "scribe's prompt scribe-3-p1 is before the human",
    ],
  },
];
