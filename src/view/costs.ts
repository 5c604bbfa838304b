// What models have cost in dollars, and what cycles to come may cost.
import { type CycleCosts, type Estimate, HISTORY_SEEN_CYCLES } from "../economy/estimate.ts";
import type { MicroDollars, ModelCost } from "../economy/models.ts";
import { toCredits } from "../economy/money.ts";
import type { Overview } from "../economy/overview.ts";
import {
  ceilingReached,
  closedText,
  dollarsLeft,
  spentToday,
  sumOf,
  totalOf,
} from "../economy/spending.ts";
import { counted, quantityText } from "./amounts.ts";
import { type Cell, type Column, facts, hint, type Look, section, table } from "./tables.ts";

export const COST_GROUPS = ["agent", "model", "cycle"] as const;
export type CostGroup = (typeof COST_GROUPS)[number];

/** What one agent, one model or one cycle cost. */
export type CostRow = { name: string } & Omit<ModelCost, "agent" | "model">;

const ROWS_SHOWN = 40;

/** The dearest first; cycles the newest first. */
export function costRows(history: CycleCosts[], by: CostGroup): CostRow[] {
  const all = history.flatMap(({ cycle, costs }) => costs.map((cost) => ({ cycle, cost })));
  const groups = Map.groupBy(all, ({ cycle, cost }) => (by === "cycle" ? `${cycle}` : cost[by]));
  const rows = [...groups].map(([name, group]): CostRow => {
    const { agent: _, model: __, ...sums } = group.map(({ cost }) => cost).reduce(sumOf);
    return { name, ...sums };
  });
  if (by === "cycle") return rows.sort((a, b) => Number(b.name) - Number(a.name));
  return rows.sort((a, b) => b.dollars - a.dollars || (a.name < b.name ? -1 : 1));
}

export function costView(economy: Overview, rows: CostRow[], by: CostGroup, look: Look): string {
  const parts = [section("Spent on models", facts(ceilingFacts(economy), look), look)];
  parts.push(section(`By ${by}`, rowsTable(rows, by, look), look));
  return parts.join("\n\n");
}

function ceilingFacts(economy: Overview): [string, Cell][] {
  const { dollars_per_day, dollars_per_world } = economy.rules.spending;
  const left = dollarsLeft(economy);
  const line = (spent: MicroDollars, ceiling: number, rest: MicroDollars) =>
    `${dollarsText(spent)} of ${dollarsText(ceiling * 1_000_000)}; ${dollarsText(rest)} left`;
  const pairs: [string, Cell][] = [
    ["today", line(spentToday(economy), dollars_per_day, left.day)],
    ["in all", line(economy.spent.total, dollars_per_world, left.world)],
  ];
  const closed = tokensClosed(economy);
  return closed ? [...pairs, ["closed", closed]] : pairs;
}

function rowsTable(rows: CostRow[], by: CostGroup, look: Look): string {
  if (rows.length === 0) return hint("No model was called.", look);
  const titles = ["COST", "CALLS", "INPUT", "CACHED", "WRITTEN", "OUTPUT", "BOUGHT"];
  const columns: Column[] = [
    { title: by.toUpperCase(), flexible: true },
    ...titles.map((title): Column => ({ title, align: "right" })),
  ];
  const shown = look.width === null ? rows : rows.slice(0, ROWS_SHOWN);
  const cells = shown.map((row): Cell[] => [
    row.name === "" ? "no model of this world" : row.name,
    dollarsText(row.dollars),
    ...[row.calls, row.input, row.cachedInput, row.cacheWrite, row.output].map(quantityText),
    quantityText(row.milliTokens / 1000),
  ]);
  const rest = rows.length - shown.length;
  const more = rest > 0 ? [hint(`and ${rest} more`, look)] : [];
  const sum = `${counted(rows.length, by)}, ${dollarsText(totalOf(rows))} in all`;
  return [table(columns, cells, look), ...more, hint(sum, look)].join("\n");
}

export function estimateView(economy: Overview, estimate: Estimate, look: Look): string {
  const { cycles, atMost, likely, basis } = estimate;
  const why =
    basis === "history"
      ? `as the last ${HISTORY_SEEN_CYCLES} cycles went`
      : "all tokens of the pending bids used, at the dearest price";
  const perDay = economy.rules.spending.dollars_per_day * 1_000_000;
  const each = atMost > perDay ? `, ${dollarsText(perDay)} a day` : "";
  const pairs: [string, Cell][] = [
    ["at most", `${dollarsText(atMost)}${each}`],
    ["likely", `${dollarsText(likely)} (${why})`],
    ...ceilingFacts(economy),
  ];
  const title = `What ${counted(cycles, "cycle")} may cost`;
  return section(title, facts(pairs, look), look);
}

/** Why no tokens are sold, or not all of them, in words; null: they are. */
export function tokensClosed(economy: Overview): string | null {
  const ceiling = ceilingReached(economy);
  return ceiling ? closedText(ceiling) : null;
}

const CENT = 10_000;

/** "$12.50", "$0.80"; parts of a cent below a dollar: "$0.0124". */
export function dollarsText(dollars: MicroDollars): string {
  if (dollars > 0 && dollars < 100) return "<$0.0001";
  const isFine = dollars < 100 * CENT && dollars % CENT !== 0;
  return `$${(dollars / 1_000_000).toFixed(isFine ? 4 : 2)}`;
}

/** The shape of `econ cost --json`; dollars as numbers. */
export function costJson(economy: Overview, by: CostGroup, rows: CostRow[]) {
  return {
    ...spentJson(economy),
    by,
    rows: rows.map(({ name, dollars, milliTokens, ...row }) => ({
      [by]: by === "cycle" ? Number(name) : name,
      ...row,
      tokens: milliTokens / 1000,
      dollars: toCredits(dollars),
    })),
  };
}

export function estimateJson(economy: Overview, estimate: Estimate) {
  const { atMost, likely, ...rest } = estimate;
  const dollars = { atMost: toCredits(atMost), likely: toCredits(likely) };
  return { ...spentJson(economy), estimate: { ...rest, ...dollars } };
}

export type SpentJson = {
  today: number;
  total: number;
  left: { day: number; world: number };
  /** Why no tokens are sold; null: they are. */
  closed: string | null;
};

export function spentJson(economy: Overview): SpentJson {
  const left = dollarsLeft(economy);
  return {
    today: toCredits(spentToday(economy)),
    total: toCredits(economy.spent.total),
    left: { day: toCredits(left.day), world: toCredits(left.world) },
    closed: tokensClosed(economy),
  };
}
