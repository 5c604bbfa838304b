// From winners to outcomes: what each run is given (limits, workspace, briefing), and what came
// back of it, parsed as far as JSON. The rules judge it; here nothing is decided but shape.
import { logicOf } from "../agent/logic.ts";
import type { Execute, Run, RunEnding, RunOutcome } from "../economy/cycle.ts";
import { environmentText } from "../economy/environment-text.ts";
import { quote } from "../economy/ids.ts";
import { actionLines } from "../economy/lines.ts";
import { type Result, refuse } from "../economy/result.ts";
import type { Rules } from "../economy/rules.ts";
import { type Folder, isSameFile } from "../economy/state.ts";
import type { Models, Session, SessionRecord } from "../gateway/contract.ts";
import { runAll, turns } from "./pool.ts";
import type { Limits, RunRequest, RunResult, Sandbox, Turn } from "./sandbox.ts";
import { mayRun } from "./trust.ts";

export type Executor = {
  sandbox: Sandbox;
  rules: Rules;
  /** Files that every run of this cycle finds at /econ: RULES.md, econ.yaml. */
  commons: Folder;
  workspaceOf: (agent: string) => Promise<Result<Folder>>;
  /** Who answers the model calls of runs that bought tokens. Without it there is no gateway. */
  models?: Models;
  /** What is known of runs already, by agent: they do not happen again. */
  decided?: Map<string, Decided>;
  /** Called as runs end, for progress. */
  onRun?: (done: number, total: number) => void;
  signal?: AbortSignal;
};

/** What the host keeps of a run: its workspace; its output and its model session for the trace. */
export type Kept = { before: Folder; after: Folder; output: string } & SessionRecord;

/** A run that this host or another has ended once. */
export type Decided = { ending: RunEnding; output: string } & SessionRecord;

export type Executed = { execute: Execute; harvests: Map<string, Kept> };

/** An `Execute` for one cycle, and the harvests it leaves, by agent. */
export function executorFor(options: Executor): Executed {
  const harvests = new Map<string, Kept>();
  const execute: Execute = async (runs) => {
    let done = 0;
    const parallel = parallelism(options.rules);
    const turn = turns(parallel);
    const tasks = runs.map((run) => async () => {
      const outcome = await runOne(options, run, turn, harvests);
      done += 1;
      options.onRun?.(done, runs.length);
      return outcome;
    });
    // While so many run, the sandboxes of as many are made ready, or their files taken out.
    return runAll(tasks, parallel * 2);
  };
  return { execute, harvests };
}

/** How many runs at once: as econ.yaml says, 0 being one per core. */
function parallelism({ execution }: Rules): number {
  return execution.parallel || navigator.hardwareConcurrency;
}

async function runOne(
  { sandbox, rules, commons, workspaceOf, models, decided, signal }: Executor,
  run: Run,
  turn: Turn,
  harvests: Map<string, Kept>,
): Promise<RunOutcome> {
  const known = decided?.get(run.bid.agent);
  if (known) return again(run, known, harvests);
  const workspace = await workspaceOf(run.bid.agent);
  if (!workspace.ok) return failed(workspace.reason);
  const argv = run.bid.payload;
  const allowed = mayRun(sandbox, rules.execution.sandbox, workspace.value, argv);
  if (!allowed.ok) return failed(allowed.reason);
  const { id, agent, resources } = run.bid;
  const tokens = resources.tokens ?? 0;
  const session = tokens > 0 ? (models?.open({ id, agent, tokens }) ?? null) : null;
  const request: RunRequest = {
    id,
    agent,
    argv,
    workspace: workspace.value,
    briefing: briefingFor(run, commons),
    limits: limitsOf(run, rules),
    turn,
    ...(session ? { gateway: session.gateway } : {}),
    ...(signal ? { signal } : {}),
  };
  const { result, calls, providerFailed } = await runWith(session, () => sandbox.run(request));
  const { output, workspace: after } = result;
  harvests.set(agent, { before: workspace.value, after, output, calls, providerFailed });
  const outcome = outcomeOf(result);
  const tooMuch = overChanged(workspace.value, after, rules.execution.changed_mb);
  const isTooMuch = outcome.ending.kind === "finished" && tooMuch !== null;
  const ending = isTooMuch ? { kind: "limit" as const, detail: tooMuch } : outcome.ending;
  return { ...outcome, ending, ...(providerFailed === null ? {} : { providerFailed }) };
}

