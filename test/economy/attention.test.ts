// DESIGN §6.6 and §7 on prompts, scores, awards and the price of the slot.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { awardFor, settleAnswer } from "../../src/economy/attention.ts";
import { credits, toCredits } from "../../src/economy/money.ts";
import {
  act,
  answer,
  balance,
  bid,
  bidsBy,
  COST,
  crash,
  cycle,
  cycles,
  eventsOf,
  giveSlot,
  noticesOf,
  only,
  purse,
  ranIn,
  reasonOf,
  substance,
  worldOf,
} from "./helpers.ts";

const ask = (amount = 50, content: unknown = "news") => ({ action: "prompt", content, amount });
const price = (world: ReturnType<typeof worldOf>) =>
  toCredits(world.markets.get("attention")!.price);
const waiting = (world: ReturnType<typeof worldOf>) => [...world.queue.keys()].sort();

describe("the slot", () => {
  test("goes to the highest prompt, which pays when it is shown and not before", async () => {
    const world = worldOf({ agents: { a: 200, b: 200 } });
    expect(act(world, "a", ask(60)).ok && act(world, "b", ask(70)).ok).toBe(true);
    expect([purse(world, "a"), purse(world, "b")]).toEqual([200, 200]);
    await cycle(world);
    expect(world.active).toMatchObject({ agent: "b", shown: 1 });
    expect(purse(world, "b")).toBeCloseTo(200 - COST - 70, 6);
    expect(balance(world, "market:attention")).toBe(70);
    expect(waiting(world)).toEqual(["a-0-p2"]);
  });

  test("holds one prompt at a time; the next comes when it is free", async () => {
    const world = worldOf({ agents: { a: 500, b: 500 } });
    act(world, "a", ask(90));
    act(world, "b", ask(80));
    await cycles(world, 5);
    expect(world.active?.agent).toBe("a");
    await cycle(world, {}, { answers: [answer(world.active?.id ?? "", 1)] });
    expect(world.active?.agent).toBe("b");
  });

  test("is not waited for longer than 1,000 cycles: then the prompt is dropped", async () => {
    const world = worldOf({ agents: { a: 200 } });
    act(world, "a", ask(60));
    world.queue.get("a-0-p2")!.amount = credits(1);
    world.cycle = 999;
    await cycle(world);
    expect(waiting(world)).toEqual(["a-0-p2"]);
    const report = await cycle(world);
    const told = report.runs[0]?.run.own.notices.map(({ text }) => text);
    expect(told).toContain("your prompt a-0-p2 was dropped: it expired");
    expect(waiting(world)).toEqual([]);
  });

  test("is not sold to who can no longer pay: the prompt is dropped with a notice", async () => {
    const world = worldOf({ agents: { a: 60, b: 200 } });
    act(world, "a", ask(58));
    act(world, "b", ask(51));
    await cycle(world);
    expect(world.active?.agent).toBe("b");
    expect(noticesOf(world, "a")).toEqual(["your prompt a-0-p2 was dropped: it could not be paid"]);
  });

  test("is not sold below its price: a prompt that offers less waits", async () => {
    const world = worldOf({ agents: { a: 200 } });
    act(world, "a", ask(55));
    world.markets.get("attention")!.price = credits(70);
    await cycle(world);
    expect([world.active, waiting(world)]).toEqual([null, ["a-0-p2"]]);
    await cycles(world, 2);
    expect(world.active?.id).toBe("a-0-p2");
  });

  test("is left by an unanswered prompt after its time; what was paid stays paid", async () => {
    const world = worldOf({ agents: { a: 500 }, rules: { attention: { timeout_cycles: 3 } } });
    act(world, "a", ask(50));
    await cycles(world, 3);
    expect(world.active?.agent).toBe("a");
    const report = await cycle(world);
    expect(world.active).toBeNull();
    expect(world.changes.answered[0]).toMatchObject({ outcome: "timed out", award: 0 });
    const told = report.runs[0]?.run.own.notices.map(({ text }) => text);
    expect(told).toEqual(["your prompt a-0-p2 got no answer in time"]);
    expect(balance(world, "market:attention")).toBe(50);
  });
});

