// Economies without anything that a result does not speak of: no fees, no endowments, and markets
// that ask nothing.
import { bear, type Logic } from "../../economy/agents.ts";
import { withdrawBid } from "../../economy/bids.ts";
import { ISSUANCE } from "../../economy/ledger.ts";
import { credits } from "../../economy/money.ts";
import { newEconomy } from "../../economy/new-economy.ts";
import { assert } from "../../economy/result.ts";
import { rulesSchema } from "../../economy/rules.ts";
import { bidsOf, type Economy, noChanges } from "../../economy/state.ts";

export type Setting = {
  cpu?: { supply: number; price: number };
  allocation?: object;
};

export function bareEconomy({ cpu, allocation = {} }: Setting = {}): Economy {
  const closed = { supply: 0, initial_price: 0 };
  const rules = rulesSchema.parse({
    clock: "logical",
    economy: { spawn_cost: 0, message_cost: 0 },
    resources: {
      tokens: closed,
      cpu_seconds: { supply: cpu?.supply ?? 1_000, initial_price: cpu?.price ?? 0 },
      memory_mb: closed,
      attention: { supply: 1, initial_price: 0 },
    },
    allocation,
    population: { first_bid: { code: { cpu_seconds: 1 }, model: { cpu_seconds: 1 } } },
  });
  return newEconomy(rules, "lab", "2026-01-01T00:00:00.000Z");
}

export const LOGIC: Logic = {
  folder: new Map(),
  kind: "code",
  payload: ["bun", "main.ts"],
  bid: null,
};

/** A founder: born of issuance, of no lineage but its own. */
export function found(economy: Economy, id: string, purse = 0): string {
  const parents = { lineage: [], credits: credits(purse), source: ISSUANCE };
  const born = bear(economy, id, LOGIC, parents);
  assert(born.ok, `${id} cannot be born: ${born.ok ? "" : born.reason}`);
  forget(economy);
  return id;
}

/** What happened has been seen: nobody writes it down here, and it must not grow. */
export function forget(economy: Economy): void {
  economy.changes = noChanges();
  economy.recent = [];
}

export function withdrawAll(economy: Economy, agents: Iterable<string>): void {
  for (const id of agents) for (const bid of bidsOf(economy, id)) withdrawBid(economy, id, bid.id);
}
