import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { checkQuantity, milli } from "../../src/economy/resources.ts";
import { act, bid, reasonOf, worldOf } from "./helpers.ts";

describe("quantities", () => {
  test.each([1e-10, 1e-7, 0.0004, 0.00049, 0.1234567, 5e-324])(
    "%d is finer than a thousandth and buys nothing",
    (cpu_seconds) => {
      const world = worldOf({ agents: { a: 100 } });
      const order = bid({ resources: { cpu_seconds } });
      expect(reasonOf(act(world, "a", order))).toContain("finer than a thousandth");
    },
  );

  test("every number of thousandths up to the largest quantity is one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e12 }), (thousandths) => {
        const checked = checkQuantity(thousandths / 1000);
        expect(checked.ok && milli(checked.value)).toBe(thousandths);
      }),
    );
  });

  test.each([1_000_000_000.001, Number.MAX_VALUE, -0, 0, -1])("%d is no quantity", (value) => {
    expect(reasonOf(checkQuantity(value))).toContain("not a quantity above 0");
  });
});
