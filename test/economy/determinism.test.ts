// Law 6: same world, same inputs, same result; and nothing depends on the order in which a world's
// parts were made or read.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { collectBids } from "../../src/economy/bids.ts";
import { allocate } from "../../src/economy/clearing.ts";
import { runCycle } from "../../src/economy/cycle.ts";
import { keyedHash } from "../../src/economy/hash.ts";
import { accept } from "../../src/economy/result.ts";
import { type Economy, noChanges } from "../../src/economy/state.ts";
import { bid, byHighest, canonical, logicOf, only, substance, worldOf } from "./helpers.ts";
import { play, scenarios } from "./random-world.ts";

/** The same world, as if its parts had been made in another order. */
function shuffled(world: Economy, key: string): Economy {
  const turn = <T>(map: Map<string, T>) =>
    new Map([...map].sort(([a], [b]) => keyedHash(key, a) - keyedHash(key, b)));
  const { agents, bids, queue, ledger } = world;
  const balances = new Map(
    [...ledger.balances].map(([asset, accounts]) => [asset, turn(accounts)]),
  );
  const books = { ...ledger, balances };
  return { ...world, agents: turn(agents), bids: turn(bids), queue: turn(queue), ledger: books };
}

describe("the same inputs", () => {
  test("give the same economy, to the last notice and event", async () => {
    await fc.assert(
      fc.asyncProperty(scenarios(15), async (scenario) => {
        expect(canonical(await play(scenario))).toBe(canonical(await play(scenario)));
      }),
      { numRuns: 20 },
    );
  });

  test("give the same from a copy of the world as from the world itself", async () => {
    await fc.assert(
      fc.asyncProperty(scenarios(15), async (scenario) => {
        const copied = await play(scenario, { between: structuredClone });
        expect(canonical(copied)).toBe(canonical(await play(scenario)));
      }),
      { numRuns: 20 },
    );
  });

  test("give the same whatever the order in which bids, agents and prompts came or were read", async () => {
    await fc.assert(
      fc.asyncProperty(scenarios(15), fc.string(), async (scenario, key) => {
        const turned = await play(scenario, { between: (world) => shuffled(world, key) });
        expect(canonical(turned)).toBe(canonical(await play(scenario)));
      }),
      { numRuns: 40 },
    );
  });

  test("show each run the same environment whatever that order was", async () => {
    const shown: string[] = [];
    for (const key of ["x", "y", "z"]) {
      const world = worldOf({ agents: { a: 100, b: 90, c: 80, d: 70 } });
      only(world, "a", { amount: 9 }, { notBefore: 9 }, { notBefore: 8 });
      world.changes = noChanges();
      await runCycle(shuffled(world, key), inputs, async (runs) => {
        shown.push(JSON.stringify(runs));
        return runs.map(() => quiet);
      });
    }
    expect(new Set(shown).size).toBe(1);
  });
});

const quiet = { ending: { kind: "finished" as const }, lines: [accept(bid())], logicOf, notes: [] };
const inputs = {
  time: "2026-01-01T00:00:10.000Z",
  tieSeed: "t",
  answers: [],
  newborn: [],
  removed: [],
};

describe("order", () => {
  test("the runs are handed over, and reported, in winner order: the highest offer first", async () => {
    const world = worldOf({ agents: { low: 100, high: 100, mid: 100 } });
    only(world, "low", { amount: 5 });
    only(world, "mid", { amount: 6 });
    only(world, "high", { amount: 7 });
    world.changes = noChanges();
    const handed: string[] = [];
    const report = await runCycle(world, inputs, async (runs) => {
      handed.push(...runs.map(({ bid }) => bid.agent));
      return runs.map(() => quiet);
    });
    expect(handed).toEqual(["high", "mid", "low"]);
    expect(report.runs.map(({ run }) => run.bid.agent)).toEqual(handed);
  });

  test("ties are broken by the seed of the cycle, not by name: everyone wins some", () => {
    const agents = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`a${n}`, 100]));
    const world = worldOf({ agents });
    const firsts = new Set<string>();
    for (let n = 0; n < 100; n++)
      firsts.add(byHighest(collectBids(world), `seed ${n}`)[0]?.bid.agent ?? "");
    expect(firsts.size).toBe(9);
  });

  test("the order of candidates changes no winner", () => {
    const world = worldOf({ agents: { a: 100, b: 100, c: 100, d: 100 } });
    const candidates = collectBids(world);
    const winnersOf = (given: typeof candidates) =>
      allocate(byHighest(given, "t"), () => 150).winners.map(({ bid }) => bid.id);
    fc.assert(
      fc.property(fc.shuffledSubarray(candidates, { minLength: 4 }), (given) => {
        expect(winnersOf(given)).toEqual(winnersOf(candidates));
      }),
    );
  });

  test("a cycle touches nothing that it was given but the world", async () => {
    const world = worldOf({ agents: { a: 100 } });
    const given = structuredClone(inputs);
    const copy = substance(world);
    const other = structuredClone(world);
    await runCycle(other, inputs, async (runs) => runs.map(() => quiet));
    expect(inputs).toEqual(given);
    expect(substance(world)).toBe(copy);
  });
});
