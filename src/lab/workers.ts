// Many runs at once, one worker per core. Which worker has a run, and when it ends, decides
// nothing: a run is a function of its specification.
import type { RunResult, RunSpec } from "./run.ts";
import type { Said } from "./worker.ts";

export async function runAll(
  specs: RunSpec[],
  { workers, signal }: { workers: number; signal?: AbortSignal },
  onResult: (spec: RunSpec, result: RunResult) => void,
): Promise<void> {
  const waiting = [...specs];
  const count = Math.min(workers, specs.length);
  await Promise.all(
    Array.from({ length: count }, async () => {
      const worker = new Worker(new URL("./worker.ts", import.meta.url).href);
      const stopped = new Promise<null>((resolve) => {
        signal?.addEventListener("abort", () => resolve(null));
      });
      try {
        for (let spec = waiting.shift(); spec && !signal?.aborted; spec = waiting.shift()) {
          const said = await Promise.race([ask(worker, spec), stopped]);
          if (said === null) return;
          if (!said.ok) throw new Error(said.reason);
          onResult(spec, said.result);
        }
      } finally {
        // Whoever fails or is stopped ends it for all: nobody begins another run.
        waiting.length = 0;
        worker.terminate();
      }
    }),
  );
}

function ask(worker: Worker, spec: RunSpec): Promise<Said> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data as Said);
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(spec);
  });
}
