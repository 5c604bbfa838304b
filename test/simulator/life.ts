// A simulated world and what the simulator knows of it: what people wrote and where, what of it is
// broken, at which cycle it must be. The laws are checked against this knowledge.
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createWorld } from "../../src/kernel.ts";
import { CheckedContinuity } from "./checked.ts";
import { clock, holdClock } from "./clock.ts";
import type { Command, Creation } from "./commands.ts";
import { type Dice, diceFor } from "./dice.ts";
import { LawBroken } from "./law-broken.ts";

export { LawBroken };

/** What a person may leave in world.json. */
export const NONSENSE = "{\n";

export type Broken = {
  /** What HEAD had there before a person committed it; null: nothing. Undefined: not committed. */
  before?: Uint8Array | null;
  /** The file that the problem is reported at. */
  at: string;
};

export type Life = {
  seed: string;
  dice: Dice;
  /** The world's folder. */
  root: string;
  /** The world's place in its work tree: "" or "some/place/". */
  prefix: string;
  gitDir: string;
  /** A folder beside the world: for archives, and for agents from elsewhere. */
  outside: string;
  /** What the commands of this process go on from, if nobody has touched the world. */
  continuity: CheckedContinuity;
  /** The last completed cycle. */
  cycle: number;
  step: number;
  /** Paths, or folders, that a person has changed since econ last committed. */
  dirty: Set<string>;
  /** Paths whose entry in git's index is a person's, and stays so. */
  staged: Set<string>;
  /** What a person wrote that has not been seen in the history yet. */
  written: Map<string, Uint8Array>;
  /** Folders of agents that a person took away. */
  removed: Set<string>;
  broken: Map<string, Broken>;
  branches: Map<string, number>;
  branch: string;
  /** Score sheets of earlier prompts: stale buffers of an editor. */
  sheets: string[];
  /** After a crash or a failing disk, until the next command that writes. */
  wounded: boolean;
  /** A resume is one of the commands that run now. */
  resuming: boolean;
  log: string[];
};

export async function newLife(seed: string, folder: string): Promise<Life> {
  const dice = diceFor(seed, "world");
  const inside = dice.percent(20);
  const root = inside ? join(folder, "some", "place") : join(folder, "world");
  const kind = dice.pick(["logical", "logical", "wall"]);
  const life: Life = {
    seed,
    dice: diceFor(seed, "steps"),
    root,
    prefix: inside ? "some/place/" : "",
    gitDir: join(inside ? folder : root, ".git"),
    outside: join(folder, "outside"),
    continuity: new CheckedContinuity(),
    cycle: 0,
    step: 0,
    dirty: new Set(),
    staged: new Set(),
    written: new Map(),
    removed: new Set(),
    broken: new Map(),
    branches: new Map(),
    branch: "main",
    sheets: [],
    wounded: false,
    resuming: false,
    log: [`clock ${kind}${inside ? ", inside a larger repository" : ""}`],
  };
  holdClock();
  mkdirSync(root, { recursive: true });
  if (inside) git(folder, "init", "-q", "-b", "main");
  const rules = { clock: kind, durable: "false", ...rulesOf(dice) };
  const settings = Object.entries(rules).map(([key, value]): [string, string] => [key, `${value}`]);
  const nobody = { cast: {}, person: "Pat", durable: false, inside };
  await init(life, { preset: "default", seed, settings, ...nobody }, dice);
  git(root, "config", "user.name", "Pat");
  git(root, "config", "user.email", "pat@example.org");
  life.branch = git(root, "symbolic-ref", "--short", "HEAD").trim();
  putStranger(life.outside);
  for (const name of ["ada", "bob", "eve"]) write(life, mainOf(name), "bid and live\n");
  return life;
}

/** At once; or killed at first, or more than once, and typed again. */
async function init(life: Life, creation: Creation, dice: Dice): Promise<void> {
  for (let kills = dice.pick([0, 0, 0, 1, 2]); kills > 0; kills--) {
    const at = 1 + dice.below(120);
    killed(life, { do: "init", creation }, at);
    life.log.push(`init, killed at step ${at}`);
    life.wounded = true;
  }
  const made = await createWorld(life.root, creation);
  const isThere =
    made.ok || made.problems.every(({ message }) => /is a world (already|now)/.test(message));
  if (!isThere) throw new LawBroken(`init: ${JSON.stringify(made.problems)}`);
}

/** Do it in a process of its own, killed at this step; whether it was, or came to its end before. */
export function killed(life: Life, command: Command, at: number): boolean {
  const { root, seed } = life;
  const given = JSON.stringify({ root, seed, command, at, now: clock.now });
  const victim = join(import.meta.dir, "victim.ts");
  const done = Bun.spawnSync([process.execPath, "--config=/dev/null", victim, given]);
  const isKilled = done.signalCode === "SIGKILL";
  if (!isKilled && done.exitCode !== 0)
    throw new LawBroken(`${command.do} in a process of its own: ${done.stderr}`);
  return isKilled;
}

