// The report: one HTML file that needs nothing else, the same for the same results. Names come from
// files that anyone may have written, so every text passes `escapeHtml`.
import { RISKS } from "./alarms.ts";
import { type Curves, chart, colourOf, escapeHtml } from "./charts.ts";
import type { Plan } from "./experiment.ts";
import { type Estimate, estimate } from "./measures.ts";
import type { RunSummary } from "./run.ts";

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto}
body{padding:0 1.5rem}
table{border-collapse:collapse;margin:1rem 0}th,td{padding:.2rem .8rem;text-align:right}
th:first-child,td:first-child{text-align:left}tr:nth-child(even){background:#8881}
thead th{border-bottom:1px solid #888}small{color:#777}figure{display:inline-block;margin:.5rem}
.alarm{color:#c00;font-weight:600}svg text{font:11px system-ui,sans-serif;fill:#777}
:root{color-scheme:light dark}`;

export function reportHtml(plan: Plan, runs: RunSummary[], curves: Map<string, Curves>): string {
  const of = Map.groupBy(runs, ({ treatment }) => treatment);
  const charted = chartedOf(plan, runs);
  const { name, about, seeds, cycles } = plan;
  const title = escapeHtml(name);
  return [
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>`,
    `<style>${STYLE}</style><h1>${title}</h1>`,
    `<p>${escapeHtml(about)}</p>`,
    `<p>${plan.treatments.length} treatments, ${seeds.length} seeds, at most ${cycles} cycles.`,
    "Figures are means over the seeds ± half of the 95&nbsp;% confidence interval (Student's t).",
    "The human is simulated: a rule, not a person.</p>",
    "<h2>Measures</h2>",
    measuresTable(plan, of),
    "<h2>Risks</h2>",
    risksTable(plan, of),
    `<h2>Over the cycles</h2>${legend(plan.treatments)}`,
    "<p><small>Bands are 95&nbsp;% confidence intervals. A run that ended keeps its last figures.",
    "</small></p>",
    ...charted.map((measure) => chart(measure, plan.treatments, curves)),
    "</html>\n",
  ].join("\n");
}

/** The measures that every cycle has. */
export function chartedOf({ measures }: Plan, runs: RunSummary[]): string[] {
  return measures.filter((measure) => runs.some(({ columns }) => columns.includes(measure)));
}

type Groups = Map<string, RunSummary[]>;

export function figureOf(of: Groups, treatment: string, measure: string): Estimate | null {
  return estimate((of.get(treatment) ?? []).map(({ figures }) => figures[measure] ?? null));
}

function measuresTable({ treatments, measures }: Plan, of: Groups): string {
  const rows = measures.map((measure) => [
    escapeHtml(measure),
    ...treatments.map((treatment) => estimateText(figureOf(of, treatment, measure))),
  ]);
  return htmlTable(["", ...treatments.map(escapeHtml)], rows);
}

function risksTable({ treatments }: Plan, of: Groups): string {
  const rows = RISKS.map(({ name, about }) => [
    `${name}<br><small>${escapeHtml(about)}</small>`,
    ...treatments.map((treatment) => {
      const figure = estimateText(figureOf(of, treatment, `risk_${name}`));
      const runs = of.get(treatment) ?? [];
      const alarms = runs.filter(({ figures }) => figures[`alarm_${name}`] === 1).length;
      const count = alarms > 0 ? `<span class="alarm">alarm in ${alarms}</span>` : "no alarm";
      return `${figure}<br><small>${count} of ${runs.length}</small>`;
    }),
  ]);
  return htmlTable(["", ...treatments.map(escapeHtml)], rows);
}

/** Cells are HTML already. */
function htmlTable(head: string[], rows: string[][]): string {
  const cells = (row: string[], tag: string) =>
    row.map((cell) => `<${tag}>${cell}</${tag}>`).join("");
  const body = rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("\n");
  return `<table><thead><tr>${cells(head, "th")}</tr></thead><tbody>\n${body}\n</tbody></table>`;
}

function legend(treatments: string[]): string {
  const entries = treatments.map(
    (treatment, i) => `<span style="color:${colourOf(i)}">▬ ${escapeHtml(treatment)}</span>`,
  );
  return `<p>${entries.join(" &nbsp; ")}</p>`;
}

/** "1,216 ± 18"; "–" where no seed has the figure. */
export function estimateText(figure: Estimate | null): string {
  if (!figure) return "–";
  const size = Math.max(Math.abs(figure.mean), figure.half);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 4;
  const show = (value: number) => value.toLocaleString("en", { maximumFractionDigits: digits });
  return figure.n > 1 ? `${show(figure.mean)} ± ${show(figure.half)}` : show(figure.mean);
}
