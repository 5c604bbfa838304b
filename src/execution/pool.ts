// The only importer of p-limit: tasks go on side by side, so many at once and no more. The library
// because a queue that loses nothing when one entry fails is easy to get almost right.
import pLimit from "p-limit";
import type { Turn } from "./sandbox.ts";

/** Room for so many at once, in the order in which they ask. */
export function turns(parallel: number): Turn {
  return pLimit(Math.max(1, Math.floor(parallel)));
}

/** Results in the order of the tasks, whatever the order in which they end. */
export function runAll<T>(tasks: (() => Promise<T>)[], parallel: number): Promise<T[]> {
  const turn = turns(parallel);
  return Promise.all(tasks.map((task) => turn(task)));
}