describe("asking", () => {
  test.each([
    ["below the price of the slot", ask(49.999999), "the slot costs at least 50"],
    ["with more than the purse", ask(100.000001), "needs 100.000001 credits, has 100"],
    ["nothing", ask(50, "  "), "empty prompt"],
  ])("%s is refused", (_name, line, reason) => {
    const world = worldOf({ agents: { a: 100 } });
    const before = substance(world);
    expect(reasonOf(act(world, "a", line))).toContain(reason);
    expect(substance(world)).toBe(before);
  });

  test("too often is refused", () => {
    const world = worldOf({
      agents: { a: 100 },
      rules: { attention: { max_queued_per_agent: 2 } },
    });
    expect([1, 2, 3].map(() => act(world, "a", ask()).ok)).toEqual([true, true, false]);
  });

  test("where attention is closed is refused", async () => {
    const resources = { attention: { supply: 0, initial_price: 50 } };
    const world = worldOf({ agents: { a: 100 }, rules: { resources } });
    expect(reasonOf(act(world, "a", ask()))).toContain("not for sale here");
  });

  test("can be raised and withdrawn while it waits, by its owner alone", async () => {
    const world = worldOf({ agents: { a: 100, b: 100 } });
    const [raise, withdraw] = [
      { action: "raise", id: "a-0-p2" },
      { action: "withdraw", id: "a-0-p2" },
    ];
    act(world, "a", ask(55));
    expect(reasonOf(act(world, "b", { ...raise, amount: 60 }))).toContain("no waiting prompt");
    expect(reasonOf(act(world, "b", withdraw))).toContain("no waiting prompt");
    expect(reasonOf(act(world, "a", { ...raise, amount: 55 }))).toContain("above the 55");
    expect(reasonOf(act(world, "a", { ...raise, amount: 101 }))).toContain("needs 101");
    expect(act(world, "a", { ...raise, amount: 60 }).ok).toBe(true);
    expect(world.queue.get("a-0-p2")?.amount).toBe(credits(60));
    expect(act(world, "a", withdraw).ok).toBe(true);
    expect(waiting(world)).toEqual([]);
  });
});

describe("the price of attention", () => {
  test("moves once per prompt shown: up if another waits, down if none, never per cycle", async () => {
    const world = worldOf({ agents: { a: 500, b: 500 } });
    act(world, "a", ask(90));
    act(world, "b", ask(80));
    await cycle(world);
    expect(price(world)).toBe(56.25);
    await cycles(world, 10);
    expect(price(world)).toBe(56.25);
    await cycle(world, {}, { answers: [answer(world.active?.id ?? "", 1)] });
    expect([world.active?.agent, price(world)]).toEqual(["b", 49.21875]);
  });

  test("a free slot that nobody takes cools down to its initial price, and no further", async () => {
    const world = worldOf({ agents: { a: 100 } });
    world.markets.get("attention")!.price = credits(60);
    await cycle(world);
    expect(price(world)).toBe(52.5);
    await cycles(world, 5);
    expect(price(world)).toBe(50);
    world.markets.get("attention")!.price = credits(40);
    await cycle(world);
    expect(price(world)).toBe(40);
  });

  test("the market shows how many want the slot, while it is taken too", async () => {
    const world = worldOf({ agents: { a: 500, b: 500 } });
    await cycle(world, { a: [bid(), ask(50)] });
    expect(world.markets.get("attention")).toMatchObject({ demand: 1, utilization: 100 });
    await cycle(world, { b: [bid(), ask(50)] });
    expect(world.markets.get("attention")).toMatchObject({ demand: 2, utilization: 100 });
    expect(world.changes.markets).toContain("attention");
  });
});

