import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  allocate,
  CLEARING_RULES,
  type Clearing,
  type Contender,
  inOrder,
} from "../../src/economy/clearing.ts";
import { auditBalances } from "../../src/economy/ledger.ts";
import { credits } from "../../src/economy/money.ts";
import { PAYMENT_RULES } from "../../src/economy/payment.ts";
import { balance, bid, cycle, only, purse, ranIn, worldOf } from "./helpers.ts";

const GOODS = ["x", "y", "z"] as const;
type Good = (typeof GOODS)[number];
type Single = Contender<Good>;

const SUPPLY: Record<Good, number> = { x: 10, y: 4, z: 100 };

const share = fc.option(fc.integer({ min: 1, max: 1000 }), { nil: undefined });
const bundle = fc
  .record({ x: share, y: share, z: share })
  .filter((shares) => GOODS.some((good) => shares[good] !== undefined))
  .map((shares) => {
    const resources: Single["bid"]["resources"] = {};
    for (const good of GOODS) {
      const part = shares[good];
      if (part !== undefined) resources[good] = (part * SUPPLY[good]) / 1000;
    }
    return resources;
  });

/** Small whole offers, so that ties are common; each at least at its cost. */
const contenders = fc
  .array(
    fc.record({
      resources: bundle,
      cost: fc.integer({ min: 0, max: 5 }),
      above: fc.integer({ min: 0, max: 60 }),
      owner: fc.integer({ min: 0, max: 40 }),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .map((drawn) =>
    drawn.map(({ resources, cost, above, owner }, n): Single => {
      const its = { id: `b${n}`, agent: `a${owner}`, resources };
      return { bid: its, cost, offer: cost + above };
    }),
  );

/** The same, of agents that want one bundle each and no other. */
const singleMinded = contenders.map((all) =>
  all.map((one) => ({ ...one, bid: { ...one.bid, agent: one.bid.id } })),
);

const rules = fc.constantFrom("highest" as const, "per-size" as const);

const by = (rule: keyof typeof CLEARING_RULES): Clearing<Good> => ({
  rule: CLEARING_RULES[rule],
  tieSeed: "t",
  supply: (good) => SUPPLY[good],
});

/** What each winner pays, by the id of its bid. */
function sell(
  all: Single[],
  rule: keyof typeof CLEARING_RULES,
  payment: keyof typeof PAYMENT_RULES,
): Map<string, number> {
  const clearing = by(rule);
  const ordered = inOrder(all, clearing);
  const { winners } = allocate(ordered, clearing.supply);
  const pays = PAYMENT_RULES[payment](winners, ordered, clearing);
  return new Map(winners.map(({ bid }, n) => [bid.id, pays[n] as number]));
}

const instead = (all: Single[], other: Single) =>
  all.map((one) => (one.bid.id === other.bid.id ? other : one));

describe("per-size", () => {
  const sold = (...bids: [id: string, offer: number, resources: Single["bid"]["resources"]][]) => {
    const all = bids.map(([id, offer, resources]) => ({
      bid: { id, agent: id, resources },
      cost: 0,
      offer,
    }));
    return [...sell(all, "per-size", "offer").keys()];
  };

  test("ranks by the offer over the root of the shares, summed", () => {
    // Sizes 1/4 and 1, roots 1/2 and 1: half the offer is as good.
    expect(sold(["quarter", 51, { y: 1 }], ["whole", 100, { y: 4 }])).toEqual(["quarter"]);
    expect(sold(["quarter", 49, { y: 1 }], ["whole", 100, { y: 4 }])).toEqual(["whole"]);
    // 1/4 of one good and 3/4 of another are as much as all of a third.
    expect(sold(["mixed", 100, { x: 2.5, y: 3 }], ["whole", 99, { x: 10 }])).toEqual(["mixed"]);
    expect(sold(["mixed", 99, { x: 2.5, y: 3 }], ["whole", 100, { x: 10 }])).toEqual(["whole"]);
  });

  test("does not depend on the order of bids, nor on that of the goods in a bundle", () => {
    fc.assert(
      fc.property(contenders, rules, fc.nat(), (all, rule, turn) => {
        const turned = all
          .map((one) => {
            const resources = Object.fromEntries(Object.entries(one.bid.resources).reverse());
            return { ...one, bid: { ...one.bid, resources } };
          })
          .map((_, n, list) => list[(n + turn) % list.length] as Single);
        expect(sell(turned, rule, "critical")).toEqual(sell(all, rule, "critical"));
      }),
    );
  });
});

describe("the critical payment", () => {
  test("lies between the market cost and the offer, and changes no winner", () => {
    fc.assert(
      fc.property(contenders, rules, (all, rule) => {
        const [first, least] = [sell(all, rule, "offer"), sell(all, rule, "critical")];
        expect([...least.keys()]).toEqual([...first.keys()]);
        for (const { bid, cost, offer } of all.filter((one) => least.has(one.bid.id))) {
          expect(first.get(bid.id)).toBe(offer);
          expect(least.get(bid.id)).toBeWithin(cost, offer + 1);
        }
      }),
    );
  });

  test("is the lowest offer that wins: with it the bid wins, with one less it does not", () => {
    fc.assert(
      fc.property(singleMinded, rules, (all, rule) => {
        for (const [id, pays] of sell(all, rule, "critical")) {
          const winner = all.find((one) => one.bid.id === id) as Single;
          const bidding = (offer: number) =>
            sell(instead(all, { ...winner, offer }), rule, "critical").has(id);
          expect(bidding(pays)).toBe(true);
          if (pays > winner.cost) expect(bidding(pays - 1)).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("of one winner is the same, whether the others' are asked for or not", () => {
    fc.assert(
      fc.property(contenders, rules, (all, rule) => {
        const ordered = inOrder(all, by(rule));
        const { winners } = allocate(ordered, by(rule).supply);
        const together = PAYMENT_RULES.critical(winners, ordered, by(rule));
        const each = winners.flatMap((one) => PAYMENT_RULES.critical([one], ordered, by(rule)));
        expect(each).toEqual(together);
      }),
    );
  });

  test("makes the truth the best offer for who wants one bundle: no other bid gains", () => {
    const lie = fc.record({
      who: fc.nat(),
      offer: fc.integer({ min: 0, max: 80 }),
      more: fc.option(bundle, { nil: {} as Single["bid"]["resources"] }),
    });
    fc.assert(
      fc.property(singleMinded, rules, lie, (all, rule, { who, offer, more }) => {
        const honest = all[who % all.length] as Single;
        const { id } = honest.bid;
        const gain = (paid: number | undefined) => (paid === undefined ? 0 : honest.offer - paid);
        const resources = { ...honest.bid.resources };
        for (const good of GOODS) {
          const asked = Math.max(resources[good] ?? 0, more[good] ?? 0);
          if (asked > 0) resources[good] = asked;
        }
        const told = { ...honest, offer: Math.max(offer, honest.cost) };
        const lying = { ...told, bid: { ...honest.bid, resources } };
        const truth = gain(sell(all, rule, "critical").get(id));
        expect(truth).toBeGreaterThanOrEqual(0);
        expect(gain(sell(instead(all, lying), rule, "critical").get(id))).toBeLessThanOrEqual(
          truth,
        );
      }),
      { numRuns: 3_000 },
    );
  });

  test("is the market cost where nobody else wants it, however much was offered", () => {
    fc.assert(
      fc.property(contenders, rules, (all, rule) => {
        const [alone] = all as [Single];
        expect([...sell([alone], rule, "critical").values()]).toEqual([alone.cost]);
      }),
    );
  });

  test("an agent does not compete with itself", () => {
    const of = (id: string, agent: string, offer: number): Single => ({
      bid: { id, agent, resources: { y: 4 } },
      cost: 1,
      offer,
    });
    const all = [of("a1", "a", 9), of("a2", "a", 8), of("b1", "b", 3)];
    expect(sell(all, "highest", "critical").get("a1")).toBeWithin(3, 5);
  });
});

describe("a world that charges the critical payment", () => {
  const rules = { allocation: { payment: "critical" } };

  test("holds, charges and tells the winner what it pays, not what it offered", async () => {
    const small = { cpu_seconds: { supply: 1, initial_price: 2 } };
    const world = worldOf({ agents: { a: 100, b: 100 }, rules: { ...rules, resources: small } });
    only(world, "a", { amount: 30 });
    only(world, "b", { amount: 10 });
    const report = await cycle(world, { a: [bid()], b: [bid()] });
    expect(ranIn(report)).toEqual(["a"]);
    const [run] = report.runs;
    // Ten, or a millionth more where the tie would go to b.
    expect(run?.run.pays).toBeWithin(credits(10), credits(10) + 2);
    expect(run?.run.own.execution.paid).toBeCloseTo(10, 5);
    expect(purse(world, "a")).toBeCloseTo(90, 5);
    expect(auditBalances(world.ledger)).toEqual([]);
  });

  test("asks only the market cost while there is enough for all", async () => {
    const world = worldOf({ agents: { a: 100, b: 100 }, rules });
    only(world, "a", { amount: 30 });
    await cycle(world);
    const paid = balance(world, "market:cpu_seconds") + balance(world, "market:memory_mb");
    expect(paid).toBeCloseTo(2 * 3.92, 6);
  });
});
