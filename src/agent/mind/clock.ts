// What is left of the run's own time. The time of a model call is not the run's: the host's clock
// stands still meanwhile, and so does this one. Nothing here is ever shown to the model, since the
// same run must ask the same questions when it is replayed on another machine.
import { getEnvironment } from "../methods.ts";

export type Clock = {
  wallLeft(): number;
  cpuLeft(): number;
  /** Time that does not count, for a model call. */
  held<T>(work: Promise<T>): Promise<T>;
  /** CPU time of a command that has ended. */
  usedCpu(seconds: number): void;
};

/** Seconds that are kept for the harness itself. */
const OWN = { wall: 2, cpu: 0.3 };

export function clockOfRun(): Clock {
  const { timeoutSeconds, resources } = getEnvironment().execution;
  let waited = 0;
  let children = 0;
  const seconds = () => performance.now() / 1_000;
  return {
    wallLeft: () => timeoutSeconds - OWN.wall - (seconds() - waited),
    cpuLeft() {
      const { user, system } = process.cpuUsage();
      const bought = resources.cpu_seconds ?? timeoutSeconds;
      return bought - OWN.cpu - (user + system) / 1e6 - children;
    },
    async held(work) {
      const since = seconds();
      try {
        return await work;
      } finally {
        waited += seconds() - since;
      }
    },
    usedCpu(used) {
      children += used;
    },
  };
}
