import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Context } from "../../src/commands/context.ts";
import { repeat } from "../../src/commands/lab-reproduce.ts";
import { CLEARING_RULES } from "../../src/economy/clearing.ts";
import { bidder, optimumOf, welfareOf } from "../../src/lab/reproduce/auctions.ts";
import { diceOf, poisson } from "../../src/lab/reproduce/dice.ts";
import { REPRODUCTIONS } from "../../src/lab/reproduce/index.ts";
import {
  type Figure,
  isWithin,
  type Reproduction,
  seedsOf,
  times,
} from "../../src/lab/reproduce/reproduction.ts";
import { giniOf } from "../../src/lab/reproduce/wealth.ts";
import { PLAIN } from "../../src/view/tables.ts";
import { econ } from "../commands/terminal.ts";

describe("published results hold through the economy's own code", () => {
  for (const { name, run } of REPRODUCTIONS)
    test(name, async () => {
      const figures = await run(seedsOf(1));
      expect(figures.length).toBeGreaterThan(3);
      expect(figures.filter((figure) => !isWithin(figure))).toEqual([]);
    });

  test("the same seeds give the same figures, others give others", async () => {
    const wealth = REPRODUCTIONS.find(({ name }) => name === "wealth") as Reproduction;
    const [once, again, other] = await Promise.all([
      wealth.run(["a"]),
      wealth.run(["a"]),
      wealth.run(["b"]),
    ]);
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
  });

  test("each says where it comes from and what is done, and marks what it rests on", async () => {
    for (const { name, source, protocol } of REPRODUCTIONS) {
      expect(name).toMatch(/^[a-z-]+$/);
      expect([name, source.length > 20, protocol.length > 80]).toEqual([name, true, true]);
    }
    expect(new Set(REPRODUCTIONS.map(({ name }) => name)).size).toBe(REPRODUCTIONS.length);
  });
});

describe("a figure", () => {
  const figure = (ours: number, theirs: Figure["theirs"], tolerance: number) =>
    isWithin({ what: "", ours, theirs, tolerance, standing: "computed" });

  test("holds within its tolerance of a number or a range, and not beyond", () => {
    expect([figure(1, 1, 0), figure(1.1, 1, 0.1), figure(0.9, 1, 0.1)]).toEqual(
      Array(3).fill(true),
    );
    expect([figure(1.11, 1, 0.1), figure(0.89, 1, 0.1), figure(1.001, 1, 0)]).toEqual(
      Array(3).fill(false),
    );
    const range = { from: 1, to: 1.06 };
    expect([figure(1, range, 0), figure(1.06, range, 0), figure(1.08, range, 0.02)]).toEqual(
      Array(3).fill(true),
    );
    expect([figure(0.999, range, 0), figure(1.061, range, 0)]).toEqual([false, false]);
    expect(figure(Number.NaN, 1, 1)).toBe(false);
  });
});

describe("what the lab measures with", () => {
  const auction = fc
    .array(
      fc.record({
        value: fc.integer({ min: 1, max: 50 }),
        x: fc.integer({ min: 1, max: 6 }),
        y: fc.integer({ min: 1, max: 4 }),
      }),
      { minLength: 1, maxLength: 9 },
    )
    .map((drawn) => ({
      bidders: drawn.map(({ value, x, y }, n) => bidder(n, value, { x, y })),
      supply: { x: 6, y: 4 },
    }));

  test("the optimum is the best of all allocations, and no rule beats it", () => {
    fc.assert(
      fc.property(auction, ({ bidders, supply }) => {
        let best = 0;
        for (let chosen = 0; chosen < 2 ** bidders.length; chosen++) {
          const group = bidders.filter((_, n) => (chosen >> n) & 1);
          const used = (good: string) =>
            group.reduce((sum, { bid }) => sum + (bid.resources[good] ?? 0), 0);
          if (used("x") > supply.x || used("y") > supply.y) continue;
          best = Math.max(
            best,
            group.reduce((sum, { offer }) => sum + offer, 0),
          );
        }
        const optimum = optimumOf({ bidders, supply });
        expect(optimum).toBe(best);
        for (const rule of Object.values(CLEARING_RULES))
          expect(welfareOf({ bidders, supply }, rule)).toBeLessThanOrEqual(optimum);
      }),
    );
  });

  test("dice are fair enough, and the same for the same seed", () => {
    const throws = (seed: string) => {
      const dice = diceOf(seed);
      return times(6_000, () => dice.below(6));
    };
    expect(throws("a")).toEqual(throws("a"));
    const counts = times(6, (side) => throws("a").filter((thrown) => thrown === side).length);
    for (const count of counts) expect(count).toBeWithin(880, 1_120);
    const dice = diceOf("b");
    const units = times(10_000, dice.unit);
    expect(Math.min(...units)).toBeWithin(0, 0.01);
    expect(Math.max(...units)).toBeWithin(0.99, 1);
    const mean = times(10_000, () => poisson(dice, 1.5)).reduce((sum, n) => sum + n, 0) / 10_000;
    expect(mean).toBeCloseTo(1.5, 1);
  });

  test("the Gini coefficient is 0 for equals and (n - 1) / n where one of n has all", () => {
    expect(giniOf([5, 5, 5, 5])).toBeCloseTo(0, 12);
    expect(giniOf([0, 0, 0, 8])).toBeCloseTo(0.75, 12);
    expect(giniOf([3, 1])).toBeCloseTo(0.25, 12);
  });
});

describe("econ lab reproduce", () => {
  test("needs no world, shows ours beside theirs, and ends with the count", async () => {
    const { code, out, err } = await econ(["lab", "reproduce", "base-fee"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("WHAT");
    expect(out).toMatch(/vectors that agree +11 +11 +none +computed +holds/);
    expect(out).toEndWith("5 of 5 figures hold.");
  });

  test("--json is the same as data", async () => {
    const { code, out } = await econ(["lab", "reproduce", "base-fee", "--json", "--seeds", "2"]);
    expect(code).toBe(0);
    const [only, ...others] = JSON.parse(out);
    expect(others).toEqual([]);
    expect(only.figures).toHaveLength(5);
    expect(only.figures[0]).toEqual({
      ...{ what: "vectors that agree", ours: 11, published: 11, tolerance: 0 },
      ...{ standing: "computed", holds: true },
    });
  });

  const off: Reproduction = {
    name: "wrong",
    source: "nowhere",
    protocol: "nothing",
    run: async () => [{ what: "x", ours: 2, theirs: 1, tolerance: 0.5, standing: "unverified" }],
  };

  test("a figure that is off is named, and the exit code is 1", async () => {
    const said: string[] = [];
    const context = { look: PLAIN, out: (text: string) => said.push(text) } as unknown as Context;
    expect(await repeat(context, [off], {})).toBe(1);
    expect(said[0]).toContain("OFF");
    expect(said.at(-1)).toBe("0 of 1 figures hold.");
  });

  test("unknown words are wrong usage, with what there is", async () => {
    const wrong = await econ(["lab", "repeat"]);
    expect([wrong.code, wrong.err]).toEqual([
      2,
      'econ: nothing in the lab is called "repeat": list, run, reproduce',
    ]);
    const misspelt = await econ(["lab", "reproduce", "welth"]);
    expect([misspelt.code, misspelt.err]).toEqual([
      2,
      'econ: no result "welth"; did you mean wealth?',
    ]);
    expect((await econ(["lab"])).code).toBe(2);
  });
});
