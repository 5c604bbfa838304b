// `econ lab run`: read the experiment, do the runs that are not done yet, write tables and report.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join, relative, resolve } from "node:path";
import { accept, type Result, refuse } from "../economy/result.ts";
import { TOOLKIT } from "../execution/toolkit.ts";
import { RISKS } from "../lab/alarms.ts";
import { commitRun } from "../lab/committed.ts";
import { type Plan, readExperiment } from "../lab/experiment.ts";
import { estimateText, figureOf } from "../lab/report.ts";
import {
  loadResult,
  openResults,
  saveExperiment,
  saveParquet,
  saveResult,
  saveTables,
} from "../lab/results.ts";
import { type RunSpec, type RunSummary, summaryOf } from "../lab/run.ts";
import { runAll } from "../lab/workers.ts";
import { type Column, type Look, table } from "../view/tables.ts";
import { nearest } from "../world/schema.ts";
import { parseYaml } from "../world/yaml.ts";
import { type Context, EXIT, fail, failWith, misused, printJson } from "./context.ts";
import { untilInterrupted } from "./interrupt.ts";
import type { LabOptions } from "./lab.ts";
import { type Progress, progressOn } from "./progress.ts";

const SHIPPED = join(TOOLKIT, "templates", "experiments");

export async function list(context: Context, _: unknown, { json }: LabOptions): Promise<number> {
  const shipped = shippedNames().map((name) => {
    const parsed = parseYaml(readFileSync(join(SHIPPED, `${name}.yaml`), "utf8"));
    const about = parsed.ok ? (parsed.value as { about?: string }).about : "";
    return { name, about: about ?? "" };
  });
  if (json) return printJson(context, shipped);
  const rows = shipped.map(({ name, about }) => [name, about]);
  const columns: Column[] = [{ title: "experiment" }, { title: "about", flexible: true }];
  context.out(table(columns, rows, context.look));
  return EXIT.ok;
}

export async function run(
  context: Context,
  wanted: string | undefined,
  { out, seeds, cycles, json, commit, parquet, workers = availableParallelism() }: LabOptions,
): Promise<number> {
  if (wanted === undefined)
    return misused(context, "name one experiment: a file, or one of `econ lab list`");
  const found = findExperiment(context, wanted);
  if (!found.ok) return fail(context, found.reason);
  const text = readFileSync(found.value, "utf8");
  const file = relative(context.cwd, found.value) || found.value;
  const read = await readExperiment(text, file, { seeds, cycles });
  if (!read.ok) return failWith(context, read.problems);
  const plan = read.value;
  const place = resolve(context.cwd, out ?? `lab-${plan.name}`);
  const world = commit === undefined ? accept(null) : worldFor(plan, place, commit);
  if (!world.ok) return fail(context, world.reason);
  const folder = openResults(place);
  if (!folder.ok) return fail(context, folder.reason);
  saveExperiment(folder.value, text);
  const results = await doRuns(context, plan, folder.value, workers);
  if (results === null) {
    context.err("Interrupted: run it again to go on with what is missing.");
    return EXIT.interrupted;
  }
  saveTables(folder.value, plan, results);
  if (parquet) await saveParquet(folder.value, plan, results);
  const written = world.value === null ? accept("") : await commitWorld(context, plan, world.value);
  if (!written.ok) return fail(context, written.reason);
  if (json) return printJson(context, summaryJson(plan, results));
  conclude(context, plan, results, folder.value);
  if (world.value !== null)
    context.out(`${relative(context.cwd, world.value.root) || "."}: the world of its first run`);
  return EXIT.ok;
}

type WorldWanted = { treatment: string; root: string };

/** Where the world of a treatment's first run goes; nothing that is there is written over. */
function worldFor(plan: Plan, folder: string, treatment: string): Result<WorldWanted> {
  const { treatments } = plan;
  if (!treatments.includes(treatment)) {
    const near = nearest(treatment, treatments);
    const hint = near ? `did you mean ${near}?` : `there is ${treatments.join(", ")}`;
    return refuse(`no treatment ${JSON.stringify(treatment)}; ${hint}`);
  }
  const root = join(folder, `world-${treatment.replace(/[^A-Za-z0-9.=-]+/g, "-")}`);
  if (existsSync(root)) return refuse(`${root} is there already: remove it first`);
  return accept({ treatment, root });
}

async function commitWorld(
  context: Context,
  plan: Plan,
  { treatment, root }: WorldWanted,
): Promise<Result<string>> {
  const spec = plan.runs.find((run) => run.treatment === treatment);
  if (!spec) throw new Error(`econ has a bug: ${treatment} has no run`);
  const progress = progressOn(context);
  const config = plan.configs[treatment] ?? "";
  try {
    return await commitRun(root, { spec, config }, (cycle) =>
      progress.line(`${treatment}: cycle ${cycle} of ${spec.cycles} committed`),
    );
  } finally {
    progress.clear();
  }
}

