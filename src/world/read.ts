// From files to an economy. Reads what a cycle needs and nothing that grows with the age of the
// world: not the graveyard's files, not answered prompts, not read mail, not the old journal.
import { lstatSync } from "node:fs";
import { join } from "node:path";
import type { CycleCosts } from "../economy/estimate.ts";
import { ID } from "../economy/ids.ts";
import { auditBalances, CREDIT, type Ledger, type Transfer } from "../economy/ledger.ts";
import { RESOURCES } from "../economy/resources.ts";
import { type Result, refuse } from "../economy/result.ts";
import {
  type Answer,
  type Economy,
  type Folder,
  HISTORY_CYCLES,
  type Market,
  noChanges,
  type Prompt,
} from "../economy/state.ts";
import type { Problem } from "./change.ts";
import { readConfig } from "./config.ts";
import { readCosts } from "./costs.ts";
import { HostFailure } from "./durable.ts";
import {
  type Entry,
  LEDGER_BYTES_MAX,
  listFolder,
  readFolder,
  readLines,
  readText,
} from "./files.ts";
import { readJournal } from "./journal.ts";
import * as layout from "./layout.ts";
import { checkPerson, readPrompt, readScoreSheet } from "./prose.ts";
import {
  isReported,
  listRuns,
  type Population,
  readPopulation,
  WORKSPACE_LIMITS,
} from "./read-agents.ts";
import { list, listRecords, load, loadText, type Reader, report } from "./reader.ts";
import * as records from "./records.ts";
import type { Checked } from "./schema.ts";
import type { Disk } from "./write.ts";

export type WorldRead = Pick<Population, "newborn" | "removed" | "mail"> & {
  /** Null when there is any problem. An agent removed by hand is in it, still to be let die. */
  economy: Economy | null;
  problems: Problem[];
  answer: Answer | "incomplete" | null;
  /** attention/active.md is not what it should be (an old buffer, deleted): write it again. */
  sheetStale: boolean;
};

export type ReadOptions = {
  /** The text of a file as it was last committed, if ever: what is left of an agent removed. */
  recall?: (path: string) => Promise<string | null>;
  /** Paths that the last commit has and a person has deleted since. */
  deleted?: Set<string>;
};

export async function readWorld(root: string, options: ReadOptions = {}): Promise<WorldRead> {
  const reader: Reader = { root, problems: [] };
  const rules = load(reader, layout.CONFIG, readConfig);
  const world = load(reader, layout.WORLD, records.readWorldRecord);
  const ledger = readLedger(reader);
  const people = readPeople(reader);
  const markets = readMarkets(reader);
  const bids = readBids(reader);
  const { active, queue } = readPrompts(reader);
  const prompts = active ? [...queue.values(), active] : [...queue.values()];
  const population = await readPopulation(reader, {
    accounts: accountHolders(ledger),
    owners: new Set([...bids.values(), ...prompts].map(({ agent }) => agent)),
    cycle: world?.cycle ?? 0,
    time: world?.time ?? "",
    ...options,
  });
  for (const { id, agent } of bids.values())
    checkOwner(reader, layout.bidFile(id), agent, population);
  for (const { id, agent } of prompts) checkOwner(reader, layout.promptFile(id), agent, population);
  const recent = world ? readRecent(reader, world.cycle) : [];
  const sheet = readSheet(reader, active, people);
  checkLedger(reader, ledger, people);
  const { agents, dead, newborn, mail } = population;
  // Where something cannot be read, nothing is known to be gone.
  const removed = reader.problems.length === 0 ? population.removed : [];
  const complete = rules && world && reader.problems.length === 0;
  const economy: Economy | null = complete
    ? {
        ...{ rules, ...world, ledger, agents, dead, people, markets, bids, active, queue, recent },
        changes: noChanges(),
      }
    : null;
  return { economy, problems: reader.problems, newborn, removed, mail, ...sheet };
}

function readLedger(reader: Reader): Ledger {
  list(reader, layout.LEDGER);
  const read = (path: string) => readLines(path, LEDGER_BYTES_MAX);
  const balances = load(reader, layout.BALANCES, records.readBalances, { read });
  // Holds begin and end within a cycle: at rest there are none, and no file has them.
  return { balances: balances ?? new Map(), holds: new Map() };
}

function accountHolders(ledger: Ledger): Set<string> {
  const holders = new Set<string>();
  for (const accounts of ledger.balances.values())
    for (const account of accounts.keys())
      if (account.startsWith("agent:")) holders.add(account.slice("agent:".length));
  return holders;
}

