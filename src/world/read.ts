// From files to an economy. Reads what a cycle needs and nothing that grows with the age of the
// world: not the graveyard's files, not answered prompts, not read mail, not the old journal.
import { lstatSync } from "node:fs";
import { join } from "node:path";
import type { CycleCosts } from "../economy/estimate.ts";
import type { Transfer } from "../economy/ledger.ts";
import { type Result, refuse } from "../economy/result.ts";
import {
  type Answer,
  type Economy,
  type Folder,
  type FolderFile,
  HISTORY_CYCLES,
  noChanges,
  type Prompt,
} from "../economy/state.ts";
import type { Problem } from "./change.ts";
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
import type { Repository } from "./git.ts";
import { readJournal } from "./journal.ts";
import * as layout from "./layout.ts";
import { checkPerson, readScoreSheet } from "./prose.ts";
import {
  type DroppedMail,
  listRuns,
  openWhole,
  type Population,
  WORKSPACE_LIMITS,
} from "./read-agents.ts";
import { overviewOf, readBids, readParts } from "./read-parts.ts";
import {
  list,
  loadText,
  loadTextIfThere,
  type Reader,
  type ReadOptions,
  report,
} from "./reader.ts";
import type { Checked } from "./schema.ts";
import { type Blob, listTree, readBlobs } from "./trees.ts";
import type { Disk } from "./write.ts";

export type WorldRead = Pick<Population, "newborn" | "removed"> & {
  mail: DroppedMail[];
  /** Null when there is any problem. An agent removed by hand is in it, still to be let die. */
  economy: Economy | null;
  problems: Problem[];
  answer: Answer | "incomplete" | null;
  /** attention/active.md is not what it should be (an old buffer, deleted): write it again. */
  sheetStale: boolean;
};

export async function readWorld(root: string, options: ReadOptions = {}): Promise<WorldRead> {
  const reader: Reader = { root, problems: [] };
  const mail: DroppedMail[] = [];
  const parts = await readParts(reader, options, openWhole(mail));
  const bids = readBids(reader, parts.bidders);
  checkPeople(reader, parts.people);
  const recent = parts.world ? readRecent(reader, parts.world.cycle) : [];
  const sheet = readSheet(reader, parts.active, parts.people);
  const overview = overviewOf(reader, parts);
  const economy = overview && { ...overview, bids, recent, changes: noChanges() };
  const { newborn } = parts.population;
  // Where something cannot be read, nothing is known to be gone.
  const removed = overview ? parts.population.removed : [];
  return { economy, problems: reader.problems, newborn, removed, mail, ...sheet };
}

function checkPeople(reader: Reader, people: Set<string>): void {
  for (const name of people) {
    const file = layout.personFile(name);
    list(reader, `${layout.HUMANS}/${name}`);
    const text = loadText(reader, file, readText);
    if (text !== null) reader.problems.push(...checkPerson(text, file));
  }
}

function readSheet(
  reader: Reader,
  active: Prompt | null,
  people: Set<string>,
): Pick<WorldRead, "answer" | "sheetStale"> {
  const text = loadTextIfThere(reader, layout.ACTIVE, readText) ?? null;
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

/**
 * What the writer has to know of a world where people may be at work. Of who dies or comes back it
 * is what was committed that moves: what a person has done there since stays for them to see.
 */
export async function committedDisk(
  repo: Repository,
  base: string,
  { changes }: Economy,
): Promise<Disk> {
  const disk = diskOf(repo.root);
  const graves = changes.born.map(({ agent }) => layout.graveOf(agent)).filter(disk.exists);
  const folders = [...changes.died.map(({ id }) => layout.agentFolder(id)), ...graves];
  const tree = await listTree(repo, base, folders);
  const files = [...tree].filter(([, { mode }]) => mode.startsWith(FILE));
  const ids = files.map(([, { id }]) => id);
  const blobs = await readBlobs(repo, ids);
  const fileOf = ({ mode, id }: Blob): FolderFile | null =>
    mode.startsWith(FILE) ? { bytes: blobs.get(id)!, executable: mode === "100755" } : null;
  const byFolder = Map.groupBy(tree, ([path]) => path.split("/", 2).join("/"));
  const filesOf = (folder: string) => {
    const below = byFolder.get(folder) ?? [];
    return new Map(below.map(([path, blob]) => [path.slice(folder.length + 1), fileOf(blob)]));
  };
  return { ...disk, filesOf };
}

/** How git's modes of files begin; those of links and of repositories do not. */
const FILE = "100";

/** The same where nobody else is at work: the files as they stand. */
export function diskOf(root: string): Disk {
  return {
    exists: (path) => lstatSync(join(root, path), { throwIfNoEntry: false }) !== undefined,
    filesOf(folder) {
      const files = readUnder(root, folder);
      if (!files.ok) throw new HostFailure(`${files.reason}; remove it`);
      return files.value;
    },
    runs: (id) => listRuns(root, layout.agentFolder(id)),
  };
}
