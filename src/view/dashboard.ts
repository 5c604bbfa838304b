// The economy at a glance (§15.1 of the specification): markets, population, money, what happened
// lately, and who wants the human's attention.

import { pausedText } from "../economy/acts.ts";
import { roundedAmount } from "../economy/money.ts";
import type { Overview } from "../economy/overview.ts";
import { spentToday } from "../economy/spending.ts";
import { circulationOf, type Market, marketOf } from "../economy/state.ts";
import type { Chapter } from "../kernel/glance.ts";
import { amountColumn, counted, percentText, timeText } from "./amounts.ts";
import type { Paint } from "./color.ts";
import { dollarsText, tokensClosed } from "./costs.ts";
import { ARROWS, MARKET_ORDER, RESOURCE_NAMES, trendOf } from "./outlook.ts";
import { cutToWidth, safeLine } from "./safe-text.ts";
import { type Cell, type Column, facts, hint, type Look, section, table } from "./tables.ts";

const ACTIVITY_LINES = 8;
const QUEUE_LINES = 6;
const BAR_CELLS = 10;
const BARS_FROM_WIDTH = 68;

export function dashboard(economy: Overview, chapters: Chapter[], look: Look): string {
  const parts = [
    header(economy, look),
    ...(economy.paused ? [look.paint.bad(safeLine(pausedText(economy.paused)))] : []),
    section("Resources", resources(economy, look), look),
    section("Population", population(economy, look), look),
    section("Recent activity", activity(chapters, look), look),
    section("Attention queue", attention(economy, look), look),
  ];
  return parts.join("\n\n");
}

function header({ cycle, time }: Overview, { paint, width }: Look): string {
  const title = "EVOLUTIONARY AGENT ECONOMY";
  const when = cycle === 0 ? "before the first cycle" : `cycle ${cycle} · ${timeText(time)} UTC`;
  const gap = width === null ? 3 : width - title.length - Bun.stringWidth(when);
  if (gap < 2) return `${paint.strong(title)}\n${paint.quiet(when)}`;
  return paint.strong(title) + " ".repeat(gap) + paint.quiet(when);
}

function resources(economy: Overview, look: Look): string {
  const { paint } = look;
  const shown = MARKET_ORDER.map((name) => marketOf(economy, name)).filter(
    ({ resource, supply }) => supply > 0 || economy.rules.resources[resource].supply > 0,
  );
  const prices = amountColumn(shown.map(({ price }) => price));
  const columns: Column[] = ["left", "left", "right", "right", "left", "left"].map((align) => ({
    title: "",
    align: align as "left" | "right",
  }));
  const rows = shown.map((market, i): Cell[] => {
    const { name, unit } = RESOURCE_NAMES[market.resource];
    if (market.supply === 0) return [name, { text: "closed (supply 0)", style: paint.quiet }];
    const used = `${percentText(market.utilization)} utilized`;
    const price = { text: prices[i] ?? "", style: paint.strong };
    return [
      name,
      bar(market, paint),
      used,
      price,
      `credits/${unit}`,
      trend(economy, market, paint),
    ];
  });
  // Where there is no room for everything, numbers say more than bars.
  const roomy = look.width === null || look.width >= BARS_FROM_WIDTH;
  const narrow = ([name, , ...rest]: Cell[]) => [name as Cell, ...rest];
  const drawn = roomy
    ? table(columns, rows, look)
    : table(columns.slice(1), rows.map(narrow), look);
  const closed = tokensClosed(economy);
  return closed ? `${drawn}\n${hint(closed, look)}` : drawn;
}

function bar({ utilization }: Market, paint: Paint): Cell {
  const full = Math.min(BAR_CELLS, Math.round((utilization / 100) * BAR_CELLS));
  const text = `[${"█".repeat(full)}${"░".repeat(BAR_CELLS - full)}]`;
  return { text, style: paint.note };
}