function readPeople(reader: Reader): Set<string> {
  const people = new Set<string>();
  for (const { name, kind } of list(reader, layout.HUMANS)) {
    const file = layout.personFile(name);
    if (kind !== "folder" || !ID.test(name)) {
      report(reader, `${layout.HUMANS}/${name}`, "expected only folders of people here");
      continue;
    }
    people.add(name);
    list(reader, `${layout.HUMANS}/${name}`);
    const text = loadText(reader, file, { read: readText });
    if (text !== null) reader.problems.push(...checkPerson(text, file));
  }
  return people;
}

function readMarkets(reader: Reader): Economy["markets"] {
  const markets: Economy["markets"] = new Map();
  const known: readonly string[] = RESOURCES;
  for (const name of listRecords(reader, layout.MARKETS, ".json"))
    if (!known.includes(name))
      report(reader, layout.marketFile(name), `expected one of ${known.join(", ")}`);
  for (const resource of RESOURCES) {
    const file = layout.marketFile(resource);
    const market: Market | null = load(reader, file, records.readMarket);
    if (!market) continue;
    if (market.resource !== resource)
      report(reader, file, `resource: expected "${resource}", as the file's name`);
    markets.set(resource, market);
  }
  return markets;
}

function readBids(reader: Reader): Economy["bids"] {
  const bids: Economy["bids"] = new Map();
  for (const id of listRecords(reader, layout.BIDS, ".json")) {
    const file = layout.bidFile(id);
    const bid = load(reader, file, records.readBid);
    if (!bid) continue;
    checkName(reader, file, bid.id, id);
    bids.set(id, bid);
  }
  return bids;
}

function readPrompts(reader: Reader): Pick<Economy, "active" | "queue"> {
  const queue: Economy["queue"] = new Map();
  let active: Prompt | null = null;
  list(reader, layout.ATTENTION);
  for (const id of listRecords(reader, layout.QUEUE, ".md")) {
    const file = layout.promptFile(id);
    const prompt = load(reader, file, readPrompt, { read: readText });
    if (!prompt) continue;
    checkName(reader, file, prompt.id, id);
    if (prompt.shown === null) queue.set(id, prompt);
    else if (active) report(reader, file, `shown: ${active.id} is before the human already`);
    else active = prompt;
  }
  return { active, queue };
}

function checkName(reader: Reader, file: string, id: string, expected: string): void {
  if (id !== expected) report(reader, file, `id: expected "${expected}", as the file's name`);
}

function checkOwner(reader: Reader, file: string, agent: string, { agents }: Population): void {
  // Of one whose folder is broken that is said, and not besides that it is not there.
  if (agents.has(agent) || isReported(reader, agent)) return;
  report(reader, file, `agent: there is no living agent ${agent}`);
}

function readSheet(
  reader: Reader,
  active: Prompt | null,
  people: Set<string>,
): Pick<WorldRead, "answer" | "sheetStale"> {
  const text = loadText(reader, layout.ACTIVE, { optional: true, read: readText });
  if (text === null) return { answer: null, sheetStale: active !== null };
  const [only, ...others] = people;
  const by = only !== undefined && others.length === 0 ? only : "human";
  const sheet = readScoreSheet(text, layout.ACTIVE, { active, by });
  reader.problems.push(...sheet.problems);
  return { answer: sheet.answer, sheetStale: sheet.stale };
}

function readRecent(reader: Reader, cycle: number): Transfer[] {
  const transfers = readTransfers(reader.root, Math.max(0, cycle - HISTORY_CYCLES + 1));
  if (!transfers.ok) {
    reader.problems.push(...transfers.problems);
    return [];
  }
  const last = transfers.value.at(-1);
  // Acts of people since the last cycle are booked in the journal of the next.
  if (last && last.cycle > cycle + 1)
    report(reader, layout.journalFile(last.cycle), `the world is at cycle ${cycle} only`);
  return transfers.value;
}

/** The transfers from a cycle on, oldest first. */
export function readTransfers(root: string, fromCycle: number): Checked<Transfer[]> {
  const transfers: Transfer[] = [];
  const journals = listJournals(root, fromCycle);
  if (!journals.ok) return journals;
  for (const cycle of journals.value) {
    const file = layout.journalFile(cycle);
    const text = readLines(join(root, file), LEDGER_BYTES_MAX);
    if (!text.ok) return { ok: false, problems: [{ file, line: text.line, message: text.reason }] };
    const read = readJournal(text.value, cycle, file);
    if (!read.ok) return read;
    for (const transfer of read.value) transfers.push(transfer);
  }
  return { ok: true, value: transfers };
}

