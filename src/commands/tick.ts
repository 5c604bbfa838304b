import { formatAmount, toCredits } from "../economy/money.ts";
import type { TickPlan, TickReport } from "../kernel.ts";
import { planView, tickLines, tickView } from "../view/tick.ts";
import { countFrom, defineCommand, JSON_OPTION } from "./command.ts";
import { type Context, EXIT, failWith, inWorld, kernel, printJson } from "./context.ts";
import { untilInterrupted } from "./interrupt.ts";
import { progressOn } from "./progress.ts";

type Options = { number?: number; dryRun?: true; json?: true };

export const tick = defineCommand<Options>({
  name: "tick",
  summary: "run a cycle of the economy",
  about:
    "Runs one cycle: takes in your edits, clears the markets, runs the winners, shows the " +
    "next prompt, reprices, buries who left no bid, and commits. With -n it runs several, a " +
    "line each, and below it what you may have to mend: a provider that fails, a ceiling. " +
    "Ctrl-C stops after undoing the cycle that runs; a second Ctrl-C stops at once, and the " +
    "next command repairs what is left.",
  examples: [
    ["econ tick", "one cycle, with everything that happened"],
    ["econ tick -n 100", "a hundred, a line each"],
    ["econ tick --dry-run", "who would run, and who would wait; changes nothing"],
  ],
  options: [
    { flags: "-n, --number <count>", about: "how many cycles (usually 1)", parse: countFrom(1) },
    { flags: "--dry-run", about: "only show what would happen" },
    JSON_OPTION,
  ],
  run: (context, _, { number = 1, dryRun, json }) =>
    inWorld(context, (root) =>
      dryRun ? plan(context, root, json === true) : run(context, root, { number, json }),
    ),
});

async function run(
  context: Context,
  root: string,
  { number, json }: { number: number; json: true | undefined },
): Promise<number> {
  const { tick: runCycle, Continuity } = await kernel();
  const interrupt = untilInterrupted();
  const progress = progressOn(context);
  const reports: unknown[] = [];
  const more = number > 1 ? { continuity: new Continuity() } : {};
  try {
    for (let done = 0; done < number; done++) {
      if (interrupt.signal.aborted) return EXIT.interrupted;
      const { onRun, onWait } = progress;
      const { signal } = interrupt;
      const options = { command: "econ tick", onRun, onWait, signal, ...more };
      const result = await runCycle(root, options);
      progress.clear();
      if (!result.ok && signal.aborted) {
        context.err("Interrupted: the cycle that ran was given up.");
        return EXIT.interrupted;
      }
      if (!result.ok) return failWith(context, result.problems);
      if (json) reports.push(reportJson(result.value));
      else show(context, result.value, number);
    }
  } finally {
    progress.clear();
    interrupt.release();
    if (json) printJson(context, reports);
  }
  return EXIT.ok;
}

function show(context: Context, report: TickReport, number: number): void {
  const one = number === 1;
  context.out(one ? tickView(report, context.look) : tickLines(report, context.look.paint));
}

async function plan(context: Context, root: string, json: boolean): Promise<number> {
  const { planTick } = await kernel();
  const planned = await planTick(root);
  if (!planned.ok) return failWith(context, planned.problems);
  if (json) return printJson(context, planJson(planned.value));
  context.out(planView(planned.value, context.look));
  return EXIT.ok;
}

/** The shape of `tick --json`: a list of these. */
function reportJson({ cycle, commit, absorbed, events, runs, economy }: TickReport) {
  return {
    cycle,
    commit,
    absorbed,
    events,
    runs: runs.map(({ run: { bid, pays }, ending, fates }) => ({
      agent: bid.agent,
      bid: bid.id,
      paid: toCredits(pays),
      ending,
      fates,
    })),
    alive: economy.agents.size,
  };
}

/** The shape of `tick --dry-run --json`. */
function planJson({ winners, waiting, edits }: TickPlan) {
  return {
    winners: winners.map(({ bid, pays }) => ({
      agent: bid.agent,
      bid: bid.id,
      pays: toCredits(pays),
      resources: bid.resources,
      payload: bid.payload,
    })),
    waiting: waiting.map(({ agent, id, upTo, lost, notBefore }) => {
      const limit = upTo === null ? null : Number(formatAmount(upTo));
      return { agent, bid: id, upTo: limit, lost, notBefore };
    }),
    edits,
  };
}
