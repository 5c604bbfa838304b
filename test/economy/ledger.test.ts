// Law 4, and spec §13.1: transfers, balances, the log of transactions.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { collectBids } from "../../src/economy/bids.ts";
import { ownView } from "../../src/economy/environment.ts";
import {
  auditBalances,
  availableTo,
  BURN,
  balanceOf,
  CREDIT,
  emptyLedger,
  hold,
  ISSUANCE,
  type Ledger,
  move,
  releaseHold,
  sumOfBalances,
} from "../../src/economy/ledger.ts";
import {
  act,
  balance,
  bid,
  COST,
  canonical,
  cycle,
  fatesOf,
  purse,
  reasonOf,
  substance,
  worldOf,
} from "./helpers.ts";

const pay = (to: string, amount: number, more = {}) => ({
  action: "transfer",
  to,
  amount,
  ...more,
});

function ledgerOf(balances: Record<string, number>): Ledger {
  const ledger = emptyLedger();
  for (const [to, amount] of Object.entries(balances))
    move(ledger, { kind: "grant", from: ISSUANCE, to, amount, memo: "start" });
  return ledger;
}

describe("a transfer", () => {
  test("takes from one account what it gives to one other", () => {
    const world = worldOf({ agents: { a: 100, b: 50 }, people: { ada: 0 } });
    expect(act(world, "a", pay("b", 30.5))).toEqual({ ok: true, value: true });
    expect(act(world, "a", pay("ada", 1e-6)).ok).toBe(true);
    expect([purse(world, "a"), purse(world, "b")]).toEqual([69.499999, 80.5]);
    expect(balance(world, "human:ada")).toBe(1e-6);
  });

  test("of all one has empties the account, which then is not in the books", () => {
    const world = worldOf({ agents: { a: 100, b: 50 } });
    expect(act(world, "a", pay("b", 100)).ok).toBe(true);
    expect(world.ledger.balances.get(CREDIT)?.has("agent:a")).toBe(false);
  });

  test.each([
    [
      "that the payer cannot afford",
      "a",
      pay("b", 100.000001),
      "needs 100.000001 credits, has 100",
    ],
    ["to oneself", "a", pay("a", 1), "to yourself moves nothing"],
    ["to nobody", "a", pay("nobody", 1), 'there is no agent "nobody"'],
    ["to the dead", "a", pay("c", 1), "c is dead"],
    ["from an empty account", "empty", pay("a", 1e-6), "has 0"],
    ["of less than nothing", "a", pay("b", -1), "cannot be negative"],
    ["that names another sender", "a", pay("b", 1, { from: "b" }), "the sender is always"],
    ["to a market", "a", pay("market:tokens", 1), "is not a name"],
    ["to the burn", "a", pay("burn", 1), "there is no agent"],
  ])("%s changes nothing", (_name, payer, line, reason) => {
    const world = worldOf({ agents: { a: 100, b: 50, empty: 50 } });
    act(world, "empty", pay("b", 50));
    world.dead.add("c");
    const before = substance(world);
    expect(reasonOf(act(world, payer, line))).toContain(reason);
    expect(substance(world)).toBe(before);
  });

  test("cannot spend the same credit twice in one run", async () => {
    const world = worldOf({ agents: { a: 100, b: 50 } });
    const report = await cycle(world, { a: [bid(), pay("b", 60), pay("b", 60), pay("b", 36.08)] });
    expect(fatesOf(report, "a").map(({ ok }) => ok)).toEqual([true, true, false, true]);
    expect(purse(world, "a")).toBe(0);
  });

  test("arrives within the cycle, but a run that is under way does not see it", async () => {
    const world = worldOf({ agents: { a: 100, b: 50 } });
    const report = await cycle(world, { a: [bid(), pay("b", 10)] });
    const seen = report.runs.find(({ run }) => run.bid.agent === "b")?.run.own;
    expect(seen?.self.balance).toBe(50 - COST);
    expect(purse(world, "b")).toBe(60 - COST);
  });

  test("carries its memo, and its sender is the agent that ran", () => {
    const world = worldOf({ agents: { a: 100, b: 50 } });
    act(world, "a", pay("b", 1, { memo: "for the digest" }));
    act(world, "a", pay("b", 2));
    const logged = world.changes.transfers.slice(-2);
    expect(logged).toMatchObject([
      { from: "agent:a", to: "agent:b", amount: 1e6, memo: "for the digest", kind: "payment" },
      { from: "agent:a", to: "agent:b", amount: 2e6, memo: "payment", n: logged[0]!.n + 1 },
    ]);
  });

  test("that is refused is not in the log, and the reason is in the next environment", async () => {
    const world = worldOf({ agents: { a: 100, b: 50 } });
    await cycle(world, { a: [bid(), pay("b", 1000)] });
    expect(world.changes.transfers.filter(({ kind }) => kind === "payment")).toEqual([]);
    const report = await cycle(world);
    const [run] = report.runs.filter(({ run }) => run.bid.agent === "a");
    expect(run?.run.own.notices.map(({ text }) => text).join()).toContain("needs 1000");
  });
});