/** The cycles that have a journal, from one on, in order. */
export function listJournals(root: string, fromCycle = 0): Checked<number[]> {
  const reader: Reader = { root, problems: [] };
  const entries = list(reader, layout.LEDGER);
  const shelves = entries.filter(({ name }) => `${layout.LEDGER}/${name}` !== layout.BALANCES);
  return cyclesOn(reader, { folder: layout.LEDGER, shelves, fromCycle });
}

/** The cycles in which models were called, from one on, in order. */
export function listCosts(root: string, fromCycle = 0): Checked<number[]> {
  const reader: Reader = { root, problems: [] };
  const shelves = list(reader, layout.COSTS);
  return cyclesOn(reader, { folder: layout.COSTS, shelves, fromCycle });
}

/** The cycles that have a file on the shelves of a folder. */
function cyclesOn(
  reader: Reader,
  { folder, shelves, fromCycle }: { folder: string; shelves: Entry[]; fromCycle: number },
): Checked<number[]> {
  const cycles: number[] = [];
  for (const shelf of shelves) {
    const path = `${folder}/${shelf.name}`;
    if (shelf.kind !== "folder" || !/^(?:0|[1-9][0-9]*)$/.test(shelf.name)) {
      report(reader, path, "expected only folders of a thousand cycles each here");
      continue;
    }
    if (Number(shelf.name) < Number(layout.shelfOf(fromCycle))) continue;
    for (const { name, kind } of list(reader, path)) {
      const cycle = layout.parseCycleName(name);
      if (kind !== "file" || cycle === null || layout.shelfOf(cycle) !== shelf.name)
        report(reader, `${path}/${name}`, "expected only <cycle>.jsonl of this thousand here");
      else if (cycle >= fromCycle) cycles.push(cycle);
    }
  }
  if (reader.problems.length > 0) return { ok: false, problems: reader.problems };
  return { ok: true, value: cycles.sort((a, b) => a - b) };
}

/** What models cost in each cycle that has costs, from one on, oldest first. */
export function readCostsFrom(root: string, fromCycle = 0): Checked<CycleCosts[]> {
  const cycles = listCosts(root, fromCycle);
  if (!cycles.ok) return cycles;
  const all: CycleCosts[] = [];
  for (const cycle of cycles.value) {
    const file = layout.costsFile(cycle);
    const text = readLines(join(root, file), LEDGER_BYTES_MAX);
    if (!text.ok) return { ok: false, problems: [{ file, line: text.line, message: text.reason }] };
    const read = readCosts(text.value, file);
    if (!read.ok) return read;
    all.push({ cycle, costs: read.value });
  }
  return { ok: true, value: all };
}

function checkLedger(reader: Reader, ledger: Ledger, people: Set<string>): void {
  for (const message of auditBalances(ledger)) report(reader, layout.BALANCES, message);
  for (const account of ledger.balances.get(CREDIT)?.keys() ?? []) {
    const person = account.startsWith("human:") ? account.slice("human:".length) : null;
    if (person && !people.has(person))
      report(reader, layout.personFile(person), `is missing, but ${account} holds credits`);
  }
}

/** The files of an agent's workspace, or which of them cannot be taken and why. */
export async function readWorkspace(root: string, id: string): Promise<Result<Folder>> {
  return readUnder(root, layout.workspaceOf(id));
}

function readUnder(root: string, path: string): Result<Folder> {
  for (let end = path.indexOf("/"); end > 0; end = path.indexOf("/", end + 1)) {
    const parent = listFolder(join(root, path.slice(0, end)));
    if (!parent.ok) return refuse(`${path.slice(0, end)}: ${parent.reason}`);
  }
  const folder = readFolder(join(root, path), WORKSPACE_LIMITS);
  return folder.ok ? folder : refuse(`${path}/${folder.path}: ${folder.reason}`);
}

/** What the writer has to know of a world's folder. */
export function diskOf(root: string): Disk {
  return {
    exists: (path) => lstatSync(join(root, path), { throwIfNoEntry: false }) !== undefined,
    filesOf(folder) {
      const files = readUnder(root, folder);
      // A person may have committed a link there with git: what cannot be read cannot be moved.
      if (!files.ok) throw new HostFailure(`${files.reason}; remove it`);
      return files.value;
    },
    runs: (id) => listRuns(root, layout.agentFolder(id)),
  };
}
