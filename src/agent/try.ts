// `econ try` inside a run: a strategy in a private copy of the economy, told in lines.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Output } from "./command.ts";
import { TestEconomy, TRIAL_CYCLES_MAX, type TrialHuman } from "./trial.ts";
import type { AnyStrategy } from "./trial-minds.ts";
import type { TrialReport } from "./trial-report.ts";

/** One trial. Exit code 0 whatever came of it; 2 when there is nothing to try. */
export async function tryStrategy(args: string[]): Promise<Output> {
  try {
    const { file, json, ...options } = optionsOf(args);
    const me = await strategyIn(file);
    const report = await new TestEconomy().play({ me, ...options });
    return { code: 0, out: json ? JSON.stringify(report) : told(report), err: "" };
  } catch (error) {
    return { code: 2, out: "", err: `econ try: ${(error as Error).message} (see: econ help)` };
  }
}

function optionsOf(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      cycles: { type: "string", default: "50" },
      score: { type: "string" },
      seed: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const [file, ...more] = positionals;
  if (file === undefined) throw new Error("name the file of a strategy");
  if (more.length > 0) throw new Error(`what is "${more[0]}"?`);
  return {
    file,
    json: values.json,
    cycles: numberOf("--cycles", values.cycles, TRIAL_CYCLES_MAX),
    ...(values.seed === undefined ? {} : { seed: values.seed }),
    ...(values.score === undefined ? {} : { human: always(values.score) }),
  };
}

function numberOf(option: string, text: string, most: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value <= most) return value;
  throw new Error(`${option}: "${text}" is not a number up to ${most}`);
}

function always(text: string): TrialHuman {
  const points = numberOf("--score", text, 10);
  return () => ({ interesting: points, useful: points, understandable: points });
}

async function strategyIn(file: string): Promise<AnyStrategy> {
  const found = await import(resolve(file));
  const strategy = found.default ?? found.decide;
  if (typeof strategy === "function") return strategy;
  throw new Error(`${file} exports no strategy: its default export, or \`decide\``);
}

const ROWS_MAX = 12;
const REFUSALS_SHOWN = 10;

function told(report: TrialReport): string {
  const { outcome, executions, awards, refusals, assumed, cycles } = report;
  const paid = executions.reduce((sum, run) => sum + run.paid, 0);
  const earned = awards.reduce((sum, { award }) => sum + award, 0);
  const crashes = executions.filter(({ crashed }) => crashed !== undefined);
  const hidden = refusals.length + report.moreRefusals - REFUSALS_SHOWN;
  return [
    outcome,
    `${cycles[0]?.balance} credits after this run, ${cycles.at(-1)?.balance} at the end`,
    `${executions.length} runs for ${short(paid)}; ${awards.length} awards of ${short(earned)}`,
    "",
    ...rowsOf(cycles),
    ...section(
      "crashed",
      crashes.map(({ cycle, crashed }) => `cycle ${cycle}: ${crashed}`).slice(-4),
    ),
    ...section(
      "refused",
      refusals
        .slice(0, REFUSALS_SHOWN)
        .map(({ cycle, action, reason }) => `cycle ${cycle}: ${action}: ${reason}`),
    ),
    ...(hidden > 0 ? [`  and ${hidden} more`] : []),
    ...section("assumed", assumed),
  ].join("\n");
}

function rowsOf(cycles: TrialReport["cycles"]): string[] {
  const step = Math.max(1, Math.ceil((cycles.length - 1) / (ROWS_MAX - 1)));
  const rows = cycles.filter((_, index) => index % step === 0 || index === cycles.length - 1);
  const head = ["cycle", "balance", "agents", "cpu_seconds", "memory_mb", "attention"];
  const body = rows.map(({ cycle, balance, agents, prices }) =>
    [cycle, balance, agents, prices.cpu_seconds, prices.memory_mb, prices.attention].map(short),
  );
  return [head, ...body].map((row) => row.map((cell) => cell.padStart(11)).join(" "));
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ["", `${title}:`, ...lines.map((line) => `  ${line}`)];
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}
