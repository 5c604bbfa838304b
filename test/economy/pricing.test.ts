import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { AMOUNT_MAX } from "../../src/economy/money.ts";
import { nextBaseFee, PRICE_RULES, stepPrice } from "../../src/economy/pricing.ts";
import { marketOf } from "../../src/economy/state.ts";
import { cycle, only, rulesOf, worldOf } from "./helpers.ts";

const { threshold, eip1559 } = PRICE_RULES;
const rules = rulesOf().pricing;
const utilization = fc.double({ min: 0, max: 100, noNaN: true });

/** A market at some price within its band. */
const market = fc
  .record({
    initialPrice: fc.integer({ min: 0, max: AMOUNT_MAX }),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ initialPrice, at }) => {
    const [floor, ceiling] = [
      Math.ceil(initialPrice / 10),
      Math.min(initialPrice * 100, AMOUNT_MAX),
    ];
    return { initialPrice, floor, ceiling, price: Math.round(floor + at * (ceiling - floor)) };
  });

describe("prices", () => {
  test("move at most 12.5 % a cycle, and stay within 0.1 to 100 times the initial price", () => {
    fc.assert(
      fc.property(market, utilization, ({ floor, ceiling, ...now }, sold) => {
        const next = threshold({ ...now, utilization: sold }, rules);
        expect(Number.isSafeInteger(next)).toBe(true);
        expect(next).toBeWithin(floor, ceiling + 1);
        expect(Math.abs(next - now.price)).toBeLessThanOrEqual(now.price / 8 + 1);
      }),
    );
  });

  test("rise above 80 % sold, fall below 20 %, and rest between", () => {
    fc.assert(
      fc.property(market, utilization, ({ ceiling, floor, ...now }, sold) => {
        fc.pre(now.price > floor + 100 && now.price < ceiling - 100);
        const change = threshold({ ...now, utilization: sold }, rules) - now.price;
        if (sold > 80) expect(change).toBeGreaterThanOrEqual(0);
        else if (sold < 20) expect(change).toBeLessThanOrEqual(0);
        else expect(change).toBe(0);
      }),
    );
  });

  test.each([
    [100, 1125],
    [90, 1063],
    [80, 1000],
    [20, 1000],
    [10, 937],
    [0, 875],
  ])("at %d %% sold a price of 1000 becomes %d", (sold, next) => {
    expect(threshold({ price: 1000, initialPrice: 1000, utilization: sold }, rules)).toBe(next);
  });

  test("the floor is exactly a tenth, where a double's tenth is a little more", () => {
    for (const initialPrice of [30, 70, 3_000_000, 7_000_000])
      expect(threshold({ price: 0, initialPrice, utilization: 50 }, rules)).toBe(initialPrice / 10);
  });

  test("a price that came out of its band, because a person edited the rules, returns to it", () => {
    const now = { price: 5, initialPrice: 1000, utilization: 50 };
    expect(threshold(now, rules)).toBe(100);
    expect(threshold({ ...now, price: 1_000_000 }, rules)).toBe(100_000);
  });

  test("a step is the whole of the largest step", () => {
    const now = { price: 1000, initialPrice: 1000, utilization: 50 };
    expect([stepPrice(now, true, rules), stepPrice(now, false, rules)]).toEqual([1125, 875]);
  });

  test.each([
    ["thresholds at the ends", { raise_above_percent: 100, lower_below_percent: 0 }, 1000],
    ["no step at all", { max_step_percent: 0 }, 1000],
    ["a band of one price", { floor_times_initial: 1, ceiling_times_initial: 1 }, 1000],
  ])("with %s a full market keeps its price", (_name, edited, kept) => {
    const now = { price: 1000, initialPrice: 1000, utilization: 100 };
    expect(threshold(now, { ...rules, ...edited })).toBe(kept);
    expect(threshold({ ...now, utilization: 0 }, { ...rules, ...edited })).toBe(kept);
  });
});

describe("the rule eip1559", () => {
  const M = 1_000_000;

  // The inputs of public test code, the outcomes of the specification's integer arithmetic.
  test.each([
    [1_000_000_000, 30_025_257, 15_014_561, 1_124_967_822],
    [1_000_000_000, 10 * M, 5 * M, 1_125_000_000],
    [1_000_000_000, 10 * M, 6 * M, 1_083_333_333],
    [1_000_000_000, 10 * M, 7 * M, 1_053_571_428],
    [1_072_671_875, 9 * M, 5 * M, 1_179_939_062],
    [1_059_263_476, 10_001_000, 7 * M, 1_116_028_649],
    [1_049_238_967, 0, 1 * M, 918_084_097],
    [1_049_238_967, 10 * M, 9 * M, 1_063_811_730],
    [0, 10 * M, 9 * M, 1],
    [1, 10 * M, 9 * M, 2],
    [2, 10 * M, 9 * M, 3],
  ])("a fee of %d with %d used and a target of %d becomes %d", (fee, used, target, next) => {
    expect(nextBaseFee(fee, used, target)).toBe(next);
  });

  test("moves by an eighth at most, up above half sold, down below, and rests at half", () => {
    fc.assert(
      fc.property(market, utilization, ({ floor, ceiling, ...now }, sold) => {
        const next = eip1559({ ...now, utilization: sold }, rules);
        expect(Number.isSafeInteger(next)).toBe(true);
        expect(next).toBeWithin(floor, ceiling + 1);
        expect(Math.abs(next - now.price)).toBeLessThanOrEqual(now.price / 8 + 1);
        if (sold > 50) expect(next).toBeGreaterThanOrEqual(now.price);
        else expect(next).toBeLessThanOrEqual(now.price);
        expect(eip1559({ ...now, utilization: 50 }, rules)).toBe(now.price);
      }),
    );
  });

  test("goes as far for the same share of supply, however large the supply", () => {
    const at = (utilization: number) =>
      eip1559({ price: 1_000_000, initialPrice: 1_000_000, utilization }, rules);
    expect([0, 25, 50, 75, 100].map(at)).toEqual([
      875_000, 937_500, 1_000_000, 1_062_500, 1_125_000,
    ]);
  });

  test("prices a world whose econ.yaml names it", async () => {
    const allocation = { pricing: "eip1559" };
    const resources = { cpu_seconds: { supply: 4, initial_price: 2 } };
    const world = worldOf({ agents: { a: 100, b: 100, c: 100 }, rules: { allocation, resources } });
    await cycle(world);
    expect(marketOf(world, "cpu_seconds").price).toBe(2_125_000);
    only(world, "b", { notBefore: 9 });
    only(world, "c", { notBefore: 9 });
    await cycle(world);
    expect(marketOf(world, "cpu_seconds").price).toBe(2_125_000 - 132_812);
  });
});
