// The part of the prompt that changes: where the agent stands, its mail, what its context costs.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Bundle } from "../../economy/resources.ts";
import type { Message } from "../../economy/state.ts";
import {
  getAllMarkets,
  getBalance,
  getEnvironment,
  getInbox,
  getNotices,
  getPendingBids,
} from "../methods.ts";
import { listFiles } from "../workspace.ts";
import { decode, head, oneLine } from "./clip.ts";
import type { Roots } from "./paths.ts";
import { tokensOf } from "./purse.ts";
import type { Remembered } from "./record.ts";
import type { Section } from "./self.ts";

/** One letter, and all of them: anyone may write to anyone for a credit, and reading costs too. */
const LETTER_BYTES = 800;
const MAIL_BYTES = 6_000;
const NOTICES_MAX = 12;
const ENTRIES_MAX = 30;
/** Formats, tags, selectors, fillers: a variation selector can hide a byte, and there are 256. */
const UNSEEN = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** Where the agent stands, as econ knows it. */
export function standing(): string {
  const { cycle, time, self, execution } = getEnvironment();
  const lines = [
    `You are ${self.id}. It is cycle ${cycle}, ${time}.`,
    `Balance: ${getBalance()} credits. Runs before this one: ${self.executionCount}; earned ` +
      `${self.totalCreditsEarned}, spent ${self.totalCreditsSpent}.`,
    `This run: ${bundleText(execution.resources)}, for ${execution.paid} credits. The same again ` +
      `costs ${marketCost(execution.resources)} now.`,
    `Prices: ${pricesText()}.`,
    `Other agents: ${oneLine(others().join(" "), 400) || "none"}.`,
    ...bidLines(),
    ...promptLines(),
  ];
  return lines.join("\n");
}

/** A command for the next run that asks for the same bundle. */
export function proposedBid(pause: number): string {
  const { tokens, cpu_seconds, memory_mb } = getEnvironment().execution.resources;
  const named = [
    ["--tokens", tokens],
    ["--cpu", cpu_seconds],
    ["--memory", memory_mb],
  ].flatMap(([option, quantity]) => (quantity === undefined ? [] : [`${option} ${quantity}`]));
  return `econ bid ${named.join(" ")} --not-before +${pause}`;
}

export function hasBid(): boolean {
  return getPendingBids().length > 0;
}

/** What a bundle would cost at the prices of now. */
export function marketCost(resources: Bundle): number {
  const { markets } = getEnvironment();
  const costs = Object.entries(resources).map(
    ([name, quantity]) => markets[name as keyof Bundle].currentMarketPrice * quantity,
  );
  return round(costs.reduce((sum, cost) => sum + cost, 0));
}

/** Mail, notices and folder, each as a section. */
export function news(roots: Roots): Section[] {
  const sections = [
    { name: "mail", text: mailText(getInbox()) },
    { name: "refused or undone since your last run", text: noticesText() },
    { name: "your other files", text: folderText(roots) },
  ];
  return sections.filter(({ text }) => text !== "");
}

/** What each part of this prompt costs, and what the last run took. */
export function costsText(parts: Section[], last: Remembered | null): string {
  const sizes = parts.map(({ name, text }) => `${name} ${grouped(tokensOf(text))}`);
  const costs = `Tokens in this prompt, about: ${sizes.join(", ")}.`;
  if (!last) return costs;
  const { input, cachedInput, cacheWrite, output } = last;
  const kinds = [
    `input ${grouped(input)}`,
    `cached ${grouped(cachedInput)}`,
    ...(cacheWrite > 0 ? [`to the cache ${grouped(cacheWrite)}`] : []),
    `output ${grouped(output)}`,
  ];
  return (
    `${costs}\nLast run (cycle ${last.cycle}, ${last.model}, ${last.calls} turns): ` +
    `${grouped(last.spent)} of ${grouped(last.bought)} bought: ${kinds.join(", ")}. ` +
    `It ended: ${last.ended}.`
  );
}