describe("scores", () => {
  test("become the award, exactly, and mail from the human with the reason", async () => {
    const world = worldOf({ agents: { a: 100 } });
    giveSlot(world, "a");
    const scores = { interesting: 7, useful: 3.5, understandable: 10 };
    const scored = answer("a-0-p9", 0, { scores, reason: "more of this" });
    const report = await cycle(world, {}, { answers: [scored] });
    expect(world.changes.answered[0]).toMatchObject({ award: credits(61.5), by: "ada" });
    const [mail] = report.runs[0]?.run.own.inbox ?? [];
    expect(mail?.from).toBe("human");
    expect(mail?.content).toContain("award: 61.5 credits\nreason: more of this");
    expect(purse(world, "a")).toBe(100 + 61.5 - COST);
  });

  test("times rates are exact for every score to a thousandth", () => {
    const point = fc.integer({ min: 0, max: 10_000 });
    const rate = fc.integer({ min: 0, max: 1_000_000_000 });
    const three = <T>(part: fc.Arbitrary<T>) =>
      fc.record({ interesting: part, useful: part, understandable: part });
    fc.assert(
      fc.property(three(point), three(rate), (points, rates) => {
        const names = ["interesting", "useful", "understandable"] as const;
        const exact = names.map((name) => (BigInt(points[name]) * BigInt(rates[name])) / 1000n);
        const [interesting, useful, understandable] = names.map((name) => points[name] / 1000);
        const scores = { interesting, useful, understandable } as Record<
          (typeof names)[number],
          number
        >;
        expect(BigInt(awardFor(scores, rates))).toBe(exact.reduce((a, b) => a + b));
      }),
    );
  });

  const NO_SCORES = [
    10.001,
    11,
    -0.001,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "10",
    [10],
    null,
  ];
  test.each([...NO_SCORES, undefined, true, {}].map((points) => [points]))(
    "%p is no score, mints nothing and leaves the prompt where it is",
    async (points) => {
      const world = worldOf({ agents: { a: 100 } });
      giveSlot(world, "a");
      const scores = { interesting: 5, useful: points, understandable: 5 } as never;
      const refused = settleAnswer(world, { ...answer("a-0-p9", 0), scores });
      expect(reasonOf(refused)).toBe("useful must be from 0 to 10");
      await cycle(world, {}, { answers: [{ ...answer("a-0-p9", 0), scores }] });
      expect(world.active?.id).toBe("a-0-p9");
      expect(eventsOf(world, "refused")).toEqual(["a score: useful must be from 0 to 10"]);
      expect(balance(world, "issuance")).toBe(-100);
    },
  );

  test("of a prompt that is not before the human count for nothing", async () => {
    const world = worldOf({ agents: { a: 100, b: 100 } });
    giveSlot(world, "a");
    const stale = [answer("b-0-p9", 10), answer("../x", 10), answer("", 10)];
    await cycle(world, {}, { answers: stale });
    expect([world.active?.agent, balance(world, "issuance")]).toEqual(["a", -200]);
  });

  test("count once, however often they are sent", async () => {
    const world = worldOf({ agents: { a: 100 } });
    giveSlot(world, "a");
    await cycle(world, {}, { answers: [answer("a-0-p9", 1), answer("a-0-p9", 10)] });
    expect(balance(world, "issuance")).toBe(-109);
  });

  test("cannot set what they settle", async () => {
    const world = worldOf({ agents: { a: 100 } });
    giveSlot(world, "a");
    const forged = answer("a-0-p9", 1, { award: credits(1e6), outcome: "withdrawn" });
    await cycle(world, {}, { answers: [forged] });
    expect(world.changes.answered[0]).toMatchObject({ award: credits(9), outcome: "scored" });
  });

  test("mint no more in a day than the cap, and the agent is told", async () => {
    const world = worldOf({ agents: { a: 500 }, rules: { economy: { daily_mint_cap: 100 } } });
    const awards = [];
    for (const [n, time] of [
      "2026-01-01T10:00:00.000Z",
      "2026-01-01T23:59:59.999Z",
      "2026-01-01T23:59:59.999Z",
      "2026-01-02T00:00:00.000Z",
    ].entries()) {
      giveSlot(world, "a", `a-0-p${n}`);
      await cycle(world, {}, { time, answers: [answer(`a-0-p${n}`, 8)] });
      awards.push(toCredits(world.changes.answered[0]?.award ?? -1));
      const cut = world.changes.mail[0]?.content.includes("mint cap cut it from 72");
      expect(cut).toBe(awards.at(-1) !== 72);
    }
    expect(awards).toEqual([72, 28, 0, 72]);
  });

  /** Days on which a prompt gets full marks, 90 credits → what is awarded, at 100 a day. */
  const CLOCKS: Record<string, [days: string[], awards: number[]]> = {
    "set back a day": [
      ["2026-01-02", "2026-01-01"],
      [90, 10],
    ],
    "set back a year": [
      ["2026-01-02", "2025-01-01"],
      [90, 10],
    ],
    "put right after years ahead": [
      ["9999-12-31", "9999-12-31", "2026-01-01", "2026-01-01", "2026-01-02"],
      [90, 10, 0, 0, 90],
    ],
  };

  test.each(Object.entries(CLOCKS))("a clock %s gives no second day", async (_, [days, awards]) => {
    const world = worldOf({ agents: { a: 500 }, rules: { economy: { daily_mint_cap: 100 } } });
    const awarded: number[] = [];
    for (const [n, day] of days.entries()) {
      giveSlot(world, "a", `a-0-p${n}`);
      const time = `${day}T00:00:00.000Z`;
      await cycle(world, {}, { time, answers: [answer(`a-0-p${n}`, 10)] });
      awarded.push(toCredits(world.changes.answered[0]?.award ?? -1));
    }
    expect(awarded).toEqual(awards);
  });
});

