// The trace of a run (agents/<id>/runs/<cycle>.jsonl): what it bought, its model calls, what became
// of each action, how it ended. One object a line. Written by the kernel, read again for a person,
// who may have edited it meanwhile, or whose econ is older: what is not understood is passed over.
import type { Fate, RunReport } from "../economy/cycle.ts";
import type { Shown } from "../economy/environment.ts";
import { environmentText } from "../economy/environment-text.ts";
import { formatAmount } from "../economy/money.ts";
import type { SessionRecord } from "../gateway/contract.ts";
import { type CallSummary, callLines, summariesOf } from "./trace-calls.ts";

/** What the trace of a run says. */
export type RunTrace = {
  cycle: number;
  /** "finished", or how else it ended. Empty when the trace does not say. */
  ending: string;
  detail: string;
  /** Actions that were accepted. */
  done: number;
  refused: { action: string; reason: string }[];
  /** What it asked of models. */
  calls: CallSummary[];
  /** What the agent printed. */
  output: string;
  /** Why the provider of its model failed it, if it did. */
  providerFailed: string | null;
};

const FATES_MAX = 1_000;
const LINE_MAX = 4 * 1024;

/** Nothing in it was measured on this machine, so that traces are the same everywhere. */
export function traceText(
  { run, ending, fates }: RunReport,
  { output, calls, providerFailed }: { output: string } & SessionRecord,
): string {
  const { bid, pays } = run;
  const { id, payload, resources } = bid;
  const detail = ending.kind === "finished" ? "" : ending.detail;
  const head = { bid: id, paid: formatAmount(pays), payload, resources };
  const end = {
    detail,
    ending: ending.kind,
    output,
    ...(providerFailed !== null && { providerFailed }),
  };
  const last = [...fates.slice(0, FATES_MAX).map(bounded), end];
  const text = (line: object) => `${JSON.stringify(line)}\n`;
  const first = text({ ...head, environment: digestOf(run) });
  return first + callLines(calls) + last.map(text).join("");
}

const digests = new WeakMap<Shown["shared"], Bun.CryptoHasher>();

/** The SHA-256 of what the run was shown; what all of its cycle were shown is hashed once. */
function digestOf(shown: Shown): string {
  const { head, tail } = environmentText(shown, 0);
  let digest = digests.get(shown.shared);
  if (!digest) {
    digest = new Bun.CryptoHasher("sha256").update(head);
    digests.set(shown.shared, digest);
  }
  return digest.copy().update(tail).digest("hex");
}

/** An action may carry a whole message: the trace keeps what fits on a line. */
function bounded({ action, answer, ok }: Fate): Fate {
  if ((JSON.stringify(action) ?? "").length <= LINE_MAX) return { action, answer, ok };
  return { action: { action: kindOf(action), cut: true }, answer, ok };
}

export function readTrace(text: string, cycle: number): RunTrace {
  const calls = summariesOf(text);
  const trace: RunTrace = {
    cycle,
    ending: "",
    detail: "",
    done: 0,
    refused: [],
    calls,
    output: "",
    providerFailed: null,
  };
  for (const line of text.split("\n")) {
    const value = objectIn(line);
    if (!value) continue;
    if (typeof value.ending === "string") trace.ending = value.ending;
    if (typeof value.detail === "string") trace.detail = value.detail;
    if (typeof value.output === "string") trace.output = value.output;
    if (typeof value.providerFailed === "string") trace.providerFailed = value.providerFailed;
    if (value.ok === true) trace.done += 1;
    if (value.ok === false)
      trace.refused.push({ action: kindOf(value.action), reason: String(value.answer) });
  }
  return trace;
}

function objectIn(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function kindOf(action: unknown): string {
  const kind = typeof action === "object" && action !== null && "action" in action && action.action;
  return typeof kind === "string" ? kind : "an action";
}
