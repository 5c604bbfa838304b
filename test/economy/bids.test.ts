// DESIGN §7 "Bids", sentence by sentence.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { marketCost, offerOf } from "../../src/economy/bids.ts";
import { credits, toCredits } from "../../src/economy/money.ts";
import type { Economy } from "../../src/economy/state.ts";
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
  eventsOf,
  giveSlot,
  hostFails,
  only,
  purse,
  ranIn,
  reasonOf,
  substance,
  worldOf,
} from "./helpers.ts";

/** Room for one run at a time, at prices that do not move. */
const ONE_SLOT = {
  resources: { cpu_seconds: { supply: 1, initial_price: 2 } },
  pricing: { max_step_percent: 0 },
};

const bidOf = (world: Economy, agent: string) => bidsBy(world, agent)[0];

/** What the agent paid for its last run. */
async function paidBy(world: Economy, agent: string, script = {}): Promise<number> {
  const report = await cycle(world, script);
  return toCredits(report.runs.find(({ run }) => run.bid.agent === agent)?.run.pays ?? 0);
}

describe("a bid's offer", () => {
  test("the amount is the market cost unless stated, and the limit is twice that", async () => {
    const world = worldOf({ agents: { a: 100 } });
    expect(bidOf(world, "a")).toMatchObject({ amount: null, upTo: credits(2 * COST) });
    expect(await paidBy(world, "a", { a: [bid({ amount: 7 })] })).toBe(COST);
    expect(bidOf(world, "a")).toMatchObject({ amount: credits(7), upTo: credits(14) });
    expect(await paidBy(world, "a")).toBe(7);
  });

  test("what is offered is never below the market cost", async () => {
    const world = worldOf({ agents: { a: 100 }, rules: ONE_SLOT });
    only(world, "a", { amount: 1, upTo: 20 });
    expect(await paidBy(world, "a")).toBe(toCredits(marketCost(world, BUNDLE)));
  });

  test("it rises by an eighth for each clearing lost, and never above upTo", async () => {
    const world = worldOf({ agents: { rich: 1000, poor: 100 }, rules: ONE_SLOT });
    only(world, "rich", { amount: 50 });
    only(world, "poor", { amount: 8, upTo: 10 });
    const offers = [];
    for (let n = 0; n < 4; n++) {
      const pending = bidOf(world, "poor")!;
      offers.push([pending.lost, toCredits(offerOf(pending, credits(COST), credits(100)))]);
      await cycle(world, { rich: [bid({ amount: 50 })] });
    }
    expect(offers).toEqual([
      [0, 8],
      [1, 9],
      [2, 10],
      [3, 10],
    ]);
  });

  test("an offer is between the cost and the limit, rises with losses, and can be paid", () => {
    const amount = fc.integer({ min: 1, max: 1e12 });
    const [placed] = worldOf({ agents: { a: 100 } }).bids.values();
    fc.assert(
      fc.property(amount, amount, amount, fc.nat(1000), amount, (first, more, cost, lost, has) => {
        const pending = { ...placed!, amount: first, upTo: first + more, lost };
        const offer = offerOf(pending, cost, has);
        expect(offer).toBeLessThanOrEqual(first + more);
        if (has >= Math.max(first, cost)) expect(offer).toBeLessThanOrEqual(has);
        if (cost <= first + more) expect(offer).toBeGreaterThanOrEqual(Math.max(first, cost));
        expect(offerOf({ ...pending, lost: lost + 1 }, cost, has)).toBeGreaterThanOrEqual(offer);
      }),
    );
  });

  test("a bid that lost long enough beats a steady rival: it rebids for its sleeping owner", async () => {
    const world = worldOf({ agents: { steady: 1000, outbid: 1000 }, rules: ONE_SLOT });
    const script = {
      steady: [bid({ amount: 20, upTo: 20 })],
      outbid: [bid({ amount: 10, upTo: 40 })],
    };
    only(world, "steady", { amount: 20, upTo: 20 });
    only(world, "outbid", { amount: 10, upTo: 40 });
    const winners = [];
    for (let n = 0; n < 20; n++) winners.push(...ranIn(await cycle(world, script)));
    expect(winners.filter((id) => id === "outbid").length).toBeGreaterThanOrEqual(2);
    expect(winners.filter((id) => id === "steady").length).toBeGreaterThanOrEqual(2);
  });

  test("who raises offers more at once, up to twice the new amount", () => {
    const world = worldOf({ agents: { a: 100 } });
    const raise = { action: "raise", id: "a-0-1" };
    expect(act(world, "a", { ...raise, amount: 9 }).ok).toBe(true);
    expect(bidOf(world, "a")).toMatchObject({ amount: credits(9), upTo: credits(18) });
    expect(reasonOf(act(world, "a", { ...raise, amount: 9 }))).toContain("above the 9");
    expect(reasonOf(act(world, "a", { ...raise, amount: 101 }))).toContain("you have 100");
    expect(reasonOf(act(world, "a", { ...raise, amount: 20, upTo: 19 }))).toContain("less than");
  });

  test("a raise of a bid at market cost must be above the market's cost", () => {
    const world = worldOf({ agents: { a: 100 } });
    const raise = act(world, "a", { action: "raise", id: "a-0-1", amount: 1 });
    expect(reasonOf(raise)).toContain("above the 3.92");
    expect(bidOf(world, "a")).toMatchObject({ amount: null, upTo: credits(2 * COST) });
  });
});