export function trend(economy: Overview, market: Market, paint: Paint): Cell {
  const direction = trendOf(economy, market);
  const style = direction === "flat" ? paint.quiet : paint.strong;
  return { text: ARROWS[direction], style };
}

function population(economy: Overview, look: Look): string {
  const { agents, people, total } = circulationOf(economy);
  const split = economy.people.size
    ? ` (agents ${roundedAmount(agents)}, ` + `people ${roundedAmount(people)})`
    : "";
  const { total: dollars } = economy.spent;
  const spending = `${dollarsText(spentToday(economy))} today, ${dollarsText(dollars)} in all`;
  const dead = economy.dead.size ? `, ${economy.dead.size} dead` : "";
  const lines = facts(
    [
      ["Agents", `${economy.agents.size} alive${dead}`],
      ["Credits in circulation", `${roundedAmount(total)}${split}`],
      ["Bids pending", String(economy.bids.size)],
      ...(dollars > 0 ? [["Models cost", spending] as [string, string]] : []),
    ],
    look,
  );
  return economy.agents.size > 0 ? lines : `${lines}\n${hint(nobodyAlive(economy), look)}`;
}

export function nobodyAlive(economy: Overview): string {
  const [last] = [...economy.dead].slice(-1);
  const revive = last ? `Revive one with \`econ revive ${last}\`, or make` : "Make";
  return `No agent is alive. ${revive} a folder agents/<name>/ and run \`econ tick\`.`;
}

/** The newest events, the newest last: it reads on into the next cycle. */
function activity(chapters: Chapter[], look: Look): string {
  const lines = chapters.flatMap((chapter) => {
    const at = `[${chapter.time.slice(11, 19)}]`;
    return eventsOf(chapter)
      .map((event) => ({ at, event }))
      .reverse();
  });
  if (lines.length === 0) {
    const cycles = chapters.length;
    if (cycles === 0) return hint("Nothing has happened yet. Run a cycle with `econ tick`.", look);
    return hint(`Nothing happened in the last ${counted(cycles, "cycle")}.`, look);
  }
  const latest = lines.slice(0, ACTIVITY_LINES).reverse();
  return latest.map(({ at, event }) => activityLine(at, event, look)).join("\n");
}

/** A cycle without events was quiet; any other commit says in its subject what it was. */
function eventsOf({ cycle, subject, events }: Chapter): string[] {
  return events.length > 0 || cycle > 0 ? events : [subject];
}

function activityLine(at: string, event: string, { paint, width }: Look): string {
  const start = safeLine(at);
  const text = safeLine(event);
  const room = width === null ? null : width - Bun.stringWidth(start) - 3;
  return `  ${paint.quiet(start)} ${room === null ? text : cutToWidth(text, room)}`;
}

function attention(economy: Overview, look: Look): string {
  const waiting = [...economy.queue.values()].sort(
    (a, b) => b.amount - a.amount || (a.id < b.id ? -1 : 1),
  );
  const prompts = economy.active ? [economy.active, ...waiting] : waiting;
  if (prompts.length === 0) return hint("Nobody bids for your attention now.", look);
  const shown = prompts.slice(0, QUEUE_LINES);
  const amounts = amountColumn(shown.map(({ amount }) => amount));
  const columns: Column[] = [
    { title: "", align: "right" },
    { title: "", flexible: true },
    { title: "", align: "right" },
    { title: "" },
    { title: "" },
    { title: "" },
  ];
  const rows = shown.map((prompt, i): Cell[] => {
    const active = prompt.shown !== null;
    const since = active ? `since cycle ${prompt.shown}` : "";
    const state = { text: active ? "ACTIVE" : "", style: look.paint.note };
    return [`${i + 1}.`, prompt.agent, amounts[i] ?? "", "credits", state, since];
  });
  const rest = prompts.length - shown.length;
  const more = rest > 0 ? [hint(`and ${rest} more`, look)] : [];
  const next = economy.active ? [hint("Read and score it with `econ attend`.", look)] : [];
  return [table(columns, rows, look), ...more, ...next].join("\n");
}
