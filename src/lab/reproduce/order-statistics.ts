// What sellers earn from bidders whose values are drawn at random: first price on the attention
// slot and on a market, Vickrey's and the uniform price by the critical payment.
import { askHuman, fillSlot } from "../../economy/attention.ts";
import { collectBids, placeBid } from "../../economy/bids.ts";
import { balanceOf, marketAccount } from "../../economy/ledger.ts";
import { clearMarkets, settleWinner } from "../../economy/markets.ts";
import { toCredits } from "../../economy/money.ts";
import { assert } from "../../economy/result.ts";
import { type Economy, removePrompt } from "../../economy/state.ts";
import { diceOf } from "./dice.ts";
import { averaged, type Figure, noiseOf, type Reproduction, times } from "./reproduction.ts";
import { bareEconomy, forget, found, withdrawAll } from "./workbench.ts";

const ROUNDS = 600;
const PURSE = 100_000;

/** One sale to the bidders with these offers, in micro-credits. */
type Sale = (economy: Economy, agents: string[], offers: number[], round: string) => void;

const sellSlot: Sale = (economy, agents, offers, round) => {
  agents.forEach((agent, n) => {
    const ask = { content: "a prompt", format: "markdown" as const, amount: offers[n] as number };
    assert(askHuman(economy, agent, ask).ok, "an ask was refused");
  });
  fillSlot(economy, round);
  economy.active = null;
  for (const id of [...economy.queue.keys()]) removePrompt(economy, id);
};

const sellCpu: Sale = (economy, agents, offers, round) => {
  agents.forEach((agent, n) => {
    const amount = offers[n] as number;
    const order = { resources: { cpu_seconds: 1 }, payload: ["bun"], notBefore: 0 };
    assert(placeBid(economy, agent, { ...order, amount, upTo: amount }).ok, "a bid was refused");
  });
  for (const winner of clearMarkets(economy, collectBids(economy), round))
    settleWinner(economy, winner);
  withdrawAll(economy, agents);
};

type Contest = {
  name: string;
  market: "attention" | "cpu_seconds";
  sell: Sale;
  payment: "offer" | "critical";
  bidders: number;
  units: number;
  /** The part of its value that a bidder offers in equilibrium. */
  shade: number;
};

/** The seller's mean revenue, over rounds with fresh values. */
function revenueOf(contest: Contest, seed: string): number {
  const { market, sell, payment, bidders, units, shade } = contest;
  const cpu = { supply: units, price: 0 };
  const economy = bareEconomy({ cpu, allocation: { payment, transaction_history_length: 0 } });
  const agents = times(bidders, (n) => found(economy, `bidder-${n}`, PURSE));
  withdrawAll(economy, agents);
  const dice = diceOf(`order/${contest.name}/${bidders}/${units}/${seed}`);
  for (let round = 0; round < ROUNDS; round++) {
    const offers = agents.map(() => Math.ceil(dice.unit() * shade * 1e6));
    sell(economy, agents, offers, `${seed}/${round}`);
    forget(economy);
  }
  return toCredits(balanceOf(economy.ledger, marketAccount(market))) / ROUNDS;
}

const SIZES = [2, 3, 5, 10];

const slot = (bidders: number): Contest => ({
  ...{ name: "first price, slot", market: "attention", sell: sellSlot, payment: "offer", units: 1 },
  ...{ bidders, shade: (bidders - 1) / bidders },
});

const market = (
  name: string,
  payment: "offer" | "critical",
  bidders: number,
  units: number,
): Contest => ({
  ...{ name, market: "cpu_seconds", sell: sellCpu, payment, bidders, units },
  shade: payment === "offer" ? (bidders - 1) / bidders : 1,
});

const CONTESTS: Contest[] = [
  ...SIZES.map(slot),
  ...SIZES.map((n) => market("first price, market", "offer", n, 1)),
  ...SIZES.map((n) => market("Vickrey, market", "critical", n, 1)),
  market("uniform price, market", "critical", 10, 3),
  market("uniform price, market", "critical", 10, 5),
  market("uniform price, market", "critical", 20, 5),
];

/** Of one round's revenue: the order statistics of the uniform law have a beta law. */
function deviationOf({ payment, bidders: n, units: k, shade }: Contest): number {
  const ofBeta = (a: number, b: number) => Math.sqrt((a * b) / ((a + b) ** 2 * (a + b + 1)));
  return payment === "offer" ? shade * ofBeta(n, 1) : k * ofBeta(n - k, k + 1);
}

export const orderStatistics: Reproduction = {
  name: "order-statistics",
  source:
    "Vickrey: Counterspeculation, auctions, and competitive sealed tenders, J. Finance 16(1), " +
    "1961; revenue by order statistics of the uniform law",
  protocol:
    "n bidders with values uniform on [0, 1] want one of k units; under first price they offer " +
    "v(n-1)/n, else their value. The seller's mean revenue is set against k(n-k)/(n+1), the same " +
    "in every format, over the attention slot and over a resource market.",
  run: async (seeds) =>
    CONTESTS.map((contest): Figure => {
      const { name, bidders: n, units: k } = contest;
      return {
        what: `revenue, ${name}: ${n} bidders, ${k} ${k === 1 ? "unit" : "units"}`,
        ours: averaged(seeds, (seed) => revenueOf(contest, seed)),
        theirs: (k * (n - k)) / (n + 1),
        tolerance: noiseOf(deviationOf(contest), ROUNDS * seeds.length),
        standing: "computed",
      };
    }),
};