function shippedNames(): string[] {
  const files = readdirSync(SHIPPED).filter((file) => file.endsWith(".yaml"));
  return files.map((file) => basename(file, ".yaml")).sort();
}

/** A file where there is one, else a shipped experiment. */
function findExperiment({ cwd }: Context, wanted: string): Result<string> {
  const path = resolve(cwd, wanted);
  if (existsSync(path)) return accept(path);
  const shipped = join(SHIPPED, `${wanted}.yaml`);
  if (shippedNames().includes(wanted)) return accept(shipped);
  const near = nearest(wanted, shippedNames());
  const hint = near ? `did you mean ${near}?` : "`econ lab list` shows those that are shipped";
  return refuse(`there is no experiment ${JSON.stringify(wanted)}; ${hint}`);
}

/** All results in the order of the plan; null when Ctrl-C came first. */
async function doRuns(
  context: Context,
  plan: Plan,
  folder: string,
  workers: number,
): Promise<RunSummary[] | null> {
  const results = new Map<RunSpec, RunSummary>();
  for (const spec of plan.runs) {
    const done = loadResult(folder, spec);
    if (done) results.set(spec, summaryOf(done));
  }
  const missing = plan.runs.filter((spec) => !results.has(spec));
  if (results.size > 0)
    context.err(`${results.size} of ${plan.runs.length} runs are done already.`);
  const interrupt = untilInterrupted();
  const progress = progressOn(context);
  const watch = timeLeft(progress, missing.length);
  try {
    watch(0);
    let done = 0;
    await runAll(missing, { workers, signal: interrupt.signal }, (spec, result) => {
      saveResult(folder, spec, result);
      results.set(spec, summaryOf(result));
      done += 1;
      watch(done);
    });
  } finally {
    progress.clear();
    interrupt.release();
  }
  const ordered = plan.runs.flatMap((spec) => results.get(spec) ?? []);
  return ordered.length === plan.runs.length ? ordered : null;
}

/** From the time that the runs took so far; it is shown and kept nowhere. */
function timeLeft(progress: Progress, total: number): (done: number) => void {
  const start = performance.now();
  return (done) => {
    const seconds =
      done === 0 ? null : ((performance.now() - start) / done / 1000) * (total - done);
    const left = seconds === null ? "" : ` · about ${durationText(seconds)} left`;
    progress.line(`${done} of ${total} runs done${left}`);
  };
}

function durationText(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}

function conclude(context: Context, plan: Plan, results: RunSummary[], folder: string): void {
  const { out, look } = context;
  out(summary(plan, results, look));
  const place = relative(context.cwd, folder) || ".";
  const { length } = plan.seeds;
  out(`\n${results.length} runs; means ± 95 % over ${length} seeds. The human is simulated.`);
  out(`${place}/report.html, ${place}/runs.csv, ${place}/cycles.csv`);
}

/** The shape of `lab run --json`. */
function summaryJson({ name, treatments, measures, seeds }: Plan, results: RunSummary[]) {
  const of = Map.groupBy(results, ({ treatment }) => treatment);
  const figures = treatments.map((treatment) => ({
    treatment,
    measures: Object.fromEntries(
      measures.map((measure) => [measure, figureOf(of, treatment, measure)]),
    ),
    alarms: Object.fromEntries(RISKS.map(({ name }) => [name, alarmsIn(of.get(treatment), name)])),
  }));
  return { name, seeds, treatments: figures };
}

function alarmsIn(runs: RunSummary[] = [], risk: string): number {
  return runs.filter(({ figures }) => figures[`alarm_${risk}`] === 1).length;
}

/** More than this many columns do not fit: then treatments are rows. */
const COLUMNS_MAX = 4;

function summary({ treatments, measures, seeds }: Plan, results: RunSummary[], look: Look): string {
  const of = Map.groupBy(results, ({ treatment }) => treatment);
  const rows = measures.map((measure) => [
    measure,
    ...treatments.map((treatment) => estimateText(figureOf(of, treatment, measure))),
  ]);
  for (const { name } of RISKS) {
    const alarms = treatments.map((treatment) => alarmsIn(of.get(treatment), name));
    if (alarms.some((count) => count > 0))
      rows.push([`alarm: ${name}`, ...alarms.map((count) => `${count} of ${seeds.length}`)]);
  }
  const grid = [["", ...treatments], ...rows];
  const turned =
    treatments.length > COLUMNS_MAX
      ? (grid[0] ?? []).map((_, i) => grid.map((row) => row[i] ?? ""))
      : grid;
  const [titles = [], ...body] = turned;
  const columns = titles.map((title, i): Column => ({ title, align: i === 0 ? "left" : "right" }));
  return table(columns, body, look);
}
