// From an economy to files: exactly those that its changes touched. Pure: what it has to know of
// the disk it asks of `Disk`, and what comes out is a list for git to commit.
import { assert } from "../economy/result.ts";
import {
  type Agent,
  type Economy,
  type Folder,
  type FolderFile,
  isSameFile,
  type Message,
} from "../economy/state.ts";
import type { Change } from "./change.ts";
import { costsText } from "./costs.ts";
import { journalText } from "./journal.ts";
import * as layout from "./layout.ts";
import { activeText, answeredText, messageText, personText, promptText } from "./prose.ts";
import type { DroppedMail } from "./read-agents.ts";
import * as records from "./records.ts";

/** What the writer asks about the world as it stands. */
export type Disk = {
  exists(path: string): boolean;
  /**
   * All files of a folder, by path below it; none when it is not there. Null: a person has
   * committed something else there, which leaves the tree and stays in the folder.
   */
  filesOf(folder: string): Map<string, FolderFile | null>;
  /** The cycles of the traces in agents/<id>/runs/, oldest first. */
  runs(id: string): number[];
};

export type Extra = {
  disk: Disk;
  /** Workspaces that a run changed. */
  workspaces?: Map<string, { before: Folder; after: Folder }>;
  /** Traces of this cycle's runs: lines of JSON. */
  runs?: Map<string, string>;
  /** Mail that people dropped into inboxes, as `readWorld` numbered it. */
  mail?: DroppedMail[];
  /** Write or remove attention/active.md again, as `readWorld` found necessary. */
  sheetStale?: boolean;
};

/** Traces kept in the tree per agent; older ones are in git. */
export const RUNS_KEPT = 20;

type Plan = { files: Map<string, FolderFile | null>; disk: Disk };

export function changesOf(economy: Economy, extra: Extra): Change[] {
  const plan: Plan = { files: new Map(), disk: extra.disk };
  putText(plan, layout.WORLD, records.worldText(economy));
  planLedger(plan, economy);
  planCosts(plan, economy);
  planMarkets(plan, economy, economy.changes.markets);
  planBids(plan, economy);
  planAttention(plan, economy, extra.sheetStale === true);
  planAgents(plan, economy, extra);
  planMail(plan, economy, extra.mail ?? []);
  for (const { agent } of economy.changes.born) exhume(plan, agent);
  bury(plan, economy.changes.died);
  return listed(plan);
}

/** A new world: the template's files (its agents are born by the economy), people, all markets. */
export function initialWorld(
  economy: Economy,
  { template, people }: { template: Folder; people: { id: string; display: string }[] },
): Change[] {
  const nothing: Disk = { exists: () => false, filesOf: () => new Map(), runs: () => [] };
  const plan: Plan = { files: new Map(), disk: nothing };
  for (const [path, file] of template)
    if (!path.startsWith(`${layout.AGENTS}/`)) plan.files.set(path, file);
  assert(plan.files.has(layout.CONFIG), "a template without econ.yaml");
  if (!plan.files.has(layout.GITIGNORE)) putText(plan, layout.GITIGNORE, `${layout.PRIVATE}/\n`);
  for (const { id, display } of people) putText(plan, layout.personFile(id), personText(display));
  putText(plan, layout.BALANCES, records.balancesText(economy.ledger.balances));
  planMarkets(plan, economy, economy.markets.keys());
  for (const { path, file } of changesOf(economy, { disk: nothing })) plan.files.set(path, file);
  return listed(plan);
}

function planLedger(plan: Plan, economy: Economy): void {
  const { ledger, changes, recent } = economy;
  const cycles = new Set(changes.transfers.map(({ cycle }) => cycle));
  for (const cycle of cycles) {
    // The whole file: acts of people since the last cycle may be in it already.
    const transfers = recent.filter((transfer) => transfer.cycle === cycle);
    const isGapless = transfers.every(({ n }, index) => n === index + 1);
    assert(isGapless, `the journal of cycle ${cycle} has a gap`);
    putText(plan, layout.journalFile(cycle), journalText(transfers));
  }
  if (cycles.size > 0) putText(plan, layout.BALANCES, records.balancesText(ledger.balances));
}

function planCosts(plan: Plan, { cycle, changes }: Economy): void {
  if (changes.costs.length > 0) putText(plan, layout.costsFile(cycle), costsText(changes.costs));
}

function planMarkets(plan: Plan, { markets }: Economy, names: Iterable<string>): void {
  const wanted = new Set(names);
  for (const [resource, market] of markets)
    if (wanted.has(resource))
      putText(plan, layout.marketFile(resource), records.marketText(market));
}

function planBids(plan: Plan, { bids, changes }: Economy): void {
  for (const id of changes.bids) {
    const bid = bids.get(id);
    if (bid) putText(plan, layout.bidFile(id), records.bidText(bid));
    else remove(plan, layout.bidFile(id));
  }
}

