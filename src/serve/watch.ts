// The one wrapper of chokidar. Events are a hint that a person has saved something, never data:
// what they did is read from the files by the next cycle. Only the places that a person is waiting
// on are watched; the agents' folders may be many, and an edit there is found by the cycle as well.
// They are watched from the root: one that is not there yet (attention/, in a new world) cannot be.
import { watch } from "chokidar";
import { ACTIVE, ATTENTION, CONFIG } from "../world/layout.ts";

export type Watch = { stop: () => Promise<void> };

const SETTLE_MS = 150;

/** Calls back with the path (relative to the world) that somebody changed. */
export function watchWorld(root: string, onChange: (path: string) => void): Watch {
  const awaited = ["", ATTENTION, ACTIVE, CONFIG];
  const placeOf = (path: string) => path.slice(root.length + 1);
  const watcher = watch(root, {
    ignoreInitial: true,
    ignored: (path) => !awaited.includes(placeOf(path)),
    awaitWriteFinish: { stabilityThreshold: SETTLE_MS, pollInterval: 50 },
  });
  // A place that cannot be watched gives no hints; what is wrong with it, the cycle will say.
  watcher.on("error", () => {});
  watcher.on("all", (_, path) => onChange(placeOf(path)));
  return { stop: () => watcher.close() };
}
