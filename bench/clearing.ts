// How well the clearing rules serve a crowd: the worth of what they allocate against the exact
// optimum, and what winners pay, over the load. Usage: bun bench/clearing.ts [--auctions N];
// prints the tables of docs/economics.md.
import { parseArgs } from "node:util";
import { allocate, CLEARING_RULES, type Contender, inOrder } from "../src/economy/clearing.ts";
import { PAYMENT_RULES } from "../src/economy/payment.ts";
import {
  type Auction,
  bidder,
  clearingOf,
  optimumOf,
  welfareOf,
} from "../src/lab/reproduce/auctions.ts";
import { type Dice, diceOf } from "../src/lab/reproduce/dice.ts";
import { meanOf, times } from "../src/lab/reproduce/reproduction.ts";
import { bundleOf, clear, type RuleName, sizeOf, supply, WORTHS, type Worth } from "./crowd.ts";

const { values } = parseArgs({ options: { auctions: { type: "string", default: "200" } } });
const AUCTIONS = Number(values.auctions);
const LOADS = [0.5, 1, 1.5, 2, 3, 5];
/** Rounds in which bidders learn how far below its worth to offer for a bundle. */
const LESSONS = 10;
const FACTORS = times(29, (n) => 0.3 + n * 0.025);

/** Kinds of bidder: code or model, with little, middling or much luck. */
type Crowd = Auction & { kinds: number[] };

/** Bidders until they ask for `load` times the cpu that there is. */
function crowdOf(load: number, worth: Worth, dice: Dice): Crowd {
  const bidders: Contender[] = [];
  const kinds: number[] = [];
  for (let asked = 0; asked < load * supply.cpu_seconds; ) {
    const bundle = bundleOf(dice);
    const luck = dice.unit();
    asked += bundle.cpu_seconds ?? 0;
    const value = Math.ceil(worth(sizeOf(bundle), luck) * 1e6) / 1e6;
    bidders.push(bidder(bidders.length, value, bundle));
    kinds.push(Math.floor(luck * 3) + (bundle.tokens === undefined ? 0 : 3));
  }
  return { bidders, supply, kinds };
}

/** The offers of a crowd that shades: each kind of bidder by its own factor. */
function shaded({ bidders, kinds }: Crowd, factors: number[]): Contender[] {
  return bidders.map((one, n) => {
    const factor = factors[kinds[n] as number] as number;
    return { ...one, offer: Math.ceil(one.offer * factor) };
  });
}

/**
 * The factors by which first price is answered: each kind takes, again and again, the one that
 * would have gained it most, over many crowds, against the factors of the others.
 */
function learn(crowds: Crowd[], rule: RuleName): number[] {
  let factors = times(6, () => 1);
  for (let lesson = 0; lesson < LESSONS; lesson++) {
    const gains = times(6, () => FACTORS.map(() => 0));
    for (const crowd of crowds) {
      const offers = shaded(crowd, factors);
      crowd.bidders.forEach((honest, n) => {
        const others = offers.map((offer, m) => (m === n ? honest : offer));
        const least = leastToWin(others, honest, rule);
        if (least === null) return;
        const own = gains[crowd.kinds[n] as number] as number[];
        FACTORS.forEach((factor, f) => {
          const offer = Math.ceil(honest.offer * factor);
          if (offer >= least) own[f] = (own[f] as number) + honest.offer - offer;
        });
      });
    }
    const best = gains.map((own) => FACTORS[own.indexOf(Math.max(...own))] as number);
    // Half of the way, so that answers to answers come to rest.
    factors = factors.map((factor, kind) => (factor + (best[kind] as number)) / 2);
  }
  return factors;
}

function leastToWin(offers: Contender[], one: Contender, rule: RuleName): number | null {
  const clearing = clearingOf({ supply }, CLEARING_RULES[rule]);
  const ordered = inOrder(offers, clearing);
  if (!allocate(ordered, clearing.supply).winners.includes(one)) return null;
  return PAYMENT_RULES.critical([one], ordered, clearing)[0] as number;
}

/** What first price yields among bidders who have learned to shade. */
function firstPrice(crowd: Crowd, factors: number[], rule: RuleName) {
  const { pays, revenue } = clear(shaded(crowd, factors), rule, "offer");
  const served = crowd.bidders.filter(({ bid }) => pays.has(bid.id));
  return { welfare: served.reduce((sum, { offer }) => sum + offer, 0), revenue };
}

const percent = (value: number) => (100 * value).toFixed(1);

function row(load: number, name: string, worth: Worth): string[] {
  const dice = diceOf(`clearing/${name}/${load}`);
  const crowds = times(AUCTIONS, () => crowdOf(load, worth, dice));
  const optima = crowds.map(optimumOf);
  const over = (measure: (crowd: Crowd) => number) =>
    crowds.map((crowd, n) => measure(crowd) / (optima[n] as number));
  const mean = (measure: (crowd: Crowd) => number) => percent(meanOf(over(measure)));
  const cells = (["highest", "per-size"] as const).flatMap((rule) => {
    const honest = over((crowd) => welfareOf(crowd, CLEARING_RULES[rule]));
    const factors = learn(crowds, rule);
    return [
      `${percent(meanOf(honest))} (${percent(Math.min(...honest))})`,
      mean((crowd) => firstPrice(crowd, factors, rule).welfare),
      mean(({ bidders }) => clear(bidders, rule, "critical").revenue),
      mean((crowd) => firstPrice(crowd, factors, rule).revenue),
    ];
  });
  const size = meanOf(crowds.map(({ bidders }) => bidders.length));
  return [String(load), size.toFixed(1), ...cells];
}

const COLUMNS = ["critical", "first price", "paid critical", "paid first"];
const TITLES = [
  "load",
  "bidders",
  ...["highest", "per-size"].flatMap((rule) => COLUMNS.map((column) => `${rule}, ${column}`)),
];

for (const [name, worth] of WORTHS) {
  console.log(`\n${name}\n\n| ${TITLES.join(" | ")} |\n|${"---|".repeat(TITLES.length)}`);
  for (const load of LOADS) console.log(`| ${row(load, name, worth).join(" | ")} |`);
}
