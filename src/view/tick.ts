// A cycle as it is reported when it is done, and as it would be (--dry-run).
import { condensed } from "../economy/chronicle.ts";
import type { Bid, Economy, EventKind } from "../economy/state.ts";
import type { TickPlan, TickReport } from "../kernel.ts";
import { amountColumn } from "./amounts.ts";
import type { Paint } from "./color.ts";
import { tokensClosed } from "./costs.ts";
import { bundleText, outlookOf, payloadText } from "./outlook.ts";
import { safeLine } from "./safe-text.ts";
import { type Cell, type Column, hint, type Look, section, table } from "./tables.ts";

/** "cycle 43: 2 ran, 1 born, 0 died; cpu_seconds 2.1 (+4%); 5 alive". */
export function tickLine({ cycle, subject, economy }: TickReport, paint: Paint): string {
  const head = `cycle ${cycle}`;
  const rest = safeLine(subject.slice(head.length));
  return `${paint.strong(head)}${rest}; ${economy.agents.size} alive`;
}

const TROUBLE: ReadonlySet<EventKind> = new Set(["host", "closed"]);

/** One of many cycles: the line, and below it what a person may have to mend. */
export function tickLines({ events, ...report }: TickReport, paint: Paint): string {
  const trouble = condensed(events.filter(({ kind }) => TROUBLE.has(kind)));
  const lines = trouble.map(({ text }) => `  ${paint.bad(safeLine(text))}`);
  return [tickLine({ events, ...report }, paint), ...lines].join("\n");
}

/** The line, the edits taken in before, and what happened. */
export function tickView(report: TickReport, look: Look): string {
  const { paint } = look;
  const { absorbed, events, economy } = report;
  const edits = absorbed.length ? [`Took in your edits: ${named(absorbed)}`] : [];
  const lines = condensed(events).map(({ kind, text }) => {
    const bad = kind === "crashed" || kind === "refused" || kind === "died" || kind === "host";
    return `  ${bad ? paint.bad(safeLine(text)) : safeLine(text)}`;
  });
  const quiet = events.length ? [] : [hint(quietCycle(economy), look)];
  const asks = economy.active ? [hint("A prompt waits for your score: `econ attend`.", look)] : [];
  return [...edits, tickLine(report, paint), ...lines, ...quiet, ...asks].join("\n");
}

const EDITS_NAMED = 3;

function named(paths: string[]): string {
  const shown = paths.slice(0, EDITS_NAMED).map(safeLine).join(", ");
  const rest = paths.length - EDITS_NAMED;
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}

function quietCycle(economy: Economy): string {
  if (economy.agents.size === 0) return "Nobody is alive, so nothing happened.";
  const closed = tokensClosed(economy);
  const why = closed === null ? "" : `; ${closed} (econ.yaml: spending)`;
  return `No bid was due or could pay the market: nobody ran${why}.`;
}

/** What a cycle would do now. */
export function planView(plan: TickPlan, look: Look): string {
  const { economy, winners, waiting, edits } = plan;
  const prices = amountColumn(winners.map(({ pays }) => pays));
  const wins = winners.map(({ bid }, i): Cell[] => [
    bid.agent,
    prices[i] ?? "",
    bundleText(bid.resources),
    payloadText(bid.payload),
  ]);
  const running = new Set(winners.map(({ bid }) => bid.agent));
  const waits = waiting.map((bid): Cell[] => [bid.agent, whyWaiting(economy, bid, running)]);
  const parts = [
    section("Would run", winners.length ? table(WINNERS, wins, look) : hint("Nobody.", look), look),
  ];
  if (waits.length) parts.push(section("Would wait", table(WAITING, waits, look), look));
  if (edits.length)
    parts.push(
      section("Your edits, taken in first", table([{ title: "" }], rowsOf(edits), look), look),
    );
  parts.push(hint("Nothing was changed. Run it with `econ tick`.", look));
  return parts.join("\n\n");
}

/** The plan's economy is in the cycle that is planned already. */
function whyWaiting(economy: Economy, bid: Bid, running: Set<string>): string {
  const { state } = outlookOf(economy, bid, economy.cycle);
  if (state === "not due") return `sleeps to cycle ${bid.notBefore}`;
  if (running.has(bid.agent)) return "its other bid wins";
  return state === "ready" ? "outbid" : state;
}

function rowsOf(lines: string[]): Cell[][] {
  return lines.map((line) => [line]);
}

const WINNERS: Column[] = [
  { title: "AGENT", flexible: true },
  { title: "PAYS", align: "right" },
  { title: "FOR" },
  { title: "RUNS", flexible: true },
];

const WAITING: Column[] = [
  { title: "AGENT", flexible: true },
  { title: "BECAUSE", flexible: true },
];
