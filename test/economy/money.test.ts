import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  AMOUNT_MAX,
  credits,
  formatAmount,
  microFromCredits,
  mulDivDown,
  mulDivUp,
  parseAmount,
  positiveMicro,
  splitAmount,
  toCredits,
} from "../../src/economy/money.ts";
import "./helpers.ts";

const micro = fc.integer({ min: 0, max: AMOUNT_MAX });

describe("money", () => {
  test("an amount survives the way to an agent and back, to the micro-credit", () => {
    fc.assert(
      fc.property(micro, (amount) => {
        expect(credits(toCredits(amount))).toBe(amount);
        expect(credits(JSON.parse(JSON.stringify(toCredits(amount))))).toBe(amount);
      }),
    );
  });

  test("an amount survives the way to a file and back, below zero too", () => {
    fc.assert(
      fc.property(micro, fc.boolean(), (amount, negative) => {
        const value = negative && amount > 0 ? -amount : amount;
        expect(parseAmount(formatAmount(value))).toEqual({ ok: true, value });
      }),
    );
  });

  test("a number from outside is exact, or it is no amount", () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const read = microFromCredits(value);
        if (read.ok) expect(Math.abs(toCredits(read.value) - value)).toBeLessThanOrEqual(2e-7);
        if (read.ok) expect(read.value).toBeWithin(0, AMOUNT_MAX + 1);
      }),
    );
  });

  test.each([
    "01",
    "1.",
    ".5",
    "1e3",
    "+1",
    "-0",
    " 1",
    "1\n",
    "0x1",
    "1.1234567",
    "99999999999",
    "",
  ])("%j is not how a file writes an amount", (text) => expect(parseAmount(text).ok).toBe(false));

  test("nothing is an amount, but nothing changes hands for it", () => {
    expect(microFromCredits(0)).toEqual({ ok: true, value: 0 });
    expect(positiveMicro(0).ok).toBe(false);
  });

  test("0.1 + 0.2 is 0.3", () => expect(credits(0.1 + 0.2)).toBe(300_000));

  test("a share is exact: down and up differ by one where it is not whole", () => {
    const part = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(micro, part, part, (amount, numerator, denominator) => {
        const product = BigInt(amount) * BigInt(numerator);
        fc.pre(product / BigInt(denominator) < BigInt(Number.MAX_SAFE_INTEGER));
        const down = mulDivDown(amount, numerator, denominator);
        const whole = product % BigInt(denominator) === 0n;
        expect(BigInt(down)).toBe(product / BigInt(denominator));
        expect(mulDivUp(amount, numerator, denominator)).toBe(whole ? down : down + 1);
      }),
    );
  });

  test("a share next to a whole number is exact up to the largest integer of a double", () => {
    const most = Number.MAX_SAFE_INTEGER;
    const divisor = fc.oneof(
      fc.integer({ min: 2, max: 1_000_000 }),
      fc.integer({ min: 2, max: most }),
    );
    fc.assert(
      fc.property(divisor, fc.double({ min: 0, max: 1, noNaN: true }), (by, part) => {
        // The share nearest to a whole one, as large as it gets or anything below.
        const whole = Math.max(1, Math.floor(Math.floor(most / by) * part));
        const [below, above] = [whole * by - 1, Math.min(whole * by + 1, most)];
        expect([mulDivDown(below, 1, by), mulDivUp(below, 1, by)]).toEqual([whole - 1, whole]);
        if (above === whole * by) return;
        expect([mulDivDown(above, 1, by), mulDivUp(above, 1, by)]).toEqual([whole, whole + 1]);
      }),
      { numRuns: 1000 },
    );
  });

  test("the parts of a split sum to the whole, and no part is below its share", () => {
    const weights = fc.array(micro, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(micro, weights, (amount, shares) => {
        const total = shares.reduce((sum, share) => sum + share, 0);
        fc.pre(total > 0);
        const parts = splitAmount(amount, shares);
        expect(parts.reduce((sum, share) => sum + share, 0)).toBe(amount);
        parts.forEach((part, index) => {
          expect(part).toBeGreaterThanOrEqual(mulDivDown(amount, shares[index] ?? 0, total));
        });
      }),
    );
  });
});
