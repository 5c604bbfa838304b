// Line charts with confidence bands, as SVG inside the report.
import { estimate } from "./measures.ts";
import type { RunResult } from "./run.ts";

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

type Point = { cycle: number; low: number; mean: number; high: number };

export function chart(measure: string, treatments: string[], of: Map<string, RunResult[]>): string {
  const lines = treatments.map((treatment) => pointsOf(measure, of.get(treatment) ?? []));
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

/** The mean over the seeds at up to so many cycles; a run that ended keeps its last figures. */
function pointsOf(measure: string, results: RunResult[]): Point[] {
  const longest = Math.max(0, ...results.map(({ rows }) => rows.length));
  const step = Math.max(1, Math.ceil(longest / POINTS_MAX));
  const points: Point[] = [];
  for (let cycle = 1; cycle <= longest; cycle += step) {
    const values = results.map(({ rows }) => (rows[cycle - 1] ?? rows.at(-1))?.[measure] ?? null);
    const figure = estimate(values);
    if (!figure) continue;
    const { mean, half } = figure;
    points.push({ cycle, low: mean - half, mean, high: mean + half });
  }
  return points;
}

function label(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 3 });
}