describe("a bid that waits", () => {
  test("below the market cost it waits, and neither wins nor loses", async () => {
    const world = worldOf({ agents: { a: 100 } });
    await cycle(world, { a: [bid({ amount: 3, upTo: 4 })] });
    world.rules.resources.cpu_seconds.initial_price = credits(20);
    await cycles(world, 2);
    expect(bidOf(world, "a")).toMatchObject({ lost: 0 });
    expect(world.agents.get("a")?.executions).toBe(1);
    await cycles(world, 20);
    expect(world.agents.get("a")?.executions).toBeGreaterThan(1);
  });

  test("a bid waits for free until its notBefore, and that keeps its owner alive", async () => {
    const world = worldOf({ agents: { a: 100 } });
    await cycle(world, { a: [bid({ notBefore: 5 })] });
    const left = purse(world, "a");
    await cycles(world, 3);
    expect([purse(world, "a"), world.agents.has("a")]).toEqual([left, true]);
    expect(ranIn(await cycle(world))).toEqual(["a"]);
  });

  test("a bid may wait 1,000 cycles and not 1,001", () => {
    const world = worldOf({ agents: { a: 100 } });
    expect(act(world, "a", bid({ notBefore: 1000 })).ok).toBe(true);
    expect(reasonOf(act(world, "a", bid({ notBefore: 1001 })))).toContain("1000 cycles ahead");
  });

  test("a bid stands for 1,000 cycles after it could first have won, then it is dropped", async () => {
    const world = worldOf({ agents: { a: 100, b: 100 } });
    await cycle(world, { a: [bid({ amount: 3, upTo: 4, notBefore: 11 })] });
    world.rules.resources.cpu_seconds.initial_price = credits(200);
    world.rules.pricing.max_step_percent = 0;
    await cycles(world, 9);
    world.cycle = 1010;
    await cycle(world);
    expect(world.agents.has("a")).toBe(true);
    await cycle(world);
    expect(eventsOf(world, "bid dropped")).toContain("a's bid a-1-1 was dropped: it expired");
    expect(world.changes.died.map(({ id }) => id)).toEqual(["a"]);
  });

  test("where a market closes, bids for it wait: they lose nothing and offer no more", async () => {
    const world = worldOf({ agents: { a: 100 } });
    world.rules.resources.cpu_seconds.supply = 0;
    await cycles(world, 10);
    expect(bidOf(world, "a")).toMatchObject({ lost: 0 });
    world.rules.resources.cpu_seconds.supply = 8;
    expect(await paidBy(world, "a")).toBeLessThanOrEqual(COST);
  });

  test("supply 0 refuses bids and is never repriced", async () => {
    const world = worldOf({ agents: { a: 100 } });
    const order = bid({ resources: { ...BUNDLE, gpu_seconds: 1 } });
    expect(reasonOf(act(world, "a", order))).toContain("gpu_seconds is not for sale here");
    await cycles(world, 30);
    expect(world.markets.get("gpu_seconds")?.price).toBe(credits(10));
    expect(world.markets.get("tokens")?.price).toBe(credits(0.01));
  });

  test("a bid for more than the whole supply is refused: it could never win", () => {
    const world = worldOf({ agents: { a: 1000 } });
    const order = bid({ resources: { cpu_seconds: 8.001 } });
    expect(reasonOf(act(world, "a", order))).toContain("the whole supply is 8");
  });
});

