// DESIGN §7 "Life", the half that is birth.

import { describe, expect, test } from "bun:test";
import { parseAction } from "../../src/economy/actions.ts";
import { bear, type Logic } from "../../src/economy/agents.ts";
import { environmentOf } from "../../src/economy/environment.ts";
import { economyFrom } from "../../src/economy/known.ts";
import { credits } from "../../src/economy/money.ts";
import { perform } from "../../src/economy/perform.ts";
import {
  act,
  BUNDLE,
  balance,
  bid,
  bidsBy,
  COST,
  cycle,
  eventsOf,
  fatesOf,
  LOGIC,
  logicOf,
  noticesOf,
  purse,
  ranIn,
  reasonOf,
  substance,
  worldOf,
} from "./helpers.ts";

const birth = (more: object = {}) => ({ action: "spawn", logic: "logic", credits: 50, ...more });
const pay = (to: string, amount = 1) => ({ action: "transfer", to, amount });

/** The answers that the same lines get inside the sandbox, from what the run is shown. */
async function answersInside(world: ReturnType<typeof worldOf>, agent: string, lines: unknown[]) {
  const copy = structuredClone(world);
  const report = await cycle(copy);
  const shown = environmentOf(report.runs.find(({ run }) => run.bid.agent === agent)!.run);
  const inside = economyFrom(JSON.parse(JSON.stringify(shown)));
  const wasTaken = (id: string) => inside.agents.has(id) || inside.people.has(id);
  const taken = new Set([...inside.agents.keys(), ...inside.people].filter(wasTaken));
  const run = { agent, logicOf, wasTaken: (id: string) => taken.has(id), renamed: new Map() };
  return lines.map((line) => {
    const parsed = parseAction(line);
    return parsed.ok ? perform(inside, run, parsed.value) : parsed;
  });
}

describe("a spawn", () => {
  test("costs the fee and the child's credits, and the fee goes to the market", async () => {
    const world = worldOf({ agents: { a: 1000 } });
    await cycle(world, { a: [bid(), birth({ name: "kid" })] });
    expect(purse(world, "a")).toBe(1000 - COST - 100 - 50);
    expect([purse(world, "kid"), balance(world, "market:spawn")]).toEqual([50, 100]);
  });

  test("places one first bid from the child's credits, and the child runs next", async () => {
    const world = worldOf({ agents: { a: 1000 } });
    await cycle(world, { a: [bid(), birth({ name: "kid" })] });
    expect(bidsBy(world, "kid")).toHaveLength(1);
    expect(bidsBy(world, "kid")[0]).toMatchObject({ id: "kid-0-1", resources: BUNDLE });
    expect(ranIn(await cycle(world)).sort()).toEqual(["a", "kid"]);
  });

  test("the folder's own first bid comes before the default for its kind", () => {
    const model = { tokens: 4000, cpu_seconds: 2, memory_mb: 128 };
    const world = worldOf({ agents: {} });
    const parents = { lineage: [], credits: credits(500), source: "issuance" };
    const own = { resources: { cpu_seconds: 2 }, amount: credits(9), upTo: credits(10) };
    const kinds: Record<string, Logic> = {
      coder: LOGIC,
      thinker: { ...LOGIC, kind: "model" },
      owner: { ...LOGIC, bid: own },
    };
    for (const [id, logic] of Object.entries(kinds)) bear(world, id, logic, parents);
    const first = Object.keys(kinds).map((id) => bidsBy(world, id)[0]);
    expect(first).toMatchObject([{ resources: BUNDLE }, { resources: model }, own]);
  });

  test("a child that cannot afford its first bid is not born, and nothing is paid", () => {
    const world = worldOf({ agents: { a: 1000 } });
    const before = substance(world);
    const refused = act(world, "a", birth({ credits: COST - 0.000001 }));
    expect(reasonOf(refused)).toContain("its first bid would be refused: the bid needs 3.92");
    expect(substance(world)).toBe(before);
    expect(act(world, "a", birth({ credits: COST })).ok).toBe(true);
  });

  test("a parent that cannot afford fee and credits together gets nothing", () => {
    const world = worldOf({ agents: { a: 149 } });
    const before = substance(world);
    expect(reasonOf(act(world, "a", birth()))).toContain(
      "spawning needs 150 credits, you have 149",
    );
    expect(substance(world)).toBe(before);
  });

  test("the child knows its ancestors, parent first, and belongs to nobody", async () => {
    const world = worldOf({ agents: { a: 1000 } });
    await cycle(world, { a: [bid(), birth({ name: "kid", credits: 400 })] });
    await cycle(world, { kid: [bid(), birth({ name: "grandkid" })] });
    expect(world.agents.get("grandkid")?.lineage).toEqual(["kid", "a"]);
    await cycle(world, { a: [] });
    expect([...world.agents.keys()]).toEqual(["kid", "grandkid"]);
  });
});

