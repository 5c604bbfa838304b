// What an agent sees of the others, and what it does not.
import { describe, expect, test } from "bun:test";
import { publicView } from "../../src/economy/environment.ts";
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

  test("with visibility: open, payloads and balances as well", () => {
    const view = publicView(worldOf({ agents, rules: { visibility: "open" } }));
    expect(view.bids.every(({ payload }) => payload?.[0] === "bun")).toBe(true);
    expect(view.population?.map(({ id, balance }) => [id, balance])).toEqual([
      ["a", 100],
      ["b", 50],
    ]);
  });
});
