// The clearing rules and payments over many rounds, with purses: what a winner is left with buys its
// next runs, prices follow demand by the world's own rule, and bidders learn by what they got how
// far below its worth to offer. Usage: bun bench/clearing-repeated.ts [--seeds N] [--rounds N];
// prints the tables of docs/economics.md.
import { parseArgs } from "node:util";
import type { Contender } from "../src/economy/clearing.ts";
import { credits, toCredits } from "../src/economy/money.ts";
import { PRICE_RULES } from "../src/economy/pricing.ts";
import { rulesSchema } from "../src/economy/rules.ts";
import { estimate } from "../src/lab/measures.ts";
import { type Bundle, optimumOf } from "../src/lab/reproduce/auctions.ts";
import { type Dice, diceOf } from "../src/lab/reproduce/dice.ts";
import { meanOf, times } from "../src/lab/reproduce/reproduction.ts";
import { bundleOf, clear, type RuleName, sizeOf, supply, WORTHS } from "./crowd.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "5" },
    rounds: { type: "string", default: "600" },
  },
});
const SEEDS = Number(values.seeds);
const ROUNDS = Number(values.rounds);
/** In which bidders learn and prices find their place: not counted. */
const WARM_UP = ROUNDS / 3;
/** The optimum is looked for in one round of so many. */
const MEASURED_EVERY = 5;
const LOADS = [1, 2, 4];
const PURSE = 100;
/** What a purse holds beyond this leaves the market, for prompts and children. */
const PURSE_MAX = 4 * PURSE;
const FACTORS = [0.5, 0.6, 0.7, 0.8, 0.9, 1];
/** Chance to try another factor, and what is left of a memory after each use. */
const [TRIAL, MEMORY] = [0.1, 0.98];

/** When prices rise: nearly never before all is sold, as in the preset ample; or soon. */
const PRICINGS = {
  "a price that rises above 80 % of use, and may rise to 100 times its start": pricing(80, 100),
  "a price that rises above 20 % of use, and may rise to 10 times its start": pricing(20, 10),
};

function pricing(raise_above_percent: number, ceiling_times_initial: number) {
  const rules = { raise_above_percent, lower_below_percent: 20, ceiling_times_initial };
  return rulesSchema.parse({ pricing: rules }).pricing;
}

type Pricing = ReturnType<typeof pricing>;

const START: Record<string, number> = { tokens: 0.005, cpu_seconds: 2, memory_mb: 0.02 };

const WAYS = {
  honest: { names: 1, bids: 1, learns: false },
  shading: { names: 1, bids: 1, learns: true },
  "two bids": { names: 1, bids: 2, learns: true },
  "two names": { names: 2, bids: 1, learns: true },
} as const;
type Way = keyof typeof WAYS;
type Payment = "offer" | "critical";

type Owner = { purse: number; factor: number; gained: number[] };

/** A bid with what its bundle is worth to its owner. */
type Wish = { owner: Owner; name: string; id: string; bundle: Bundle; worth: number };

type Play = {
  owners: Owner[];
  prices: Map<string, number>;
  dice: Dice;
  way: Way;
  pricing: Pricing;
};

function wishesOf({ owners, dice, way }: Play): Wish[] {
  const worthOf = WORTHS[1]?.[1] ?? (() => 0);
  const { names, bids } = WAYS[way];
  return owners.flatMap((owner, n) =>
    times(names * bids, (at) => {
      const bundle = bundleOf(dice);
      const worth = worthOf(sizeOf(bundle), dice.unit());
      const name = `a${n}-${Math.floor(at / bids)}`;
      return { owner, name, id: `${name}-${at}`, bundle, worth };
    }),
  );
}

function costOf(bundle: Bundle, prices: Map<string, number>): number {
  const cost = Object.entries(bundle).reduce(
    (sum, [good, quantity]) => sum + (prices.get(good) ?? 0) * quantity,
    0,
  );
  return Math.ceil(cost);
}

/** What an owner offers: its factor of the worth, never below cost; none that it would not pay. */
function bidOf({ owner, name, id, bundle, worth }: Wish, cost: number): Contender | null {
  const offer = Math.max(cost, credits(round(Math.min(owner.factor * worth, owner.purse))));
  if (offer > credits(round(Math.min(worth, owner.purse)))) return null;
  return { bid: { id, agent: name, resources: bundle }, cost, offer };
}

const round = (amount: number) => Math.max(0, Math.floor(amount * 1e6) / 1e6);

function choose({ learns }: { learns: boolean }, owner: Owner, dice: Dice): void {
  if (!learns) return;
  const best = owner.gained.indexOf(Math.max(...owner.gained));
  const at = dice.unit() < TRIAL ? dice.below(FACTORS.length) : best;
  owner.factor = FACTORS[at] as number;
}

