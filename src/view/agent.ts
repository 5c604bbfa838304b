// Everything about one agent on one page. What the agent wrote stands behind gutters.
import { agentAccount, balanceOf } from "../economy/ledger.ts";
import type { Overview } from "../economy/overview.ts";
import type { Agent, Bid, Message, Origin, Prompt } from "../economy/state.ts";
import type { FileEdit } from "../world/file-history.ts";
import type { Portrait } from "../world/portrait.ts";
import type { RunTrace } from "../world/trace.ts";
import type { CallSummary } from "../world/trace-calls.ts";
import {
  amountColumn,
  bytesText,
  counted,
  creditsText,
  quantityText,
  timeText,
} from "./amounts.ts";
import { dollarsText } from "./costs.ts";
import { fileHistoryView } from "./file-history.ts";
import { bundleText, outlooksOf, payloadText } from "./outlook.ts";
import { portraitFacts } from "./portrait.ts";
import { safeBlock } from "./safe-text.ts";
import { type Cell, type Column, facts, hint, type Look, section, table } from "./tables.ts";

/** An agent, living or dead, with what is its own, and what its folder holds. */
export type AgentPage = {
  agent: Agent;
  /** Pending. */
  bids: Bid[];
  /** Those that live, by name. */
  children: string[];
  /** Newest first. */
  runs: RunTrace[];
  files: { path: string; bytes: number }[];
  portrait: Portrait;
  /** Who changed its files lately, the newest first. */
  edits: FileEdit[];
};

const FILES_SHOWN = 20;
const MAIL_LINES = 12;
const REFUSALS_SHOWN = 5;
const CALLS_SHOWN = 20;

export function agentView(economy: Overview, page: AgentPage, look: Look): string {
  const { agent } = page;
  const parts = [
    heading(agent, look),
    facts(factsOf(economy, page), look),
    ...(agent.death ? [] : [section("Bids", bids(economy, page.bids, look), look)]),
    ...prompts(economy, agent, look),
    ...mail(agent, look),
    ...notices(agent, look),
    section("Last runs", runs(page.runs, look), look),
    section("Workspace", files(page.files, look), look),
    ...changes(page, look),
  ];
  if (agent.death && page.files.length > 0)
    parts.push(hint(`Bring it back with \`econ revive ${agent.id}\`.`, look));
  return parts.join("\n\n");
}

function heading({ id, death }: Agent, { paint }: Look): string {
  return `${paint.strong(id)}  ${death ? paint.bad("dead") : paint.good("alive")}`;
}

function factsOf(economy: Overview, { agent, children, portrait }: AgentPage): [string, Cell][] {
  const { lineage, lastExecution, death } = agent;
  const balance = balanceOf(economy.ledger, agentAccount(agent.id));
  const living = children.length ? `; alive: ${children.join(", ")}` : "";
  const last = lastExecution ? `, last in cycle ${lastExecution.cycle}` : "";
  const crashed = agent.crashes ? `; crashed ${counted(agent.crashes, "time")} running` : "";
  const pairs: [string, Cell][] = [
    ["balance", creditsText(balance)],
    ["earned", creditsText(agent.earned)],
    ["spent", creditsText(agent.spent)],
    ["born", `cycle ${agent.createdCycle}, ${timeText(agent.createdAt)} UTC`],
    ["lineage", lineage.length ? [agent.id, ...lineage].join(" ← ") : "no parent"],
    ...agent.origins.map(originFact),
    ["children", `${agent.children}${living}`],
    ["ran", counted(agent.executions, "time") + last + crashed],
    ...portraitFacts(portrait, economy.rules),
  ];
  if (death)
    pairs.push(["died", `cycle ${death.cycle}, ${timeText(death.at)} UTC`], ["cause", death.cause]);
  return pairs;
}

/** Where it lived before, under which name, and from whom it came there. */
function originFact({ id, world, cycle, lineage }: Origin): [string, Cell] {
  return ["before", `${[id, ...lineage].join(" ← ")} in world ${world}, to cycle ${cycle}`];
}

function bids(economy: Overview, pending: Bid[], look: Look): string {
  const outlooks = outlooksOf(economy, pending);
  if (outlooks.length === 0)
    return hint("No bid is pending: unless its prompt is before you, it dies next cycle.", look);
  const offers = amountColumn(outlooks.map(({ offer }) => offer));
  const costs = amountColumn(outlooks.map(({ cost }) => cost));
  const limits = amountColumn(outlooks.map(({ bid }) => bid.upTo));
  const columns: Column[] = [
    { title: "BID" },
    { title: "OFFERS", align: "right" },
    { title: "COSTS", align: "right" },
    { title: "UP TO", align: "right" },
    { title: "LOST", align: "right" },
    { title: "NEXT" },
    { title: "FOR", flexible: true },
  ];
  const rows = outlooks.map(({ bid, state }, i): Cell[] => [
    bid.id,
    offers[i] ?? "",
    costs[i] ?? "",
    limits[i] ?? "",
    String(bid.lost),
    state === "not due" ? `cycle ${bid.notBefore}` : state,
    `${bundleText(bid.resources)}: ${payloadText(bid.payload)}`,
  ]);
  return table(columns, rows, look);
}

function prompts(economy: Overview, { id }: Agent, look: Look): string[] {
  const all = economy.active ? [economy.active, ...economy.queue.values()] : economy.queue.values();
  const own = [...all].filter(({ agent }) => agent === id);
  if (own.length === 0) return [];
  const each = own.map((prompt) => {
    const title = `  ${prompt.id}, ${creditsText(prompt.amount)}, ${placeOf(prompt)}`;
    return `${title}\n${quoted(prompt.content, look)}`;
  });
  return [section("Prompts", each.join("\n"), look)];
}

