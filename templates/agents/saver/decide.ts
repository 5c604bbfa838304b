// It sleeps as long as it pays to: wakes rarely, and only while compute is cheap; never prompts.
import type { Decision, Wake } from "econ";

export type SaverState = { wakes: number; cheapest: number };

const BUNDLE = { cpu_seconds: 1, memory_mb: 96 };

export function decide(wake: Wake<SaverState>): Decision<SaverState> {
  const { cpu_seconds, memory_mb } = wake.markets;
  const cost =
    cpu_seconds.currentMarketPrice * BUNDLE.cpu_seconds +
    memory_mb.currentMarketPrice * BUNDLE.memory_mb;
  const cheapest = Math.min(wake.state?.cheapest ?? cost, cost);
  const pause = cost > cheapest * 1.5 ? 40 : 10;
  return {
    actions: [
      {
        action: "bid",
        resources: BUNDLE,
        payload: wake.execution.payload,
        notBefore: wake.cycle + pause,
      },
    ],
    state: { wakes: (wake.state?.wakes ?? 0) + 1, cheapest },
  };
}
