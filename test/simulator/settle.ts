// What came of a command that nothing hindered, and what the simulator knows after it.
import { pauseOf } from "./asked.ts";
import { type Command, type Given, isReading, nameOf, runCommand } from "./commands.ts";
import { bytesAt, LawBroken, type Life, textAt } from "./life.ts";

export type Problem = { file: string; message: string };

export const SHEET = "attention/active.md";

/** Do it; the problems, or null. */
export async function run(
  life: Life,
  command: Command,
  more: Partial<Given> = {},
): Promise<Problem[] | null> {
  const { seed, continuity } = life;
  const before = textAt(life, SHEET);
  // Now and then as another process would: what it goes on from is in a file.
  const given = life.step % 3 === 0 ? { seed } : { seed, continuity };
  const outcome = await runCommand(life.root, command, { ...given, ...more });
  noteScores(life, command, before);
  return outcome.ok ? null : outcome.problems;
}

export const isAttend = (command: Command) =>
  command.do === "say" && nameOf(command.words) === "attend";

/** `attend` is a person's edit of the sheet by command: all three scores, or as it was. */
export function noteScores(life: Life, command: Command, before: string | null): void {
  if (!isAttend(command)) return;
  const after = textAt(life, SHEET);
  if (after === before) return;
  const given = (after ?? "").match(/^(interesting|useful|understandable): \d+$/gm) ?? [];
  if (given.length !== 3) throw new LawBroken(`half a score: ${given.join(", ")}`);
  life.dirty.add(SHEET);
  life.written.set(SHEET, bytesAt(life, SHEET)!);
}

/** `dirty`: what a person has done since it began. */
export function settle(
  life: Life,
  command: Command,
  problems: Problem[] | null,
  dirty: string[] = [],
): string {
  if (problems === null) {
    if (command.do === "tick") life.cycle += 1;
    if (isReading(command)) return "read";
    if (life.broken.size > 0 && dirty.length === 0)
      throw new LawBroken(`${command.do} was done over a broken edit`);
    life.dirty = new Set(dirty);
    life.wounded = false;
    return command.do;
  }
  if (!isExpected(life, command, problems))
    throw new LawBroken(`${command.do}: ${JSON.stringify(problems)}`);
  // A person's edits are taken in before the act is looked at; a reader takes in nothing.
  if (life.broken.size === 0 && !isReading(command) && isTakingIn(command, problems)) {
    life.dirty.clear();
    life.wounded = false;
  }
  return `${command.do} refused`;
}

/** Refused because of what a person broke, or by the rules of the economy, and for nothing else. */
export function isExpected(life: Life, command: Command, problems: Problem[]): boolean {
  const files = [...life.broken.values()].map(({ at }) => at);
  const isBroken = problems.length > 0 && problems.every(({ file }) => files.includes(file));
  if (files.length > 0 && isBroken) return true;
  // What is wrong with the words is said before the world is looked at.
  if (files.length > 0 && command.do !== "say") return false;
  return isRefusedAct(command, problems) || isPaused(life, command, problems);
}

/** By the rules of the economy: nobody of that name, no money, alive already. */
function isRefusedAct(command: Command, problems: Problem[]): boolean {
  const isLook = isReading(command) && command.do !== "say";
  if (isLook || ["tick", "serve"].includes(command.do)) return false;
  return problems.every(({ file, message }) => file === "" && !/\bgit\b|crash|bug/.test(message));
}

/** The command line may refuse a word before it opens the world. */
function isTakingIn(command: Command, problems: Problem[]): boolean {
  return command.do !== "say" || problems.every(({ message }) => AFTER_OPENING.test(message));
}

const AFTER_OPENING = /cannot be born|is taken|there is no agent|is there already/;

/** In a paused world there are no cycles; at the same time somebody may have resumed it. */
function isPaused(life: Life, command: Command, problems: Problem[]): boolean {
  const isCycle = ["tick", "plan", "serve"].includes(command.do);
  const isSaid = problems.every(({ message }) => message.startsWith("the world is paused by Pat"));
  return isCycle && isSaid && (pauseOf(life) || life.resuming);
}
