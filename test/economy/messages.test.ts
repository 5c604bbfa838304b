import { describe, expect, test } from "bun:test";
import {
  act,
  balance,
  bid,
  COST,
  crash,
  cycle,
  purse,
  reasonOf,
  substance,
  worldOf,
} from "./helpers.ts";

const post = (to: string, content: unknown = "hi") => ({ action: "message", to, content });

describe("a message", () => {
  test("costs its sender the fee, whoever reads it", () => {
    const world = worldOf({ agents: { a: 10, b: 10 } });
    expect(act(world, "a", post("b")).ok).toBe(true);
    expect([purse(world, "a"), purse(world, "b"), balance(world, "market:messages")]).toEqual([
      9, 10, 1,
    ]);
  });

  test.each([
    ["to oneself", post("a"), "write a file"],
    ["to nobody", post("nobody"), "there is no agent"],
    ["to the dead", post("c"), "c is dead"],
    ["to a person", post("ada"), "there is no agent"],
  ])("%s is refused and costs nothing", (_name, line, reason) => {
    const world = worldOf({ agents: { a: 10 }, people: { ada: 0 } });
    world.dead.add("c");
    const before = substance(world);
    expect(reasonOf(act(world, "a", line))).toContain(reason);
    expect(substance(world)).toBe(before);
  });

  test("that cannot be paid is not sent", () => {
    const world = worldOf({ agents: { a: 4, b: 10 } });
    act(world, "a", { action: "transfer", to: "b", amount: 3.5 });
    expect(reasonOf(act(world, "a", post("b")))).toBe("needs 1 credits, has 0.5");
    expect(world.agents.get("b")?.inbox).toEqual([]);
  });

  test("where the fee is 0 is free and leaves no transfer", () => {
    const world = worldOf({ agents: { a: 10, b: 10 }, rules: { economy: { message_cost: 0 } } });
    const before = world.changes.transfers.length;
    expect(act(world, "a", post("b")).ok).toBe(true);
    expect([purse(world, "a"), world.changes.transfers.length]).toEqual([10, before]);
  });

  test("arrives numbered and in order, and is shown until a run that ended well has read it", async () => {
    const world = worldOf({ agents: { a: 100, b: 100 } });
    await cycle(world, {
      a: [bid(), post("b", "one"), post("b", { two: 2 })],
      b: [bid({ notBefore: 3 })],
    });
    await cycle(world, { a: [bid(), post("b", "three")] });
    const first = await cycle(world, { b: crash });
    const shown = first.runs.find(({ run }) => run.bid.agent === "b")?.run.own.inbox;
    expect(shown?.map(({ n, content }) => [n, content])).toEqual([
      [1, "one"],
      [2, '{\n  "two": 2\n}'],
      [3, "three"],
    ]);
    await cycle(world);
    expect(world.changes.read).toHaveLength(3);
    expect(world.agents.get("b")).toMatchObject({ inbox: [], letters: 3 });
  });

  test("that comes during a run is not read by it", async () => {
    const world = worldOf({ agents: { a: 100, b: 100 } });
    await cycle(world, { a: [bid(), post("b")] });
    expect(world.agents.get("b")?.inbox).toHaveLength(1);
    expect(purse(world, "a")).toBe(99 - COST);
  });

  test("beyond the hundredth waits for the next run", async () => {
    const world = worldOf({ agents: { a: 500, b: 100 } });
    const letters = Array.from({ length: 120 }, (_, n) => post("b", `${n}`));
    await cycle(world, { a: [bid(), ...letters] });
    await cycle(world);
    expect([world.changes.read.length, world.agents.get("b")?.inbox.length]).toEqual([100, 20]);
  });
});
