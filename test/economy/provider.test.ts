// A provider's failure is nobody's death, nobody's cost, and no reason to ask it for ever.
import { describe, expect, test } from "bun:test";
import type { RunOutcome } from "../../src/economy/cycle.ts";
import { accept, refuse } from "../../src/economy/result.ts";
import { type Economy, livingAgent } from "../../src/economy/state.ts";
import {
  act,
  bid,
  bidsBy,
  COST,
  crash,
  cycle,
  eventsOf,
  noticesOf,
  purse,
  ranIn,
  worldOf,
} from "./helpers.ts";

const providerFailed = "503 overloaded";
const failing = (lines: unknown[], more: Partial<RunOutcome> = {}) => ({
  providerFailed,
  lines: lines.map((line) => accept(line)),
  ...more,
});
const say = { action: "message", to: "b", content: "hi" };

const world = () => worldOf({ agents: { a: 100, b: 1000 } });

describe("a run whose model fails", () => {
  const ENDINGS: Record<string, RunOutcome["ending"]> = {
    "ends well without a bid": { kind: "finished" },
    crashes: { kind: "crashed", detail: "exit 1" },
    "is killed at a limit": { kind: "limit", detail: "longer than 30 s" },
    "ends with the host": { kind: "host", detail: "the run was called off" },
  };
  for (const [name, ending] of Object.entries(ENDINGS))
    test(`and that ${name} did not happen: it keeps its bid and pays nothing`, async () => {
      const economy = world();
      await cycle(economy, { a: failing([say], { ending }) });
      expect(bidsBy(economy, "a")).toMatchObject([{ id: "a-0-1", lost: 0 }]);
      expect(purse(economy, "a")).toBe(100);
      expect(livingAgent(economy, "a")).toMatchObject({ crashes: 0, executions: 0 });
      expect(livingAgent(economy, "b").inbox).toEqual([]);
      expect(noticesOf(economy, "a").join()).toContain("your run was undone");
      expect(eventsOf(economy, "host").join()).toContain("a's run was undone");
    });

  test("but that left a bid of its own counts like any other", async () => {
    const economy = world();
    await cycle(economy, { a: failing([bid({ amount: 9 }), say]) });
    expect(bidsBy(economy, "a")).toMatchObject([{ id: "a-1-1" }]);
    expect([purse(economy, "a"), livingAgent(economy, "b").inbox.length]).toEqual([99 - COST, 1]);
  });

  test("but that has another bid pending counts, unless it withdrew that one", async () => {
    const economy = world();
    act(economy, "a", bid({ notBefore: 9 }));
    await cycle(economy, { a: failing([say]) });
    expect(livingAgent(economy, "a").executions).toBe(1);
    const other = world();
    act(other, "a", bid({ notBefore: 9 }));
    await cycle(other, { a: failing([{ action: "withdraw", id: "a-0-2" }]) });
    expect(bidsBy(other, "a").map(({ id }) => id)).toEqual(["a-0-2", "a-0-1"]);
  });

  test("and whose bid is no bid did not happen either", async () => {
    const economy = world();
    const lines = [refuse("not JSON"), accept({ action: "bid" })];
    await cycle(economy, { a: { providerFailed, lines } });
    expect([economy.agents.has("a"), purse(economy, "a")]).toEqual([true, 100]);
  });

  test("for as long as one likes is not its agent's death", async () => {
    const economy = world();
    for (let n = 0; n < 300; n++) await cycle(economy, { a: failing([]) });
    expect([economy.agents.has("a"), purse(economy, "a")]).toEqual([true, 100]);
  });
});

describe("a dead provider", () => {
  /** The cycles in which a ran. */
  async function runsOf(economy: Economy, count: number, outcome: object): Promise<number[]> {
    const ran: number[] = [];
    for (let n = 0; n < count; n++)
      if (ranIn(await cycle(economy, { a: outcome })).includes("a")) ran.push(economy.cycle);
    return ran;
  }

  test("is asked ever more rarely, up to once in sixty cycles", async () => {
    const ran = await runsOf(world(), 300, failing([]));
    const waits = ran.slice(1).map((at, index) => at - (ran[index] ?? 0));
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test("that is back is asked as before: the waits begin anew", async () => {
    const economy = world();
    await runsOf(economy, 10, failing([]));
    await runsOf(economy, 20, [bid()]);
    expect(livingAgent(economy, "a").providerFailures).toBe(0);
    await cycle(economy, { a: failing([]) });
    expect(bidsBy(economy, "a")[0]?.notBefore).toBe(economy.cycle + 1);
  });

  test("does not hide a crash of the agent's own doing", async () => {
    const economy = world();
    for (let n = 0; n < 4; n++) await cycle(economy, { a: crash });
    expect(economy.agents.has("a")).toBe(false);
  });
});

test("what a provider says of its failure stands on one line, cut to a length", async () => {
  const economy = world();
  await cycle(economy, { a: failing([], { providerFailed: `\u001b[2J\n${"x".repeat(9_000)}` }) });
  const [text = ""] = noticesOf(economy, "a");
  expect(text.length).toBeLessThan(400);
  expect(text).not.toMatch(/[\u0000-\u001f]/);
});