describe("a child's name", () => {
  test("is the wished one if it is free, else that and a short hash", async () => {
    const world = worldOf({ agents: { a: 1000, b: 100 } });
    const report = await cycle(world, { a: [bid(), birth({ name: "kid" }), birth({ name: "b" })] });
    const [, first, second] = fatesOf(report, "a").map(({ answer }) => String(answer));
    expect(first).toBe("kid");
    expect(second).toMatch(/^b-[a-z0-9]{5}$/);
  });

  test.each([
    ["of the dead", { agents: { a: 1000, b: 100 } }, "b"],
    ["of a person", { agents: { a: 1000 }, people: { ada: 0 } }, "ada"],
  ])("is never the name %s", async (_name, cast, name) => {
    const world = worldOf(cast);
    await cycle(world, { b: [] });
    await cycle(world, { a: [bid(), birth({ name })] });
    expect(world.agents.has(name)).toBe(false);
    expect([...world.agents.keys()].some((id) => id.startsWith(`${name}-`))).toBe(true);
  });

  test("of 32 letters leaves room for the hash", async () => {
    const world = worldOf({ agents: { a: 1000 } });
    const name = "x".repeat(32);
    await cycle(world, { a: [bid(), birth({ name }), birth({ name })] });
    expect([...world.agents.keys()].map((id) => id.length)).toEqual([1, 32, 30]);
  });

  test("differs from its twin's, and each is paid under the name that its parent was told", async () => {
    const world = worldOf({ agents: { a: 1000, b: 1000 } });
    const twins = [bid(), birth({ name: "kid" }), birth({ name: "kid" })];
    const told = (await answersInside(world, "a", twins)).map(
      (answer) => answer.ok && answer.value,
    );
    expect(new Set(told).size).toBe(3);
    const lines = [...twins, pay(String(told[1]), 7), pay(String(told[2]), 9)];
    const report = await cycle(world, { a: lines, b: [bid(), birth({ name: "kid" })] });
    expect(fatesOf(report, "a").every(({ ok }) => ok)).toBe(true);
    const kids = fatesOf(report, "a")
      .slice(1, 3)
      .map(({ answer }) => String(answer));
    expect(kids.map((id) => purse(world, id))).toEqual([57, 59]);
  });

  test.each(["a", "b"])(
    "clashes with a sibling's of the same cycle whoever (%s) is first",
    async (late) => {
      const seeds = Array.from({ length: 8 }, (_, n) => `tie ${n}`);
      for (const tieSeed of seeds) {
        const world = worldOf({ agents: { a: 1000, b: 1000 } });
        const lines = [bid(), birth({ name: "kid" }), birth({ name: "kid" }), pay("kid", 5)];
        const report = await cycle(
          world,
          { [late]: lines, [late === "a" ? "b" : "a"]: [bid(), birth({ name: "kid" })] },
          { tieSeed },
        );
        const kids = fatesOf(report, late)
          .slice(1, 3)
          .map(({ answer }) => String(answer));
        expect(kids.map((id) => purse(world, id))).toEqual([55, 50]);
      }
    },
  );

  test("of someone long dead is told as free, given with a hash, and still reached", async () => {
    const world = worldOf({ agents: { a: 1000, kid: 100 } });
    await cycle(world, { kid: [] });
    const lines = [bid(), birth({ name: "kid" }), pay("kid", 5)];
    expect((await answersInside(world, "a", lines))[1]).toEqual({ ok: true, value: "kid" });
    const report = await cycle(world, { a: lines });
    const [, born, paid] = fatesOf(report, "a");
    expect([born?.ok, paid?.ok]).toEqual([true, true]);
    expect(purse(world, String(born?.answer))).toBe(55);
    expect(noticesOf(world, "a").join()).toContain(`your child kid is named ${born?.answer}`);
  });
});

