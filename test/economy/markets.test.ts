// Spec §13.1 (scheduler, markets) and §13.3: allocation, availability, and the way to equilibrium.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { collectBids, marketCost } from "../../src/economy/bids.ts";
import { allocate } from "../../src/economy/clearing.ts";
import { credits, toCredits } from "../../src/economy/money.ts";
import {
  type Bundle,
  type BundleResource,
  milli,
  resourcesOf,
} from "../../src/economy/resources.ts";
import type { Economy } from "../../src/economy/state.ts";
import {
  act,
  BUNDLE,
  balance,
  bid,
  byHighest,
  cycle,
  cycles,
  only,
  ranIn,
  reasonOf,
  worldOf,
} from "./helpers.ts";

const crowd = (size: number, purse: number) =>
  Object.fromEntries(Array.from({ length: size }, (_, n) => [`a${n}`, purse]));

/** A world in which each agent has one bid for its bundle at its amount. */
function auction(bids: { resources: Bundle; amount: number }[]): Economy {
  const resources = {
    tokens: { supply: 100, initial_price: 0.001 },
    cpu_seconds: { supply: 10, initial_price: 0.001 },
    memory_mb: { supply: 1000, initial_price: 0.00001 },
  };
  const world = worldOf({ agents: crowd(bids.length, 1000), rules: { resources } });
  for (const [n, order] of bids.entries()) only(world, `a${n}`, order);
  return world;
}

const order = fc.record({
  resources: fc.record({
    tokens: fc.integer({ min: 1, max: 100 }),
    cpu_seconds: fc.integer({ min: 1, max: 10_000 }).map((thousandths) => thousandths / 1000),
    memory_mb: fc.integer({ min: 1, max: 1000 }),
  }),
  amount: fc.integer({ min: 1, max: 900 }),
});

describe("clearing", () => {
  test("goes from the highest offer down, gives all or nothing, and never sells what is not there", () => {
    fc.assert(
      fc.property(fc.array(order, { minLength: 1, maxLength: 12 }), (orders) => {
        const world = auction(orders);
        const ordered = byHighest(collectBids(world), "t");
        for (let n = 1; n < ordered.length; n++)
          expect(ordered[n]!.offer).toBeLessThanOrEqual(ordered[n - 1]!.offer);
        const left = { tokens: 100_000, cpu_seconds: 10_000, memory_mb: 1_000_000, gpu_seconds: 0 };
        const { winners, outbid } = allocate(ordered, (name: BundleResource) => left[name] / 1000);
        const won = new Set(winners.map(({ bid }) => bid.id));
        expect(winners.length + outbid.length).toBe(ordered.length);
        for (const { bid } of ordered) {
          const fits = resourcesOf(bid.resources).every(
            (name) => milli(bid.resources[name]!) <= left[name],
          );
          expect(won.has(bid.id)).toBe(fits);
          if (fits)
            for (const name of resourcesOf(bid.resources))
              left[name] -= milli(bid.resources[name]!);
        }
      }),
    );
  });

  test("a bundle that lacks one resource of three gets none, and leaves them to the next", async () => {
    const world = auction([
      { resources: { tokens: 90, cpu_seconds: 1, memory_mb: 10 }, amount: 9 },
      { resources: { tokens: 20, cpu_seconds: 1, memory_mb: 10 }, amount: 8 },
      { resources: { tokens: 10, cpu_seconds: 1, memory_mb: 10 }, amount: 7 },
    ]);
    expect(ranIn(await cycle(world))).toEqual(["a0", "a2"]);
    expect([...world.bids.values()].find(({ agent }) => agent === "a1")?.lost).toBe(1);
  });

  test("supply is counted in thousandths: ten tenths are one", async () => {
    const resources = { cpu_seconds: { supply: 1, initial_price: 2 } };
    const world = worldOf({ agents: crowd(11, 100), rules: { resources } });
    for (const id of world.agents.keys()) only(world, id, { resources: { cpu_seconds: 0.1 } });
    expect(ranIn(await cycle(world))).toHaveLength(10);
    expect(world.markets.get("cpu_seconds")?.utilization).toBe(100);
  });

  test("a bundle costs the sum of its resources, a fraction of a micro-credit rounded up", () => {
    const world = worldOf({ agents: { a: 100 } });
    expect(marketCost(world, BUNDLE)).toBe(credits(3.92));
    world.markets.get("cpu_seconds")!.price = 1;
    expect(marketCost(world, { cpu_seconds: 0.001 })).toBe(1);
  });

  test("what is paid above the cost is split over the markets in proportion, exactly", async () => {
    const world = worldOf({ agents: { a: 100 } });
    only(world, "a", { amount: 7.84 });
    await cycle(world);
    expect([balance(world, "market:cpu_seconds"), balance(world, "market:memory_mb")]).toEqual([
      4, 3.84,
    ]);
  });
});

