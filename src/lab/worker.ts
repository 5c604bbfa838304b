// A worker of the lab: gets runs one at a time, gives back what was measured. It is a module of its
// own because a worker starts from a file.
import { type RunResult, type RunSpec, runOnce } from "./run.ts";

/** What a worker says when a run is over; a run that threw is a bug and ends the experiment. */
export type Said = { ok: true; result: RunResult } | { ok: false; reason: string };

declare const self: {
  onmessage: ((event: { data: RunSpec }) => void) | null;
  postMessage: (said: Said) => void;
};

self.onmessage = async ({ data }) => {
  try {
    self.postMessage({ ok: true, result: await runOnce(data) });
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    self.postMessage({ ok: false, reason });
  }
};
