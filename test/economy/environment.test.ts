// What an agent sees of the others, and what it does not.
import { describe, expect, test } from "bun:test";
import { die } from "../../src/economy/agents.ts";
import { environmentOf, ownView, publicView } from "../../src/economy/environment.ts";
import { environmentText } from "../../src/economy/environment-text.ts";
import { act, bid, cycle, worldOf } from "./helpers.ts";

const pay = (to: string, amount: number) => ({ action: "transfer", to, amount });

const agents = { a: 100, b: 50 };

describe("what everyone may see", () => {
  test("ids, markets and bids, but no payloads and no balances", () => {
    const view = publicView(worldOf({ agents }));
    expect(view.agents).toEqual(["a", "b"]);
    expect(view.bids.map(({ agent }) => agent)).toEqual(["a", "b"]);
    expect(view.bids.some((bid) => "payload" in bid)).toBe(false);
    expect(view.population).toBeUndefined();
  });

  test("of a model what it counts for and its longest answer, nothing of who provides it", () => {
    const { models } = publicView(worldOf({ agents, rules: { visibility: "open" } })).config;
    const counts_as = { input: 0.2, cached_input: 0.02, cache_write: 0.25, output: 1 };
    expect(models).toEqual({ haiku: { counts_as, max_output: 32_000 } });
  });

  test("with visibility: open, payloads and balances as well", () => {
    const view = publicView(worldOf({ agents, rules: { visibility: "open" } }));
    expect(view.bids.every(({ payload }) => payload?.[0] === "bun")).toBe(true);
    expect(view.population?.map(({ id, balance }) => [id, balance])).toEqual([
      ["a", 100],
      ["b", 50],
    ]);
  });
});

describe("a view that is read late", () => {
  test("shows what stood when it was taken, whatever happened since in the cycle", () => {
    const world = worldOf({ agents });
    const [first] = world.bids.values();
    const [early, late] = [publicView(world), publicView(world)];
    const own = ownView(world, { bid: first!, pays: 1 });
    const before = { bids: structuredClone(early.bids), agents: structuredClone(early.agents) };
    for (const line of [{ action: "raise", id: "a-0-1", amount: 20 }, bid(), pay("b", 1)])
      expect(act(world, "a", line).ok).toBe(true);
    die(world, "b", "a test");
    expect({ bids: late.bids, agents: late.agents }).toEqual(before);
    expect(own.transactions.map(({ kind }) => kind)).toEqual(["endowment"]);
  });

  test("cannot be read for the first time in a later cycle, when bids have lost", async () => {
    const world = worldOf({ agents });
    const view = publicView(world);
    await cycle(world);
    expect(() => view.bids).toThrow("are read in");
  });
});

describe("its text in two parts", () => {
  for (const visibility of ["closed", "open"])
    for (const space of [0, 1] as const)
      test(`is the JSON of the whole: ${visibility}, indented by ${space}`, () => {
        const world = worldOf({ agents, rules: { visibility } });
        const shared = publicView(world);
        const texts = [...world.bids.values()].map((bid) => {
          const shown = { shared, own: ownView(world, { bid, pays: 1 }) };
          const { head, tail } = environmentText(shown, space);
          expect(head + tail).toBe(JSON.stringify(environmentOf(shown), null, space));
          return { head, tail };
        });
        expect(texts).toHaveLength(2);
        expect(texts[0]?.head).toBe(texts[1]?.head ?? "");
        expect(texts[0]?.tail).not.toBe(texts[1]?.tail ?? "");
      });
});
