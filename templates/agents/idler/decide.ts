// It wakes every cycle and does nothing: what existence alone costs.
import type { Decision, Wake } from "econ";

export type IdlerState = { wakes: number };

const BUNDLE = { cpu_seconds: 1, memory_mb: 96 };

export function decide(wake: Wake<IdlerState>): Decision<IdlerState> {
  const bid = { action: "bid" as const, resources: BUNDLE, payload: wake.execution.payload };
  return { actions: [bid], state: { wakes: (wake.state?.wakes ?? 0) + 1 } };
}