type Ran = { result: RunResult } & SessionRecord;

/** The session ends with the run, however that ends. */
async function runWith(session: Session | null, run: () => Promise<RunResult>): Promise<Ran> {
  if (!session) return { result: await run(), calls: [], providerFailed: null };
  const result = await run().catch(async (error) => {
    await session.close();
    throw error;
  });
  return { result, ...(await session.close()) };
}

const MB = 1024 * 1024;

/** History keeps every version: without a bound one agent could grow the repository at will. */
function overChanged(before: Folder, after: Folder, limitMb: number): string | null {
  let bytes = 0;
  for (const [path, file] of after)
    if (!isSameFile(before.get(path), file)) bytes += file.bytes.length;
  if (bytes <= limitMb * MB) return null;
  return `it changed ${(bytes / MB).toFixed(1)} MB of files; one run may change ${limitMb} MB`;
}

function failed(detail: string): RunOutcome {
  return withoutRun({ kind: "host", detail });
}

/** Of a run that was undone, nothing but its trace is left. */
function again(run: Run, decided: Decided, harvests: Map<string, Kept>): RunOutcome {
  const { ending, providerFailed } = decided;
  harvests.set(run.bid.agent, { before: new Map(), after: new Map(), ...decided });
  return { ...withoutRun(ending), ...(providerFailed === null ? {} : { providerFailed }) };
}

function withoutRun(ending: RunEnding): RunOutcome {
  return { ending, lines: [], logicOf: () => refuse("the run did not happen"), notes: [] };
}

function limitsOf({ bid, own }: Run, rules: Rules): Limits {
  const { execution } = rules;
  return {
    cpuSeconds: bid.resources.cpu_seconds ?? execution.timeout_seconds,
    memoryMb: bid.resources.memory_mb ?? execution.default_memory_mb,
    wallSeconds: own.execution.timeoutSeconds,
    processes: execution.max_processes,
    diskMb: execution.workspace_mb,
    files: execution.workspace_files,
  };
}

const encoder = new TextEncoder();
const heads = new WeakMap<Run["shared"], Uint8Array>();

/** What the run is shown, as bytes; what all of its cycle are shown is encoded once. */
function environmentBytes(run: Run): Uint8Array {
  const { head, tail } = environmentText(run, 1);
  let encoded = heads.get(run.shared);
  if (!encoded) {
    encoded = encoder.encode(head);
    heads.set(run.shared, encoded);
  }
  return Buffer.concat([encoded, encoder.encode(`${tail}\n`)]);
}

export function briefingFor(run: Run, commons: Folder): Folder {
  const briefing: Folder = new Map(commons);
  const put = (path: string, text: string) =>
    briefing.set(path, { bytes: encoder.encode(text), executable: false });
  briefing.set("environment.json", { bytes: environmentBytes(run), executable: false });
  for (const { n, from, cycle, at, content } of run.own.inbox) {
    const name = `inbox/${String(n).padStart(6, "0")}-${from}.md`;
    put(name, `---\nfrom: ${from}\ncycle: ${cycle}\nat: ${at}\n---\n${content}\n`);
  }
  return briefing;
}

function outcomeOf(result: RunResult): RunOutcome {
  const { ending, workspace, refused, actionsCut } = result;
  const notes = refused.map(({ path, reason }) => `${quote(path)} was not kept: ${reason}`);
  if (actionsCut) notes.push("your actions were more than can be read; the rest was dropped");
  return {
    ending,
    lines: actionLines(result.actions),
    logicOf: (source) => logicOf(source, () => workspace),
    notes: notes.slice(0, 20),
  };
}
