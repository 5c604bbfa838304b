// What a past cycle took from outside, as its commit has it: with these inputs it can be run again
// without the network, the clock or the luck of the host.
import type { ModelCost } from "../economy/models.ts";
import { accept } from "../economy/result.ts";
import type { Decided } from "../execution/execute.ts";
import type { SessionRecord } from "../gateway/contract.ts";
import { readCosts } from "../world/costs.ts";
import type { PastCycle } from "../world/cycles.ts";
import type { Repository } from "../world/git.ts";
import * as layout from "../world/layout.ts";
import { readWorldRecord } from "../world/records.ts";
import { readTrace } from "../world/trace.ts";
import { readCalls } from "../world/trace-calls.ts";
import { diffTrees, readAt } from "../world/trees.ts";
import { blocked, type Outcome } from "./outcome.ts";

export type Recorded = {
  /** The instant of the cycle. */
  time: string;
  /** What the models answered, by agent. */
  sessions: Map<string, SessionRecord>;
  /** Runs that the host ended: undone, or at a limit that it measured. */
  decided: Map<string, Decided>;
  /** What the providers were paid. */
  costs: ModelCost[];
};

export async function recordedOf(repo: Repository, past: PastCycle): Promise<Outcome<Recorded>> {
  const { cycle, commit } = past;
  const world = readWorldRecord((await textAt(repo, commit, layout.WORLD)) ?? "", layout.WORLD);
  if (!world.ok) return blocked(...world.problems);
  const costsFile = layout.costsFile(cycle);
  const costsText = await textAt(repo, commit, costsFile);
  const costs = costsText === null ? null : readCosts(costsText, costsFile);
  if (costs && !costs.ok) return blocked(...costs.problems);
  const sessions = new Map<string, SessionRecord>();
  const decided = new Map<string, Decided>();
  for (const [agent, path] of await tracesOf(repo, past)) {
    const text = (await textAt(repo, commit, path)) ?? "";
    const { ending: kind, detail, output, providerFailed } = readTrace(text, cycle);
    const session = { calls: readCalls(text), providerFailed };
    sessions.set(agent, session);
    const isHosts = kind === "host" || kind === "limit";
    if (isHosts) decided.set(agent, { ending: { kind, detail }, output, ...session });
  }
  return accept({ time: world.value.time, sessions, decided, costs: costs?.value ?? [] });
}

/** The traces that the cycle wrote, by agent; of those who died of it they lie in the graveyard. */
async function tracesOf(repo: Repository, past: PastCycle): Promise<Map<string, string>> {
  const name = new RegExp(`^(?:agents|graveyard)/([^/]+)/runs/${past.cycle}\\.jsonl$`);
  const entries = await diffTrees(repo, past.parent, past.commit);
  const found = new Map<string, string>();
  for (const entry of entries) {
    const path = entry.path.slice(repo.prefix.length);
    const agent = name.exec(path)?.[1];
    if (agent && entry.after) found.set(agent, path);
  }
  return found;
}

const decoder = new TextDecoder();

async function textAt(repo: Repository, commit: string, path: string): Promise<string | null> {
  const bytes = await readAt(repo, commit, path);
  return bytes && decoder.decode(bytes);
}
