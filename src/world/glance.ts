// As much of a world as a view shows, read by the same doors as a cycle reads all of it: what a
// glance says is what the cycle would find. What it opens it checks, and where that is wrong it
// gives nothing but the problems. Of what it does not open it says nothing: that all is sound, only
// a reading of all can promise (`econ verify`, and every cycle before it begins).
import { join } from "node:path";
import type { Bidding, Census, Overview } from "../economy/overview.ts";
import type { Agent, Bid } from "../economy/state.ts";
import { RECORD_BYTES_MAX, readBytes } from "./files.ts";
import * as layout from "./layout.ts";
import { isThere, type Open, openRecord, openWhole } from "./read-agents.ts";
import { overviewOf, readBids, readParts } from "./read-parts.ts";
import type { Reader, ReadOptions } from "./reader.ts";

/** Agents and bids by name only: none of their files is opened. */
export async function readOverview(reader: Reader, options: ReadOptions): Promise<Overview | null> {
  return overviewOf(reader, await readParts(reader, options, isThere));
}

/** The same with the records of the bids. */
export async function readBidding(reader: Reader, options: ReadOptions): Promise<Bidding | null> {
  const parts = await readParts(reader, options, isThere);
  const bids = readBids(reader, parts.bidders);
  const overview = overviewOf(reader, parts);
  return overview && { ...overview, bids };
}

/** The same with the records of the living as well; their letters stay closed. */
export async function readCensus(reader: Reader, options: ReadOptions): Promise<Census | null> {
  const parts = await readParts(reader, options, openRecord);
  const bids = readBids(reader, parts.bidders);
  const overview = overviewOf(reader, parts);
  return overview && { ...overview, bids };
}

/** One agent in its world; of a name that nobody living bears there are only the others. */
export type Sight = {
  overview: Overview;
  agent: Agent | null;
  /** Its own, by id. */
  bids: Bid[];
  /** Those that live, by name. */
  children: string[];
};

/** Opens all of one agent, its bids, and of the others whose record names it the record. */
export async function readSight(
  reader: Reader,
  options: ReadOptions,
  id: string,
): Promise<Sight | null> {
  const whole = openWhole([]);
  const kin = openKin(id);
  const open: Open<Agent | true> = (at, name, context) =>
    (name === id ? whole : kin)(at, name, context);
  const parts = await readParts(reader, options, open);
  const own = new Map([...parts.bidders].filter(([, agent]) => agent === id));
  const bids = [...readBids(reader, own).values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const overview = overviewOf(reader, parts);
  if (!overview) return null;
  const seen = overview.agents.get(id);
  const agent = seen === undefined || seen === true ? null : seen;
  const isChild = (one: Agent | true) => one !== true && one.lineage[0] === id;
  const children = [...overview.agents].filter(([, one]) => isChild(one)).map(([name]) => name);
  return { overview, agent, bids, children: children.sort() };
}

/** A record that nowhere has the name in quotes, nor could in another spelling, names nobody so. */
function openKin(parent: string): Open<Agent | true> {
  const name = Buffer.from(`"${parent}"`);
  const backslash = Buffer.from("\\");
  return (reader, id, context) => {
    const read = readBytes(join(reader.root, layout.agentRecord(id)), RECORD_BYTES_MAX);
    if (!read.ok) return openRecord(reader, id, context);
    const { buffer, byteOffset, byteLength } = read.value.bytes;
    const bytes = Buffer.from(buffer, byteOffset, byteLength);
    const names = bytes.includes(name) || bytes.includes(backslash);
    return names ? openRecord(reader, id, context) : isThere(reader, id, context);
  };
}
