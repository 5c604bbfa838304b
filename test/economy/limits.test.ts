// What happens where integers end: a world with all the money there can be.
import { describe, expect, test } from "bun:test";
import { bear } from "../../src/economy/agents.ts";
import { offerOf } from "../../src/economy/bids.ts";
import { environmentOf, ownView, publicView } from "../../src/economy/environment.ts";
import { economyFrom } from "../../src/economy/known.ts";
import { auditBalances, ISSUANCE } from "../../src/economy/ledger.ts";
import { AMOUNT_MAX, credits } from "../../src/economy/money.ts";
import {
  act,
  answer,
  BUNDLE,
  balance,
  bid,
  cycle,
  giveSlot,
  LOGIC,
  reasonOf,
  worldOf,
} from "./helpers.ts";

const ALL = 1_000_000_000;
const pay = (to: string, amount: number) => ({ action: "transfer", to, amount });

describe("at the end of the integers", () => {
  test("a world issues a billion credits and not one more", () => {
    const world = worldOf({ agents: { a: ALL } });
    const parents = { lineage: [], credits: credits(5), source: "issuance" };
    expect(reasonOf(bear(world, "b", LOGIC, parents))).toContain("are issued");
    expect(world.agents.has("b")).toBe(false);
    expect(balance(world, ISSUANCE)).toBe(-ALL);
    expect(auditBalances(world.ledger)).toEqual([]);
  });

  test("an award that the world can no longer issue is cut, and the cycle goes on", async () => {
    const world = worldOf({ agents: { a: ALL - 10 } });
    giveSlot(world, "a");
    await cycle(world, {}, { answers: [answer("a-0-p9", 10)] });
    expect(world.changes.answered[0]?.award).toBe(credits(10));
    expect(balance(world, ISSUANCE)).toBe(-ALL);
  });

  test("an award beyond all money is all money at most", async () => {
    const rates = { interesting: ALL, useful: ALL, understandable: ALL };
    const economy = { attention_conversion_rates: rates, daily_mint_cap: ALL };
    const world = worldOf({ agents: { a: 100 }, rules: { economy } });
    giveSlot(world, "a");
    await cycle(world, {}, { answers: [answer("a-0-p9", 10)] });
    expect(world.changes.answered[0]?.award).toBe(AMOUNT_MAX - credits(100));
  });

  test("who has everything can bid it, and read its own bid when it wakes", () => {
    const world = worldOf({ agents: { a: ALL } });
    expect(act(world, "a", bid({ amount: ALL })).ok).toBe(true);
    const won = [...world.bids.values()][1]!;
    expect(won.upTo).toBe(AMOUNT_MAX);
    const own = ownView(world, { bid: won, pays: AMOUNT_MAX });
    const seen = environmentOf({ shared: publicView(world), own });
    expect(economyFrom(JSON.parse(JSON.stringify(seen))).bids.get(won.id)?.upTo).toBe(AMOUNT_MAX);
  });

  test("a bundle dearer than all money is refused in words", () => {
    const resources = { tokens: { supply: 1e9, initial_price: 1e9 } };
    const world = worldOf({ agents: { a: 100 }, rules: { resources } });
    const order = bid({ resources: { tokens: 1e9, cpu_seconds: 1 } });
    expect(reasonOf(act(world, "a", order))).toContain("the market asks");
  });

  test("an offer rises by losses to its limit and stays a safe integer", () => {
    const [placed] = worldOf({ agents: { a: ALL } }).bids.values();
    const pending = { ...placed!, amount: AMOUNT_MAX / 2, upTo: AMOUNT_MAX, lost: 1000 };
    expect(offerOf(pending, 1, AMOUNT_MAX)).toBe(AMOUNT_MAX);
  });

  test("a fortune sent to and fro for ever does not overflow what was earned and spent", async () => {
    const world = worldOf({ agents: { a: ALL - 100, b: 100 } });
    const half = ALL / 2;
    for (let n = 0; n < 60; n++)
      await cycle(world, { a: [bid(), pay("b", half)], b: [bid(), pay("a", half)] });
    expect(world.agents.get("a")?.spent).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => publicView(world)).not.toThrow();
  });

  test("a bid without a limit stands for twice what it asks to offer, not twice the market", () => {
    const world = worldOf({ agents: { a: 100 } });
    expect(reasonOf(act(world, "a", bid({ amount: 1 })))).toContain("the bid goes up to 2");
    expect(act(world, "a", bid({ amount: 3 })).ok).toBe(true);
    expect([...world.bids.values()].at(-1)?.upTo).toBe(credits(6));
    expect(act(world, "a", bid({ resources: BUNDLE })).ok).toBe(true);
    expect([...world.bids.values()].at(-1)?.upTo).toBe(credits(2 * 3.92));
  });
});
