// The only importer of p-limit: runs go on side by side, so many at once and no more. The library
// because a queue that loses nothing when one entry fails is easy to get almost right.
import pLimit from "p-limit";
import type { RunRequest, RunResult, Sandbox } from "./sandbox.ts";

/** Results in the order of the requests, whatever the order in which they end. */
export function runAll(
  sandbox: Pick<Sandbox, "run">,
  requests: RunRequest[],
  parallel: number,
): Promise<RunResult[]> {
  const limit = pLimit(Math.max(1, Math.floor(parallel)));
  return Promise.all(requests.map((request) => limit(() => sandbox.run(request))));
}
