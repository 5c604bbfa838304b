// Law 4 and what follows from it, over lives that nobody wrote.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  agentAccount,
  auditBalances,
  balanceOf,
  CREDIT,
  ISSUANCE,
  type Transfer,
} from "../../src/economy/ledger.ts";
import type { Economy } from "../../src/economy/state.ts";
import { bidsBy } from "./helpers.ts";
import { play, type Scenario, scenarios } from "./random-world.ts";

/** Plays many scenarios; a law that fails shrinks to a small one. */
async function inEveryLife(law: (world: Economy) => void, after?: (world: Economy) => void) {
  let lived = 0;
  await fc.assert(
    fc.asyncProperty(scenarios(25), async (scenario: Scenario) => {
      const world = await play(scenario, { after: after ?? law });
      if (after) law(world);
      lived += scenario.cycles;
    }),
    { numRuns: 40 },
  );
  expect(lived).toBeGreaterThanOrEqual(1000);
}

const accountsOf = (world: Economy) => world.ledger.balances.get(CREDIT) ?? new Map();

function sum(world: Economy, counts: (account: string) => boolean): number {
  let total = 0;
  for (const [account, amount] of accountsOf(world)) if (counts(account)) total += amount;
  return total;
}

describe("in every life", () => {
  test("the books balance: every asset sums to zero, and only issuance is below it", async () => {
    await inEveryLife((world) => {
      expect(auditBalances(world.ledger)).toEqual([]);
      expect(sum(world, () => true)).toBe(0);
      for (const [account, amount] of accountsOf(world))
        if (account !== ISSUANCE) expect(amount).toBeGreaterThan(0);
    });
  });

  test("what circulates, what markets took and what was burnt is what was issued", async () => {
    const issued = new WeakMap<Economy, number>();
    await inEveryLife((world) => {
      const created = newTransfers(world).filter(({ from }) => from === ISSUANCE);
      const before = issued.get(world) ?? 0;
      issued.set(
        world,
        created.reduce((total, { amount }) => total + amount, before),
      );
      const kinds = new Set(created.map(({ kind }) => kind));
      for (const kind of kinds) expect(["endowment", "award", "grant"]).toContain(kind);
      const living = sum(world, (account) => /^(agent|human):/.test(account));
      const markets = sum(world, (account) => account.startsWith("market:"));
      expect(living + markets + balanceOf(world.ledger, "burn")).toBe(issued.get(world) ?? 0);
      expect(0 - balanceOf(world.ledger, ISSUANCE)).toBe(issued.get(world) ?? 0);
    });
  });

  test("money is with the living, people, markets or the burn, and nowhere else", async () => {
    await inEveryLife((world) => {
      for (const account of accountsOf(world).keys()) {
        const [kind, name] = account.split(":") as [string, string | undefined];
        if (kind === "agent") expect(world.agents.has(name ?? "")).toBe(true);
        else if (kind === "human") expect(world.people.has(name ?? "")).toBe(true);
        else expect(account).toMatch(/^(issuance|burn|market:[a-z_]+)$/);
      }
    });
  });

  test("an agent has what it was born with and earned, less what it spent", async () => {
    const born = new WeakMap<Economy, Map<string, number>>();
    await inEveryLife((world) => {
      const endowed = born.get(world) ?? new Map<string, number>();
      born.set(world, endowed);
      for (const { kind, to, amount } of newTransfers(world))
        if (kind === "endowment") endowed.set(to, amount);
      for (const { id, earned, spent } of world.agents.values()) {
        const account = agentAccount(id);
        const had = endowed.get(account) ?? 0;
        expect(balanceOf(world.ledger, account)).toBe(had + earned - spent);
      }
    });
  });

  test("nobody is both alive and dead, and no agent has a person's name", async () => {
    await inEveryLife((world) => {
      for (const id of world.agents.keys()) {
        expect(world.dead.has(id)).toBe(false);
        expect(world.people.has(id)).toBe(false);
        expect(id).toMatch(/^[a-z][a-z0-9-]{0,31}$/);
      }
    });
  });

  test("every pending bid and every prompt has a living owner, and who lives has a bid", async () => {
    await inEveryLife((world) => {
      for (const { agent } of [...world.bids.values(), ...world.queue.values()])
        expect(world.agents.has(agent)).toBe(true);
      if (world.active) expect(world.agents.has(world.active.agent)).toBe(true);
      for (const id of world.agents.keys()) expect(bidsBy(world, id)).not.toEqual([]);
    });
  });

  test("no hold survives its cycle, and at most one prompt is before the human", async () => {
    await inEveryLife((world) => {
      expect(world.ledger.holds.size).toBe(0);
      for (const waiting of world.queue.values()) expect(waiting.shown).toBeNull();
      if (world.active) expect(world.queue.has(world.active.id)).toBe(false);
    });
  });

  test("no market sells more than its supply, and no price leaves its band", async () => {
    await inEveryLife((world) => {
      for (const { supply, sales, price, initialPrice, utilization } of world.markets.values()) {
        const now = sales.filter((sale) => sale.cycle === world.cycle);
        const sold = now.reduce((total, { quantity }) => total + quantity, 0);
        expect(sold).toBeLessThanOrEqual(supply + 1e-6);
        expect(utilization).toBeWithin(0, 100.001);
        expect(price).toBeWithin(Math.ceil(initialPrice / 10), initialPrice * 100 + 1);
      }
    });
  });

  test("the journal of a cycle is numbered from 1, and explains every balance", async () => {
    const books = new WeakMap<Economy, Map<string, number>>();
    await inEveryLife((world) => {
      const journal = world.recent.filter(({ cycle }) => cycle === world.cycle);
      expect(journal.map(({ n }) => n)).toEqual(journal.map((_, index) => index + 1));
      const told = books.get(world) ?? new Map<string, number>();
      for (const { from, to, amount, memo } of newTransfers(world)) {
        expect(memo).not.toBe("");
        told.set(from, (told.get(from) ?? 0) - amount);
        told.set(to, (told.get(to) ?? 0) + amount);
      }
      books.set(world, told);
      const real = accountsOf(world);
      for (const [account, amount] of told) expect(real.get(account) ?? 0).toBe(amount);
      expect(real.size).toBe([...told.values()].filter((amount) => amount !== 0).length);
    });
  });
});

test("these lives are full: all that can happen to an agent happens in them, often", async () => {
  const seen: Record<string, number> = {};
  await inEveryLife((world) => {
    for (const { kind } of world.changes.events) seen[kind] = (seen[kind] ?? 0) + 1;
  });
  const kinds = ["ran", "crashed", "refused", "bid dropped", "born", "died", "paid", "sent"];
  kinds.push("asked", "shown", "scored", "timed out", "host");
  expect(kinds.filter((kind) => (seen[kind] ?? 0) < 20)).toEqual([]);
});

/** What moved since the cycle before: births before the first cycle, acts of people, the cycle. */
function newTransfers(world: Economy): Transfer[] {
  if (world.cycle === 1) return world.recent;
  const acts = world.recent.filter(
    ({ kind, cycle }) => kind === "grant" && cycle === world.cycle - 1,
  );
  return [...acts, ...world.changes.transfers];
}
