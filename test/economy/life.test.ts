// DESIGN §7 "Life": the half that is death. And spec §13.2, as scenarios in process.
import { describe, expect, test } from "bun:test";
import type { RunEnding } from "../../src/economy/cycle.ts";
import { toCredits } from "../../src/economy/money.ts";
import {
  act,
  answer,
  BUNDLE,
  balance,
  bid,
  bidsBy,
  COST,
  crash,
  cycle,
  cycles,
  fatesOf,
  giveSlot,
  noticesOf,
  only,
  purse,
  ranIn,
  worldOf,
} from "./helpers.ts";

const limit: RunEnding = { kind: "limit", detail: "over 1 cpu second" };
const birth = { action: "spawn", logic: "logic", credits: 50, name: "kid" };

describe("a run that ends well", () => {
  test("and leaves no bid is the agent's death, whatever it has", async () => {
    const world = worldOf({ agents: { a: 1000 } });
    await cycle(world, { a: [] });
    expect(world.changes.died[0]?.death).toMatchObject({
      cycle: 1,
      cause: "it left no bid",
    });
    expect([world.agents.has("a"), world.dead.has("a")]).toEqual([false, true]);
  });

  test("and whose only bid was refused is the agent's death", async () => {
    const world = worldOf({ agents: { a: 100 } });
    await cycle(world, { a: [bid({ amount: 1000 })] });
    expect(world.dead.has("a")).toBe(true);
  });

  test("with another bid still pending goes on", async () => {
    const world = worldOf({ agents: { a: 100 } });
    only(world, "a", {}, { notBefore: 9 });
    await cycle(world, { a: [] });
    expect(bidsBy(world, "a")).toHaveLength(1);
  });

  test("takes effect in what it did; a crash or a limit undoes all but the cost", async () => {
    for (const ending of [crash, limit]) {
      const world = worldOf({ agents: { a: 100, b: 100 } });
      await cycle(world, { a: ending });
      expect(purse(world, "a")).toBe(100 - COST);
      expect(bidsBy(world, "a")).toMatchObject([{ id: "a-0-1", lost: 0 }]);
      expect(noticesOf(world, "a")[0]).toContain("failed and was undone");
    }
  });
});

describe("a run that crashes or is killed at a limit", () => {
  test("gets its bid back three times running, and dies of the fourth", async () => {
    const world = worldOf({ agents: { a: 100 } });
    for (const ending of [crash, limit, crash]) {
      await cycle(world, { a: ending });
      expect(bidsBy(world, "a")).toHaveLength(1);
    }
    await cycle(world, { a: limit });
    expect(world.changes.died[0]?.death?.cause).toContain("crashed 4 times running (over 1 cpu");
    expect(balance(world, "burn")).toBeGreaterThan(80);
  });

  test("is forgiven anew after a run that ends well", async () => {
    const world = worldOf({ agents: { a: 200 } });
    for (let n = 0; n < 4; n++) {
      await cycles(world, 3, { a: crash });
      await cycle(world);
    }
    expect(world.agents.get("a")).toMatchObject({ crashes: 0, executions: 16 });
  });

  test("has not read its mail: it is shown again", async () => {
    const world = worldOf({ agents: { a: 100, b: 100 } });
    await cycle(world, { b: [bid(), { action: "message", to: "a", content: "hi" }] });
    await cycle(world, { a: crash });
    expect([world.changes.read.length, world.agents.get("a")?.inbox.length]).toEqual([0, 1]);
    await cycle(world);
    expect(world.changes.read.map(({ content }) => content)).toEqual(["hi"]);
    expect(world.agents.get("a")?.inbox).toEqual([]);
  });
});

describe("what the dead leave", () => {
  const families = { agents: { a: 1000 }, rules: { economy: { estate: "parent" } } };

  test("is burnt unless the rules name heirs, to the last micro-credit", async () => {
    const world = worldOf({ agents: { a: 100.000001 } });
    await cycle(world, { a: [] });
    expect(balance(world, "burn")).toBe(100.000001 - COST);
    expect(balance(world, "agent:a")).toBe(0);
  });

  test("goes to the parent where the rules say so, and the parent is told", async () => {
    const world = worldOf(families);
    await cycle(world, { a: [bid(), birth] });
    const before = purse(world, "a");
    await cycle(world, { kid: [] });
    const { offer } = world.changes.transfers
      .filter(({ from, kind }) => from === "agent:a" && kind === "execution")
      .reduce(({ offer }, { amount }) => ({ offer: offer + amount }), { offer: 0 });
    const left = world.changes.transfers.find(({ kind }) => kind === "estate")?.amount ?? 0;
    expect(purse(world, "a")).toBeCloseTo(before - toCredits(offer) + toCredits(left), 6);
    expect(noticesOf(world, "a").join()).toMatch(/you inherited [0-9.]+ from kid/);
  });

  test("goes to the nearest ancestor alive, and is burnt if there is none", async () => {
    const world = worldOf(families);
    await cycle(world, { a: [bid(), { ...birth, credits: 500 }] });
    await cycle(world, { kid: [bid(), { ...birth, name: "grandkid" }] });
    await cycle(world, { kid: [] });
    await cycle(world, { grandkid: [] });
    expect(world.changes.transfers.find(({ kind }) => kind === "estate")?.to).toBe("agent:a");
    await cycle(world, { a: [] });
    expect(world.changes.transfers.find(({ kind }) => kind === "estate")?.to).toBe("burn");
  });

  test("is nothing that the dead can be paid, written to or named again", async () => {
    const world = worldOf({ agents: { a: 1000, b: 100 } });
    await cycle(world, { b: [] });
    const lines = [bid(), { action: "transfer", to: "b", amount: 1 }];
    const report = await cycle(world, {
      a: [...lines, { action: "message", to: "b", content: "?" }],
    });
    expect(fatesOf(report, "a").slice(1)).toMatchObject([
      { answer: "b is dead" },
      { answer: "b is dead" },
    ]);
    expect(balance(world, "agent:b")).toBe(0);
  });
});

