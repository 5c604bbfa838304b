// The commit of a cycle: a subject for `git log --oneline`, the chronicle as the body, and trailers
// from which `git log` alone can plot the world's series.
import { condensed, weightiest } from "../economy/chronicle.ts";
import type { CycleReport } from "../economy/cycle.ts";
import { formatAmount, type Micro, roundedPrice } from "../economy/money.ts";
import { RESOURCES, type Resource } from "../economy/resources.ts";
import { totalOf } from "../economy/spending.ts";
import { circulationOf, type Economy, marketOf } from "../economy/state.ts";
import { oneLine } from "../economy/text.ts";

const EVENTS_SHOWN_MAX = 200;
/** Reasons may quote what agents wrote. */
export const LINE_CHARS_MAX = 200;

/** Prices before the cycle, for the subject's "+4%". */
export type PricesBefore = Map<Resource, Micro>;

export function pricesOf(economy: Economy): PricesBefore {
  return new Map([...economy.markets].map(([resource, { price }]) => [resource, price]));
}

/** "cycle 42: 3 ran, 1 born, 0 died; cpu 2.1 (+4%)" and the rest. */
export function cycleMessage(economy: Economy, report: CycleReport, before: PricesBefore): string {
  const { born, died, events } = economy.changes;
  const ran = report.runs.filter(({ ending }) => ending.kind !== "host").length;
  const counts = `${ran} ran, ${born.length} born, ${died.length} died`;
  const subject = `cycle ${economy.cycle}: ${counts}${priceNews(economy, before)}`;
  const story = condensed(events);
  const shown = weightiest(story, EVENTS_SHOWN_MAX).map(({ text }) =>
    oneLine(text, LINE_CHARS_MAX),
  );
  if (story.length > shown.length) shown.push(`… and ${story.length - shown.length} more`);
  const body = shown.length > 0 ? `\n${shown.join("\n")}\n` : "";
  return `${subject}\n${body}\n${trailers(economy)}\n`;
}

/** The price that moved most, of the goods that somebody wanted. */
function priceNews(economy: Economy, before: PricesBefore): string {
  const moves = RESOURCES.map((resource) => {
    const { price, demand } = marketOf(economy, resource);
    const was = before.get(resource) ?? 0;
    return { resource, price, demand, change: was === 0 ? 0 : price / was - 1 };
  }).filter(({ demand, change }) => demand > 0 && change !== 0);
  const [best] = moves.sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
  if (!best) return "";
  const name = best.resource.split("_")[0];
  const percent = Math.round(best.change * 100);
  return `; ${name} ${roundedPrice(best.price)} (${percent < 0 ? "" : "+"}${percent}%)`;
}

function trailers(economy: Economy): string {
  const lines = [
    `Econ-Cycle: ${economy.cycle}`,
    `Econ-Time: ${economy.time}`,
    `Econ-Alive: ${economy.agents.size}`,
    `Econ-Credits: ${formatAmount(circulationOf(economy).total)}`,
  ];
  const dollars = totalOf(economy.changes.costs);
  if (dollars > 0) lines.push(`Econ-Dollars: ${formatAmount(dollars)}`);
  for (const resource of RESOURCES) {
    const market = marketOf(economy, resource);
    if (market.supply === 0) continue;
    const name = resource
      .split("_")
      .map((part) => part[0]?.toUpperCase() + part.slice(1))
      .join("-");
    lines.push(`Econ-Price-${name}: ${formatAmount(market.price)}`);
  }
  return lines.join("\n");
}
