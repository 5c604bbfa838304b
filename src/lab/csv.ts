// Tidy tables: one row per observation, every row with every column, an empty cell where a figure
// does not exist.
import type { RunResult } from "./run.ts";

type Value = string | number | null | undefined;

export function csv(columns: string[], rows: Iterable<Record<string, Value>>): string {
  const lines = [columns.map(cell).join(",")];
  for (const row of rows) lines.push(columns.map((column) => cell(row[column])).join(","));
  return `${lines.join("\n")}\n`;
}

/** As RFC 4180 has it, but for its line ends. */
function cell(value: Value): string {
  if (value === null || value === undefined) return "";
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A row per run. */
export function runsCsv(results: RunResult[]): string {
  const columns = columnsOf(results.map(({ figures }) => figures));
  const rows = results.map(({ treatment, seed, figures }) => ({ ...figures, treatment, seed }));
  return csv(["treatment", "seed", ...columns], rows);
}

/** A row per run and cycle. */
export function cyclesCsv(results: RunResult[]): string {
  const columns = columnsOf(results.flatMap(({ rows }) => rows));
  return csv(["treatment", "seed", ...columns], cycleRows(results));
}

function* cycleRows(results: RunResult[]) {
  for (const { treatment, seed, rows } of results)
    for (const row of rows) yield { ...row, treatment, seed };
}

/** In the order in which they first came up. */
function columnsOf(rows: object[]): string[] {
  const columns = new Set<string>();
  for (const row of rows) for (const name in row) columns.add(name);
  return [...columns];
}
