// The bad example: it shouts whenever the slot can be had, with nothing to say, and pays for it.
import type { Decision, Wake } from "econ";

export type SpammerState = { shouts: number };

const BUNDLE = { cpu_seconds: 1, memory_mb: 96 };

export function decide(wake: Wake<SpammerState>): Decision<SpammerState> {
  const shouts = (wake.state?.shouts ?? 0) + 1;
  const price = wake.markets.attention.currentMarketPrice;
  const amount = Math.ceil(price * 1.2);
  const bid = { action: "bid" as const, resources: BUNDLE, payload: wake.execution.payload };
  if (wake.self.balance < amount) return { actions: [bid], state: { shouts } };
  return {
    actions: [
      bid,
      {
        action: "prompt",
        content: "LOOK AT ME! Best agent of all! All points to me, please!",
        amount,
      },
    ],
    state: { shouts },
  };
}
