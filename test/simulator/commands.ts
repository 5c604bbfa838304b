// What is asked of a world, as data, so that the same can be asked here or in a process that is to
// be killed. All goes through the kernel, as the command line does, or through the command line.
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { graveGoods } from "../../src/commands/archive.ts";
import { runLine } from "../../src/commands/program.ts";
import {
  grantCredits,
  killAgent,
  pauseWorld,
  resumeWorld,
  reviveAgent,
  tellAgent,
} from "../../src/economy/acts.ts";
import { credits } from "../../src/economy/money.ts";
import { accept, type Result, refuse } from "../../src/economy/result.ts";
import type { Economy } from "../../src/economy/state.ts";
import {
  act,
  type Continuity,
  createWorld,
  loadEconomy,
  type Outcome,
  planTick,
  replayHistory,
  tick,
} from "../../src/kernel.ts";
import { serve } from "../../src/serve/serve.ts";
import type { Problem } from "../../src/world/change.ts";
import { hostFailure } from "../../src/world/durable.ts";
import { drawnSandbox, type Meanwhile } from "./agents.ts";
import { heartbeat } from "./drawn-cron.ts";
import { drawnModels } from "./models.ts";

export type Command =
  | { do: "tick" }
  | { do: "load" }
  | { do: "plan" }
  | { do: "grant"; to: string; amount: number; memo: string }
  | { do: "tell"; to: string; content: string }
  | { do: "revive"; id: string }
  | { do: "kill"; id: string; reason: string }
  | { do: "pause"; reason: string }
  | { do: "resume" }
  | { do: "init"; creation: Creation }
  /** The daemon for so many seconds of the simulated clock; then somebody presses Ctrl-C. */
  | { do: "serve"; seconds: number }
  /** The last cycles run again: they must come out as they are. */
  | { do: "replay"; last: number }
  /** A line of the command line. */
  | { do: "say"; words: string[] };

export type Creation = Parameters<typeof createWorld>[1];

export type Given = {
  seed: string;
  meanwhile?: Meanwhile;
  signal?: AbortSignal;
  continuity?: Continuity;
  /** At each second of a daemon's life. */
  onSecond?: () => void;
  /** What the daemon told. */
  onCycle?: () => void;
};

/** The world's outcome, and what the host did to it in words, as the command line has it. */
export async function runCommand(
  root: string,
  command: Command,
  given: Given,
): Promise<Outcome<unknown>> {
  try {
    return await runPlainly(root, command, given);
  } catch (error) {
    const failure = hostFailure(error);
    if (failure === null) throw error;
    return refusal(failure);
  }
}

const refusal = (message: string): Outcome<never> => ({
  ok: false,
  problems: [{ file: "", line: null, message }],
});

function runPlainly(root: string, command: Command, given: Given): Promise<Outcome<unknown>> {
  const { seed, meanwhile, signal, continuity } = given;
  if (command.do === "load") return loadEconomy(root);
  if (command.do === "plan") return planTick(root);
  if (command.do === "init") return createWorld(root, command.creation);
  if (command.do === "say") return sayLine(root, command.words);
  if (command.do === "serve") return serveFor(root, command.seconds, given);
  if (command.do === "replay") return playAgain(root, command.last, seed);
  const more = continuity ? { continuity } : {};
  const options = { command: `econ ${command.do}`, durable: false, ...more };
  if (command.do === "tick") {
    const sandbox = drawnSandbox(seed, meanwhile);
    const models = drawnModels(seed);
    return tick(root, { ...options, sandbox, models, ...(signal ? { signal } : {}) });
  }
  return act(root, { ...options, subject: command.do }, (economy, by) =>
    change(economy, root, { ...command, by }),
  );
}

type OfAct = "grant" | "tell" | "revive" | "kill" | "pause" | "resume";
type Act = Extract<Command, { do: OfAct }> & { by: string };

function change(economy: Economy, root: string, command: Act): Result<string> {
  if (command.do === "grant")
    return grantCredits(economy, { ...command, amount: credits(command.amount) });
  if (command.do === "tell") return tellAgent(economy, command);
  if (command.do === "kill") return killAgent(economy, command);
  if (command.do === "pause") return pauseWorld(economy, command);
  if (command.do === "resume") return resumeWorld(economy);
  const goods = graveGoods(root, command.id);
  if (!goods.ok) return refuse(goods.reason);
  const { initial_credit_budget } = economy.rules.economy;
  return reviveAgent(economy, { ...goods.value, credits: initial_credit_budget });
}

async function sayLine(root: string, words: string[]): Promise<Outcome<unknown>> {
  const told: string[] = [];
  const err = (text: string) => void told.push(...text.split("\n"));
  const silent = { out: () => {}, errRaw: () => {}, outWidth: null, errWidth: null };
  const io = { ...silent, cwd: dirname(root), env: {}, err, stdin: Readable.from([]) };
  const code = await runLine(["--world", root, ...words], io);
  if (code === 0) return accept(null);
  const lines = told.filter((line) => line.startsWith("econ: "));
  return { ok: false, problems: lines.map((line) => problemIn(line.slice("econ: ".length), code)) };
}

/** Exit code 3 is that of problems in files, which stand first in the line. */
function problemIn(line: string, code: number): Problem {
  const file = code === 3 ? (/^(.+?)(?::\d+)?: /.exec(line)?.[1] ?? "") : "";
  return { file, line: null, message: line };
}

async function serveFor(root: string, seconds: number, given: Given): Promise<Outcome<unknown>> {
  const { seed, onSecond, onCycle } = given;
  const interrupt = new AbortController();
  const told: Problem[] = [];
  let left = seconds;
  heartbeat.onSecond = () => {
    left -= 1;
    if (left < 0) interrupt.abort();
    else onSecond?.();
  };
  const nothing = () => {};
  const done = await serve(root, {
    onStart: nothing,
    onCycle: () => onCycle?.(),
    onProblems: (problems) => told.push(...problems),
    onPause: nothing,
    onResume: nothing,
    onWait: nothing,
    sandbox: drawnSandbox(seed),
    models: drawnModels(seed),
    durable: false,
    signal: interrupt.signal,
  });
  if (!done.ok) return done;
  return told.length > 0 ? { ok: false, problems: told } : accept(null);
}

async function playAgain(root: string, last: number, seed: string): Promise<Outcome<unknown>> {
  const played = await replayHistory(root, { last, sandbox: drawnSandbox(seed) });
  if (!played.ok || !played.value.difference) return played;
  return refusal(`history came out otherwise: ${JSON.stringify(played.value.difference)}`);
}

const LOOKS = ["export", "permit", "status", "agents", "cost", "history", "attend", "markets"];

export const nameOf = ([first = "", second = ""]: string[]) => (first === "agent" ? second : first);

/** Commands that read change nothing that is committed. */
export function isReading(command: Command): boolean {
  if (command.do === "say") return LOOKS.includes(nameOf(command.words));
  return ["load", "plan", "replay"].includes(command.do);
}
