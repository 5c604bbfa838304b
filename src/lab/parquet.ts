// hyparquet-writer: Apache Parquet is binary and has a format of its own for every kind of column;
// tools for tables of millions of rows read it many times faster than CSV, with types.
import { renameSync, rmSync } from "node:fs";
import { fileWriter, parquetWriteRows } from "hyparquet-writer";
import type { Table } from "./csv.ts";

/** So many are in memory at once. */
const GROUP_ROWS = 10_000;

/**
 * A file of a table: text columns as text, all others as doubles, null where a figure does not
 * exist. Of the rows one group at a time is in memory. Replaces the file at once or not at all.
 */
export function writeParquet(path: string, { text, figures, rows }: Table): void {
  const temporary = `${path}.new`;
  const columns = [
    ...text.map((name) => ({ name, type: "STRING" as const, nullable: false })),
    ...figures.map((name) => ({ name, type: "DOUBLE" as const, nullable: true })),
  ];
  try {
    // A new file, never what lies there: that could be a link to elsewhere.
    rmSync(temporary, { force: true });
    const writer = fileWriter(temporary);
    parquetWriteRows({ writer, columns, rows: whole(figures, rows), rowGroupSize: GROUP_ROWS });
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Every row with every figure: what is missing is null. */
function* whole(figures: string[], rows: Table["rows"]) {
  const none = Object.fromEntries(figures.map((name) => [name, null]));
  for (const row of rows) yield { ...none, ...row };
}
