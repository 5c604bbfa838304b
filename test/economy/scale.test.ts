// Cost per cycle = bids + what changed.
import { describe, expect, test } from "bun:test";
import { drop, ownedBy, put } from "../../src/economy/owned.ts";
import { bid, cycle, worldOf } from "./helpers.ts";

const HUGE = {
  resources: {
    cpu_seconds: { supply: 1e6, initial_price: 0.01 },
    memory_mb: { supply: 1e8, initial_price: 0.0001 },
  },
  population: { max_alive: 20_000, max_births_per_cycle: 20_000 },
};

function crowd(size: number) {
  return worldOf({
    agents: Object.fromEntries(Array.from({ length: size }, (_, n) => [`a${n}`, 10])),
    rules: HUGE,
  });
}

describe("at scale", () => {
  // What it costs is measured by bench/agents.ts; a cost by the square does not end in this time.
  test("10,000 agents that all win bid, pay and wake in one cycle", async () => {
    const world = crowd(10_000);
    const lines = [bid(), bid(), { action: "transfer", to: "a0", amount: 0.001 }];
    const { winners } = await cycle(
      world,
      Object.fromEntries([...world.agents.keys()].map((id) => [id, lines])),
    );
    expect(winners).toBe(10_000);
    expect(world.agents.size).toBe(10_000);
    expect(world.bids.size).toBe(20_000);
    const paid = world.recent.filter(
      ({ from, to }) => from.startsWith("agent:") && to === "agent:a0",
    );
    expect(paid).toHaveLength(9_999);
  }, 60_000);
});

describe("the index of owners", () => {
  const ownerOf = (owner: string) => owner;

  test("finds what was put and not what was dropped, in order of ids", () => {
    const map = new Map<string, string>();
    for (const id of ["3", "1", "2"]) put(map, id, "a", ownerOf);
    put(map, "4", "b", ownerOf);
    drop(map, "2", ownerOf);
    drop(map, "none", ownerOf);
    expect([ownedBy(map, "a", ownerOf).length, ownedBy(map, "b", ownerOf)]).toEqual([2, ["b"]]);
    drop(map, "4", ownerOf);
    expect([ownedBy(map, "b", ownerOf), [...map.keys()]]).toEqual([[], ["3", "1"]]);
  });

  test("sees entries that came or went past it", () => {
    const map = new Map([["1", "a"]]);
    expect(ownedBy(map, "a", ownerOf)).toHaveLength(1);
    map.set("2", "a");
    expect(ownedBy(map, "a", ownerOf)).toHaveLength(2);
    map.clear();
    expect(ownedBy(map, "a", ownerOf)).toEqual([]);
  });
});
