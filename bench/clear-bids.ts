// Clearing 100,000 pending bundle bids against sorting the same array. Run it:
// sh bin/bun bench/clear-bids.ts
import { type Candidate, collectBids } from "../src/economy/bids.ts";
import { allocate, CLEARING_RULES, inOrder } from "../src/economy/clearing.ts";
import { rulesSchema } from "../src/economy/rules.ts";
import { marketOf } from "../src/economy/state.ts";
import { populated } from "./large-world.ts";
import { compare, inTurn, processorTime } from "./measure.ts";

const BIDS = 100_000;
const resource = (supply: number) => ({ supply, initial_price: 0.001 });

/** All five resources are sold; a bundle has the four that a run can use. */
const rules = rulesSchema.parse({
  resources: {
    tokens: resource(BIDS * 100),
    cpu_seconds: resource(BIDS),
    memory_mb: resource(BIDS * 64),
    gpu_seconds: resource(BIDS / 4),
    attention: { supply: 1, initial_price: 1 },
  },
  population: { max_births_per_cycle: BIDS, max_alive: BIDS },
});

const economy = populated(rules, { agents: BIDS, actors: BIDS });
let index = 0;
for (const bid of economy.bids.values()) {
  // Spread without a pattern, so that the sort has something to do.
  index = (index * 1_103_515_245 + 12_345) % 2_147_483_648;
  const resources = { tokens: 100, cpu_seconds: 1, memory_mb: 96, gpu_seconds: 0.5 };
  Object.assign(bid, { resources, amount: 10_000_000 + (index % 50_000_000), upTo: 90_000_000 });
}
const candidates = collectBids(economy);
if (candidates.length !== BIDS) throw new Error(`only ${candidates.length} take part`);

const supply = (name: Parameters<typeof marketOf>[1]) => marketOf(economy, name).supply;
const rule = { rule: CLEARING_RULES.highest, tieSeed: "seed", supply };
const byOffer = (a: Candidate, b: Candidate) => b.offer - a.offer || (a.bid.id < b.bid.id ? -1 : 1);
const ways = [
  { name: "sorting", run: () => [...candidates].sort(byOffer) },
  { name: "clearing", run: () => allocate(inOrder(candidates, rule), supply) },
  { name: "from the bids", run: () => allocate(inOrder(collectBids(economy), rule), supply) },
];
for (const [unit, clock] of [
  ["of the clock", () => performance.now()],
  ["of the processor", processorTime],
] as const) {
  const [sorting, clearing, whole] = await inTurn(15, ways, clock);
  const peer = { name: "sorting them", figures: sorting! };
  console.log(`time ${unit}:`);
  compare({ name: `clearing ${BIDS} bids`, figures: clearing! }, { ...peer, aim: "3 ×" });
  compare({ name: "with their offers worked out", figures: whole! }, { ...peer, aim: "3 ×" });
}