describe("bids hold no credits", () => {
  test("a bid needs the credits it offers first, when it is placed", () => {
    const world = worldOf({ agents: { a: 5 } });
    expect(reasonOf(act(world, "a", bid({ amount: 5.000001 })))).toContain("there are 5");
    expect(act(world, "a", bid({ amount: 5 })).ok).toBe(true);
    expect(act(world, "a", bid({ amount: 5 })).ok).toBe(true);
    expect(purse(world, "a")).toBe(5);
  });

  test("one that cannot be paid when its turn comes is dropped, with a notice", async () => {
    const world = worldOf({ agents: { a: 100, b: 100 } });
    const lines = [bid(), bid({ amount: 60 }), { action: "transfer", to: "b", amount: 85 }];
    await cycle(world, { a: lines });
    const [run] = (await cycle(world)).runs.filter(({ run }) => run.bid.agent === "a");
    const told = run?.run.own.notices.map(({ text }) => text);
    expect(told).toEqual(["your bid a-1-2 was dropped: it needs 60, there are 11.08"]);
    expect(eventsOf(world, "bid dropped")).toHaveLength(1);
    expect(world.agents.has("a")).toBe(true);
  });

  test("at most one bid per agent wins in a cycle; the others neither win nor lose", async () => {
    const world = worldOf({ agents: { a: 100 } });
    await cycle(world, { a: [bid(), bid(), bid()] });
    expect(ranIn(await cycle(world, { a: [] }))).toEqual(["a"]);
    expect(bidsBy(world, "a").map(({ lost }) => lost)).toEqual([0, 0]);
  });

  test("the number of pending bids has a limit", () => {
    const rules = { allocation: { max_bids_per_agent: 2 } };
    const world = worldOf({ agents: { a: 100 }, rules });
    expect(act(world, "a", bid()).ok).toBe(true);
    expect(reasonOf(act(world, "a", bid()))).toContain("2 bids are pending already");
    expect(act(world, "a", { action: "withdraw", id: "a-0-1" }).ok).toBe(true);
    expect(act(world, "a", bid()).ok).toBe(true);
  });

  test("bid ids are agent-run-n, and no two are the same", async () => {
    const world = worldOf({ agents: { a: 500 } });
    const seen = new Set<string>();
    for (let n = 0; n < 9; n++) {
      const script = n % 3 === 1 ? crash : n % 3 === 2 ? hostFails : [bid(), bid({ notBefore: n })];
      const report = await cycle(world, { a: script });
      for (const { ok, answer } of report.runs[0]?.fates ?? []) {
        if (!ok) continue;
        expect(String(answer)).toMatch(/^a-[0-9]+-[0-9]+$/);
        expect(seen).not.toContain(String(answer));
        seen.add(String(answer));
      }
    }
    expect(seen.size).toBeGreaterThan(4);
  });
});

describe("sold = debited = executed", () => {
  test("a winner pays its offer to the markets it bought from, and gets nothing back", async () => {
    const world = worldOf({ agents: { a: 100 } });
    await cycle(world, { a: [] });
    expect(balance(world, "market:cpu_seconds")).toBe(2);
    expect(balance(world, "market:memory_mb")).toBe(1.92);
    expect(balance(world, "burn")).toBe(100 - COST);
  });

  test("a failure of the host undoes the run, refunds it, and keeps the bid", async () => {
    const world = worldOf({ agents: { a: 100 } });
    const before = structuredClone({ bids: world.bids, agents: world.agents });
    await cycle(world, { a: hostFails });
    expect({ bids: world.bids, agents: world.agents }).toEqual(before);
    expect(purse(world, "a")).toBe(100);
    expect(world.changes.transfers).toEqual([]);
    expect(eventsOf(world, "host")[0]).toContain("no memory left on this machine");
    expect(ranIn(await cycle(world))).toEqual(["a"]);
  });

  test("a host that fails for ever kills nobody", async () => {
    const world = worldOf({ agents: { a: 100, b: 100 } });
    await cycles(world, 30, { a: hostFails, b: hostFails });
    expect([purse(world, "a"), purse(world, "b")]).toEqual([100, 100]);
  });

  test("an agent on hold has spent what its run costs, and gets only that back", async () => {
    const world = worldOf({ agents: { a: 100, b: 100 } });
    giveSlot(world, "a");
    const input = { answers: [answer("a-0-p9", 1)] };
    await cycle(world, { a: hostFails, b: [bid()] }, input);
    expect([purse(world, "a"), purse(world, "b")]).toEqual([109, 100 - COST]);
  });

  test("a withdrawn bid is gone, and its owner dies if it was the last", async () => {
    const world = worldOf({ agents: { a: 100, b: 100 } });
    expect(act(world, "a", { action: "withdraw", id: "a-0-1" })).toMatchObject({ ok: true });
    const before = substance(world);
    expect(act(world, "a", { action: "withdraw", id: "a-0-1" }).ok).toBe(false);
    expect(substance(world)).toBe(before);
    await cycle(world);
    expect([...world.agents.keys()]).toEqual(["b"]);
  });
});

describe("what a run needs, its bid buys", () => {
  test("a bid without cpu is refused: nothing runs without", () => {
    const world = worldOf({ agents: { a: 100 } });
    const order = bid({ resources: { memory_mb: 64 } });
    expect(reasonOf(act(world, "a", order))).toContain("a bid needs cpu_seconds");
  });

  test("a bid that names no memory buys the default amount", () => {
    const rules = { execution: { default_memory_mb: 50 } };
    const world = worldOf({ agents: { a: 100 }, rules });
    const order = bid({ resources: { cpu_seconds: 1 } });
    expect(act(world, "a", order).ok).toBe(true);
    expect(bidsBy(world, "a").at(-1)?.resources).toEqual({ cpu_seconds: 1, memory_mb: 50 });
  });

  test("where cpu is not sold, a bid needs none", () => {
    const world = worldOf({ agents: { a: 100 } });
    const cpu = world.markets.get("cpu_seconds");
    if (cpu) cpu.supply = 0;
    expect(act(world, "a", bid({ resources: { memory_mb: 64 } })).ok).toBe(true);
  });
});
