// EIP-1559's controller of prices: its integers, and how much of its supply a market sells by it.
import { collectBids, marketCost, placeBid } from "../../economy/bids.ts";
import { clearMarkets, repriceMarkets, settleWinner } from "../../economy/markets.ts";
import { credits } from "../../economy/money.ts";
import { nextBaseFee } from "../../economy/pricing.ts";
import { assert } from "../../economy/result.ts";
import { marketOf } from "../../economy/state.ts";
import { type Dice, diceOf, poisson } from "./dice.ts";
import { averaged, type Figure, meanOf, type Reproduction, times } from "./reproduction.ts";
import { bareEconomy, forget, found, withdrawAll } from "./workbench.ts";

const M = 1_000_000;
const FEE = 1_000_000_000;

/** Fee, used, target, next fee: public test inputs, outcomes by the specification's arithmetic. */
export const FEE_VECTORS: [fee: number, used: number, target: number, next: number][] = [
  [FEE, 30_025_257, 15_014_561, 1_124_967_822],
  [FEE, 10 * M, 5 * M, 1_125_000_000],
  [FEE, 10 * M, 6 * M, 1_083_333_333],
  [FEE, 10 * M, 7 * M, 1_053_571_428],
  [1_072_671_875, 9 * M, 5 * M, 1_179_939_062],
  [1_059_263_476, 10_001_000, 7 * M, 1_116_028_649],
  [1_049_238_967, 0, 1 * M, 918_084_097],
  [1_049_238_967, 10 * M, 9 * M, 1_063_811_730],
  [0, 10 * M, 9 * M, 1],
  [1, 10 * M, 9 * M, 2],
  [2, 10 * M, 9 * M, 3],
];

const SUPPLY = 40;
const BIDDERS = 150;
const CYCLES = 600;
/** The first cycles find the price; they are not counted. */
const SETTLING = 100;

/** Full blocks, or empty ones, until the fee is ten times as far. */
function blocksTo(reached: (fee: number) => boolean, used: number): number {
  let [fee, blocks] = [FEE, 0];
  for (; !reached(fee); blocks++) fee = nextBaseFee(fee, used, 1);
  return blocks;
}

/** Who wants a unit now, and at most for what: a crowd that grows and shrinks, of random means. */
function demandOf(agents: string[], dice: Dice, cycle: number): { agent: string; value: number }[] {
  const tide = 0.4 * (1 + 0.5 * Math.sin(cycle / 30));
  const size = Math.min(agents.length, poisson(dice, agents.length * tide));
  return agents
    .slice(0, size)
    .map((agent) => ({ agent, value: credits(Math.ceil(-Math.log(1 - dice.unit()) * M) / M) }));
}

/** What is sold on average, in parts of the target (half the supply). */
function utilizationOf(seed: string): number {
  const cpu = { supply: SUPPLY, price: 0.5 };
  const allocation = { pricing: "eip1559", transaction_history_length: 0 };
  const economy = bareEconomy({ cpu, allocation });
  const agents = times(BIDDERS, (n) => found(economy, `bidder-${n}`, 10_000));
  withdrawAll(economy, agents);
  const dice = diceOf(`base-fee/${seed}`);
  const used = times(CYCLES, (cycle) => {
    const bundle = { cpu_seconds: 1 };
    const price = marketCost(economy, bundle);
    for (const { agent, value } of demandOf(agents, dice, cycle)) {
      if (value < price) continue;
      const order = { resources: bundle, payload: ["bun"], notBefore: 0 };
      const placed = placeBid(economy, agent, { ...order, amount: value, upTo: value });
      assert(placed.ok, "a bid was refused");
    }
    const winners = clearMarkets(economy, collectBids(economy), `${seed}/${cycle}`);
    for (const winner of winners) settleWinner(economy, winner);
    withdrawAll(economy, agents);
    repriceMarkets(economy);
    forget(economy);
    return marketOf(economy, "cpu_seconds").utilization / 50;
  });
  return meanOf(used.slice(SETTLING));
}

export const baseFee: Reproduction = {
  name: "base-fee",
  source: "EIP-1559 (specification); Leonardos et al., arXiv 2212.07175 (mean use of blocks)",
  protocol:
    "The integer vectors of the specification go through the world's price rule. Then a market " +
    `sells ${SUPPLY} units a cycle for ${CYCLES} cycles to a crowd that grows and shrinks, and ` +
    "the mean share sold is compared with the range proved and observed for blocks.",
  run: async (seeds) => {
    const exact = (what: string, ours: number, theirs: number): Figure => {
      return { what, ours, theirs, tolerance: 0, standing: "computed" };
    };
    const right = FEE_VECTORS.filter(([fee, used, target, next]) => {
      return nextBaseFee(fee, used, target) === next;
    });
    const there = nextBaseFee(FEE, 2, 1);
    return [
      exact("vectors that agree", right.length, FEE_VECTORS.length),
      exact(
        "full blocks to ten times the fee (19.55)",
        blocksTo((fee) => fee >= 10 * FEE, 2),
        20,
      ),
      exact(
        "empty blocks to a tenth (17.24)",
        blocksTo((fee) => fee <= FEE / 10, 0),
        18,
      ),
      exact("one full and one empty block", nextBaseFee(there, 0, 1) / FEE, 0.984375),
      {
        what: "mean use in parts of the target",
        ours: averaged(seeds, utilizationOf),
        theirs: { from: 1, to: 1.06 },
        tolerance: 0,
        standing: "verified",
      },
    ];
  },
};
