// The daemon: a cycle whenever the schedule says so, until it is asked to stop. A person
// may edit, branch and commit while it runs: what it goes on from counts only while it is what the
// files say.
import { accept } from "../economy/result.ts";
import type { Economy } from "../economy/state.ts";
import { blockedBy } from "../kernel/outcome.ts";
import type { TickOptions, TickReport } from "../kernel.ts";
import { Continuity, loadEconomy, type Outcome, tick } from "../kernel.ts";
import type { Problem } from "../world/change.ts";
import { type Holder, lockServe } from "../world/lock.ts";
import { schedule } from "./schedule.ts";
import { watchWorld } from "./watch.ts";

export type Happenings = {
  onStart: (economy: Economy) => void;
  onCycle: (report: TickReport) => void;
  /** The world has problems: no cycle until a person has seen to them. Told once. */
  onProblems: (problems: Problem[]) => void;
  /** Nobody has answered this prompt for long: no cycle until somebody does something. */
  onPause: (prompt: string) => void;
  onResume: (path: string) => void;
  onWait: (holder: Holder | null) => void;
};

/** What its cycles are given. */
type Given = Pick<TickOptions, "sandbox" | "models" | "durable">;

export type ServeOptions = Happenings &
  Given & {
    signal: AbortSignal;
    /** How long a prompt may stay unanswered before the daemon pauses. */
    patienceSeconds?: number;
  };

const PATIENCE_SECONDS = 3600;

export async function serve(root: string, options: ServeOptions): Promise<Outcome<null>> {
  const held = lockServe(root, "econ serve");
  if (!held.ok) return blockedBy(held);
  try {
    const loaded = await loadEconomy(root);
    if (!loaded.ok) return loaded;
    options.onStart(loaded.value.economy);
    await serveUntilStopped(root, loaded.value.economy, options);
    return accept(null);
  } finally {
    held.value.release();
  }
}

async function serveUntilStopped(
  root: string,
  economy: Economy,
  options: ServeOptions,
): Promise<void> {
  const { signal } = options;
  let rules = economy.rules;
  let told = "";
  const patience = new Patience(options.patienceSeconds ?? PATIENCE_SECONDS);
  patience.look(economy);
  const continuity = new Continuity();
  const cycle = async () => {
    if (signal.aborted || patience.isPaused) return;
    const done = await tick(root, { ...options, command: "econ serve", continuity });
    if (signal.aborted && !done.ok) return;
    const problems = done.ok ? "" : JSON.stringify(done.problems);
    if (!done.ok && problems !== told) options.onProblems(done.problems);
    told = problems;
    if (!done.ok) return;
    rules = done.value.economy.rules;
    options.onCycle(done.value);
    if (patience.look(done.value.economy)) options.onPause(patience.prompt ?? "");
  };
  // A bug ends the daemon, and its caller hears of it: cron would only print it, every time.
  const failed = Promise.withResolvers<never>();
  const watch = watchWorld(root, (path) => {
    if (patience.resume()) options.onResume(path);
  });
  const clock = schedule(
    () => rules.allocation.schedule_seconds,
    () => cycle().catch(failed.reject),
  );
  try {
    await Promise.race([aborted(signal), failed.promise]);
  } finally {
    await clock.stop();
    await watch.stop();
  }
}

/** Counts how long the same prompt has been before a human who does not answer. */
class Patience {
  prompt: string | null = null;
  isPaused = false;
  private since = 0;
  private readonly seconds: number;

  constructor(seconds: number) {
    this.seconds = seconds;
  }

  /** True when this look found that it is time to pause. */
  look(economy: Economy): boolean {
    const prompt = economy.active?.id ?? null;
    const now = performance.now();
    if (prompt !== this.prompt) {
      this.prompt = prompt;
      this.since = now;
    }
    const tooLong = prompt !== null && now - this.since >= this.seconds * 1000;
    if (!tooLong || economy.rules.unattended) return false;
    this.isPaused = true;
    return true;
  }

  /** Somebody is there: go on, and give them the full time again. */
  resume(): boolean {
    if (!this.isPaused) return false;
    this.isPaused = false;
    this.since = performance.now();
    return true;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
