// What providers cost the operator, and the ceilings on it: bids wait, nobody loses or dies by it.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { estimateCosts } from "../../src/economy/estimate.ts";
import { dollarsOf, type ModelCost, milliTokensOf } from "../../src/economy/models.ts";
import { credits } from "../../src/economy/money.ts";
import { rulesSchema } from "../../src/economy/rules.ts";
import {
  bookCosts,
  ceilingReached,
  dollarsLeft,
  spentToday,
  totalOf,
} from "../../src/economy/spending.ts";
import { type Economy, marketOf, noChanges } from "../../src/economy/state.ts";
import {
  act,
  bid,
  bidsBy,
  COST,
  cycle,
  cycles,
  eventsOf,
  only,
  purse,
  ranIn,
  substance,
  worldOf,
} from "./helpers.ts";

const DOLLAR = 1_000_000;

/** A call that cost so many dollars. */
function cost(dollars: number, more: Partial<ModelCost> = {}): ModelCost {
  const usage = { input: 100, cachedInput: 10, cacheWrite: 1, output: 20 };
  const spent = { milliTokens: 40_450, dollars: Math.round(dollars * DOLLAR) };
  return { agent: "a", model: "haiku", calls: 1, ...usage, ...spent, ...more };
}

const THINKS = { tokens: 100, cpu_seconds: 1, memory_mb: 96 };
const thinking = bid({ resources: THINKS });

/** One that bids for tokens, one that does not. */
function pair(spending: object = {}): Economy {
  const world = worldOf({ agents: { mind: 1000, code: 1000 }, rules: { spending } });
  only(world, "mind", { resources: THINKS });
  return world;
}

const SCRIPT = { mind: [thinking] };

describe("dollars", () => {
  test("are booked to the day of the world's clock and in all", () => {
    const world = worldOf({});
    bookCosts(world, [cost(1.25), cost(0.000001, { agent: "b" })]);
    expect(world.spent).toEqual({ day: "2026-01-01", today: 1_250_001, total: 1_250_001 });
    world.time = "2026-01-02T00:00:00.000Z";
    expect([spentToday(world), world.spent.total]).toEqual([0, 1_250_001]);
    bookCosts(world, [cost(1)]);
    expect(world.spent).toEqual({ day: "2026-01-02", today: DOLLAR, total: 2_250_001 });
  });

  test("are one line for each agent and model, whatever order they came in", () => {
    const drawn = fc.record({
      agent: fc.constantFrom("a", "b", "c"),
      model: fc.constantFrom("", "haiku", "opus"),
      dollars: fc.nat(1e6),
    });
    fc.assert(
      fc.property(fc.array(drawn, { maxLength: 12 }), fc.nat(12), (calls, cut) => {
        const costs = calls.map((call) => cost(0, call));
        const booked = (parts: ModelCost[][]) => {
          const world = worldOf({});
          for (const part of parts) bookCosts(world, part);
          return world;
        };
        const world = booked([costs]);
        const lines = world.changes.costs;
        expect(totalOf(lines)).toBe(world.spent.total);
        expect(new Set(lines.map(({ agent, model }) => `${agent} ${model}`)).size).toBe(
          lines.length,
        );
        const other = booked([costs.slice(cut).reverse(), costs.slice(0, cut)]);
        expect([other.changes.costs, other.spent]).toEqual([lines, world.spent]);
      }),
    );
  });

  test("are no asset: nobody's credits change by them", () => {
    const world = worldOf({ agents: { a: 100 } });
    const before = substance(world);
    world.spent = { day: "", today: 0, total: 0 };
    bookCosts(world, []);
    expect(substance(world)).toBe(before);
    bookCosts(world, [cost(3)]);
    expect([purse(world, "a"), world.changes.transfers.length]).toEqual([100, 1]);
  });

  test("of calls that cost nothing are booked as calls, and close nothing", () => {
    const world = worldOf({});
    bookCosts(world, [cost(0)]);
    expect(world.changes.costs).toHaveLength(1);
    expect([world.spent.total, ceilingReached(world)]).toEqual([0, null]);
  });
});

