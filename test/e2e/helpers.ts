// Whole worlds for the end-to-end tests: real folders, real git, the real sandbox, real processes.
// An agent is given as its folder; most are shell scripts that append JSON lines.
import { afterAll, describe } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { folderOfFiles, logicOfFolder } from "../../src/agent/logic.ts";
import { bear } from "../../src/economy/agents.ts";
import { agentAccount, balanceOf } from "../../src/economy/ledger.ts";
import { credits, toCredits } from "../../src/economy/money.ts";
import { accept } from "../../src/economy/result.ts";
import type { Agent, Economy } from "../../src/economy/state.ts";
import { chooseSandbox } from "../../src/execution/choose.ts";
import type { Outcome } from "../../src/kernel.ts";
import {
  act,
  createWorld,
  loadEconomy,
  type TickReport,
  tick,
  verifyWorld,
} from "../../src/kernel.ts";

export const TOOLKIT = join(import.meta.dir, "../..");

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "econ-e2e-")));
  folders.push(folder);
  return folder;
}

/** In CI a missing bubblewrap is a failure; elsewhere these tests are skipped, in one line. */
async function isSandboxed(): Promise<boolean> {
  const scratch = mkdtempSync(join(tmpdir(), "econ-e2e-probe-"));
  const chosen = await chooseSandbox("bubblewrap", { scratch, toolkit: TOOLKIT });
  rmSync(scratch, { recursive: true, force: true });
  if (chosen.ok) return true;
  if (process.env.CI) throw new Error(chosen.reason);
  console.log(`end-to-end tests are skipped: ${chosen.reason}`);
  return false;
}

export const SANDBOXED = await isSandboxed();
/** `describe`, where agents can be run. */
export const living = SANDBOXED ? describe : describe.skip;

export type Files = Record<string, string>;
export type Cast = Record<string, Files>;

export type WorldOptions = {
  preset?: string;
  seed?: string;
  /** Rules of econ.yaml, by their dotted keys. */
  rules?: Record<string, string | number>;
  /** Credits of each agent; a newborn's budget if not named. */
  credits?: Record<string, number>;
  root?: string;
  inside?: boolean;
};

/** A world with these citizens, under the logical clock, that does not wait for the disk. */
export async function worldOf(cast: Cast, options: WorldOptions = {}): Promise<World> {
  const { preset = "default", seed = "e2e", rules = {}, inside } = options;
  const root = options.root ?? join(temporaryFolder(), "world");
  const settings = Object.entries({ clock: "logical", ...rules }).map(
    ([key, value]): [string, string] => [key, `${value}`],
  );
  const nobody = { cast: {}, person: "Pat", durable: false };
  const more = inside ? { inside } : {};
  must(await createWorld(root, { preset, seed, settings, ...nobody, ...more }));
  git(root, "config", "user.name", "Pat");
  git(root, "config", "user.email", "pat@example.org");
  const world = new World(root);
  if (Object.keys(cast).length > 0) await world.settle(cast, options.credits ?? {});
  return world;
}

export class World {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Citizens from nowhere, as `init` makes them. */
  async settle(cast: Cast, purses: Record<string, number>): Promise<void> {
    const subject = "citizens for a test";
    const settled = await act(
      this.root,
      { command: "test", subject, durable: false },
      (economy) => {
        for (const [id, files] of Object.entries(cast)) {
          const folder = accepted(folderOfFiles(files));
          const budget = purses[id];
          const purse =
            budget === undefined ? economy.rules.economy.initial_credit_budget : credits(budget);
          const parents = { lineage: [], credits: purse, source: "issuance" as const };
          accepted(bear(economy, id, accepted(logicOfFolder(folder)), parents));
        }
        return accept(subject);
      },
    );
    must(settled);
  }

  /** Cycles that must succeed; the last one's report. */
  async tick(cycles = 1): Promise<TickReport> {
    let report: TickReport | null = null;
    for (let n = 0; n < cycles; n++) report = must(await this.tryTick());
    return report!;
  }

  tryTick(): Promise<Outcome<TickReport>> {
    return tick(this.root, { command: "test", durable: false });
  }

  async economy(): Promise<Economy> {
    return must(await loadEconomy(this.root)).economy;
  }

  async balance(id: string): Promise<number> {
    return toCredits(balanceOf((await this.economy()).ledger, agentAccount(id)));
  }

  /** The record of an agent, living or dead, as it stands in the files. */
  record(id: string): Agent & { notices: { text: string }[] } {
    const place = ["agents", "graveyard"].find((name) => this.has(`${name}/${id}/agent.json`));
    return JSON.parse(this.read(`${place}/${id}/agent.json`));
  }

