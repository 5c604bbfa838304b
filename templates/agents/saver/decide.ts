// It sleeps as long as it pays to: wakes rarely, more rarely where compute is dear; never prompts.
import type { Decision, Wake } from "econ";

export type SaverState = { wakes: number; cheapest: number };

const PAUSE_MIN = 10;
const PAUSE_MAX = 40;

const BUNDLE = { cpu_seconds: 1, memory_mb: 96 };

export function decide(wake: Wake<SaverState>): Decision<SaverState> {
  const { cpu_seconds, memory_mb } = wake.markets;
  const cost =
    cpu_seconds.currentMarketPrice * BUNDLE.cpu_seconds +
    memory_mb.currentMarketPrice * BUNDLE.memory_mb;
  const cheapest = Math.min(wake.state?.cheapest ?? cost, cost);
  // Twice as dear, four times as seldom.
  const even = Math.round(PAUSE_MIN * (cost / cheapest) ** 2);
  return {
    actions: [
      {
        action: "bid",
        resources: BUNDLE,
        payload: wake.execution.payload,
        notBefore: wake.cycle + Math.min(PAUSE_MAX, even),
      },
    ],
    state: { wakes: (wake.state?.wakes ?? 0) + 1, cheapest },
  };
}
