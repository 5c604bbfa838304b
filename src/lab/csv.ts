// Tidy tables: one row per observation, every row with every column, an empty cell where a figure
// does not exist.
import type { RunResult, RunSummary } from "./run.ts";

type Value = string | number | null | undefined;

/** Line by line: a large table is never in memory whole. */
export function* csvLines(
  columns: string[],
  rows: Iterable<Record<string, Value>>,
): Generator<string> {
  yield `${columns.map(cell).join(",")}\n`;
  for (const row of rows) yield `${columns.map((column) => cell(row[column])).join(",")}\n`;
}

/** As RFC 4180 has it, but for its line ends. */
function cell(value: Value): string {
  if (value === null || value === undefined) return "";
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A row per run. */
export function runsCsv(runs: RunSummary[]): Generator<string> {
  const columns = columnsOf(runs.map(({ figures }) => figures));
  const rows = runs.map(({ treatment, seed, figures }) => ({ ...figures, treatment, seed }));
  return csvLines(["treatment", "seed", ...columns], rows);
}

/** A row per run and cycle; of the results, which have all the rows, one at a time is asked for. */
export function cyclesCsv(runs: RunSummary[], results: Iterable<RunResult>): Generator<string> {
  const columns = [...new Set(runs.flatMap((run) => run.columns))];
  return csvLines(["treatment", "seed", ...columns], cycleRows(results));
}

function* cycleRows(results: Iterable<RunResult>) {
  for (const { treatment, seed, rows } of results)
    for (const row of rows) yield { ...row, treatment, seed };
}

/** In the order in which they first came up. */
export function columnsOf(rows: object[]): string[] {
  const columns = new Set<string>();
  for (const row of rows) for (const name in row) columns.add(name);
  return [...columns];
}