function placeOf({ shown, placed }: Prompt): string {
  return shown === null ? `waits since cycle ${placed}` : `before you since cycle ${shown}`;
}

function mail({ inbox, death }: Agent, look: Look): string[] {
  if (inbox.length === 0) return [];
  const title = death ? "Mail it never read" : "Unread mail";
  return [section(title, inbox.map((message) => letter(message, look)).join("\n"), look)];
}

function letter({ n, from, cycle, content }: Message, look: Look): string {
  const head = look.paint.quiet(`  #${n} from ${from}, cycle ${cycle}`);
  return `${head}\n${quoted(content, look)}`;
}

function quoted(content: string, { width }: Look): string {
  const limit = width === null ? {} : { maxLines: MAIL_LINES };
  return safeBlock(content, { width, gutter: "  │ ", ...limit });
}

function notices(agent: Agent, look: Look): string[] {
  if (agent.notices.length === 0) return [];
  const rows = agent.notices.map(({ cycle, text }): Cell[] => [`cycle ${cycle}`, text]);
  const columns: Column[] = [{ title: "" }, { title: "", flexible: true }];
  return [section("Told when it next wakes", table(columns, rows, look), look)];
}

function runs(traces: RunTrace[], look: Look): string {
  if (traces.length === 0) return hint("It has not run yet, or its traces are only in git.", look);
  const { quiet } = look.paint;
  const columns: Column[] = [{ title: "" }, { title: "" }, { title: "", flexible: true }];
  const rows = traces.flatMap(({ cycle, ending, detail, done, refused, calls: all }): Cell[][] => {
    const count = counted(done + refused.length, "action");
    const summary = refused.length ? `${count}, ${refused.length} refused` : count;
    const style = ending === "finished" ? look.paint.good : look.paint.bad;
    const ended = ending === "host" ? "undone" : ending;
    const first: Cell[] = [`cycle ${cycle}`, { text: ended, style }, detail || summary];
    const calls = look.width === null ? all : all.slice(-CALLS_SHOWN);
    const shown = look.width === null ? refused : refused.slice(0, REFUSALS_SHOWN);
    const lines = [
      ...calls.map(callText),
      ...shown.map(({ action, reason }) => `${action}: ${reason}`),
    ];
    if (all.length > calls.length) lines.unshift(`${all.length - calls.length} calls before`);
    if (refused.length > shown.length) lines.push(`and ${refused.length - shown.length} more`);
    return [first, ...lines.map((line): Cell[] => ["", "", line])];
  });
  const output = traces[0]?.output ?? "";
  const printed = output.trim() === "" ? [] : [quiet(`  it printed in cycle ${traces[0]?.cycle}`)];
  if (printed.length > 0) printed.push(quoted(output, look));
  return [table(columns, rows, look), ...printed].join("\n");
}

/** "haiku: $0.0018, 351.5 tokens; 1,200 in, 800 cached, 95 out". */
function callText(call: CallSummary) {
  const { model, status, failed, times, usage, worst, milliTokens, dollars } = call;
  const name = (model || "a call") + (times > 1 ? ` (${times} times)` : "");
  const outcome = failed ? "the provider failed" : status === 200 ? "" : "refused";
  const said = outcome ? `${outcome} (${status})` : "";
  if (usage === null) return `${name}: ${said || "no tokens used"}`;
  const { input, cachedInput, cacheWrite, output } = usage;
  const counts: [number, string][] = [
    [input, "in"],
    [cachedInput, "cached"],
    [cacheWrite, "written"],
    [output, "out"],
  ];
  const used = counts.filter(([count]) => count > 0);
  const listed = used.map(([count, kind]) => `${quantityText(count)} ${kind}`).join(", ");
  const cost = `${dollarsText(dollars)}, ${quantityText(milliTokens / 1000)} tokens`;
  // Nobody knows what it took: it broke off, or the count could not be true.
  const charged = worst ? "charged at its worst case" : "";
  return `${name}: ${[said, charged, cost, listed].filter(Boolean).join("; ")}`;
}

function files(listed: AgentPage["files"], look: Look): string {
  if (listed.length === 0) return hint("The workspace is empty.", look);
  const shown = look.width === null ? listed : listed.slice(0, FILES_SHOWN);
  const columns: Column[] = [
    { title: "", flexible: true },
    { title: "", align: "right" },
  ];
  const rows = shown.map(({ path, bytes }): Cell[] => [path, bytesText(bytes)]);
  const rest = listed.length - shown.length;
  const more = rest > 0 ? [hint(`and ${counted(rest, "more file")}`, look)] : [];
  return [table(columns, rows, look), ...more].join("\n");
}

function changes({ agent, edits }: AgentPage, look: Look): string[] {
  if (edits.length === 0) return [];
  const older = hint(`Further back: econ history --agent ${agent.id} --files`, look);
  return [
    section("Files changed", `${fileHistoryView(edits, agent.createdCycle, look)}\n${older}`, look),
  ];
}

/** For a name that nobody bears: what is there instead. */
export function unknownAgent(economy: Overview, id: string): string {
  const near = [...economy.agents.keys()].filter(
    (name) => name.startsWith(id.slice(0, 3)) || id.startsWith(name),
  );
  const others = near.length ? near : [...economy.agents.keys()];
  const names = others.sort().slice(0, 5).join(", ");
  const hintText = names ? `; alive: ${names}${others.length > 5 ? ", …" : ""}` : "";
  return `there is no agent ${JSON.stringify(id)}${hintText}`;
}
