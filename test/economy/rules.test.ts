// econ.yaml: what stands in the presets is what the program does.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { parse } from "yaml";
import { bear } from "../../src/economy/agents.ts";
import { credits } from "../../src/economy/money.ts";
import { newEconomy } from "../../src/economy/new-economy.ts";
import { type Rules, rulesSchema } from "../../src/economy/rules.ts";
import { LOGIC } from "./helpers.ts";

async function preset(name: string): Promise<Rules> {
  const path = join(import.meta.dir, "../../templates/worlds", name, "econ.yaml");
  return rulesSchema.parse(parse(await Bun.file(path).text()));
}

describe("presets", () => {
  test("the default preset states the schema's defaults, every one of them", async () => {
    expect(await preset("default")).toEqual(rulesSchema.parse({}));
    const path = join(import.meta.dir, "../../templates/worlds/default/econ.yaml");
    expect(Object.keys(parse(await Bun.file(path).text())).sort()).toEqual(
      Object.keys(rulesSchema.shape).sort(),
    );
  });

  test("the spec preset is §14.2 of the specification, unchanged", async () => {
    const market = (supply: number, price: number) => ({ supply, initial_price: credits(price) });
    expect(await preset("spec")).toMatchObject({
      economy: {
        initial_credit_budget: credits(1000),
        attention_conversion_rates: {
          interesting: credits(50),
          useful: credits(50),
          understandable: credits(50),
        },
        spawn_cost: credits(100),
        message_cost: credits(1),
      },
      resources: {
        tokens: market(10_000, 0.1),
        cpu_seconds: market(100, 5),
        memory_mb: market(10_000, 0.01),
        attention: market(1, 50),
      },
      allocation: { schedule_seconds: 10, transaction_history_length: 20 },
      execution: { timeout_seconds: 30, default_memory_mb: 100 },
    });
  });

  test.each(["ample", "default", "spec"])(
    "agents of both kinds can be born into the %s preset",
    async (name) => {
      const rules = await preset(name);
      const world = newEconomy(rules, "seed", "2026-01-01T00:00:00.000Z");
      const parents = {
        lineage: [],
        credits: rules.economy.initial_credit_budget,
        source: "issuance",
      };
      expect(bear(world, "coder", LOGIC, parents).ok).toBe(true);
      expect(bear(world, "thinker", { ...LOGIC, kind: "model" }, parents).ok).toBe(true);
    },
  );
});

describe("rules", () => {
  test.each([
    ["an unknown key", { economics: {} }],
    ["a misspelt key deep inside", { economy: { spawn_costs: 1 } }],
    ["a negative price", { resources: { tokens: { supply: 1, initial_price: -1 } } }],
    ["a price of a fraction of a micro-credit", { economy: { spawn_cost: 1e-7 } }],
    ["a budget beyond all money", { economy: { initial_credit_budget: 1e10 } }],
    ["NaN", { economy: { spawn_cost: Number.NaN } }],
    ["an amount in words", { economy: { spawn_cost: "100" } }],
    ["an unknown clearing", { allocation: { clearing: "vickrey" } }],
    ["a negative supply", { resources: { tokens: { supply: -1, initial_price: 1 } } }],
    ["no time between cycles", { allocation: { schedule_seconds: 0 } }],
  ])("%s is refused with the place where it stands", (_name, stated) => {
    const read = rulesSchema.safeParse(stated);
    expect(read.success).toBe(false);
    if (!read.success) expect(read.error.issues[0]?.message).not.toBe("");
  });
});

test("there is one slot of attention: open or closed, never two", () => {
  const withSupply = (supply: number) =>
    rulesSchema.safeParse({ resources: { attention: { supply, initial_price: 50 } } }).success;
  expect([0, 1, 2, 0.5].map(withSupply)).toEqual([true, true, false, false]);
});
