// Aligned columns. Every cell passes the door for strangers' text, so no command can forget it;
// styles are put on afterwards.
import { type Paint, paintFor } from "./color.ts";
import { cutToWidth, safeLine } from "./safe-text.ts";

/** How a view is drawn: columns of the terminal (null: a pipe, nothing is cut) and its colours. */
export type Look = { width: number | null; paint: Paint };

export const PLAIN: Look = { width: null, paint: paintFor(false) };

export type Column = {
  title: string;
  align?: "left" | "right";
  /** Gives way first when the terminal is narrow. */
  flexible?: boolean;
};

export type Cell = string | { text: string; style: (text: string) => string };

const GAP = "  ";
const FLEXIBLE_MIN = 10;

/** Columns under quiet headings, indented by two. */
export function table(columns: Column[], rows: Cell[][], look: Look): string {
  const texts = rows.map((row) => row.map((cell) => safeLine(textOf(cell))));
  const widths = columns.map(({ title }) => Bun.stringWidth(title));
  for (const row of texts)
    for (const [i, text] of row.entries())
      widths[i] = Math.max(widths[i] ?? 0, Bun.stringWidth(text));
  fit(columns, widths, look.width);
  const draw = (cells: string[], style: (text: string, i: number) => string) =>
    drawLine(columns, widths, cells, style, look.width);
  const titles = columns.some(({ title }) => title !== "")
    ? [
        draw(
          columns.map(({ title }) => title),
          look.paint.quiet,
        ),
      ]
    : [];
  const lines = texts.map((row, r) =>
    draw(row, (text, i) => {
      const cell = rows[r]?.[i];
      return typeof cell === "object" ? cell.style(text) : text;
    }),
  );
  return [...titles, ...lines].join("\n");
}

/** Names and values without headings. */
export function facts(pairs: [string, Cell][], look: Look): string {
  const columns: Column[] = [
    { title: "", flexible: true },
    { title: "", flexible: true },
  ];
  const named = pairs.map(([name, value]): Cell[] => [
    { text: name, style: look.paint.quiet },
    value,
  ]);
  return table(columns, named, look);
}

function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.text;
}

/** Take what is too wide from the flexible columns, the widest first. */
function fit(columns: Column[], widths: number[], width: number | null): void {
  if (width === null) return;
  const total = () => widths.reduce((sum, each) => sum + each + GAP.length, 0);
  while (total() > width) {
    let widest = -1;
    columns.forEach((column, i) => {
      const reducible = column.flexible && (widths[i] ?? 0) > FLEXIBLE_MIN;
      if (reducible && (widest < 0 || (widths[i] ?? 0) > (widths[widest] ?? 0))) widest = i;
    });
    if (widest < 0) return;
    const room = (widths[widest] ?? 0) - (total() - width);
    widths[widest] = Math.max(FLEXIBLE_MIN, room);
  }
}

function drawLine(
  columns: Column[],
  widths: number[],
  cells: string[],
  style: (text: string, i: number) => string,
  width: number | null,
): string {
  let line = "";
  let used = 0;
  for (const [i, column] of columns.entries()) {
    const room = width === null ? (widths[i] ?? 0) : Math.min(widths[i] ?? 0, width - used - 2);
    if (room <= 0) break;
    const cell = cells[i] ?? "";
    const text = width === null ? cell : cutToWidth(cell, room);
    const pad = " ".repeat(Math.max(0, room - Bun.stringWidth(text)));
    const shown = text === "" ? "" : style(text, i);
    const last = i === columns.length - 1;
    line += GAP + (column.align === "right" ? pad + shown : shown + (last ? "" : pad));
    used += GAP.length + room;
  }
  return line.trimEnd();
}

/** A heading and what stands under it. */
export function section(title: string, body: string, { paint }: Look): string {
  return `${paint.strong(title)}\n${body}`;
}

/** A quiet line that says what is not there yet and how it would come. */
export function hint(text: string, { paint, width }: Look): string {
  const lines = width === null ? text : Bun.wrapAnsi(text, Math.max(FLEXIBLE_MIN, width - 2));
  return lines
    .split("\n")
    .map((line) => `  ${paint.quiet(line)}`)
    .join("\n");
}
