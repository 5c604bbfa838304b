// One writer per world. The lock is an SQLite file on which BEGIN EXCLUSIVE is held, because the
// kernel frees that when its holder dies in whatever way: there are no stale locks to guess about,
// no process ids to compare. Two limits: not on network file systems; and nobody may open the lock
// file in any other way in a process that holds it, since closing any descriptor of it frees it.
import { Database } from "bun:sqlite";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { accept, type Result, refuse } from "../economy/result.ts";
import { dropFile, hostFailure, isFull, replaceFile } from "./durable.ts";
import { PRIVATE } from "./layout.ts";

/** Who has a lock. For messages only: it is the kernel that knows. */
export type Holder = { pid: number; command: string; since: string };

export type LockOptions = {
  /** What is run, for those who wait: "econ tick". */
  command: string;
  /** Called once when the wait gets noticeable. */
  onWait?: (holder: Holder | null) => void;
  /** Give up after this long. Default: never. */
  timeoutMs?: number;
};

export type Held = { release: () => void };

const POLL_MS = 50;
const NOTICEABLE_MS = 300;

/** Run `fn` as the only writer of the world. */
export async function withLock<T>(
  root: string,
  options: LockOptions,
  fn: () => Promise<Result<T>>,
): Promise<Result<T>> {
  const held = await waitForLock(root, options);
  if (!held.ok) return held;
  try {
    return await fn();
  } finally {
    held.value.release();
  }
}

async function waitForLock(root: string, options: LockOptions): Promise<Result<Held>> {
  const { command, onWait, timeoutMs = Number.POSITIVE_INFINITY } = options;
  await letOthersIn(root);
  const start = performance.now();
  let told = false;
  while (true) {
    const held = tryLock(root, "lock", command);
    if (!held.ok || held.value) return held as Result<Held>;
    askForTurn(root);
    const waited = performance.now() - start;
    if (waited >= timeoutMs) return refuse(`the world is in use by ${nameOf(root, "lock")}`);
    if (!told && waited >= NOTICEABLE_MS) {
      told = true;
      onWait?.(readHolder(root, "lock"));
    }
    await Bun.sleep(Math.min(POLL_MS, timeoutMs - waited));
  }
}

const WANTED = ".econ/wanted";
let hadItsTurn = false;

/** Who runs cycle upon cycle takes the lock again at once: nobody else would ever get it. */
async function letOthersIn(root: string): Promise<void> {
  const note = join(root, WANTED);
  if (!hadItsTurn || !existsSync(note)) return;
  // Who still waits writes it again; one left by somebody killed costs a single pause.
  rmSync(note, { recursive: true, force: true });
  await Bun.sleep(2 * POLL_MS);
}

function askForTurn(root: string): void {
  try {
    replaceFile(join(root, WANTED), "", false);
  } catch {
    // Without the note it only takes longer.
  }
}

/** The daemon's own lock: one `econ serve` per world. Never waits. */
export function lockServe(root: string, command: string): Result<Held> {
  const held = tryLock(root, "serve", command);
  if (!held.ok) return held;
  if (held.value) return accept(held.value);
  return refuse(`the world is served already by ${nameOf(root, "serve")}`);
}

type LockName = "lock" | "serve";

const HOLDER_FILES = { lock: "holder.json", serve: "server.json" };

/** The lock, or null when somebody has it. */
function tryLock(path: string, name: LockName, command: string): Result<Held | null> {
  let database: Database | null = null;
  try {
    const root = realpathSync(path);
    const own = join(root, PRIVATE);
    // A world from elsewhere could bring a link along, and what is in `scratch` gets removed.
    if (lstatSync(own, { throwIfNoEntry: false })?.isDirectory() === false)
      return refuse(`${own} is not a folder: remove it, econ makes its own`);
    mkdirSync(own, { recursive: true });
    dropLinks(own);
    database = new Database(join(own, name), { create: true, readwrite: true });
    database.run("PRAGMA busy_timeout = 0");
    database.run("BEGIN EXCLUSIVE");
    return accept(hold(root, name, command, database));
  } catch (error) {
    database?.close();
    if ((error as { code?: string }).code?.startsWith("SQLITE_BUSY")) return accept(null);
    return refuse(`cannot lock ${path}: ${whyNot(error, path, name)}`);
  }
}

/** econ puts no link and no pipe there: one would lead its reading and writing elsewhere. */
function dropLinks(own: string): void {
  for (const entry of readdirSync(own, { withFileTypes: true }))
    if (!entry.isFile() && !entry.isDirectory()) dropFile(join(own, entry.name));
}

function whyNot(error: unknown, path: string, name: LockName): string {
  const reason = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: string }).code ?? "";
  if (!code.startsWith("SQLITE_")) return hostFailure(error) ?? reason;
  if (isFull(path)) return "the disk is full";
  const damaged = ["SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_CANTOPEN"].includes(code);
  return damaged ? `${reason}; if .econ/${name} is not what econ made, remove it` : reason;
}

function hold(root: string, name: LockName, command: string, database: Database): Held {
  const file = join(root, PRIVATE, HOLDER_FILES[name]);
  const holder: Holder = { pid: process.pid, command, since: new Date().toISOString() };
  replaceFile(file, `${JSON.stringify(holder)}\n`, false);
  const forget = () => {
    try {
      rmSync(file, { force: true });
    } catch {
      // A note that stays misleads nobody; a lock that is not given back keeps everybody out.
    }
  };
  // Who leaves at once (a second Ctrl-C, a reader that went away) must not be waited for by name.
  process.once("exit", forget);
  return {
    release: () => {
      // First the note, then the lock: otherwise the next holder's note could be removed.
      process.off("exit", forget);
      forget();
      database.close();
      hadItsTurn = true;
    },
  };
}

/** Who holds a lock, as far as they left a note. */
export function readHolder(path: string, name: LockName): Holder | null {
  const file = join(realpathSync(path), PRIVATE, HOLDER_FILES[name]);
  if (!existsSync(file)) return null;
  try {
    const { pid, command, since } = JSON.parse(readFileSync(file, "utf8"));
    if (!(Number.isSafeInteger(pid) && pid > 0) || typeof command !== "string") return null;
    return { pid, command, since: String(since) };
  } catch {
    return null;
  }
}

function nameOf(root: string, name: LockName): string {
  const holder = readHolder(root, name);
  return holder ? `${holder.command} (pid ${holder.pid})` : "another econ";
}
