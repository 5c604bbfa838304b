// The only importer of p-limit: tasks go on side by side, so many at once and no more. The library
// because a queue that loses nothing when one entry fails is easy to get almost right.
import pLimit from "p-limit";

/** Results in the order of the tasks, whatever the order in which they end. */
export function runAll<T>(tasks: (() => Promise<T>)[], parallel: number): Promise<T[]> {
  const limit = pLimit(Math.max(1, Math.floor(parallel)));
  return Promise.all(tasks.map((task) => limit(task)));
}
