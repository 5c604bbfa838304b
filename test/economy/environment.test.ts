// What an agent sees of the others, and what it does not.
import { describe, expect, test } from "bun:test";
import { environmentFor, publicView } from "../../src/economy/environment.ts";
import { environmentText } from "../../src/economy/environment-text.ts";
import { worldOf } from "./helpers.ts";

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

describe("its text in two parts", () => {
  for (const visibility of ["closed", "open"])
    for (const space of [0, 1] as const)
      test(`is the JSON of the whole: ${visibility}, indented by ${space}`, () => {
        const world = worldOf({ agents, rules: { visibility } });
        const shared = publicView(world);
        const texts = [...world.bids.values()].map((bid) => {
          const environment = environmentFor(world, shared, { bid, pays: 1 });
          const { head, tail } = environmentText({ environment, shared }, space);
          expect(head + tail).toBe(JSON.stringify(environment, null, space));
          return { head, tail };
        });
        expect(texts).toHaveLength(2);
        expect(texts[0]?.head).toBe(texts[1]?.head ?? "");
        expect(texts[0]?.tail).not.toBe(texts[1]?.tail ?? "");
      });
});
