// Time is an input. Under the wall clock it is read here and nowhere else in a cycle; under the
// logical clock it follows from the number of the cycle, so that the same world gives the same
// bytes.
import type { Rules } from "../economy/rules.ts";

/** Cycle 0 of the logical clock. */
const LOGICAL_EPOCH_MS = Date.UTC(2026, 0, 1);

/** The instant of a cycle, ISO 8601 UTC. */
export function timeOfCycle(rules: Rules, cycle: number): string {
  const ms =
    rules.clock === "logical"
      ? LOGICAL_EPOCH_MS + cycle * rules.allocation.schedule_seconds * 1000
      : Date.now();
  return new Date(ms).toISOString();
}
