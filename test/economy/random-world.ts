// Random lives: worlds whose agents do anything at all, garbage included, and whose runs end in every
// way. One scenario plays out the same each time, so that two plays of it can be compared.
import * as fc from "fast-check";
import type { CycleInput, RunEnding } from "../../src/economy/cycle.ts";
import { keyedHash } from "../../src/economy/hash.ts";
import { ISSUANCE, personAccount } from "../../src/economy/ledger.ts";
import { credits } from "../../src/economy/money.ts";
import { type Economy, transfer } from "../../src/economy/state.ts";
import { bid, crash, cycle, hostFails, LOGIC, type Script, worldOf } from "./helpers.ts";

export type Scenario = {
  seed: string;
  rules: object;
  purses: number[];
  /** What runs pick from. */
  lines: unknown[];
  cycles: number;
};

const names = fc.constantFrom("a0", "a1", "a2", "kid", "kid-x", "ada", "eve", "nobody", "../x", "");
const ids = fc.constantFrom(
  "a0-1-1",
  "a0-1-2",
  "a1-2-1",
  "a1-3-p2",
  "a2-0-1",
  "kid-0-1",
  "__proto__",
);
const sums = fc.constantFrom(
  1e-6,
  0.5,
  1,
  4,
  9.99,
  60,
  150,
  999,
  1e9,
  1e308,
  -1,
  0,
  1e-7,
  "5",
  null,
);
const quantities = fc.constantFrom(0.001, 0.5, 1, 2, 8, 96, 1000, 1e9, 0, -1, "1");

const resources = fc.record(
  { tokens: quantities, cpu_seconds: quantities, memory_mb: quantities, gpu_seconds: quantities },
  { requiredKeys: [] },
);
const notBefore = fc.constantFrom(0, 1, 5, 20, 1000, 5000, -1);

const line = fc.oneof(
  { weight: 4, arbitrary: fc.constant(bid()) },
  {
    weight: 4,
    arbitrary: fc
      .record({ resources, amount: sums, upTo: sums, notBefore }, { requiredKeys: [] })
      .map(bid),
  },
  fc.record({ action: fc.constant("transfer"), to: names, amount: sums, memo: fc.string() }),
  fc.record({ action: fc.constant("message"), to: names, content: fc.jsonValue() }),
  fc.record({ action: fc.constant("raise"), id: ids, amount: sums }),
  fc.record({ action: fc.constant("withdraw"), id: ids }),
  fc.record({ action: fc.constant("prompt"), content: fc.jsonValue(), amount: sums }),
  fc.record({
    action: fc.constant("spawn"),
    name: names,
    logic: fc.constantFrom("logic", "elsewhere", { "main.ts": "" }),
    credits: sums,
  }),
  fc.jsonValue(),
);

const market = (price: number) =>
  fc.record({
    supply: fc.constantFrom(0, 4, 300, 300, 1000, 1000, 100_000),
    initial_price: fc.constantFrom(0, 0.000001, price / 8, price),
  });

const rules = fc.record({
  economy: fc.record({
    spawn_cost: fc.constantFrom(0, 10, 100),
    message_cost: fc.constantFrom(0, 1),
    estate: fc.constantFrom("burn", "parent"),
    daily_mint_cap: fc.constantFrom(0, 15, 10_000),
    initial_credit_budget: fc.constantFrom(10, 300),
  }),
  resources: fc.record(
    { tokens: market(0.1), cpu_seconds: market(2), memory_mb: market(0.02) },
    { requiredKeys: [] },
  ),
  allocation: fc.record({
    clearing: fc.constantFrom("highest", "per-size"),
    payment: fc.constantFrom("offer", "critical"),
    pricing: fc.constantFrom("threshold", "eip1559"),
  }),
  attention: fc.record({ timeout_cycles: fc.constantFrom(1, 3, 50) }),
  population: fc.record({
    max_alive: fc.constantFrom(4, 20, 1000),
    max_births_per_cycle: fc.constantFrom(3, 100),
  }),
});

export function scenarios(cycleCount: number): fc.Arbitrary<Scenario> {
  return fc.record({
    seed: fc.string({ minLength: 1, maxLength: 8 }),
    rules,
    purses: fc.array(fc.constantFrom(20, 150, 1000, 1000, 50_000), { minLength: 2, maxLength: 3 }),
    lines: fc.array(line, { minLength: 12, maxLength: 60 }),
    cycles: fc.constant(cycleCount),
  });
}

