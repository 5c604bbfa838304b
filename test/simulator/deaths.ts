// Commands that are cut short: by a disk that fails, by the death of the process, or of a git that
// it has started. Then somebody may edit, and the next command has to cope.
import { drawnAct } from "./asked.ts";
import type { Command } from "./commands.ts";
import { weighed } from "./dice.ts";
import { arm, disarm, type Fault } from "./faulty-fs.ts";
import { armGit, type Death, disarmGit } from "./faulty-git.ts";
import { checkCycle } from "./laws.ts";
import { killed, type Life, textAt } from "./life.ts";
import { doMeanwhile } from "./person.ts";
import { noteScores, type Problem, run, SHEET, settle } from "./settle.ts";

type Doing = (life: Life) => Promise<string>;

const TICK: Command = { do: "tick" };
const SECONDS = 45;

function drawnCommand(life: Life): Command {
  const kind = weighed(life.dice, { tick: 12, act: 6, serve: 2 });
  if (kind === "serve") return { do: "serve", seconds: 1 + life.dice.below(SECONDS) };
  const command = kind === "tick" ? TICK : drawnAct(life);
  if (command.do === "revive") life.removed.delete(command.id);
  return command;
}

/** Law 8: it has happened or not. A daemon may have run some cycles by then. */
function lookAfter(life: Life, command: Command): void {
  life.wounded = true;
  const most = { tick: 1, serve: SECONDS }[command.do as string] ?? 0;
  const allowed = Array.from({ length: most + 1 }, (_, n) => life.cycle + n);
  life.cycle = checkCycle(life, allowed);
}

const said = (life: Life, problems: Problem[] | null) =>
  (problems?.[0]?.message ?? "done").replaceAll(life.root, "…");

export const disk: Doing = async (life) => {
  const kind = life.dice.pick(["full", "read-only", "error"] as const);
  const fault: Fault = { kind, at: 1 + life.dice.below(60) };
  const command = drawnCommand(life);
  arm(fault);
  const problems = await run(life, command).finally(disarm);
  lookAfter(life, command);
  const how = `${kind} at step ${fault.at} of ${command.do}: ${said(life, problems)}`;
  return `${how}; ${await afterwards(life)}`;
};

/** What git is at when it dies: an answer, a file that appears, a lock that goes, its end. */
const CALLS = ["write", "write", "rename", "link", "unlink", "pwrite64", "exit_group"] as const;
const WRITERS = ["fast-import", "update-ref", "update-index"];
const READERS = ["rev-parse", "status", "diff-index", "diff-tree", "version", "cat-file"];

function drawnDeath({ dice }: Life): Death {
  // How often a reader writes depends on the speed of the machine: only its end is counted.
  if (dice.percent(30)) return { git: dice.pick(READERS), call: "exit_group", at: 1 };
  const call = dice.pick(CALLS);
  const at = call === "exit_group" ? 1 : 1 + dice.below(4);
  return { git: dice.pick(WRITERS), call, at };
}

export const gitDies: Doing = async (life) => {
  const death = drawnDeath(life);
  const command = drawnCommand(life);
  armGit(death);
  const problems = await run(life, command).finally(disarmGit);
  lookAfter(life, command);
  const how = `${death.git} at ${death.call} ${death.at} of ${command.do}`;
  return `${how}: ${said(life, problems)}; ${await afterwards(life)}`;
};

export const crash: Doing = async (life) => {
  const command = drawnCommand(life);
  const at = 1 + life.dice.below(command.do === "serve" ? 400 : 90);
  const sheet = textAt(life, SHEET);
  const isKilled = killed(life, command, at);
  noteScores(life, command, sheet);
  lookAfter(life, command);
  const how = isKilled ? `killed at step ${at} of ${command.do}` : `${command.do} survived`;
  return `${how}; ${await afterwards(life)}`;
};

/** The next command finds the world before or after what was cut short, whichever HEAD says. */
async function afterwards(life: Life): Promise<string> {
  const told = life.dice.percent(30) ? [doMeanwhile(life)] : [];
  const command = life.dice.pick<Command>([TICK, TICK, { do: "load" }, { do: "plan" }]);
  told.push(settle(life, command, await run(life, command)));
  return told.join(", ");
}
