// A tiny economy in memory, and the folders of a run on disk.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { bear, type Logic } from "../../src/economy/agents.ts";
import { type CycleInput, runCycle } from "../../src/economy/cycle.ts";
import { type Environment, environmentOf } from "../../src/economy/environment.ts";
import { emptyLedger } from "../../src/economy/ledger.ts";
import { openMarkets } from "../../src/economy/markets.ts";
import { rulesSchema } from "../../src/economy/rules.ts";
import { type Economy, type Folder, noChanges } from "../../src/economy/state.ts";

export const root = join(import.meta.dir, "../..");

export const NOTHING: Omit<CycleInput, "time"> = {
  tieSeed: "tie",
  answers: [],
  newborn: [],
  removed: [],
};

export const TIME = "2026-01-01T00:00:10.000Z";

export const program: Logic = {
  folder: new Map(),
  kind: "code",
  payload: ["bun", "main.ts"],
  bid: null,
};

/** Prices of our own, so that no test depends on the defaults. */
const PRICES = {
  resources: {
    tokens: { supply: 10_000, initial_price: 0.1 },
    cpu_seconds: { supply: 100, initial_price: 5 },
    memory_mb: { supply: 10_000, initial_price: 0.01 },
    attention: { supply: 1, initial_price: 50 },
  },
  pricing: { raise_above_percent: 80, ceiling_times_initial: 100 },
};

/** A world with some agents of 1,000 credits, a person, and a dead name. */
export function tinyEconomy(ids = ["ada", "bob", "cyd"], rules: object = {}): Economy {
  const parsed = rulesSchema.parse({ ...PRICES, ...rules });
  const economy: Economy = {
    rules: parsed,
    seed: "seed",
    cycle: 6,
    time: "2026-01-01T00:00:00.000Z",
    ledger: emptyLedger(),
    agents: new Map(),
    dead: new Set(["ghost"]),
    people: new Set(["kim"]),
    markets: openMarkets(parsed),
    bids: new Map(),
    active: null,
    queue: new Map(),
    minted: { day: "", amount: 0 },
    spent: { day: "", today: 0, total: 0 },
    paused: null,
    recent: [],
    changes: noChanges(),
  };
  for (const id of ids)
    bear(economy, id, program, {
      lineage: [],
      credits: parsed.economy.initial_credit_budget,
      source: "issuance",
    });
  economy.changes = noChanges();
  return economy;
}

/** What one agent of a tiny economy sees when it first wakes. */
export async function firstEnvironment(id = "ada", economy = tinyEconomy()): Promise<Environment> {
  let seen: Environment | undefined;
  await runCycle(economy, { ...NOTHING, time: TIME }, async (runs) => {
    const run = runs.find(({ bid }) => bid.agent === id);
    seen = run && environmentOf(run);
    return runs.map(() => ({
      ending: { kind: "finished" },
      lines: [],
      logicOf: () => ({ ok: true, value: program }),
      notes: [],
    }));
  });
  return seen!;
}

export type Home = { home: string; workspace: string; actions: string };

const made: string[] = [];

/** For afterEach: nothing of a test stays on the disk. */
export function removeHomes(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** A temporary ECON_HOME and workspace as a sandbox would show them. */
export function makeHome(environment: Environment, files: Record<string, string> = {}): Home {
  const base = mkdtempSync(join(tmpdir(), "econ-agent-"));
  made.push(base);
  const home = join(base, "econ");
  const workspace = join(base, "workspace");
  mkdirSync(home);
  mkdirSync(workspace);
  writeFileSync(join(home, "environment.json"), JSON.stringify(environment));
  writeFileSync(join(home, "actions.jsonl"), "");
  writeFiles(workspace, files);
  return { home, workspace, actions: join(home, "actions.jsonl") };
}

export function writeFiles(folder: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

export function folderOf(files: Record<string, string>): Folder {
  const encoder = new TextEncoder();
  return new Map(
    Object.entries(files).map(([path, text]) => [
      path,
      { bytes: encoder.encode(text), executable: false },
    ]),
  );
}

export type Ran = { code: number; out: string; err: string };

/** A real process in a run, as the sandbox starts one. */
export async function inRun(
  home: Home,
  argv: string[],
  stdin = "",
  more: Record<string, string> = {},
): Promise<Ran> {
  const child = Bun.spawn(argv, {
    cwd: home.workspace,
    env: { ECON_HOME: home.home, PATH: `${join(home.home, "bin")}:${process.env.PATH}`, ...more },
    stdin: Buffer.from(stdin),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, err };
}

export const bun = [process.execPath, "--config=/dev/null", "--no-env-file"];
