// The parts of a world that every reading has in common: rules, money, markets, prompts, and who
// and what is there by name. A reading of all (read.ts) and a glance (glance.ts) are made of them,
// so that both find the same, and the same wrong with it.
import { bidderIn, ID } from "../economy/ids.ts";
import { auditBalances, CREDIT, type Ledger } from "../economy/ledger.ts";
import type { Overview } from "../economy/overview.ts";
import { RESOURCES } from "../economy/resources.ts";
import type { Agent, Bid, Economy, Market, Prompt } from "../economy/state.ts";
import { readConfig } from "./config.ts";
import { LEDGER_BYTES_MAX, readLines, readText } from "./files.ts";
import * as layout from "./layout.ts";
import { readPrompt } from "./prose.ts";
import { isReported, type Open, type Population, readPopulation } from "./read-agents.ts";
import { list, listRecords, load, type Reader, type ReadOptions, report } from "./reader.ts";
import * as records from "./records.ts";

export type Parts<Seen> = Pick<Overview, "ledger" | "people" | "markets" | "active" | "queue"> & {
  /** Null where it was reported. */
  rules: Economy["rules"] | null;
  world: records.WorldRecord | null;
  population: Population<Seen | Agent>;
  /** The bids, and whose they are, by their names. */
  bidders: Map<string, string>;
};

/** `open`: how much is taken in of each agent that lives. */
export async function readParts<Seen>(
  reader: Reader,
  options: ReadOptions,
  open: Open<Seen>,
): Promise<Parts<Seen>> {
  const rules = load(reader, layout.CONFIG, readConfig);
  const world = load(reader, layout.WORLD, records.readWorldRecord);
  const ledger = readLedger(reader);
  const people = listPeople(reader);
  const markets = readMarkets(reader);
  const bidders = listBids(reader);
  const { active, queue } = readPrompts(reader);
  const prompts = active ? [...queue.values(), active] : [...queue.values()];
  const context = {
    accounts: accountHolders(ledger),
    owners: new Set([...bidders.values(), ...prompts.map(({ agent }) => agent)]),
    cycle: world?.cycle ?? 0,
    time: world?.time ?? "",
    ...options,
  };
  const population = await readPopulation(reader, context, open);
  for (const [id, agent] of bidders) checkOwner(reader, layout.bidFile(id), agent, population);
  for (const { id, agent } of prompts) checkOwner(reader, layout.promptFile(id), agent, population);
  checkLedger(reader, ledger, people);
  return { rules, world, ledger, people, markets, active, queue, population, bidders };
}

/** What these parts are together; null while anything that was read is wrong. */
export function overviewOf<Seen>(reader: Reader, parts: Parts<Seen>) {
  const { rules, world, population, bidders, ledger, people, markets, active, queue } = parts;
  if (!rules || !world || reader.problems.length > 0) return null;
  const { agents, dead } = population;
  // In the order that readBack has too: whether both say the same is compared as text.
  return {
    ...{ rules, ...world, ledger, agents, dead, people, markets, bids: bidders },
    ...{ active, queue },
  };
}

function readLedger(reader: Reader): Ledger {
  list(reader, layout.LEDGER);
  const read = (path: string) => readLines(path, LEDGER_BYTES_MAX);
  const balances = load(reader, layout.BALANCES, records.readBalances, read);
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

function listPeople(reader: Reader): Set<string> {
  const people = new Set<string>();
  for (const { name, kind } of list(reader, layout.HUMANS)) {
    if (kind === "folder" && ID.test(name)) people.add(name);
    else report(reader, `${layout.HUMANS}/${name}`, "expected only folders of people here");
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

/** A bid's name says whose it is, so that one may know without opening ten thousand. */
function listBids(reader: Reader): Parts<unknown>["bidders"] {
  const bidders: Parts<unknown>["bidders"] = new Map();
  for (const id of listRecords(reader, layout.BIDS, ".json")) {
    const agent = bidderIn(id);
    if (agent) bidders.set(id, agent);
    else report(reader, layout.bidFile(id), "expected only bids named <agent>-<run>-<number> here");
  }
  return bidders;
}

/** The records of these bids, each as its name says. */
export function readBids(reader: Reader, bidders: Parts<unknown>["bidders"]): Map<string, Bid> {
  const bids = new Map<string, Bid>();
  for (const [id, agent] of bidders) {
    const file = layout.bidFile(id);
    const bid = load(reader, file, records.readBid);
    if (!bid) continue;
    checkName(reader, file, bid.id, id);
    if (bid.agent !== agent)
      report(reader, file, `agent: expected "${agent}", as in the file's name`);
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
    const prompt = load(reader, file, readPrompt, readText);
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

function checkOwner(
  reader: Reader,
  file: string,
  agent: string,
  { agents }: Population<unknown>,
): void {
  // Of one whose folder is broken that is said, and not besides that it is not there.
  if (agents.has(agent) || isReported(reader, agent)) return;
  report(reader, file, `agent: there is no living agent ${agent}`);
}

function checkLedger(reader: Reader, ledger: Ledger, people: Set<string>): void {
  for (const message of auditBalances(ledger)) report(reader, layout.BALANCES, message);
  for (const account of ledger.balances.get(CREDIT)?.keys() ?? []) {
    const person = account.startsWith("human:") ? account.slice("human:".length) : null;
    if (person && !people.has(person))
      report(reader, layout.personFile(person), `is missing, but ${account} holds credits`);
  }
}