function bundleText(resources: Bundle): string {
  const { tokens = 0, cpu_seconds, memory_mb } = resources;
  const parts = [`${tokens} tokens`];
  if (cpu_seconds !== undefined) parts.push(`${cpu_seconds} cpu seconds`);
  if (memory_mb !== undefined) parts.push(`${memory_mb} MB`);
  return parts.join(", ");
}

function pricesText(): string {
  const open = Object.values(getAllMarkets()).filter(({ availableSupply }) => availableSupply > 0);
  const prices = open.map(
    ({ resourceType, currentMarketPrice, currentUtilization }) =>
      `${resourceType} ${currentMarketPrice} (${currentUtilization} % sold)`,
  );
  return prices.join(", ");
}

function others(): string[] {
  const { agents, self } = getEnvironment();
  return agents.filter((id) => id !== self.id);
}

function bidLines(): string[] {
  const bids = getPendingBids().map(
    ({ id, resources, notBefore }) =>
      `${id} (${bundleText(resources as Bundle)}, from ${notBefore})`,
  );
  return [
    `Your pending bids: ${bids.join("; ") || "none. Without one you die when this run ends"}.`,
  ];
}

function promptLines(): string[] {
  const prompts = getEnvironment().prompts.map(
    ({ id, amount, status }) =>
      `${id} (${amount}, ${status === "active" ? "shown now" : "waiting"})`,
  );
  return prompts.length === 0 ? [] : [`Your prompts to the human: ${prompts.join("; ")}.`];
}

/**
 * Letters of people first, so that no flood of others' can hide a score. Each line is quoted, so
 * that none can pass for a heading of ours.
 */
function mailText(inbox: Message[]): string {
  const { people } = getEnvironment();
  const official = ({ from }: Message) => from === "human" || people.includes(from);
  const letters = [...inbox.filter(official), ...inbox.filter((letter) => !official(letter))];
  const shown: string[] = [];
  let room = MAIL_BYTES;
  for (const { n, from, cycle, content } of letters) {
    const file = `/econ/inbox/${String(n).padStart(6, "0")}-${from}.md`;
    // Characters that a person does not see must not speak to the model behind their back.
    const letter = decode(Buffer.from(content)).replace(UNSEEN, "").trim();
    const body = head(letter, LETTER_BYTES, (more) => `${more} bytes more in ${file}`);
    const whole = `from ${from}, cycle ${cycle}:\n${quoted(body)}`;
    room -= Buffer.byteLength(whole);
    if (room < 0) break;
    shown.push(whole);
  }
  const more = letters.length - shown.length;
  if (more > 0) shown.push(`${more} more in /econ/inbox.`);
  if (shown.length > 0) shown.push("All of it is gone after this run: keep what matters.");
  return shown.join("\n");
}

function quoted(body: string): string {
  return body
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");
}

function noticesText(): string {
  const notices = getNotices();
  const lines = notices
    .slice(-NOTICES_MAX)
    .map(({ cycle, text }) => `> ${cycle}: ${oneLine(text)}`);
  const more = notices.length - lines.length;
  return [...(more > 0 ? [`${more} older: econ notices`] : []), ...lines].join("\n");
}

/** What else is in the workspace; a folder as one line. */
function folderText({ workspace }: Roots): string {
  const inPrompt = ["AGENTS.md", "SOUL.md", "HEARTBEAT.md", "MEMORY.md", "mind.json", "skills"];
  const entries = entriesOf(workspace).filter(({ name }) => !inPrompt.includes(name));
  const lines = entries.slice(0, ENTRIES_MAX).map(({ name, folder }) => {
    if (!folder) return oneLine(name, 80);
    return `${oneLine(name, 80)}/ (${listFiles(join(workspace, name)).length} files)`;
  });
  const more = entries.length - lines.length;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join(", ");
}

function entriesOf(path: string): { name: string; folder: boolean }[] {
  const found = readdirSync(path, { withFileTypes: true });
  const kept = found.filter((entry) => entry.isDirectory() || entry.isFile());
  const entries = kept.map((entry) => ({ name: entry.name, folder: entry.isDirectory() }));
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function grouped(number: number): string {
  return Math.round(number).toLocaleString("en-US");
}

function round(credits: number): number {
  return Math.round(credits * 1e6) / 1e6;
}