function rulesOf(dice: Dice): Record<string, string | number> {
  return {
    "economy.initial_credit_budget": dice.pick([60, 300, 1000, 1000]),
    "economy.spawn_cost": dice.pick([0, 10, 100]),
    "economy.message_cost": dice.pick([0, 1]),
    "economy.estate": dice.pick(["burn", "parent"]),
    "economy.daily_mint_cap": dice.pick([0, 15, 10_000]),
    "allocation.clearing": dice.pick(["highest", "per-size"]),
    "allocation.payment": dice.pick(["offer", "critical"]),
    "allocation.pricing": dice.pick(["threshold", "eip1559"]),
    "attention.timeout_cycles": dice.pick([1, 3, 50]),
    "population.max_alive": dice.pick([4, 20, 1000]),
    "execution.parallel": dice.pick([1, 2, 8]),
    "resources.tokens.initial_price": dice.pick([0.001, 0.01]),
    "spending.dollars_per_day": dice.pick([0.02, 0.06, 5]),
    "spending.dollars_per_world": dice.pick([0.06, 50]),
    visibility: dice.pick(["open", "closed"]),
  };
}

/** An agent of another runtime, as people have them: with what must not come along. */
function putStranger(folder: string): void {
  const home = join(folder, "molly");
  mkdirSync(join(home, "memory"), { recursive: true });
  mkdirSync(join(home, ".git"));
  writeFileSync(join(home, "AGENTS.md"), "# Molly\n\nKeep notes.\n");
  writeFileSync(join(home, "memory/2026-01-01.md"), "born\n");
  writeFileSync(join(home, ".env"), "KEY=secret\n");
  writeFileSync(join(home, ".git/config"), "[core]\n");
  symlinkSync("/etc/passwd", join(home, "passwd"));
}

export const mainOf = (agent: string) => `agents/${agent}/workspace/main.sh`;

/** git as a person runs it, with nobody's settings and the simulated clock. */
export function tryGit(cwd: string, ...words: string[]) {
  return runGit(cwd, words);
}

function runGit(cwd: string, words: string[], input?: string) {
  const date = `${Math.floor(clock.now / 1000)} +0000`;
  const env = {
    PATH: process.env.PATH ?? "/usr/bin:/bin",
    HOME: "/nonexistent",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_DATE: date,
  };
  const done = Bun.spawnSync(["git", "-c", "gc.auto=0", ...words], {
    cwd,
    env,
    stdin: input === undefined ? "ignore" : Buffer.from(input),
  });
  return { ok: done.exitCode === 0, out: done.stdout.toString(), err: done.stderr.toString() };
}

/** A file as HEAD has it. */
export function bytesAtHead(life: Life, path: string): Uint8Array | null {
  const { ok, out } = tryGit(life.root, "show", `HEAD:./${path}`);
  return ok ? new TextEncoder().encode(out) : null;
}

export function git(cwd: string, ...words: string[]): string {
  const { ok, out, err } = tryGit(cwd, ...words);
  if (!ok) throw new LawBroken(`git ${words.join(" ")}: ${err}`);
  return out;
}

/** The same with this on its input. */
export function gitWith(cwd: string, input: string, ...words: string[]): string {
  const { ok, out, err } = runGit(cwd, words, input);
  if (!ok) throw new LawBroken(`git ${words.join(" ")}: ${err}`);
  return out;
}

/** A person saves a file. */
export function write(life: Life, path: string, text: string | Uint8Array): void {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const place = join(life.root, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, bytes);
  life.dirty.add(path);
  life.written.set(path, bytes);
}

export function remove(life: Life, path: string): void {
  rmSync(join(life.root, path), { recursive: true, force: true });
  life.dirty.add(path);
  for (const known of life.written.keys())
    if (known === path || known.startsWith(`${path}/`)) life.written.delete(known);
}

export function bytesAt(life: Life, path: string): Uint8Array | null {
  try {
    return new Uint8Array(readFileSync(join(life.root, path)));
  } catch {
    return null;
  }
}

export function textAt(life: Life, path: string): string | null {
  const bytes = bytesAt(life, path);
  return bytes ? new TextDecoder().decode(bytes) : null;
}

export function namesIn(life: Life, path: string): string[] {
  try {
    return readdirSync(join(life.root, path)).sort();
  } catch {
    return [];
  }
}

/** Living agents with a record; a folder just made by hand has none yet. */
export function citizens(life: Life): string[] {
  return namesIn(life, "agents").filter((id) => bytesAt(life, `agents/${id}/agent.json`) !== null);
}