describe("at a ceiling", () => {
  test("of nothing, models that cost nothing go on", async () => {
    const free = { input: 0, cached_input: 0, cache_write: 0, output: 0 };
    const models = { local: { id: "local", base_url: "http://127.0.0.1:1", price: free } };
    const spending = { dollars_per_day: 0, dollars_per_world: 0 };
    const world = worldOf({ agents: { mind: 1000 }, rules: { spending, models } });
    only(world, "mind", { resources: THINKS });
    expect(ranIn(await cycle(world, SCRIPT))).toEqual(["mind"]);
  });

  for (const [name, spending] of [
    ["of the day", { dollars_per_day: 1 }],
    ["of the world", { dollars_per_world: 1 }],
  ] as const)
    test(`${name} bids for tokens wait without losing, and the others run`, async () => {
      const world = pair(spending);
      expect(ranIn(await cycle(world, SCRIPT)).sort()).toEqual(["code", "mind"]);
      bookCosts(world, [cost(0.5), cost(0.5, { agent: "mind" })]);
      expect(eventsOf(world, "closed").join()).toMatch(/^tokens are closed: .* \$1 are spent$/);
      const price = marketOf(world, "tokens").price;
      for (let n = 0; n < 3; n++) expect(ranIn(await cycle(world, SCRIPT))).toEqual(["code"]);
      expect(bidsBy(world, "mind")).toMatchObject([{ lost: 0, notBefore: 0 }]);
      expect(marketOf(world, "tokens")).toMatchObject({ price, supply: 10_000 });
    });

  test("it is told once, when it is reached", async () => {
    const world = pair({ dollars_per_day: 1 });
    bookCosts(world, [cost(2)]);
    expect(eventsOf(world, "closed")).toEqual(["tokens are closed: today's $1 are spent"]);
    world.changes = noChanges();
    bookCosts(world, [cost(2)]);
    expect(eventsOf(world, "closed")).toEqual([]);
  });

  test("a new day by the world's clock opens the tokens again", async () => {
    const world = pair({ dollars_per_day: 1 });
    bookCosts(world, [cost(1)]);
    expect(ranIn(await cycle(world, SCRIPT))).toEqual(["code"]);
    const report = await cycle(world, SCRIPT, { time: "2026-01-02T00:00:00.000Z" });
    expect(ranIn(report).sort()).toEqual(["code", "mind"]);
  });

  test("of the world only a person opens them, by raising it", async () => {
    const world = pair({ dollars_per_world: 1 });
    bookCosts(world, [cost(1)]);
    const report = await cycle(world, SCRIPT, { time: "2027-01-02T00:00:00.000Z" });
    expect(ranIn(report)).toEqual(["code"]);
    world.rules.spending.dollars_per_world = 1.5;
    expect(ranIn(await cycle(world, SCRIPT)).sort()).toEqual(["code", "mind"]);
  });

  test("a bid for tokens can still be placed: nobody dies for want of dollars", async () => {
    const world = pair({ dollars_per_day: 1 });
    bookCosts(world, [cost(1)]);
    expect(act(world, "code", thinking).ok).toBe(true);
    only(world, "code", { resources: THINKS });
    await cycles(world, 5, SCRIPT);
    expect([...world.agents.keys()]).toEqual(["mind", "code"]);
  });

  test("a bid does not expire while the tokens are closed, nor as soon as they open", async () => {
    const world = pair({ dollars_per_day: 1 });
    bookCosts(world, [cost(1)]);
    const [pending] = bidsBy(world, "mind");
    world.cycle = pending!.placed + 1_500;
    const day = { time: "2026-01-01T05:00:00.000Z" };
    await cycle(world, SCRIPT, day);
    expect(world.agents.has("mind")).toBe(true);
    // Written once in a thousand cycles, not in each.
    expect(world.changes.bids.has(pending!.id)).toBe(true);
    await cycle(world, SCRIPT, day);
    expect(world.changes.bids.has(pending!.id)).toBe(false);
    const next = await cycle(world, SCRIPT, { time: "2026-01-02T00:00:00.000Z" });
    expect(ranIn(next)).toContain("mind");
  });

  test("a purse too small for now is no reason to drop a bid that could not win", async () => {
    const world = worldOf({
      agents: { a: 20, b: 20 },
      rules: { spending: { dollars_per_day: 0 } },
    });
    only(world, "a", { resources: { ...THINKS, tokens: 100 } });
    world.rules.resources.tokens.initial_price = credits(10);
    await cycle(world);
    expect(bidsBy(world, "a")).toHaveLength(1);
    expect(world.agents.has("a")).toBe(true);
  });

  test("no more tokens are sold than what is left can pay, whatever they are used for", async () => {
    // The default model costs up to $5 for a million bought tokens: 1,500 of them are left.
    const spending = { dollars_per_day: 1 };
    const world = worldOf({ agents: { a: 1000, b: 1000, c: 1000 }, rules: { spending } });
    bookCosts(world, [cost(1 - 1_500 * 5e-6)]);
    const text = "no more than 1500 tokens are sold: today's $1 pay for no more";
    expect(eventsOf(world, "closed")).toEqual([text]);
    const order = (tokens: number) => ({ resources: { ...THINKS, tokens } });
    only(world, "a", order(1_501));
    only(world, "b", order(1_000));
    only(world, "c", order(501));
    const price = marketOf(world, "tokens").price;
    const script = { a: [bid(order(1_501))], b: [bid(order(1))], c: [bid(order(1))] };
    const ran = ranIn(await cycle(world, script));
    expect([["b"], ["c"]]).toContainEqual(ran);
    expect(bidsBy(world, "a")[0]?.lost).toBe(0);
    expect(marketOf(world, "tokens").price).toBe(price);
  });

  test("what is left is never below nothing", () => {
    const world = worldOf({ rules: { spending: { dollars_per_day: 1, dollars_per_world: 2 } } });
    bookCosts(world, [cost(1.75)]);
    expect(dollarsLeft(world)).toEqual({ day: 0, world: 250_000 });
  });
});