describe("a market", () => {
  test("shows what was asked for and what was sold at the last clearing", async () => {
    const world = worldOf({ agents: crowd(20, 100) });
    await cycle(world);
    expect(world.markets.get("cpu_seconds")).toMatchObject({ demand: 20, utilization: 100 });
    expect(world.markets.get("memory_mb")).toMatchObject({ demand: 1920, utilization: 75 });
  });

  test("remembers its last sales, as many as the rules say", async () => {
    const rules = { allocation: { transaction_history_length: 3 } };
    const world = worldOf({ agents: crowd(5, 100), rules });
    await cycles(world, 2);
    const sales = world.markets.get("cpu_seconds")!.sales;
    expect(sales).toHaveLength(3);
    expect(sales.every((sale) => sale.cycle === 2 && sale.quantity === 1)).toBe(true);
  });

  test("obeys a person who edits supply or initial price, from the next clearing", async () => {
    const world = worldOf({ agents: crowd(5, 100) });
    world.rules.resources.cpu_seconds.supply = 2;
    expect(ranIn(await cycle(world))).toHaveLength(2);
    world.rules.resources.cpu_seconds.initial_price = credits(5);
    const report = await cycle(world);
    expect(report.runs[0]?.run.shared.markets.cpu_seconds.currentMarketPrice).toBe(5);
  });
});

describe("the share sold that a price follows", () => {
  const cpu = (world: Economy) => world.markets.get("cpu_seconds")!;
  const averaging = (cycles: number) => ({
    resources: { cpu_seconds: { supply: 4, initial_price: 2 } },
    pricing: { raise_above_percent: 30, lower_below_percent: 20, average_over_cycles: cycles },
  });

  test("begins where the price rests and takes in an nth part of the difference each time", async () => {
    const world = worldOf({ agents: crowd(2, 1000), rules: averaging(10) });
    await cycle(world);
    expect([cpu(world).utilization, cpu(world).averageUtilization]).toEqual([50, 27.5]);
    for (const id of world.agents.keys()) only(world, id, { notBefore: 99 });
    await cycle(world);
    expect([cpu(world).utilization, cpu(world).averageUtilization]).toEqual([0, 24.75]);
    expect(cpu(world).price).toBe(cpu(world).initialPrice);
  });

  test("rests, and the price with it, where sleepers wake together every fourth cycle", async () => {
    const pricesLate = async (cycles: number) => {
      const rules = averaging(cycles);
      const pricing = { ...rules.pricing, raise_above_percent: 20, lower_below_percent: 10 };
      const world = worldOf({ agents: crowd(2, 1000), rules: { ...rules, pricing } });
      const prices: number[] = [];
      for (let n = 1; n <= 90; n++) {
        const next = [bid({ notBefore: n + 4 })];
        await cycle(world, Object.fromEntries([...world.agents.keys()].map((id) => [id, next])));
        prices.push(cpu(world).price);
      }
      return new Set(prices.slice(-12)).size;
    };
    expect(await pricesLate(20)).toBe(1);
    expect(await pricesLate(1)).toBeGreaterThan(1);
  });

  test("is that of the last clearing alone over one cycle, and for eip1559", async () => {
    const rules = [averaging(1), { ...averaging(10), allocation: { pricing: "eip1559" } }];
    for (const rule of rules) {
      const world = worldOf({ agents: crowd(2, 1000), rules: rule });
      await cycle(world);
      only(world, "a0", { notBefore: 99 });
      await cycle(world);
      expect([cpu(world).utilization, cpu(world).averageUtilization]).toEqual([25, 25]);
    }
  });

  test("stays as it is while nothing is for sale", async () => {
    const world = worldOf({ agents: crowd(2, 1000), rules: averaging(10) });
    await cycle(world);
    world.rules.resources.cpu_seconds.supply = 0;
    await cycles(world, 3);
    expect([cpu(world).utilization, cpu(world).averageUtilization]).toEqual([0, 27.5]);
    expect(world.markets.get("gpu_seconds")?.averageUtilization).toBeNull();
  });
});

describe("equilibrium", () => {
  const price = (world: Economy) => toCredits(world.markets.get("cpu_seconds")!.price);

  test("sustained demand above supply raises the price until some cannot follow, and use falls", async () => {
    const resources = { cpu_seconds: { supply: 8, initial_price: 2 } };
    const world = worldOf({ agents: crowd(12, 400), rules: { resources } });
    const lines = [bid({ upTo: 25 })];
    const use: number[] = [];
    const prices: number[] = [];
    for (let n = 0; n < 40; n++) {
      await cycle(world, Object.fromEntries([...world.agents.keys()].map((id) => [id, lines])));
      use.push(world.markets.get("cpu_seconds")!.utilization);
      prices.push(price(world));
    }
    expect(prices.slice(0, 10)).toEqual([...prices.slice(0, 10)].sort((a, b) => a - b));
    expect(Math.max(...prices)).toBeGreaterThan(8);
    expect(use.slice(0, 5)).toEqual([100, 100, 100, 100, 100]);
    expect(Math.min(...use)).toBeLessThan(50);
  });

  test("low demand lowers the price to its floor, and what was too dear is bought", async () => {
    const world = worldOf({ agents: { a: 1000 } });
    const whole = bid({ resources: { cpu_seconds: 8, memory_mb: 96 }, upTo: 4 });
    expect(reasonOf(act(world, "a", whole))).toContain("the market asks 17.92");
    only(world, "a", { notBefore: 999 });
    const prices: number[] = [];
    for (let n = 0; n < 40; n++) {
      await cycle(world);
      prices.push(price(world));
    }
    expect(prices).toEqual([...prices].sort((x, y) => y - x));
    expect(prices.at(-1)).toBe(0.2);
    expect(act(world, "a", whole).ok).toBe(true);
    await cycle(world);
    expect(world.markets.get("cpu_seconds")?.utilization).toBe(100);
    expect(price(world)).toBe(0.225);
  });

  test("demand between the thresholds leaves the price alone for ever", async () => {
    const world = worldOf({ agents: crowd(4, 1000) });
    await cycles(world, 50);
    expect(price(world)).toBe(2);
  });
});