  /** What an agent will be told when it next wakes. */
  notices(id: string): string {
    return (this.record(id).notices ?? []).map(({ text }) => text).join("\n");
  }

  has(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), "utf8");
  }

  list(path: string): string[] {
    return this.has(path) ? readdirSync(join(this.root, path)).sort() : [];
  }

  /** A person at an editor. */
  async edit(path: string, text: string | ((before: string) => string)): Promise<void> {
    const place = join(this.root, path);
    mkdirSync(dirname(place), { recursive: true });
    await Bun.write(place, typeof text === "string" ? text : text(this.read(path)));
  }

  git(...words: string[]): string {
    return git(this.root, ...words);
  }

  head(): string {
    return this.git("rev-parse", "HEAD").trim();
  }

  econ(...words: string[]): Promise<Said> {
    return econ(["--world", this.root, ...words]);
  }

  /** Everything that must hold of a world at rest; empty when it does. */
  async wrong(): Promise<string[]> {
    const problems = await verifyWorld(this.root);
    const fsck = ["fsck", "--strict", "--no-dangling", "--no-progress"];
    return [
      ...problems.map(({ file, line, message }) => `${file}:${line}: ${message}`),
      ...linesOf(this.git("status", "--porcelain")),
      ...linesOf(this.git(...fsck)),
      ...this.list(".econ/scratch").map((name) => `scratch: ${name}`),
    ];
  }
}

export function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** git as a person runs it, with nobody's settings. */
export function git(folder: string, ...words: string[]): string {
  const done = Bun.spawnSync(["git", "-c", "gc.auto=0", ...words], { cwd: folder, env: ENV });
  if (done.exitCode !== 0) throw new Error(`git ${words.join(" ")}: ${done.stderr}`);
  return done.stdout.toString();
}

export const ENV: Record<string, string> = {
  PATH: process.env.PATH ?? "/usr/bin:/bin",
  HOME: temporaryFolder(),
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "Pat",
  GIT_AUTHOR_EMAIL: "pat@example.org",
  GIT_COMMITTER_NAME: "Pat",
  GIT_COMMITTER_EMAIL: "pat@example.org",
};

export type Said = { code: number; out: string; err: string };
export type Child = Bun.Subprocess<"ignore", "pipe", "pipe">;

/** The real command line, as a process of its own. */
export function start(
  words: string[],
  { cwd = "/", env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Child {
  const command = ["sh", join(TOOLKIT, "bin/econ"), ...words];
  return Bun.spawn(command, {
    cwd,
    env: { ...ENV, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

export async function econ(
  words: string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Said> {
  return said(start(words, options));
}

export async function said(child: Child): Promise<Said> {
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, out, err };
}

/** What an outcome holds, or its problems thrown, in one line each. */
export function must<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Error(problemsOf(outcome));
}

export function problemsOf(outcome: Outcome<unknown>): string {
  if (outcome.ok) return "";
  return outcome.problems
    .map(({ file, line, message }) => `${file}:${line}: ${message}`)
    .join("\n");
}

export function accepted<T>(result: { ok: true; value: T } | { ok: false; reason: string }): T {
  if (result.ok) return result.value;
  throw new Error(result.reason);
}

/** A line for main.sh that asks for something. */
export function ask(action: Record<string, unknown>): string {
  return append(JSON.stringify(action));
}

/** A line for main.sh that appends this text as a line, byte for byte. */
export function append(line: string): string {
  return `printf '%s\\n' ${quoted(line)} >>"$ECON_HOME/actions.jsonl"`;
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export const BUNDLE = { cpu_seconds: 1, memory_mb: 32 };

/** A line for main.sh: bid for the next run. */
export const BID = ask({ action: "bid", resources: BUNDLE, payload: ["bash", "main.sh"] });

/** An agent that bids and then does this. */
export function script(...lines: string[]): Files {
  return { "main.sh": [BID, ...lines, ""].join("\n") };
}

/** A line for main.sh: keep the mail of this run. */
export const MAIL = 'cat "$ECON_HOME"/inbox/*.md >>mail.txt 2>/dev/null || true';

/** attention/active.md as an editor would save it. */
export function filled(sheet: string, scores: Record<string, number>): string {
  let text = sheet;
  for (const [name, score] of Object.entries(scores))
    text = text.replace(new RegExp(`^${name}:.*$`, "m"), `${name}: ${score}`);
  return text;
}

/** Until something holds; fails after so long. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  { seconds = 20, what = "it" } = {},
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what} did not happen in ${seconds} s`);
    await Bun.sleep(20);
  }
}
