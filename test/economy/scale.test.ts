// Cost per cycle = bids + what changed: ten times the agents, about ten times the time.
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

/** Of the processor: what else the machine does is no part of it. */
async function secondsOf(size: number): Promise<number> {
  const world = crowd(size);
  const lines = [bid(), bid(), { action: "transfer", to: "a0", amount: 0.001 }];
  const start = process.cpuUsage();
  await cycle(world, Object.fromEntries([...world.agents.keys()].map((id) => [id, lines])));
  expect(world.agents.size).toBe(size);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

describe("at scale", () => {
  test("10,000 agents that all win bid, pay and wake within seconds of the processor", async () => {
    expect(await secondsOf(10_000)).toBeLessThan(5);
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
