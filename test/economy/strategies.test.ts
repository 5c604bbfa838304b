// The templates' strategies in process, with the simulated human: who lives, who dies, who is paid.
import { describe, expect, test } from "bun:test";
import type { Wake } from "../../src/agent/strategy.ts";
import type { Transfer } from "../../src/economy/ledger.ts";
import { auditBalances } from "../../src/economy/ledger.ts";
import { rulesSchema } from "../../src/economy/rules.ts";
import { type AnyStrategy, simulate } from "../../src/lab/simulate.ts";
import { decide as genesis } from "../../templates/agents/genesis/decide.ts";
import { decide as idler } from "../../templates/agents/idler/decide.ts";
import { decide as saver } from "../../templates/agents/saver/decide.ts";
import { decide as spammer } from "../../templates/agents/spammer/decide.ts";
import { decide as specialist } from "../../templates/agents/specialist/decide.ts";
import { canonical, purse } from "./helpers.ts";

const SEEDS = ["one", "two", "three", "four", "five"];
const STRATEGIES: Record<string, AnyStrategy> = { genesis, idler, saver, spammer, specialist };

/** A strategy whose every wake is remembered. */
function watched(strategy: AnyStrategy, wakes: Wake<unknown>[]): AnyStrategy {
  return (wake) => {
    wakes.push(structuredClone(wake));
    return strategy(wake);
  };
}

async function live(seed: string, cast: Record<string, AnyStrategy>, cycles: number) {
  const members = Object.entries(cast).map(([id, strategy]) => [id, { strategy }]);
  const world = simulate({
    rules: rulesSchema.parse({}),
    seed,
    cast: Object.fromEntries(members),
    children: { specialist },
    human: true,
  });
  const transfers: Transfer[] = [];
  for (let n = 0; n < cycles; n++) {
    await world.step();
    transfers.push(...world.economy.changes.transfers);
  }
  return { economy: world.economy, transfers };
}

/** Wakes of all strategies, from one life together. */
async function wakesOf(cycles: number) {
  const wakes: Record<string, Wake<unknown>[]> = {};
  const cast: Record<string, AnyStrategy> = {};
  for (const [name, strategy] of Object.entries(STRATEGIES)) {
    wakes[name] = [];
    cast[name] = watched(strategy, wakes[name]);
  }
  await live("wakes", cast, cycles);
  return wakes;
}

describe("with the simulated human", () => {
  test.each(SEEDS)(
    "genesis lives 100 cycles and is richer than it began (seed %s)",
    async (seed) => {
      const { economy } = await live(seed, { genesis }, 100);
      expect(economy.agents.has("genesis")).toBe(true);
      expect(purse(economy, "genesis")).toBeGreaterThan(1000);
    },
  );

  test.each(SEEDS)(
    "genesis outlives the spammer, who dies of its prompts (seed %s)",
    async (seed) => {
      const { economy } = await live(seed, { genesis, spammer }, 100);
      expect([...economy.agents.keys()]).toContain("genesis");
      expect(economy.dead.has("spammer")).toBe(true);
    },
  );

  test.each(SEEDS)(
    "the specialist is born, delivers, is paid and lives on it (seed %s)",
    async (seed) => {
      const { economy, transfers } = await live(seed, { genesis }, 100);
      const wages = transfers.filter(({ memo }) => memo === "digest of the markets");
      expect(wages.length).toBeGreaterThan(5);
      expect(new Set(wages.map(({ to }) => to))).toEqual(new Set(["agent:watcher"]));
      expect(economy.agents.get("watcher")?.lineage).toEqual(["genesis"]);
    },
  );

  test("the idler pays for existing, and the saver for a tenth of it", async () => {
    const { economy } = await live("quiet", { idler, saver }, 100);
    const [dear, cheap] = [purse(economy, "idler"), purse(economy, "saver")];
    expect((1000 - cheap) * 5).toBeLessThan(1000 - dear);
  });

  test("100 agents live 200 cycles: the books balance, prices keep their band, not all die", async () => {
    const kinds = Object.values(STRATEGIES);
    const cast = Array.from({ length: 100 }, (_, n) => [`a${n}`, kinds[n % kinds.length]!]);
    const { economy } = await live("crowd", Object.fromEntries(cast), 200);
    expect(auditBalances(economy.ledger)).toEqual([]);
    expect(economy.agents.size).toBeGreaterThan(20);
    expect(economy.dead.size).toBeGreaterThan(0);
    for (const { price, initialPrice } of economy.markets.values())
      expect(price).toBeWithin(initialPrice / 10, initialPrice * 100 + 1);
  }, 20_000);
});

describe("a strategy", () => {
  test("is a pure function: the same wake gives the same decision, and is left as it was", async () => {
    const lived = await wakesOf(300);
    for (const [name, wakes] of Object.entries(lived)) {
      expect(wakes.length).toBeGreaterThan(3);
      for (const wake of wakes) {
        const before = canonical(wake);
        const decide = STRATEGIES[name]!;
        expect(canonical(decide(wake as never))).toBe(
          canonical(decide(structuredClone(wake) as never)),
        );
        expect(canonical(wake)).toBe(before);
      }
    }
  });

  test("leaves a bid, first of all, in every wake it survives", async () => {
    const lived = await wakesOf(300);
    for (const [name, wakes] of Object.entries(lived))
      for (const wake of wakes)
        expect(STRATEGIES[name]!(wake as never).actions[0]?.action).toBe("bid");
  });
});

describe("genesis", () => {
  const promptOf = (wake: Wake<unknown>) =>
    genesis(wake as never).actions.find(({ action }) => action === "prompt");

  test("states a fact in every prompt", async () => {
    const { genesis: wakes = [] } = await wakesOf(300);
    const prompts = wakes.map(promptOf).filter((prompt) => prompt !== undefined);
    expect(prompts.length).toBeGreaterThan(3);
    for (const prompt of prompts)
      expect("content" in prompt && String(prompt.content)).toMatch(/^- .*[a-z]/m);
  });

  test("says nothing where nothing has happened since it last spoke", async () => {
    const { genesis: wakes = [] } = await wakesOf(40);
    for (const wake of wakes) {
      const prices = Object.fromEntries(
        Object.values(wake.markets).map((market) => [
          market.resourceType,
          market.currentMarketPrice,
        ]),
      );
      const state = {
        ...(wake.state as object),
        told: { prices, agents: wake.agents },
        facts: [],
        topics: { hello: 1 },
        expectedAward: 500,
        wakes: 1,
        specialist: null,
        order: null,
        paid: 0,
      };
      expect(promptOf({ ...wake, inbox: [], prompts: [], state })).toBeUndefined();
    }
  });
});
