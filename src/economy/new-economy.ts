// An economy before anyone lives in it.
import { emptyLedger } from "./ledger.ts";
import { openMarkets } from "./markets.ts";
import type { Rules } from "./rules.ts";
import { NOTHING_SPENT } from "./spending.ts";
import { type Economy, noChanges } from "./state.ts";

/** Markets at their initial prices, empty books, cycle 0. `time` is ISO 8601 UTC. */
export function newEconomy(rules: Rules, seed: string, time: string): Economy {
  return {
    rules,
    seed,
    cycle: 0,
    time,
    ledger: emptyLedger(),
    agents: new Map(),
    dead: new Set(),
    people: new Set(),
    markets: openMarkets(rules),
    bids: new Map(),
    active: null,
    queue: new Map(),
    minted: { day: "", amount: 0 },
    spent: NOTHING_SPENT,
    paused: null,
    recent: [],
    changes: noChanges(),
  };
}
