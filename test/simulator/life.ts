// A simulated world and what the simulator knows of it: what people wrote and where, what of it is
// broken, at which cycle it must be. The laws are checked against this knowledge.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createWorld } from "../../src/kernel.ts";
import { CheckedContinuity } from "./checked.ts";
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
  /** What the clock on the wall shows. */
  now: number;
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

const START = Date.UTC(2026, 2, 28, 12);

export async function newLife(seed: string, folder: string): Promise<Life> {
  const dice = diceFor(seed, "world");
  const inside = dice.percent(20);
  const root = inside ? join(folder, "some", "place") : join(folder, "world");
  const clock = dice.pick(["logical", "logical", "wall"]);
  const life: Life = {
    seed,
    dice: diceFor(seed, "steps"),
    root,
    now: START,
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
    log: [`clock ${clock}${inside ? ", inside a larger repository" : ""}`],
  };
  Date.now = () => life.now;
  mkdirSync(root, { recursive: true });
  if (inside) git(life, folder, "init", "-q", "-b", "main");
  const settings = Object.entries({ clock, ...rulesOf(dice) }).map(
    ([key, value]): [string, string] => [key, `${value}`],
  );
  const nobody = { cast: {}, person: "Pat", durable: false, inside };
  const made = await createWorld(root, { preset: "default", seed, settings, ...nobody });
  if (!made.ok) throw new LawBroken(`init: ${JSON.stringify(made.problems)}`);
  git(life, root, "config", "user.name", "Pat");
  git(life, root, "config", "user.email", "pat@example.org");
  life.branch = git(life, root, "symbolic-ref", "--short", "HEAD").trim();
  for (const name of ["ada", "bob", "eve"]) write(life, mainOf(name), "bid and live\n");
  return life;
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

export const mainOf = (agent: string) => `agents/${agent}/workspace/main.sh`;

/** git as a person runs it, with nobody's settings and the simulated clock. */
export function tryGit(life: Life, cwd: string, ...words: string[]) {
  const date = `${Math.floor(life.now / 1000)} +0000`;
  const env = {
    PATH: process.env.PATH ?? "/usr/bin:/bin",
    HOME: "/nonexistent",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_DATE: date,
  };
  const done = Bun.spawnSync(["git", "-c", "gc.auto=0", ...words], { cwd, env });
  return { ok: done.exitCode === 0, out: done.stdout.toString(), err: done.stderr.toString() };
}

/** A file as HEAD has it. */
export function bytesAtHead(life: Life, path: string): Uint8Array | null {
  const { ok, out } = tryGit(life, life.root, "show", `HEAD:./${path}`);
  return ok ? new TextEncoder().encode(out) : null;
}

export function git(life: Life, cwd: string, ...words: string[]): string {
  const { ok, out, err } = tryGit(life, cwd, ...words);
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
