// What commands show beside the economy itself: graves, traces of runs, workspaces, the old
// journal. A cycle reads none of these; they are read here, as much as is shown.
import { join } from "node:path";
import { logicOfFolder } from "../agent/logic.ts";
import type { Logic } from "../economy/agents.ts";
import type { Transfer } from "../economy/ledger.ts";
import type { Overview } from "../economy/overview.ts";
import { accept, type Result, refuse } from "../economy/result.ts";
import type { Agent, Folder } from "../economy/state.ts";
import { type AgentPage, unknownAgent } from "../view/agent.ts";
import type { Grave } from "../view/agents.ts";
import { fileHistory } from "../world/file-history.ts";
import { LEDGER_BYTES_MAX, readFolder, readLines, readText } from "../world/files.ts";
import type { Repository } from "../world/git.ts";
import type { Sight } from "../world/glance.ts";
import { readJournal } from "../world/journal.ts";
import * as layout from "../world/layout.ts";
import { portraitOf } from "../world/portrait.ts";
import { listJournals } from "../world/read.ts";
import { listRuns, WORKSPACE_LIMITS } from "../world/read-agents.ts";
import { readAgent } from "../world/records.ts";
import { type Checked, problemOf } from "../world/schema.ts";
import { type RunTrace, readTrace } from "../world/trace.ts";

export { fileHistory } from "../world/file-history.ts";
export { readCostsFrom } from "../world/read.ts";

const RUNS_SHOWN = 5;
/** Bought tokens bound what models say, and the trace keeps all of it. */
const TRACE_BYTES_MAX = 256 * 1024 * 1024;
/** A page must not take longer because its agent has slept for a year. */
const COMMITS_LOOKED_AT = 200;

/** An agent that was seen, living or dead, with what its folder holds. */
export async function pageOf(
  repo: Repository,
  { overview, agent: living, bids, children }: Sight,
  id: string,
): Promise<Result<AgentPage>> {
  const { root } = repo;
  const source = sourceOf(root, overview, { id, living });
  if (!source.ok) return source;
  const { agent, place, folder } = source.value;
  const files = [...folder].map(([path, { bytes }]) => ({ path, bytes: bytes.length }));
  const within = { count: RUNS_SHOWN, within: COMMITS_LOOKED_AT };
  const edits = await fileHistory(repo, id, within);
  return accept({
    ...{ agent, bids, children },
    runs: tracesIn(root, place),
    files,
    portrait: portraitOf(folder),
    edits,
  });
}

/** An agent, living or dead, and the files of its workspace. */
export function sourceOf(
  root: string,
  economy: Overview,
  { id, living }: { id: string; living: Agent | null | undefined },
): Result<{ agent: Agent; place: string; folder: Folder }> {
  if (!living && !economy.dead.has(id)) return refuse(unknownAgent(economy, id));
  const place = living ? layout.agentFolder(id) : layout.graveOf(id);
  const agent = living ?? graveOf(root, id);
  if (!agent) return unreadable(place);
  const folder = workspaceIn(root, place);
  return folder.ok ? accept({ agent, place, folder: folder.value }) : folder;
}

/** The record of an agent, living or dead. */
export function recordOf(root: string, economy: Overview, id: string): Result<Agent> {
  const lives = economy.agents.has(id);
  if (!lives && !economy.dead.has(id)) return refuse(unknownAgent(economy, id));
  const place = lives ? layout.agentFolder(id) : layout.graveOf(id);
  const agent = recordIn(root, place);
  return agent ? accept(agent) : unreadable(place);
}

const unreadable = (place: string) =>
  refuse(`${place}/agent.json is missing or cannot be read: econ verify`);

export function gravesOf(root: string, names: string[]): Grave[] {
  return names.map((id) => ({ id, agent: graveOf(root, id) }));
}

const graveOf = (root: string, id: string) => recordIn(root, layout.graveOf(id));

function recordIn(root: string, place: string): Agent | null {
  const file = `${place}/agent.json`;
  const text = readText(join(root, file));
  const agent = text.ok ? readAgent(text.value, file) : null;
  return agent?.ok ? agent.value : null;
}

/** What it takes to bring a dead agent back: its record, and its workspace as a logic. */
export function graveGoods(root: string, id: string): Result<{ grave: Agent; logic: Logic }> {
  const grave = graveOf(root, id);
  if (!grave) return refuse(`there is no agent ${JSON.stringify(id)} in the graveyard`);
  const folder = workspaceIn(root, layout.graveOf(id));
  if (!folder.ok) return folder;
  const logic = logicOfFolder(folder.value);
  return logic.ok ? accept({ grave, logic: logic.value }) : logic;
}

/** Mail and traces of an agent, as files: "inbox/3-scribe.md", "runs/42.jsonl". */
export function historyIn(root: string, place: string): Result<Folder> {
  const history: Folder = new Map();
  for (const part of ["inbox", "runs"]) {
    const read = readFolder(join(root, place, part), WORKSPACE_LIMITS);
    if (!read.ok) return refuse(`${place}/${part}/${read.path}: ${read.reason}`);
    for (const [path, file] of read.value) history.set(`${part}/${path}`, file);
  }
  return accept(history);
}

function workspaceIn(root: string, folder: string): Result<Folder> {
  const path = `${folder}/workspace`;
  const read = readFolder(join(root, path), WORKSPACE_LIMITS);
  return read.ok ? accept(read.value) : refuse(`${path}/${read.path}: ${read.reason}`);
}

/** The last runs that are still in the folder, newest first. Older ones are in git. */
function tracesIn(root: string, folder: string): RunTrace[] {
  const newest = listRuns(root, folder).reverse().slice(0, RUNS_SHOWN);
  return newest.flatMap((cycle) => {
    const text = readText(join(root, folder, "runs", `${cycle}.jsonl`), TRACE_BYTES_MAX);
    return text.ok ? [readTrace(text.value, cycle)] : [];
  });
}

/** The newest transfers that are wanted, newest first; the journal is read as far as needed. */
export function newestTransfers(
  root: string,
  count: number,
  wanted: (transfer: Transfer) => boolean,
): Checked<Transfer[]> {
  const cycles = listJournals(root);
  if (!cycles.ok) return cycles;
  const found: Transfer[] = [];
  for (const cycle of cycles.value.reverse()) {
    const file = layout.journalFile(cycle);
    const text = readLines(join(root, file), LEDGER_BYTES_MAX);
    if (!text.ok) return { ok: false, problems: [problemOf(file, text)] };
    const journal = readJournal(text.value, cycle, file);
    if (!journal.ok) return journal;
    found.push(...journal.value.reverse().filter(wanted));
    if (found.length >= count) break;
  }
  return { ok: true, value: found.slice(0, count) };
}
