// The agents of a world, as their folders tell: the living, those a person made or removed by hand,
// and the mail that a person dropped into an inbox.
import { existsSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { checkNewId, ID } from "../economy/ids.ts";
import { type Agent, type Folder, type Message, newAgent } from "../economy/state.ts";
import { type FolderLimits, listFolder, readFolder, readText } from "./files.ts";
import { parseFrontMatter } from "./front-matter.ts";
import * as layout from "./layout.ts";
import { isDelivered, readDroppedMail, readMessage } from "./prose.ts";
import { list, loadIfThere, loadText, type Reader, type ReadOptions, report } from "./reader.ts";
import { readAgent } from "./records.ts";
import { problemOf } from "./schema.ts";

/** A message in a file that a person named; it gets a number and a name of our form. */
export type DroppedMail = { path: string; message: Message };

/** `Seen`: what a reading takes in of each that lives. */
export type Population<Seen = Agent> = {
  agents: Map<string, Seen>;
  dead: Set<string>;
  newborn: { id: string; folder: Folder }[];
  removed: string[];
};

/**
 * Takes in as much of a folder as somebody wants to know; null when something was reported,
 * undefined when there is no record in it.
 */
export type Open<Seen> = (reader: Reader, id: string, context: Context) => Seen | null | undefined;

type Context = PopulationContext & { dead: Set<string> };

export type PopulationContext = ReadOptions & {
  /** Agents that hold something. The broke have no account, only bids or prompts. */
  accounts: Set<string>;
  /** Agents that a bid or a prompt names. */
  owners: Set<string>;
  cycle: number;
  time: string;
};

/** A person's folder has no size limit of ours, but there must be an end. */
export const WORKSPACE_LIMITS: FolderLimits = { files: 20_000, bytes: 1024 * 1024 * 1024 };

const MAIL_BYTES_MAX = 256 * 1024;
const AGENTS_AT_ONCE = 500;

/** Who a person removed by hand is known by the last record, however little is asked for. */
export async function readPopulation<Seen>(
  reader: Reader,
  context: PopulationContext,
  open: Open<Seen>,
): Promise<Population<Seen | Agent>> {
  const dead = readDead(reader);
  const population: Population<Seen | Agent> = {
    agents: new Map(),
    dead,
    newborn: [],
    removed: [],
  };
  const known = { ...context, dead };
  for (const [index, { name, kind }] of list(reader, layout.AGENTS).entries()) {
    // A daemon has other things to answer while a large world is read.
    if (index % AGENTS_AT_ONCE === AGENTS_AT_ONCE - 1) await setImmediate();
    const folder = layout.agentFolder(name);
    if (kind !== "folder") report(reader, folder, "expected only folders of agents here");
    else if (!ID.test(name)) report(reader, folder, reasonOf(checkNewId(name)));
    else {
      const seen = open(reader, name, known);
      if (seen === undefined) readNewborn(reader, name, { ...known, population });
      else if (seen !== null) population.agents.set(name, seen);
    }
  }
  for (const id of new Set([...context.accounts, ...context.owners]))
    if (!population.agents.has(id) && !dead.has(id) && !isReported(reader, id))
      await removeByHand(population, id, context);
  return population;
}

function readDead(reader: Reader): Set<string> {
  const dead = new Set<string>();
  for (const { name, kind } of list(reader, layout.GRAVEYARD)) {
    const grave = layout.graveOf(name);
    if (kind !== "folder" || !ID.test(name))
      report(reader, grave, "expected only folders of agents here");
    // A folder that was emptied may still be there: to git it is nothing.
    else if (existsSync(join(reader.root, grave, "agent.json"))) dead.add(name);
  }
  return dead;
}

/** Whether there is a record, whatever it is. */
export const isThere: Open<true> = (reader, id, { dead }) => {
  const path = join(reader.root, layout.agentRecord(id));
  if (!lstatSync(path, { throwIfNoEntry: false })) return undefined;
  checkAlive(reader, id, dead.has(id));
  return true;
};

/** The record, without the letters. */
export const openRecord: Open<Agent> = (reader, id, { dead }) => {
  const file = layout.agentRecord(id);
  const agent = loadIfThere(reader, file, readAgent);
  if (agent === undefined) return undefined;
  if (agent && agent.id !== id) report(reader, file, `id: expected "${id}", as the folder's name`);
  checkAlive(reader, id, Boolean(agent?.death) || dead.has(id));
  return agent;
};

function checkAlive(reader: Reader, id: string, isDead: boolean): void {
  if (!isDead) return;
  const message = `${id} is dead; to bring it back, use: econ revive ${id}`;
  report(reader, layout.agentRecord(id), message);
}

/** The record and the letters; nothing of an agent's own may be beside them. */
export const openWhole =
  (mail: DroppedMail[]): Open<Agent> =>
  (reader, id, context) => {
    const folder = layout.agentFolder(id);
    const entries = list(reader, folder, { listed: true });
    const isOurs = (name: string) => layout.AGENT_FOLDER.some((known) => known === name);
    for (const { name } of entries.filter(({ name }) => !isOurs(name)))
      report(
        reader,
        `${folder}/${name}`,
        `an agent's own files belong in its workspace; move it to ${folder}/workspace/`,
      );
    const has = (name: string) => entries.some((entry) => entry.name === name);
    if (!has("agent.json")) return has("workspace") ? undefined : null;
    const agent = openRecord(reader, id, context);
    if (agent && has("inbox")) mail.push(...readInbox(reader, agent, context));
    return agent;
  };

/** A folder without a record is a birth by hand, unless the record was lost. */
function readNewborn(
  reader: Reader,
  id: string,
  context: Context & { population: Pick<Population, "newborn"> },
): void {
  const folder = readFolder(join(reader.root, layout.workspaceOf(id)), WORKSPACE_LIMITS);
  if (!folder.ok) {
    report(reader, `${layout.workspaceOf(id)}/${folder.path}`, folder.reason);
    return;
  }
  if (folder.value.size === 0) return;
  const record = layout.agentRecord(id);
  const name = checkNewId(id);
  if (context.accounts.has(id) || context.deleted?.has(record))
    report(reader, record, `is missing; restore it (git checkout -- ${record})`);
  else if (context.dead.has(id))
    report(reader, layout.agentFolder(id), `the name ${id} belongs to a dead agent`);
  else if (!name.ok) report(reader, layout.agentFolder(id), name.reason);
  else context.population.newborn.push({ id, folder: folder.value });
}

async function removeByHand(
  population: Population<unknown>,
  id: string,
  context: PopulationContext,
): Promise<void> {
  const file = layout.agentRecord(id);
  const text = await context.recall?.(file);
  // A bid can name anyone; only an account or a committed record shows that somebody was there.
  if (!text && !context.accounts.has(id)) return;
  const last = text ? readAgent(text, file) : null;
  population.agents.set(id, last?.ok ? last.value : newAgent(id, context));
  population.removed.push(id);
}

/** A folder that is there but unreadable is a problem, never a removal. */
export function isReported(reader: Reader, id: string): boolean {
  const folder = layout.agentFolder(id);
  return reader.problems.some(({ file }) => file === folder || file.startsWith(`${folder}/`));
}

/** Fills the inbox; what a person dropped there is returned as well. */
function readInbox(
  reader: Reader,
  agent: Agent,
  { cycle, time: at }: Pick<PopulationContext, "cycle" | "time">,
): DroppedMail[] {
  const inbox = layout.inboxOf(agent.id);
  const dropped: { path: string; letter: Pick<Message, "from" | "content"> }[] = [];
  for (const { name, kind } of list(reader, inbox)) {
    if (name === "read" && kind === "folder") continue;
    const path = `${inbox}/${name}`;
    if (kind !== "file" || !name.endsWith(".md")) {
      report(reader, path, "expected only messages (.md) here");
      continue;
    }
    const letter = readLetter(reader, path, { agent, name });
    if (letter && "n" in letter) agent.inbox.push(letter);
    else if (letter) dropped.push({ path, letter });
  }
  agent.inbox.sort((a, b) => a.n - b.n);
  agent.letters = Math.max(agent.letters, agent.inbox.at(-1)?.n ?? 0);
  return dropped.map(({ path, letter }) => {
    agent.letters += 1;
    const message: Message = { n: agent.letters, to: agent.id, cycle, at, ...letter };
    agent.inbox.push(message);
    return { path, message };
  });
}

function readLetter(
  reader: Reader,
  path: string,
  { agent, name }: { agent: Agent; name: string },
): Message | Pick<Message, "from" | "content"> | null {
  const ours = layout.parseMailName(name);
  const text = loadText(reader, path, ours ? readMailText : readDroppedText);
  if (text === null || text.trim() === "") return null;
  const parsed = parseFrontMatter(text);
  if (!parsed.ok) {
    reader.problems.push(problemOf(path, parsed));
    return null;
  }
  if (!ours || !isDelivered(parsed.value)) return readDroppedMail(parsed.value);
  const message = readMessage(parsed.value, ours.n, path);
  if (!message.ok) {
    reader.problems.push(...message.problems);
    return null;
  }
  if (message.value.to !== agent.id) report(reader, path, `to: expected ${agent.id}`);
  if (message.value.from !== ours.from)
    report(reader, path, `from: expected ${ours.from}, as in the file's name`);
  return message.value;
}

const readMailText = (path: string) => readText(path, MAIL_BYTES_MAX);

/** A person's text: an editor's line ends, or nothing in it yet, are no reason to refuse. */
function readDroppedText(path: string) {
  const read = readText(path, MAIL_BYTES_MAX);
  if (!read.ok && read.empty) return { ok: true as const, value: "" };
  return read.ok ? { ...read, value: read.value.replaceAll("\r\n", "\n") } : read;
}

/** The cycles of the traces in an agent's folder or its grave, oldest first. */
export function listRuns(root: string, folder: string): number[] {
  const listed = listFolder(join(root, folder, "runs"));
  const names = listed.ok ? listed.value.map(({ name }) => layout.parseCycleName(name)) : [];
  return names.filter((cycle) => cycle !== null).sort((a, b) => a - b);
}

function reasonOf(result: { ok: boolean; reason?: string }): string {
  return result.reason ?? "not a name";
}
