// The trace of one execution: what it ran on, what it saw (as a digest), what it asked, what became
// of it, what it printed. Nothing measured on this machine, so that traces are the same everywhere.
import type { RunReport } from "../economy/cycle.ts";
import { toCredits } from "../economy/money.ts";

const ACTION_CHARS_MAX = 4_000;

/** Lines of JSON: the run first, then one line per action with its fate. */
export function traceOf({ run, ending, fates }: RunReport, output: string): string {
  const environment = JSON.stringify(run.environment);
  const head = {
    bid: run.bid.id,
    cycle: run.environment.cycle,
    payload: run.bid.payload,
    resources: run.bid.resources,
    paid: toCredits(run.offer),
    environment: new Bun.CryptoHasher("sha256").update(environment).digest("hex"),
    ending: ending.kind,
    ...("detail" in ending ? { detail: ending.detail } : {}),
    ...(output ? { output } : {}),
  };
  const lines = fates.map(({ action, ok, answer }) => {
    const asked = JSON.stringify(action) ?? "null";
    const shown = asked.length > ACTION_CHARS_MAX ? `${asked.slice(0, ACTION_CHARS_MAX)}…` : action;
    return ok ? { action: shown, answer } : { action: shown, refused: answer };
  });
  return [head, ...lines].map((line) => `${JSON.stringify(line)}\n`).join("");
}