describe("an estimate", () => {
  const haiku = rulesSchema.parse({}).models.haiku!;
  const history = (...dollars: number[]) =>
    dollars.map((each, index) => ({ cycle: index + 1, costs: [cost(each)] }));

  test("without a history takes the pending bids at the dearest price", () => {
    const world = pair();
    // 100 tokens are 500 input tokens, which cost $1 a million.
    expect(estimateCosts(world, [], 10)).toEqual({
      cycles: 10,
      atMost: 10 * 50_000,
      likely: 10 * 500,
      basis: "bids",
    });
  });

  test("goes on as the last cycles went, those that called no model included", () => {
    const world = pair();
    world.cycle = 4;
    const { likely, basis } = estimateCosts(world, history(0.004, 0.002), 10);
    expect([likely, basis]).toEqual([10 * 1_500, "history"]);
    world.cycle = 500;
    expect(estimateCosts(world, history(0.004), 10).basis).toBe("bids");
  });

  test("is at most what the ceilings let pass, by the logical clock also those of the days", () => {
    const world = pair({ dollars_per_day: 0.5, dollars_per_world: 2 });
    expect(estimateCosts(world, [], 1_000_000).atMost).toBe(2 * DOLLAR);
    expect(estimateCosts(world, [], 100).atMost).toBe(DOLLAR);
    // By the wall clock each cycle may have a day of its own, and no more than one.
    world.rules.clock = "wall";
    expect(estimateCosts(world, [], 100).atMost).toBe(2 * DOLLAR);
    world.rules.spending.dollars_per_day = 0.02;
    expect(estimateCosts(world, [], 3).atMost).toBe(0.06 * DOLLAR);
    expect(estimateCosts(world, [], 1).atMost).toBe(0.02 * DOLLAR);
  });

  test("where a token counts for nothing but costs, only the ceilings bound it", () => {
    const counts_as = { ...haiku.counts_as, cached_input: 0 };
    const world = pair();
    world.rules.models = { haiku: { ...haiku, counts_as } };
    expect(estimateCosts(world, [], 1).atMost).toBe(10 * DOLLAR);
    world.rules.resources.tokens.supply = 0;
    marketOf(world, "tokens").supply = 0;
    expect(estimateCosts(world, [], 1)).toMatchObject({ atMost: 0, likely: 0 });
  });

  test("no use that fits the supply costs more than it says", () => {
    const kinds = fc.record({
      input: fc.nat(40_000),
      cachedInput: fc.nat(40_000),
      cacheWrite: fc.nat(40_000),
      output: fc.nat(10_000),
    });
    const price = fc.record({
      input: fc.double({ min: 0, max: 50, noNaN: true }),
      cached_input: fc.double({ min: 0, max: 50, noNaN: true }),
      cache_write: fc.double({ min: 0, max: 50, noNaN: true }),
      output: fc.double({ min: 0, max: 50, noNaN: true }),
    });
    fc.assert(
      fc.property(kinds, price, (usage, drawn) => {
        const model = { ...haiku, price: drawn };
        const world = worldOf({
          rules: { spending: { dollars_per_day: 1e6, dollars_per_world: 1e6 } },
        });
        world.rules.models = { haiku: model };
        marketOf(world, "tokens").supply = milliTokensOf(model, usage) / 1000;
        const { atMost } = estimateCosts(world, [], 1);
        // The call itself is rounded up to a millionth of a dollar.
        expect(dollarsOf(model, usage)).toBeLessThanOrEqual(atMost + 1);
      }),
    );
  });

  test("runs whose bids cost credits only are likely to cost no dollar", () => {
    const world = worldOf({ agents: { a: 10 * COST } });
    expect(estimateCosts(world, [], 50).likely).toBe(0);
  });
});
