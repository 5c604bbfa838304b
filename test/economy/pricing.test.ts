import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { AMOUNT_MAX } from "../../src/economy/money.ts";
import { PRICE_RULES, stepPrice } from "../../src/economy/pricing.ts";
import { rulesOf } from "./helpers.ts";

const { threshold } = PRICE_RULES;
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
