// The output folder of an experiment. Every run that is over is a file named by the hash of all
// that decides it, the toolkit's own code included: so a run is never done twice, and what an older
// program measured is never taken for this one's.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { accept, type Result, refuse } from "../economy/result.ts";
import { TOOLKIT } from "../execution/toolkit.ts";
import { HostFailure, replaceFile } from "../world/durable.ts";
import { curvesOf } from "./charts.ts";
import { csvOf, cyclesTable, runsTable } from "./csv.ts";
import type { Plan } from "./experiment.ts";
import { chartedOf, reportHtml } from "./report.ts";
import type { RunResult, RunSpec, RunSummary } from "./run.ts";

const COPY = "experiment.yaml";

/** A new folder, or one that an experiment has used before: anything else is someone's own. */
export function openResults(folder: string): Result<string> {
  if (existsSync(folder) && readdirSync(folder).length > 0 && !existsSync(join(folder, COPY)))
    return refuse(`${folder} is there already and holds no experiment: name another with --out`);
  mkdirSync(join(folder, "runs"), { recursive: true });
  return accept(folder);
}

let codeHash: string | null = null;

/** The rules, the strategies and the lab: what a result depends on beside its specification. */
function hashOfCode(): string {
  if (codeHash !== null) return codeHash;
  const hash = createHash("sha256");
  for (const pattern of ["src/economy/**/*.ts", "src/lab/**/*.ts", "templates/agents/**/*.ts"])
    for (const path of [...new Bun.Glob(pattern).scanSync({ cwd: TOOLKIT })].sort())
      hash.update(path).update(readFileSync(join(TOOLKIT, path)));
  codeHash = hash.digest("hex");
  return codeHash;
}

function fileOf(folder: string, spec: RunSpec): string {
  const hash = createHash("sha256").update(hashOfCode()).update(JSON.stringify(spec));
  return join(folder, "runs", `${hash.digest("hex").slice(0, 32)}.json`);
}

/** What an earlier call finished. A file that cannot be read is as none. */
export function loadResult(folder: string, spec: RunSpec): RunResult | null {
  const file = fileOf(folder, spec);
  if (!existsSync(file)) return null;
  try {
    const result = JSON.parse(readFileSync(file, "utf8"));
    return result.seed === spec.seed && Array.isArray(result.rows) ? result : null;
  } catch {
    return null;
  }
}

export function saveResult(folder: string, spec: RunSpec, result: RunResult): void {
  replaceFile(fileOf(folder, spec), `${JSON.stringify(result)}\n`, false);
}

export function saveExperiment(folder: string, text: string): void {
  replaceFile(join(folder, COPY), text, false);
}

/** Of each run its rows are read from its file, twice, and forgotten: there can be many. */
export function saveTables(folder: string, plan: Plan, runs: RunSummary[]): void {
  const curves = curvesOf(runs, resultsIn(folder, plan), chartedOf(plan, runs));
  replaceFile(join(folder, "runs.csv"), csvOf(runsTable(runs)), false);
  replaceFile(join(folder, "cycles.csv"), csvOf(cyclesTable(runs, resultsIn(folder, plan))), false);
  replaceFile(join(folder, "report.html"), reportHtml(plan, runs, curves), false);
}

/** The same tables as Parquet. Its library is loaded only where somebody asks for it. */
export async function saveParquet(folder: string, plan: Plan, runs: RunSummary[]): Promise<void> {
  const { writeParquet } = await import("./parquet.ts");
  writeParquet(join(folder, "runs.parquet"), runsTable(runs));
  writeParquet(join(folder, "cycles.parquet"), cyclesTable(runs, resultsIn(folder, plan)));
}

function* resultsIn(folder: string, { runs }: Plan): Generator<RunResult> {
  for (const spec of runs) {
    const result = loadResult(folder, spec);
    if (!result) throw new HostFailure(`${fileOf(folder, spec)} is gone: run it again`);
    yield result;
  }
}