describe("births by the world", () => {
  test("the world's and the cycle's caps on births hold, and cost nothing", async () => {
    for (const [population, reason] of [
      [{ max_alive: 2 }, "the world is full (2 agents)"],
      [{ max_births_per_cycle: 1 }, "no more than 1 births in one cycle"],
    ] as const) {
      const world = worldOf({ agents: { a: 1000 }, rules: { population } });
      const report = await cycle(world, { a: [bid(), birth(), birth()] });
      const fates = fatesOf(report, "a");
      expect(fates.map(({ ok }) => ok)).toEqual([true, true, false]);
      expect(String(fates[2]?.answer)).toBe(reason);
      expect(purse(world, "a")).toBe(1000 - COST - 150);
    }
  });

  test("folders made by hand and children share the caps of the world and of the cycle", async () => {
    const newborn = ["adam", "beth", "carl"].map((id) => ({ id, logic: LOGIC }));
    for (const [population, reason] of [
      [{ max_alive: 3 }, "the world is full (3 agents)"],
      [{ max_births_per_cycle: 2 }, "no more than 2 births in one cycle"],
    ] as const) {
      const world = worldOf({ agents: { a: 1000 }, rules: { population } });
      const report = await cycle(world, { a: [bid(), birth()] }, { newborn });
      expect([...world.agents.keys()]).toEqual(["a", "adam", "beth"]);
      expect(eventsOf(world, "refused")[0]).toBe(`carl was not born: ${reason}`);
      expect(fatesOf(report, "a")[1]).toMatchObject({ ok: false, answer: reason });
    }
  });

  test("a folder made by hand is born with the budget that the rules name", async () => {
    const world = worldOf({ agents: {} });
    await cycle(world, {}, { newborn: [{ id: "adam", logic: LOGIC }] });
    expect(world.agents.get("adam")).toMatchObject({ lineage: [], executions: 1 });
    expect(purse(world, "adam")).toBe(1000 - COST);
    expect(eventsOf(world, "born")).toEqual(["adam was put into the world by hand"]);
  });

  test.each(["human", "issuance", "../x", "Adam", "", "\u0430dam"])(
    "a folder made by hand under the name %j is not born",
    async (id) => {
      const world = worldOf({ agents: { a: 100 } });
      await cycle(world, {}, { newborn: [{ id, logic: LOGIC }] });
      expect([...world.agents.keys()]).toEqual(["a"]);
      expect(eventsOf(world, "refused")[0]).toContain("was not born");
    },
  );

  test("a folder that a person takes away is a death", async () => {
    const world = worldOf({ agents: { a: 100, b: 100 } });
    await cycle(world, {}, { removed: ["a", "nobody", "../x"] });
    expect([...world.agents.keys()]).toEqual(["b"]);
    expect(world.changes.died[0]?.death?.cause).toBe("a person removed its folder");
    expect(bidsBy(world, "a")).toEqual([]);
  });
});
