// Many lives at once, and long ones, in real worlds.
import { expect, test } from "bun:test";
import { auditBalances } from "../../src/economy/ledger.ts";
import { circulationOf } from "../../src/economy/state.ts";
import { createWorld, scoreActive } from "../../src/kernel.ts";
import { judge, type Memory } from "../../src/lab/human.ts";
import {
  ask,
  type Cast,
  living,
  must,
  script,
  temporaryFolder,
  World,
  worldOf,
} from "./helpers.ts";

const AGENTS = 100;
const CYCLES = 200;
/** Runs in a cycle: what a cycle costs, for the most part. */
const SUPPLY = 2;

/** A hundred cheap lives: all bid, every fourth pays its neighbour, every tenth writes a file. */
function crowd(): Cast {
  const cast: Cast = {};
  for (let n = 0; n < AGENTS; n++) {
    const lines = [];
    const memo = "for your company";
    if (n % 4 === 0)
      lines.push(ask({ action: "transfer", to: `a${(n + 1) % AGENTS}`, amount: 0.5, memo }));
    if (n % 10 === 0) lines.push("echo lived >>log.txt");
    cast[`a${n}`] = script(...lines);
  }
  return cast;
}

living(`${AGENTS} code agents`, () => {
  test(`for ${CYCLES} cycles: the supply bounds the runs, the books are right`, async () => {
    const rules = { "resources.cpu_seconds.supply": SUPPLY };
    const world = await worldOf(crowd(), { rules });
    let runs = 0;
    for (let cycle = 1; cycle <= CYCLES; cycle++) {
      const report = await world.tick();
      expect(report.runs.length).toBeLessThanOrEqual(SUPPLY);
      expect(report.runs.filter(({ ending }) => ending.kind !== "finished")).toEqual([]);
      runs += report.runs.length;
    }
    const economy = await world.economy();
    expect(economy.cycle).toBe(CYCLES);
    expect(auditBalances(economy.ledger)).toEqual([]);
    expect(economy.agents.size + economy.dead.size).toBe(AGENTS);
    expect(runs).toBeGreaterThan(CYCLES);
    expect(circulationOf(economy).total).toBeLessThan(AGENTS * 1_000_000_000);
    expect(world.git("rev-list", "--count", "HEAD").trim()).toBe(`${CYCLES + 2}`);
    expect(await world.wrong()).toEqual([]);
  }, 600_000);
});

living("genesis, with a simulated human", () => {
  test("survives 100 cycles and ends richer; the spammer dies; a specialist is paid", async () => {
    const root = `${temporaryFolder()}/world`;
    const cast = { genesis: { template: "genesis" }, spammer: { template: "spammer" } };
    const settings: [string, string][] = [["clock", "logical"]];
    const seed = "a long life";
    const made = { preset: "default", seed, settings, cast, person: "simulated", durable: false };
    must(await createWorld(root, made));
    const world = new World(root);
    const before = await world.balance("genesis");
    const heard: Memory = new Map();
    const spawned = new Set<string>();
    const payments: string[] = [];
    for (let cycle = 1; cycle <= 100; cycle++) {
      const { economy } = await world.tick();
      for (const { agent } of economy.changes.born) spawned.add(agent);
      for (const { kind, from, to } of economy.changes.transfers)
        if (kind === "payment" && from === "agent:genesis") payments.push(to.slice(6));
      const { active } = economy;
      if (active) must(await scoreActive(root, judge(active.content, heard, seed)));
    }
    const { agents, dead } = await world.economy();
    expect(agents.has("genesis")).toBe(true);
    expect(await world.balance("genesis")).toBeGreaterThan(before);
    expect(dead.has("spammer")).toBe(true);
    expect(payments.filter((name) => spawned.has(name)).length).toBeGreaterThan(spawned.size);
    await world.tick();
    expect(await world.wrong()).toEqual([]);
  }, 120_000);
});
