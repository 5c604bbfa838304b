// The specification's sensors: what an agent can observe beside its environment.
import { join } from "node:path";
import { getAgentDirectory, getAllMarkets, type MarketState } from "./methods.ts";
import { currentSession } from "./session.ts";
import { listFiles, readWithin } from "./workspace.ts";

/** All markets by resource; the same as getAllMarkets(). */
export function observeMarkets(): Record<MarketState["resourceType"], MarketState> {
  return getAllMarkets();
}

/** The ids of the living agents, sorted; the same as getAgentDirectory(). */
export function observeAgents(): string[] {
  return getAgentDirectory();
}

/** The agent's own files: paths from the workspace ("memory/day-1.md"), sorted. */
export function observeWorkspace(): string[] {
  return listFiles(currentSession().workspace);
}

/** The text of a workspace file. Null: there is no such file, or it is outside the workspace. */
export function readFile(path: string): string | null {
  return readWithin(currentSession().workspace, path);
}

/** The text of a file of the toolkit's source, e.g. "src/economy/bids.ts". Null: no such file. */
export function observeSystemFile(path: string): string | null {
  return readWithin(join(currentSession().home, "source"), path);
}