function planAttention(plan: Plan, economy: Economy, sheetStale: boolean): void {
  const { active, queue, changes } = economy;
  const left = new Set(changes.answered.map(({ id }) => id));
  for (const id of new Set([...changes.prompts, ...left])) {
    const prompt = queue.get(id) ?? (active?.id === id ? active : null);
    if (prompt) putText(plan, layout.promptFile(id), promptText(prompt));
    else remove(plan, layout.promptFile(id));
  }
  for (const prompt of changes.answered)
    putText(plan, layout.answeredFile(prompt), answeredText(prompt));
  const isNew = active !== null && changes.prompts.has(active.id);
  if (!sheetStale && !isNew && left.size === 0) return;
  if (active) putText(plan, layout.ACTIVE, activeText(active));
  else remove(plan, layout.ACTIVE);
}

function planAgents(plan: Plan, economy: Economy, extra: Extra): void {
  const { agents, changes } = economy;
  const touched = new Set(changes.agents);
  for (const { message } of extra.mail ?? []) touched.add(message.to);
  const putRecord = (agent: Agent) =>
    putText(plan, layout.agentRecord(agent.id), records.agentText(agent));
  for (const id of touched) {
    const agent = agents.get(id);
    if (agent) putRecord(agent);
  }
  for (const agent of changes.died) putRecord(agent);
  for (const { agent, folder } of changes.born)
    planWorkspace(plan, agent, { before: new Map(), after: folder });
  for (const [id, folders] of extra.workspaces ?? []) planWorkspace(plan, id, folders);
  for (const [id, trace] of extra.runs ?? []) {
    putText(plan, layout.runTrace(id, economy.cycle), trace);
    const older = plan.disk.runs(id).filter((cycle) => cycle !== economy.cycle);
    for (const cycle of older.slice(0, Math.max(0, older.length + 1 - RUNS_KEPT)))
      remove(plan, layout.runTrace(id, cycle));
  }
}

function planWorkspace(
  plan: Plan,
  id: string,
  { before, after }: { before: Folder; after: Folder },
): void {
  const workspace = layout.workspaceOf(id);
  for (const path of before.keys()) if (!after.has(path)) remove(plan, `${workspace}/${path}`);
  for (const [path, file] of after)
    if (!isSameFile(before.get(path), file)) plan.files.set(`${workspace}/${path}`, file);
}

function planMail(plan: Plan, { changes }: Economy, dropped: DroppedMail[]): void {
  const put = (message: Message) => putText(plan, layout.unreadMail(message), messageText(message));
  for (const { path } of dropped) remove(plan, path);
  for (const { message } of dropped) put(message);
  for (const message of changes.mail) put(message);
  for (const message of changes.read) {
    remove(plan, layout.unreadMail(message));
    putText(plan, layout.readMail(message), messageText(message));
  }
}

/** Everything of the dead, with this cycle's changes, goes to the graveyard. */
function bury(plan: Plan, dead: Agent[]): void {
  if (dead.length === 0) return;
  const planned = Map.groupBy(plan.files, ([path]) => layout.agentIn(path));
  for (const { id } of dead) {
    const folder = `${layout.agentFolder(id)}/`;
    const there = plan.disk.filesOf(layout.agentFolder(id));
    const files = new Map(there);
    for (const [path, file] of planned.get(id) ?? []) files.set(path.slice(folder.length), file);
    for (const [path, file] of files) {
      if (there.has(path)) plan.files.set(folder + path, null);
      else plan.files.delete(folder + path);
      if (file) plan.files.set(`${layout.graveOf(id)}/${path}`, file);
    }
  }
}

/** Who is born under the name of a dead agent is that agent, revived: its folder comes back. */
function exhume(plan: Plan, id: string): void {
  for (const [path, file] of plan.disk.filesOf(layout.graveOf(id))) {
    plan.files.set(`${layout.graveOf(id)}/${path}`, null);
    const place = `${layout.agentFolder(id)}/${path}`;
    // Its record and its workspace are those of the birth.
    const isNew = place === layout.agentRecord(id) || path.startsWith("workspace/");
    if (file && !isNew) plan.files.set(place, file);
  }
}

function putText(plan: Plan, path: string, text: string): void {
  plan.files.set(path, { bytes: new TextEncoder().encode(text), executable: false });
}

/** A deletion only of what is there: a bid placed and dropped in one cycle never was a file. */
function remove(plan: Plan, path: string): void {
  if (plan.disk.exists(path)) plan.files.set(path, null);
  else plan.files.delete(path);
}

function listed(plan: Plan): Change[] {
  const changes = [...plan.files].map(([path, file]) => ({ path, file }));
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}
