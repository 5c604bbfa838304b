// The one wrapper of cron. Its job fires every second and asks whether a cycle is due, because
// schedule_seconds may be any number and may change while the daemon runs. Cycles are due at
// multiples of it; those missed (a long cycle, a sleeping laptop) are skipped, never made up.
import { CronJob } from "cron";

export type Schedule = { stop: () => Promise<void> };

/** Run `job`, which must not fail, whenever a multiple of `seconds()` has passed, one at a time. */
export function schedule(seconds: () => number, job: () => Promise<void>): Schedule {
  let last = Math.floor(Date.now() / 1000 / seconds());
  let running: Promise<void> = Promise.resolve();
  const cron = CronJob.from({
    cronTime: "* * * * * *",
    waitForCompletion: true,
    start: true,
    onTick: async () => {
      const slot = Math.floor(Date.now() / 1000 / seconds());
      if (slot === last) return;
      last = slot;
      running = job();
      await running;
    },
  });
  return {
    stop: async () => {
      await cron.stop();
      await running;
    },
  };
}
