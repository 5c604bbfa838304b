import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { bestFirst, comesFirst, type Ranking } from "../../src/economy/ranking.ts";

type Item = { id: string; score: number };

const ranking = (tieSeed: string): Ranking<Item> => ({
  scoreOf: ({ score }) => score,
  idOf: ({ id }) => id,
  tieSeed,
});

/** Few scores, so that many are equal; the largest an offer can be, and what a division gives. */
const score = fc.oneof(
  fc.integer({ min: 0, max: 5 }),
  fc.constantFrom(1e15, 1e15 - 1, Number.POSITIVE_INFINITY, 1 / 3),
);
const items = fc.uniqueArray(fc.record({ id: fc.string(), score }), {
  selector: ({ id }) => id,
  maxLength: 60,
});

describe("the order of bids", () => {
  test("puts each before all that it comes before, and loses none", () => {
    fc.assert(
      fc.property(items, fc.string(), (all, tieSeed) => {
        const ordered = bestFirst(all, ranking(tieSeed));
        expect(new Set(ordered)).toEqual(new Set(all));
        expect(ordered).toHaveLength(all.length);
        for (const [at, item] of ordered.entries())
          for (const later of ordered.slice(at + 1)) {
            expect(comesFirst(item, later, ranking(tieSeed))).toBe(true);
            expect(comesFirst(later, item, ranking(tieSeed))).toBe(false);
          }
      }),
    );
  });

  test("is the same in whatever order they come", () => {
    fc.assert(
      fc.property(items, (all) => {
        const turned = bestFirst([...all].reverse(), ranking("t"));
        expect(turned).toEqual(bestFirst(all, ranking("t")));
      }),
    );
  });

  test("goes by the score before the lot, and by no score that is no number", () => {
    const all = [1, 3, 2].map((score) => ({ id: `bid-${score}`, score }));
    expect(bestFirst(all, ranking("t")).map(({ score }) => score)).toEqual([3, 2, 1]);
    const odd = [...all, { id: "odd", score: Number.NaN }];
    expect(() => bestFirst(odd, ranking("t"))).toThrow("no number");
  });
});