/** Plays a scenario. `between` sees the world before each cycle, `after` each cycle's end. */
export async function play(
  scenario: Scenario,
  hooks: { between?: (world: Economy) => Economy; after?: (world: Economy) => void } = {},
): Promise<Economy> {
  let world = settle(scenario);
  for (let n = 0; n < scenario.cycles; n++) {
    world = hooks.between?.(world) ?? world;
    invite(world, scenario);
    await cycle(world, scriptOf(world, scenario), inputOf(world, scenario));
    hooks.after?.(world);
  }
  return world;
}

/** Those that can be born under these rules are. */
function settle({ seed, rules, purses }: Scenario): Economy {
  const fits = purses.map((purse, index) => [`a${index}`, purse] as const);
  for (let count = fits.length; count > 0; count--) {
    try {
      return worldOf({ agents: Object.fromEntries(fits.slice(0, count)), rules, seed });
    } catch {}
  }
  return worldOf({ rules, seed });
}

function dice({ seed }: Scenario, about: string) {
  let throws = 0;
  return (sides: number) => keyedHash(seed, `${about}/${throws++}`) % sides;
}

function scriptOf(world: Economy, scenario: Scenario): Script {
  const script: Script = {};
  for (const id of world.agents.keys()) {
    const roll = dice(scenario, `${world.cycle}/${id}`);
    const fate = roll(40);
    if (fate < 5) script[id] = endings[fate] as RunEnding;
    else script[id] = someLines(scenario, roll);
  }
  return script;
}

const limit: RunEnding = { kind: "limit", detail: "over 1 cpu second" };
const endings = [crash, crash, limit, hostFails, hostFails];

/** What sensible agents do: without it lives of garbage alone are short. */
const SENSIBLE = [
  bid({ amount: 6 }),
  bid({ notBefore: 12 }),
  { action: "transfer", to: "a1", amount: 5, memo: "thanks" },
  { action: "transfer", to: "a0", amount: 7.5 },
  { action: "transfer", to: "ada", amount: 1 },
  { action: "message", to: "a0", content: { hello: 1 } },
  { action: "message", to: "a1", content: "hello" },
  { action: "prompt", content: "news", amount: 60 },
  { action: "prompt", content: "more news", amount: 75 },
  { action: "spawn", name: "kid", logic: "logic", credits: 40 },
  { action: "transfer", to: "kid", amount: 3 },
];

function someLines({ lines }: Scenario, roll: (sides: number) => number): unknown[] {
  const chosen = Array.from({ length: roll(7) }, () =>
    roll(2) ? lines[roll(lines.length)] : SENSIBLE[roll(SENSIBLE.length)],
  );
  return roll(30) === 0 ? chosen : [bid(), ...chosen];
}

/** A person joins, now and then. */
function invite(world: Economy, scenario: Scenario): void {
  const roll = dice(scenario, `${world.cycle}/people`);
  const name = roll(2) ? "ada" : "eve";
  if (roll(10) > 0 || world.agents.has(name) || world.dead.has(name)) return;
  world.people.add(name);
  const to = personAccount(name);
  transfer(world, { kind: "grant", from: ISSUANCE, to, amount: credits(30), memo: "welcome" });
}

function inputOf(world: Economy, scenario: Scenario): Partial<CycleInput> {
  const roll = dice(scenario, `${world.cycle}/input`);
  const alive = [...world.agents.keys()].sort();
  const point = () => [0, 3.5, 10, 11, -1, Number.NaN, 7.123][roll(7)] as number;
  const scores = { interesting: point(), useful: point(), understandable: point() };
  const scored = { prompt: world.active?.id ?? "none", scores, reason: "x", by: "ada" };
  const name = ["kid", "adam", "ada", "human", "../x"][roll(5)] as string;
  const everyDay = Date.UTC(2026, 0, 1) + world.cycle * 20_000_000;
  return {
    time: new Date(everyDay).toISOString(),
    tieSeed: `${scenario.seed} ${world.cycle}`,
    answers: roll(2) ? [scored, scored] : [],
    newborn: roll(6) ? [] : [{ id: name, logic: LOGIC }],
    removed: roll(25) || alive.length === 0 ? [] : [alive[roll(alive.length)] as string, "nobody"],
  };
}
