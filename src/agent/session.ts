// One run seen from inside: environment.json plus what the run already did (actions.jsonl), kept as
// the small economy that the kernel's own rules answer from. A run may be many processes that share
// the file, so every call first reads the lines that are new.
import { closeSync, fstatSync, openSync, readFileSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { parseAction } from "../economy/actions.ts";
import type { Environment } from "../economy/environment.ts";
import { economyFrom } from "../economy/known.ts";
import { actionLines } from "../economy/lines.ts";
import { perform, type RunContext } from "../economy/perform.ts";
import { type Refusal, type Result, refuse } from "../economy/result.ts";
import type { Economy } from "../economy/state.ts";
import { ACTIONS_BYTES_MAX } from "../execution/sandbox.ts";
import { logicOf } from "./logic.ts";
import type { ActionRequest } from "./strategy.ts";
import { readFolder } from "./workspace.ts";

export type Session = {
  /** Where environment.json, actions.jsonl, inbox/ and source/ are. */
  readonly home: string;
  readonly workspace: string;
  readonly environment: Environment;
  /** The economy as this run knows it, its own actions so far included. */
  economy: Economy;
  run: RunContext;
  /** Bytes of actions.jsonl that `economy` includes, always up to the end of a line. */
  read: number;
  /** Actions in those bytes, refused ones included. */
  lines: number;
  /** Whether the file goes on after `read`, with a line that has no end yet. */
  torn: boolean;
};

export type Answer = Result<string | true>;

export function openSession(home: string, workspace: string): Session {
  let environment: Environment;
  try {
    environment = JSON.parse(readFileSync(join(home, "environment.json"), "utf8"));
  } catch (error) {
    throw new Error(
      `this is not an execution: ${join(home, "environment.json")} cannot be read ` +
        `(${(error as Error).message}). "econ" for agents works inside a run.`,
    );
  }
  return { home, workspace, environment, ...beginning(environment, workspace) };
}

const startFolder = process.cwd();
let current: Session | undefined;

/** The run that this process is part of. */
export function currentSession(): Session {
  current ??= openSession(process.env.ECON_HOME || "/econ", startFolder);
  return current;
}

/** The current run with all its processes did so far. */
export function freshSession(): Session {
  const session = currentSession();
  catchUp(session);
  return session;
}

function beginning(environment: Environment, workspace: string) {
  const economy = economyFrom(environment);
  const run: RunContext = {
    agent: environment.self.id,
    logicOf: (source) => logicOf(source, () => readFolder(workspace)),
    wasTaken: (id) => economy.agents.has(id) || economy.people.has(id),
    renamed: new Map(),
  };
  return { economy, run, read: 0, lines: 0, torn: false };
}

function startOver(session: Session): void {
  Object.assign(session, beginning(session.environment, session.workspace));
}

/** Do one action: the kernel's answer at once. What is refused leaves no line behind. */
export function act(session: Session, request: ActionRequest): Answer {
  const line = lineOf(request);
  if (!line.ok) return line;
  catchUp(session);
  if (session.torn) {
    // Someone's last line has no end. Ours must not become its tail.
    const closed = append(session, "\n");
    if (!closed.ok) return closed;
    catchUp(session);
  }
  const room = roomFor(session, line.value);
  if (!room.ok) return room;
  const answer = decide(session, JSON.parse(line.value));
  if (!answer.ok) return answer;
  const end = append(session, `${line.value}\n`);
  if (!end.ok) {
    startOver(session);
    return end;
  }
  if (end.value === session.read + Buffer.byteLength(line.value) + 1) {
    session.read = end.value;
    session.lines += 1;
    return answer;
  }
  // Another process of this run wrote at the same moment: the order in the file decides.
  startOver(session);
  return catchUp(session, end.value) ?? refuse(TOO_LONG);
}

function lineOf(request: ActionRequest): Result<string> {
  try {
    const fields = Object.entries(request).filter(([, value]) => value !== undefined);
    // JSON would turn NaN into null and hide the mistake, so the values are judged first.
    const parsed = parseAction(Object.fromEntries(fields));
    return parsed.ok ? { ok: true, value: JSON.stringify(request) } : parsed;
  } catch (error) {
    return refuse(`cannot be written as JSON: ${(error as Error).message}`);
  }
}

function decide(session: Session, value: unknown): Answer {
  const parsed = parseAction(value);
  return parsed.ok ? perform(session.economy, session.run, parsed.value) : parsed;
}

function roomFor(session: Session, line: string): Result<null> {
  if (session.lines >= session.economy.rules.execution.max_actions) return tooMany(session);
  if (session.read + Buffer.byteLength(line) + 1 > ACTIONS_BYTES_MAX) return refuse(TOO_LONG);
  return { ok: true, value: null };
}

const TOO_LONG = `the actions of a run may take at most ${ACTIONS_BYTES_MAX} bytes`;

/** Apply the lines that are new in the file. The answer to the one that ends at `watched`. */
export function catchUp(session: Session, watched = 0): Answer | null {
  let found: Answer | null = null;
  const bytes = readNew(session);
  const start = session.read;
  const end = bytes.lastIndexOf(10) + 1;
  session.read += end;
  session.torn = end < bytes.length;
  const whole = bytes.subarray(0, end);
  const isNew = watched > start && watched <= session.read;
  const ours = isNew ? actionLines(whole.subarray(0, watched - start)).length - 1 : -1;
  for (const [index, line] of actionLines(whole).entries()) {
    session.lines += 1;
    const answer = isOver(session)
      ? tooMany(session)
      : line.ok
        ? decide(session, line.value)
        : line;
    if (index === ours) found = answer;
  }
  return found;
}

function isOver({ economy, lines }: Session): boolean {
  return lines > economy.rules.execution.max_actions;
}

function tooMany({ economy }: Session): Refusal {
  return refuse(`a run may do at most ${economy.rules.execution.max_actions} actions`);
}

/** The bytes after `session.read`, as far as the kernel will read. No file yet: none. */
function readNew(session: Session): Uint8Array {
  let file: number;
  try {
    file = openSync(actionsPath(session), "r");
  } catch {
    return new Uint8Array();
  }
  try {
    const { size } = fstatSync(file);
    if (size < session.read) startOver(session);
    const bytes = new Uint8Array(Math.max(0, Math.min(size, ACTIONS_BYTES_MAX) - session.read));
    let got = 0;
    while (got < bytes.length) {
      const count = readSync(file, bytes, got, bytes.length - got, session.read + got);
      if (count === 0) break;
      got += count;
    }
    return bytes.subarray(0, got);
  } finally {
    closeSync(file);
  }
}

/** Append in one write; the place in the file where it ends. */
function append(session: Session, text: string): Result<number> {
  try {
    const file = openSync(actionsPath(session), "a+");
    try {
      const bytes = Buffer.from(text);
      if (writeSync(file, bytes) !== bytes.length) return refuse("actions.jsonl: no space left");
      return { ok: true, value: placeIn(file) };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return refuse(`actions.jsonl cannot be written: ${(error as Error).message}`);
  }
}

/**
 * Where the last write to a growing file ended. The system knows, but says it only by what can be
 * read from there on: that is what other processes have appended since.
 */
function placeIn(file: number): number {
  const buffer = new Uint8Array(64 * 1024);
  let since = 0;
  for (;;) {
    const { size } = fstatSync(file);
    for (let got = 1; got > 0; since += got) got = readSync(file, buffer, 0, buffer.length, null);
    if (fstatSync(file).size === size) return size - since;
  }
}

function actionsPath(session: Session): string {
  return join(session.home, "actions.jsonl");
}