describe("the log of transactions", () => {
  test("shows an agent its own transfers of the last 20 cycles, newest first", async () => {
    const world = worldOf({ agents: { a: 1000, b: 1000 } });
    for (let n = 1; n <= 25; n++) await cycle(world, { a: [bid(), pay("b", n)] });
    world.cycle += 1;
    const won = collectBids(world).find(({ bid }) => bid.agent === "b")!;
    const { transactions } = ownView(world, { bid: won.bid, pays: won.offer });
    const received = transactions.filter(({ kind }) => kind === "payment");
    expect(received.map(({ amount }) => amount)).toEqual(
      Array.from({ length: 20 }, (_, n) => 25 - n),
    );
    expect(new Set(transactions.flatMap(({ from, to }) => [from, to])).has("agent:b")).toBe(true);
  });
});

describe("the ledger", () => {
  const accounts = ["agent:a", "agent:b", "agent:c", "human:ada", "market:tokens", BURN];
  const movement = fc.record({
    from: fc.constantFrom(ISSUANCE, "agent:a", "agent:b", "agent:c", "human:ada"),
    to: fc.constantFrom(...accounts),
    amount: fc.integer({ min: -10, max: 2_000 }),
  });

  test("balances after any movements, and a refusal leaves it as it was", () => {
    fc.assert(
      fc.property(fc.array(movement, { maxLength: 60 }), (movements) => {
        const ledger = ledgerOf({ "agent:a": 1_000, "agent:b": 10 });
        for (const { from, to, amount } of movements) {
          const before = canonical(ledger);
          const moved = move(ledger, { kind: "payment", from, to, amount, memo: "x" });
          if (!moved.ok) expect(canonical(ledger)).toBe(before);
          expect(auditBalances(ledger)).toEqual([]);
          expect(sumOfBalances(ledger, CREDIT)).toBe(0);
        }
      }),
    );
  });

  test("keeps what is on hold from being spent, until it is released", () => {
    const ledger = ledgerOf({ "agent:a": 100 });
    const promise = { account: "agent:a", asset: CREDIT, amount: 70 };
    expect(hold(ledger, "x", promise).ok).toBe(true);
    expect(reasonOf(hold(ledger, "y", { ...promise, amount: 31 }))).toContain("has 0.00003");
    expect(availableTo(ledger, "agent:a")).toBe(30);
    const spend = { kind: "payment" as const, from: "agent:a", to: "agent:b", memo: "x" };
    expect(move(ledger, { ...spend, amount: 31 }).ok).toBe(false);
    releaseHold(ledger, "x");
    expect(move(ledger, { ...spend, amount: 100 }).ok).toBe(true);
  });

  test("keeps assets apart: a share is no credit", () => {
    const ledger = ledgerOf({ "agent:a": 100 });
    const share = {
      kind: "payment" as const,
      from: "agent:a",
      to: "agent:b",
      memo: "x",
      amount: 1,
    };
    expect(move(ledger, { ...share, asset: "share:a" }).ok).toBe(false);
    expect(balanceOf(ledger, "agent:a")).toBe(100);
  });

  test("says what is wrong with books that somebody changed", () => {
    const ledger = ledgerOf({ "agent:a": 100 });
    ledger.balances.get(CREDIT)?.set("agent:b", -1_000_000);
    expect(auditBalances(ledger)).toEqual([
      "credit: all balances must sum to 0, they sum to -1",
      "credit: agent:b is below zero (-1)",
    ]);
  });

  test("that is wrong stops a cycle before anything runs", async () => {
    const world = worldOf({ agents: { a: 100 } });
    world.ledger.balances.get(CREDIT)?.set("agent:a", 1);
    await expect(cycle(world)).rejects.toThrow("the books are wrong");
  });
});
