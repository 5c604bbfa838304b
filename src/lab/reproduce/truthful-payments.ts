// Whether lying pays, under three ways of charging the winners of a greedy auction.
import { allocate, CLEARING_RULES, type Contender, inOrder } from "../../economy/clearing.ts";
import { toCredits } from "../../economy/money.ts";
import { PAYMENT_RULES } from "../../economy/payment.ts";
import { type Auction, type Bundle, bidder, clearingOf, sumOfOffers } from "./auctions.ts";
import { type Dice, diceOf } from "./dice.ts";
import { type Figure, type Reproduction, times } from "./reproduction.ts";

const SUPPLY = { tokens: 100, cpu_seconds: 8, memory_mb: 1024 };
const GOODS = Object.keys(SUPPLY) as (keyof typeof SUPPLY)[];
const AUCTIONS = 400;
const LIES = 5;

type RuleName = keyof typeof CLEARING_RULES;
type Payment = (
  winner: Contender,
  ordered: Contender[],
  auction: Auction,
  rule: RuleName,
) => number;

const charge = (name: keyof typeof PAYMENT_RULES): Payment => {
  return (winner, ordered, auction, rule) =>
    PAYMENT_RULES[name]([winner], ordered, clearingOf(auction, CLEARING_RULES[rule]))[0] as number;
};

/** What the others lose by the winner being there: truthful over optima, not over a greedy rule. */
const vickrey: Payment = (winner, ordered, auction) => {
  const supply = clearingOf(auction, CLEARING_RULES.highest).supply;
  const others = ordered.filter((one) => one !== winner);
  const beside = allocate(ordered, supply).winners.filter((one) => one !== winner);
  return sumOfOffers(allocate(others, supply).winners) - sumOfOffers(beside);
};

function bundleOf(dice: Dice): Bundle {
  const first = dice.below(GOODS.length);
  const wanted = GOODS.filter((_, g) => g === first || dice.unit() < 0.5);
  const part = (good: keyof typeof SUPPLY) =>
    Math.max(0.001, Math.round(SUPPLY[good] * dice.unit() * 0.6 * 1000) / 1000);
  return Object.fromEntries(wanted.map((good) => [good, part(good)]));
}

/** A value per share that differs from bidder to bidder, and the market's own cost below it. */
function randomAuction(dice: Dice): Auction {
  const bidders = times(4 + dice.below(12), (n) => {
    const value = Math.round((1 + 20 * dice.unit()) * 1e6) / 1e6;
    const cost = Math.floor(value * 1e6 * 0.2 * dice.unit());
    return bidder(n, value, bundleOf(dice), cost);
  });
  return { bidders, supply: SUPPLY };
}

/** Another offer, and now and then a larger bundle that holds the one that is wanted. */
function lieOf(honest: Contender, dice: Dice): Contender {
  const offer = Math.max(honest.cost, Math.round(honest.offer * 2 * dice.unit()));
  const resources = { ...honest.bid.resources } as Bundle;
  if (dice.unit() < 0.3)
    for (const [good, quantity] of Object.entries(bundleOf(dice)))
      resources[good] = Math.max(resources[good] ?? 0, quantity);
  return { ...honest, offer, bid: { ...honest.bid, resources } };
}

/** What a bidder gains that is worth `value` to itself when served, told or lied. */
function gainOf(told: Contender, value: number, auction: Auction, rule: RuleName, pay: Payment) {
  const clearing = clearingOf(auction, CLEARING_RULES[rule]);
  const bidders = auction.bidders.map((one) => (one.bid.id === told.bid.id ? told : one));
  const ordered = inOrder(bidders, clearing);
  if (!allocate(ordered, clearing.supply).winners.includes(told)) return 0;
  return value - pay(told, ordered, auction, rule);
}

/** Lies that gained something, out of all that were tried. */
function gainful(seeds: string[], rule: RuleName, pay: Payment): number {
  let found = 0;
  for (const seed of seeds) {
    const dice = diceOf(`truth/${seed}`);
    for (let n = 0; n < AUCTIONS; n++) {
      const auction = randomAuction(dice);
      const honest = auction.bidders[dice.below(auction.bidders.length)] as Contender;
      const truth = gainOf(honest, honest.offer, auction, rule, pay);
      for (let lie = 0; lie < LIES; lie++) {
        const lying = gainOf(lieOf(honest, dice), honest.offer, auction, rule, pay);
        if (toCredits(lying - truth) > 0) found += 1;
      }
    }
  }
  return found;
}

export const truthfulPayments: Reproduction = {
  name: "truthful-payments",
  source:
    "Lehmann, O'Callaghan, Shoham: Truth revelation in approximately efficient combinatorial " +
    "auctions, JACM 49(5), 2002",
  protocol:
    `In ${AUCTIONS} random auctions a seed one bidder, who wants one bundle and no other, tries ` +
    `${LIES} lies: another offer, or a larger bundle. Counted are the lies that gain more than ` +
    "the truth: none when the winner pays its critical value, some when it pays its offer or " +
    "Vickrey's price.",
  run: async (seeds) => {
    const tried = seeds.length * AUCTIONS * LIES;
    const some = { from: 1, to: tried };
    const count = (
      rule: RuleName,
      name: string,
      pay: Payment,
      theirs: Figure["theirs"],
      standing: Figure["standing"] = "verified",
    ): Figure => ({
      what: `lies of ${tried} that gain: ${rule}, ${name}`,
      ours: gainful(seeds, rule, pay),
      theirs,
      tolerance: 0,
      standing,
    });
    return [
      count("highest", "critical payment", charge("critical"), 0),
      count("per-size", "critical payment", charge("critical"), 0),
      count("highest", "first price", charge("offer"), some, "computed"),
      count("per-size", "Vickrey's price", vickrey, some),
    ];
  },
};
