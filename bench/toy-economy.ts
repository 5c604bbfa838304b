// One small economy, made three times: of this toolkit's rules, of plain arrays, and of agents of the
// library flocc. Everyone buys one cpu second, pays its own offer, sleeps, and dies when it cannot
// pay. All three are to come to the same figures.
import { keyedHash } from "../src/economy/hash.ts";
import { mulDivDown, mulDivUp } from "../src/economy/money.ts";
import { type Rules, rulesSchema } from "../src/economy/rules.ts";
import { circulationOf, marketOf } from "../src/economy/state.ts";
import { type AnyStrategy, simulate } from "../src/lab/simulate.ts";

export type Toy = { agents: number; cycles: number };

/** What it came to: amounts in micro-credits; `runs` is the number of decisions. */
export type Outcome = { price: number; alive: number; circulating: number; runs: number };

export const PRICE = 2_000_000;
export const PURSE = 300_000_000;
export const PAUSE = 15;
export const supplyFor = (agents: number) => Math.ceil(agents / 10);
const nameOf = (index: number) => `a-${index + 1}`;

/** Which of two equal offers comes first; as in a world, by hash, or by a cheaper one. */
export type Lot = (cycle: number, agent: number, run: number) => number;

export const asInWorlds: Lot = (cycle, agent, run) =>
  keyedHash(`toy/${cycle - 1}`, `${nameOf(agent)}-${run}-1`);

/** Four multiplications: for a floor that does nothing it need not. */
export const cheap: Lot = (cycle, agent, run) => {
  let word = Math.imul(agent + 1, 0x9e3779b9) ^ Math.imul(cycle, 0x85ebca6b) ^ run;
  word = Math.imul(word ^ (word >>> 15), 0x2c1b3c6d);
  return (word ^ (word >>> 13)) >>> 0;
};

/** Neither memory nor anything else is sold. */
export function toyRules(agents: number): Rules {
  const closed = { supply: 0, initial_price: 1 };
  return rulesSchema.parse({
    resources: {
      tokens: closed,
      memory_mb: closed,
      gpu_seconds: closed,
      attention: closed,
      cpu_seconds: { supply: supplyFor(agents), initial_price: PRICE / 1_000_000 },
    },
    pricing: {
      raise_above_percent: 80,
      lower_below_percent: 20,
      average_over_cycles: 1,
      ceiling_times_initial: 10,
    },
    population: {
      max_alive: 1_000_000,
      max_births_per_cycle: 1_000_000,
      first_bid: { code: { cpu_seconds: 1 }, model: { cpu_seconds: 1 } },
    },
  });
}

const sleeper: AnyStrategy = ({ execution, cycle }) => {
  const { payload } = execution;
  const notBefore = cycle + PAUSE;
  return {
    actions: [{ action: "bid", resources: { cpu_seconds: 1 }, payload, notBefore }],
    state: 0,
  };
};

/** The cast: all alike. */
export function sleepers(agents: number) {
  const member = { strategy: sleeper, credits: PURSE / 1_000_000 };
  return Object.fromEntries(Array.from({ length: agents }, (_, i) => [nameOf(i), member] as const));
}

/** By the rules of worlds: birth, bids, clearing, ledger, prices, death, all of it. */
export async function withRules({ agents, cycles }: Toy): Promise<Outcome> {
  const cast = sleepers(agents);
  const { economy, step } = simulate({ rules: toyRules(agents), seed: "toy", cast });
  let runs = 0;
  for (let cycle = 0; cycle < cycles; cycle++) runs += (await step()).winners;
  const { price } = marketOf(economy, "cpu_seconds");
  const circulating = circulationOf(economy).total;
  return { price, alive: economy.agents.size, circulating, runs };
}

/** What an offer is after so many lost clearings, up to a limit: an eighth more each time. */
export function offerAfter(lost: number, price: number, limit: number): number {
  let offer = price;
  for (let loss = 0; loss < lost && offer < limit; loss++) offer = mulDivUp(offer, 9, 8);
  return Math.min(offer, limit);
}

const PARTS = 1_000_000;

/** Above 80 % sold the price rises, below 20 % it falls, by an eighth at most. */
export function nextPrice(price: number, sold: number, supply: number): number {
  const use = Math.round((sold / supply) * 10_000) / 100;
  let next = price;
  if (use > 80)
    next = mulDivUp(price, PARTS + Math.round(0.125 * ((use - 80) / 20) * PARTS), PARTS);
  if (use < 20)
    next = mulDivDown(price, PARTS - Math.round(0.125 * ((20 - use) / 20) * PARTS), PARTS);
  return Math.min(Math.max(next, PRICE / 10), PRICE * 10);
}

/** The floor: nothing but arrays, and nothing that the model does not ask for. */
export function withArrays({ agents, cycles }: Toy, lot: Lot): Outcome {
  const purse = new Float64Array(agents).fill(PURSE);
  const limit = new Float64Array(agents).fill(2 * PRICE);
  const due = new Int32Array(agents);
  const lost = new Int32Array(agents);
  const ran = new Int32Array(agents);
  const offer = new Float64Array(agents);
  const tie = new Float64Array(agents);
  const alive = new Uint8Array(agents).fill(1);
  const supply = supplyFor(agents);
  let price = PRICE;
  let runs = 0;
  for (let cycle = 1; cycle <= cycles; cycle++) {
    const asking: number[] = [];
    for (let i = 0; i < agents; i++) {
      if (!alive[i] || due[i]! > cycle) continue;
      const most = Math.min(limit[i]!, Math.max(purse[i]!, price));
      offer[i] = offerAfter(lost[i]!, price, most);
      if (offer[i]! < price) continue;
      if (offer[i]! > purse[i]!) {
        alive[i] = 0;
        continue;
      }
      tie[i] = lot(cycle, i, ran[i]!);
      asking.push(i);
    }
    asking.sort((a, b) => offer[b]! - offer[a]! || tie[a]! - tie[b]!);
    const sold = Math.min(supply, asking.length);
    for (let n = 0; n < asking.length; n++) {
      const i = asking[n]!;
      if (n >= sold) {
        lost[i]! += 1;
        continue;
      }
      purse[i]! -= offer[i]!;
      ran[i]! += 1;
      runs += 1;
      lost[i] = 0;
      due[i] = cycle + PAUSE;
      limit[i] = 2 * price;
      if (purse[i]! < price) alive[i] = 0;
    }
    price = nextPrice(price, sold, supply);
  }
  let circulating = 0;
  let living = 0;
  for (let i = 0; i < agents; i++)
    if (alive[i]) {
      circulating += purse[i]!;
      living += 1;
    }
  return { price, alive: living, circulating, runs };
}
