// What a command gets beside its words: where it stands, where it may write, how wide it may draw.
import type { Readable } from "node:stream";
import type { Overview } from "../economy/overview.ts";
import type { Result } from "../economy/result.ts";
import type { Economy } from "../economy/state.ts";
import type { Reading } from "../kernel/glance.ts";
import { errorText, problemsText } from "../view/errors.ts";
import { safeJson } from "../view/safe-text.ts";
import type { Look } from "../view/tables.ts";
import type { Problem } from "../world/change.ts";
import { findWorld } from "../world/find.ts";
import type { Holder } from "../world/lock.ts";
import type { ActOptions } from "./command.ts";
import { waitingText } from "./progress.ts";

export const EXIT = { ok: 0, refused: 1, usage: 2, problems: 3, interrupted: 130 } as const;

/** The process as the program sees it; tests bring their own. */
export type Io = {
  cwd: string;
  env: Record<string, string | undefined>;
  out: (text: string) => void;
  err: (text: string) => void;
  /** Without a line end: for the one line that is redrawn. */
  errRaw: (text: string) => void;
  /** Columns of the terminal; null when the output goes to a pipe or a file. */
  readonly outWidth: number | null;
  readonly errWidth: number | null;
  stdin: Readable & { isTTY?: boolean };
};

export type Context = Io & {
  /** --world, if given. */
  world: string | undefined;
  look: Look;
  errLook: Look;
  /** Run a further command line in the same world: what the shell does. */
  dispatch: (argv: string[]) => Promise<number>;
};

/** The kernel, loaded when a command needs it: help and completion do without. */
export const kernel = () => import("../kernel.ts");
/** Likewise what reads the world's files beside the economy. */
export const archive = () => import("./archive.ts");

/** Something was refused, in one line. */
export function fail(context: Context, reason: string): number {
  context.err(errorText(reason, context.errLook.paint));
  return EXIT.refused;
}

/** A word on the command line is wrong. */
export function misused(context: Context, reason: string): number {
  context.err(errorText(reason, context.errLook.paint));
  return EXIT.usage;
}

/** What the kernel refused: problems in files (exit 3) or a refusal of its own (exit 1). */
export function failWith(context: Context, problems: Problem[]): number {
  context.err(problemsText(problems, context.errLook.paint));
  return problems.some(({ file }) => file !== "") ? EXIT.problems : EXIT.refused;
}

export function printJson(context: Context, value: unknown): number {
  context.out(safeJson(value));
  return EXIT.ok;
}

/** Do something in the world that was meant. */
export async function inWorld(
  context: Context,
  work: (root: string) => Promise<number>,
): Promise<number> {
  const found = findWorld(context);
  return found.ok ? work(found.value) : fail(context, found.reason);
}

/** Show something of the world as it stands, reading no more than that takes. */
export async function glancing<T>(
  context: Context,
  read: (readers: Readers) => Reading<T>,
  show: (seen: T, root: string) => Promise<number> | number,
): Promise<number> {
  return inWorld(context, async (root) => {
    const readers = await glances();
    const seen = await readers.glance(root, read(readers));
    return seen.ok ? show(seen.value, root) : failWith(context, seen.problems);
  });
}

/** What a glance is made of, loaded when a command looks at a world. */
export const glances = async () => ({
  ...(await import("../kernel/glance.ts")),
  ...(await import("../world/glance.ts")),
});
type Readers = Awaited<ReturnType<typeof glances>>;

/** The same of what concerns nobody in particular. */
export function withOverview(
  context: Context,
  show: (overview: Overview, root: string) => Promise<number> | number,
): Promise<number> {
  return glancing(context, ({ readOverview }) => readOverview, show);
}

/** Let a person's act happen, and say what it was; `json`: the same with the commit. */
export async function actAs(
  context: Context,
  { command, subject, json }: { command: string; subject: string } & ActOptions,
  change: (economy: Economy, root: string, by: string) => Result<string>,
): Promise<number> {
  return inWorld(context, async (root) => {
    const { act } = await kernel();
    const onWait = (holder: Holder | null) => context.err(waitingText(holder));
    const options = { command: `econ ${command}`, subject, onWait };
    const done = await act(root, options, (economy, by) => change(economy, root, by));
    if (!done.ok) return failWith(context, done.problems);
    const { message, commit } = done.value;
    if (json) return printJson(context, { message, commit });
    context.out(message);
    return EXIT.ok;
  });
}
