// The library `cron` as the daemon gets it under the simulator (see load.ts): its seconds pass as
// quickly as the work in them lets them, on the simulated clock.
import { clock } from "./clock.ts";

type Job = { onTick: () => Promise<void> };

/** What else happens at each second. */
export const heartbeat: { onSecond: () => void } = { onSecond: () => {} };

export class CronJob {
  private stopped = false;

  static from({ onTick }: Job): CronJob {
    const job = new CronJob();
    void job.run(onTick);
    return job;
  }

  stop(): void {
    this.stopped = true;
  }

  private async run(onTick: () => Promise<void>): Promise<void> {
    await Bun.sleep(0);
    while (!this.stopped) {
      clock.now += 1_000;
      heartbeat.onSecond();
      await onTick();
      await Bun.sleep(0);
    }
  }
}
