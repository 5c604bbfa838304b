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

/** Columns of text, columns of figures, and rows that may lack some of them. */
export type Table = {
  text: string[];
  figures: string[];
  rows: Iterable<Record<string, Value>>;
};

export function csvOf({ text, figures, rows }: Table): Generator<string> {
  return csvLines([...text, ...figures], rows);
}

/** A row per run. */
export function runsTable(runs: RunSummary[]): Table {
  const figures = columnsOf(runs.map((run) => run.figures));
  const rows = runs.map((run) => ({ ...run.figures, treatment: run.treatment, seed: run.seed }));
  return { text: ["treatment", "seed"], figures, rows };
}

/** A row per run and cycle; of the results, which have all the rows, one at a time is asked for. */
export function cyclesTable(runs: RunSummary[], results: Iterable<RunResult>): Table {
  const figures = [...new Set(runs.flatMap((run) => run.columns))];
  return { text: ["treatment", "seed"], figures, rows: cycleRows(results) };
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