describe("prompts and life", () => {
  test("an active prompt keeps its owner from the cull, and the award wakes it", async () => {
    const world = worldOf({ agents: { a: 54 } });
    await cycle(world, { a: [ask(50)] });
    expect([world.active?.agent, purse(world, "a")]).toEqual(["a", 0.08]);
    await cycles(world, 20);
    expect(world.agents.get("a")?.executions).toBe(1);
    const report = await cycle(world, {}, { answers: [answer(world.active?.id ?? "", 5)] });
    expect(ranIn(report)).toEqual(["a"]);
  });

  test("an owner whose prompt times out unanswered, and who cannot pay a run, dies", async () => {
    const world = worldOf({ agents: { a: 54 }, rules: { attention: { timeout_cycles: 2 } } });
    await cycle(world, { a: [ask(50)] });
    await cycles(world, 2);
    expect(world.changes.died.map(({ id }) => id)).toEqual(["a"]);
  });

  test("queued prompts do not keep an agent alive, and die with it", async () => {
    const world = worldOf({ agents: { a: 200, b: 200 } });
    giveSlot(world, "b");
    await cycle(world, { a: [ask(60), ask(70)] });
    expect([world.agents.has("a"), waiting(world)]).toEqual([false, []]);
  });

  test("the active prompt of one who dies is withdrawn, and the slot is free", async () => {
    const world = worldOf({ agents: { a: 100, b: 200 } });
    giveSlot(world, "a");
    act(world, "b", ask(60));
    await cycle(world, {}, { removed: ["a"], answers: [answer("a-0-p9", 10)] });
    expect(world.changes.answered[0]).toMatchObject({ outcome: "withdrawn", award: 0 });
    expect(world.active?.agent).toBe("b");
  });

  test("a fourth crash kills even while the prompt is active: nothing is minted for the dead", async () => {
    const world = worldOf({ agents: { a: 100 } });
    giveSlot(world, "a");
    await cycles(world, 4, { a: crash });
    expect([world.agents.has("a"), world.active]).toEqual([false, null]);
  });

  test("the last bid counts as pending once, not again and again", async () => {
    const world = worldOf({ agents: { a: 54 } });
    await cycle(world, { a: [ask(50)] });
    const [kept] = bidsBy(world, "a");
    await cycles(world, 5);
    expect(bidsBy(world, "a")).toEqual([kept!]);
    expect(noticesOf(world, "a").join()).not.toContain("dropped");
    only(world, "a");
    await cycle(world);
    expect(bidsBy(world, "a")).toHaveLength(1);
  });
});