/** One round: what was wanted, and what that which was sold is worth. */
function playRound(play: Play, rule: RuleName, payment: Payment) {
  const { owners, prices, dice, way } = play;
  for (const owner of owners) choose(WAYS[way], owner, dice);
  const wishes = wishesOf(play);
  const bids = wishes.map((wish) => bidOf(wish, costOf(wish.bundle, prices)));
  const { pays } = clear(
    bids.filter((bid) => bid !== null),
    rule,
    payment,
  );
  const won = wishes.filter(({ id }) => pays.has(id));
  const profit = new Map<Owner, number>();
  for (const { owner, id, worth } of won) {
    const paid = toCredits(pays.get(id) ?? 0);
    // What a run earns is uncertain: twice its worth or nothing.
    owner.purse = Math.min(PURSE_MAX, owner.purse - paid + (dice.unit() < 0.5 ? 2 * worth : 0));
    profit.set(owner, (profit.get(owner) ?? 0) + worth - paid);
  }
  for (const owner of owners) {
    const at = FACTORS.indexOf(owner.factor);
    const before = owner.gained[at] as number;
    owner.gained[at] = before + (1 - MEMORY) * ((profit.get(owner) ?? 0) - before);
  }
  reprice(play, won);
  return { wishes, welfare: won.reduce((sum, { worth }) => sum + worth, 0) };
}

function reprice({ prices, pricing: rules }: Play, won: Wish[]): void {
  for (const [good, all] of Object.entries(supply)) {
    const sold = won.reduce((sum, { bundle }) => sum + (bundle[good] ?? 0), 0);
    const price = prices.get(good) ?? 0;
    const initialPrice = credits(START[good] ?? 0);
    const utilization = Math.min(100, (100 * sold) / all);
    prices.set(good, PRICE_RULES.threshold({ price, initialPrice, utilization }, rules));
  }
}

function bestOf(wishes: Wish[]): number {
  const bidders = wishes.map(({ id, name, bundle, worth }) => ({
    bid: { id, agent: name, resources: bundle },
    cost: 0,
    offer: credits(round(worth)),
  }));
  return toCredits(optimumOf({ bidders, supply }));
}

type Found = { efficiency: number; broke: number };

type Cell = { load: number; way: Way; rule: RuleName; payment: Payment; pricing: Pricing };

function life(seed: number, { load, way, rule, payment, pricing }: Cell): Found {
  const dice = diceOf(`repeated/${seed}/${load}/${way}`);
  // 2.3 seconds of cpu are asked for on average; two names ask twice.
  const count = Math.round((load * supply.cpu_seconds) / 2.3 / WAYS[way].names);
  const owners = times(count, () => ({ purse: PURSE, factor: 1, gained: FACTORS.map(() => 1) }));
  const prices = new Map(Object.entries(START).map(([good, price]) => [good, credits(price)]));
  const play = { owners, prices, dice, way, pricing };
  const shares: number[] = [];
  for (let at = 0; at < ROUNDS; at++) {
    const { wishes, welfare } = playRound(play, rule, payment);
    if (at >= WARM_UP && at % MEASURED_EVERY === 0) shares.push(welfare / bestOf(wishes));
  }
  const broke = owners.filter(({ purse }) => purse < PURSE / 20).length / owners.length;
  return { efficiency: meanOf(shares), broke };
}

const percent = (value: number) => (100 * value).toFixed(0);

/** Of the optimum, in per cent; in brackets the per cent of owners who are broke at the end. */
function cell(what: Cell): string {
  const found = times(SEEDS, (seed) => life(seed, what));
  const share = estimate(found.map(({ efficiency }) => efficiency));
  const broke = meanOf(found.map((one) => one.broke));
  return `${percent(share?.mean ?? 0)} ± ${percent(share?.half ?? 0)} (${percent(broke)})`;
}

const RULES = (["highest", "per-size"] as const).flatMap((rule) =>
  (["offer", "critical"] as const).map((payment) => [rule, payment] as const),
);
for (const [name, pricing] of Object.entries(PRICINGS)) {
  console.log(`\nWith ${name}\n`);
  console.log(`| load | bidders | ${RULES.map((pair) => pair.join(", ")).join(" | ")} |`);
  console.log(`|${"---|".repeat(RULES.length + 2)}`);
  for (const load of LOADS)
    for (const way of Object.keys(WAYS) as Way[]) {
      const cells = RULES.map(([rule, payment]) => cell({ load, way, rule, payment, pricing }));
      console.log(`| ${[load, way, ...cells].join(" | ")} |`);
    }
}
