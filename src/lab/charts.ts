// Line charts with confidence bands, as SVG inside the report.

import type { Row } from "./measures.ts";
import { estimate } from "./measures.ts";
import type { RunResult, RunSummary } from "./run.ts";

/** Told apart by people who see few colours as well (Okabe and Ito). */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999999"];

export function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length] ?? "#999999";
}

/** Text that a stranger may have written, as HTML that says just that. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

const WIDTH = 520;
const HEIGHT = 240;
const LEFT = 56;
const BOTTOM = 22;
const TOP = 8;
const POINTS_MAX = 160;

/** At which cycles a treatment is drawn, and of each of its runs the rows there. */
export type Curves = { cycles: number[]; runs: Row[][] };

/** What charts show of all the rows: so many cycles of each, read one run at a time. */
export function curvesOf(
  runs: RunSummary[],
  results: Iterable<RunResult>,
  measures: string[],
): Map<string, Curves> {
  const curves = new Map<string, Curves>();
  for (const [treatment, own] of Map.groupBy(runs, (run) => run.treatment)) {
    const longest = Math.max(0, ...own.map(({ cycles }) => cycles));
    const step = Math.max(1, Math.ceil(longest / POINTS_MAX));
    const cycles = Array.from({ length: Math.ceil(longest / step) }, (_, i) => 1 + i * step);
    curves.set(treatment, { cycles, runs: [] });
  }
  for (const { treatment, rows } of results) {
    const { cycles, runs: drawn } = curves.get(treatment) ?? { cycles: [], runs: [] };
    // A run that ended keeps its last figures.
    const shown = cycles.map((cycle) => rows[cycle - 1] ?? rows.at(-1) ?? {});
    const figures = (row: Row) => measures.map((measure) => [measure, row[measure] ?? null]);
    drawn.push(shown.map((row) => Object.fromEntries(figures(row))));
  }
  return curves;
}

type Point = { cycle: number; low: number; mean: number; high: number };

export function chart(measure: string, treatments: string[], of: Map<string, Curves>): string {
  const lines = treatments.map((treatment) => pointsOf(measure, of.get(treatment)));
  const all = lines.flat();
  const lowest = Math.min(0, ...all.map(({ low }) => low));
  const highest = Math.max(...all.map(({ high }) => high), lowest + 1e-9);
  const longest = Math.max(1, ...all.map(({ cycle }) => cycle));
  const x = (cycle: number) => LEFT + ((WIDTH - LEFT - 8) * cycle) / longest;
  const y = (value: number) =>
    TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - lowest) / (highest - lowest));
  const place = (cycle: number, value: number) => `${x(cycle).toFixed(1)},${y(value).toFixed(1)}`;
  const drawn = lines.map((points, index) => {
    const upper = points.map(({ cycle, high }) => place(cycle, high));
    const lower = points.map(({ cycle, low }) => place(cycle, low)).reverse();
    const middle = points.map(({ cycle, mean }) => place(cycle, mean));
    const colour = colourOf(index);
    return (
      `<polygon points="${[...upper, ...lower].join(" ")}" fill="${colour}" opacity=".2"/>` +
      `<polyline points="${middle.join(" ")}" fill="none" stroke="${colour}" stroke-width="1.5"/>`
    );
  });
  const grid = [lowest, (lowest + highest) / 2, highest].map(
    (value) =>
      `<path d="M${place(0, value)}H${WIDTH - 8}" stroke="#8884"/>` +
      `<text x="${LEFT - 6}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">` +
      `${label(value)}</text>`,
  );
  const bottom = HEIGHT - 6;
  return [
    `<figure><figcaption>${escapeHtml(measure)}</figcaption>`,
    `<svg width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${escapeHtml(measure)}">`,
    ...grid,
    `<text x="${LEFT}" y="${bottom}">1</text>`,
    `<text x="${WIDTH - 8}" y="${bottom}" text-anchor="end">cycle ${longest}</text>`,
    ...drawn,
    "</svg></figure>",
  ].join("\n");
}

/** The mean over the seeds at each of the cycles. */
function pointsOf(measure: string, { cycles, runs }: Curves = { cycles: [], runs: [] }): Point[] {
  return cycles.flatMap((cycle, i) => {
    const figure = estimate(runs.map((rows) => rows[i]?.[measure] ?? null));
    if (!figure) return [];
    const { mean, half } = figure;
    return [{ cycle, low: mean - half, mean, high: mean + half }];
  });
}

function label(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 3 });
}