describe("the cause of a death", () => {
  test("is the bid that could not be paid", async () => {
    const world = worldOf({ agents: { a: 10, b: 100 } });
    await cycle(world, { a: [bid(), { action: "transfer", to: "b", amount: 6 }] });
    await cycle(world);
    expect(world.changes.died[0]?.death?.cause).toContain("was dropped: it needs");
  });

  test("is the last run, if another bid was dropped in the same cycle", async () => {
    const world = worldOf({ agents: { a: 100, b: 100 } });
    only(world, "a", {}, { amount: 90 });
    act(world, "a", { action: "transfer", to: "b", amount: 50 });
    await cycle(world, { a: [] });
    expect(world.changes.died[0]?.death?.cause).toStartWith("it left no bid");
  });
});

describe("scenarios of the specification (§13.2)", () => {
  test("1: genesis bids, executes, rebids, and lives on what it has", async () => {
    const world = worldOf({ agents: { genesis: 1000 } });
    await cycles(world, 50);
    expect(world.agents.get("genesis")).toMatchObject({ executions: 50, crashes: 0 });
    expect(purse(world, "genesis")).toBeWithin(500, 1000);
  });

  test("2: an agent prompts, is scored, and has earned more than it paid", async () => {
    const world = worldOf({ agents: { a: 100 } });
    await cycle(world, { a: [bid(), { action: "prompt", content: "news", amount: 50 }] });
    const before = purse(world, "a");
    await cycle(world, {}, { answers: [answer("a-1-p2", 8)] });
    const paid = world.changes.transfers.filter(({ kind }) => kind === "execution");
    const cost = paid.reduce((sum, { amount }) => sum + toCredits(amount), 0);
    expect(purse(world, "a")).toBeCloseTo(before + 72 - cost, 6);
  });

  test("3: an agent spawns a child and writes to it; the child wakes and has read it", async () => {
    const world = worldOf({ agents: { a: 1000 } });
    const letter = { action: "message", to: "kid", content: { order: "digest", pay: 8 } };
    await cycle(world, { a: [bid(), birth, letter] });
    const report = await cycle(world);
    const child = report.runs.find(({ run }) => run.bid.agent === "kid")?.run.own;
    expect(child?.self).toMatchObject({ lineage: ["a"], executionCount: 0 });
    expect(JSON.parse(child?.inbox[0]?.content ?? "")).toEqual({ order: "digest", pay: 8 });
    expect(world.changes.read).toHaveLength(1);
  });

  test("4: of two bidders for the same resource the highest wins, and the other waits", async () => {
    const resources = { cpu_seconds: { supply: 1, initial_price: 2 } };
    const world = worldOf({ agents: { a: 100, b: 100 }, rules: { resources } });
    only(world, "a", { amount: 5 });
    only(world, "b", { amount: 5.000001 });
    expect(ranIn(await cycle(world))).toEqual(["b"]);
    expect([purse(world, "a"), bidsBy(world, "a")[0]?.lost]).toEqual([100, 1]);
  });

  test("5: an agent that runs out of credits dies and leaves the registry", async () => {
    const world = worldOf({ agents: { a: 12, b: 1000 } });
    let lived = 0;
    while (world.agents.has("a") && lived < 20) {
      await cycle(world, { a: [bid({ amount: COST })] });
      lived += 1;
    }
    expect(lived).toBeWithin(3, 6);
    expect([...world.agents.keys()]).toEqual(["b"]);
    expect([bidsBy(world, "a"), purse(world, "a")]).toEqual([[], 0]);
    expect(act(world, "b", { action: "transfer", to: "a", amount: 1 }).ok).toBe(false);
  });

  test("an agent whose prompt is active outlives a run without a bid, and no longer", async () => {
    const world = worldOf({ agents: { a: 100 } });
    giveSlot(world, "a");
    await cycle(world, { a: [] });
    expect(bidsBy(world, "a")).toMatchObject([{ resources: BUNDLE, notBefore: 2 }]);
    await cycle(world, { a: [] }, { answers: [answer("a-0-p9", 1)] });
    expect(world.dead.has("a")).toBe(true);
  });
});
