// One cycle of one world: read, clear, execute, apply, write, commit. What the rules decide is in
// economy/cycle; here the world's files, the sandbox and git come together around it.
import { join } from "node:path";
import { pausedText } from "../economy/acts.ts";
import {
  type CycleInput,
  type CycleReport,
  type RunReport,
  runCycle,
  untilCleared,
} from "../economy/cycle.ts";
import { shownRules } from "../economy/environment.ts";
import type { Winner } from "../economy/markets.ts";
import { accept, refuse } from "../economy/result.ts";
import type { Rules } from "../economy/rules.ts";
import { bookCosts } from "../economy/spending.ts";
import type { Bid, Economy, Event, Folder } from "../economy/state.ts";
import { type Decided, type Executed, executorFor, type Kept } from "../execution/execute.ts";
import type { Sandbox } from "../execution/sandbox.ts";
import type { Models } from "../gateway/contract.ts";
import { commit } from "../world/commit.ts";
import { personEdits } from "../world/edits.ts";
import type { Repository } from "../world/git.ts";
import { CONFIG, RULES } from "../world/layout.ts";
import { committedDisk, readWorkspace, type WorldRead } from "../world/read.ts";
import { tidyPacks } from "../world/tidy-packs.ts";
import { traceText } from "../world/trace.ts";
import { changesOf } from "../world/write.ts";
import { stringifyYaml } from "../world/yaml.ts";
import { timeOfCycle } from "./clock.ts";
import { cycleMessage, pricesOf } from "./commit-message.ts";
import { loadEconomy } from "./load.ts";
import { newbornOf } from "./newborn.ts";
import { type OpenOptions, type OpenWorld, withWorld } from "./open.ts";
import { blocked, blockedBy, type Outcome } from "./outcome.ts";
import { KERNEL } from "./people.ts";
import { missingText, permissionsMissing } from "./permissions.ts";
import { providersOf } from "./providers.ts";
import { sandboxFor } from "./sandbox.ts";

export type TickOptions = OpenOptions & {
  /** Called as executions end, for progress. */
  onRun?: (done: number, total: number) => void;
  /** Abandons the cycle: nothing of it happens. */
  signal?: AbortSignal;
  /** Where agents run. Default: the one that the world's rules and this host lead to. */
  sandbox?: Sandbox;
  /** Who answers the agents' model calls. Default: the providers that the rules name. */
  models?: Models;
  /** The instant of the cycle, ISO 8601 UTC. Default: what the world's clock shows. */
  time?: string;
  /** Runs of this cycle that have ended once already, by agent. */
  decided?: Map<string, Decided>;
  /** The world that this one is a copy of: what a person has permitted is permitted there. */
  home?: Repository;
};

export type TickReport = {
  cycle: number;
  commit: string;
  /** The commit's subject: "cycle 42: 3 ran, …". */
  subject: string;
  /** Paths that a person had edited, committed before the cycle. */
  absorbed: string[];
  events: Event[];
  runs: RunReport[];
  economy: Economy;
};

/** Run one cycle. */
export function tick(root: string, options: TickOptions): Promise<Outcome<TickReport>> {
  return withWorld(root, options, (world) => cycleOf(world, options));
}

async function cycleOf(world: OpenWorld, options: TickOptions): Promise<Outcome<TickReport>> {
  const { repo, base, economy, read, absorbed } = world;
  if (economy.paused) return blockedBy(refuse(pausedText(economy.paused)));
  const missing = permissionsMissing(options.home ?? repo, economy.rules);
  if (missing.length > 0) return blockedBy(refuse(missingText(missing)));
  const { sandbox: given } = options;
  const sandbox = given ? accept(given) : await sandboxFor(repo.root, economy.rules);
  if (!sandbox.ok) return blockedBy(sandbox);
  const before = pricesOf(economy);
  const input = inputOf(economy, read, { base, time: options.time });
  if (!input.ok) return input;
  const providers = providersOf(world, options.models);
  let harvests: Executed["harvests"] = new Map();
  const report = await runCycle(economy, input.value, async (runs) => {
    const models = await providers.forRuns(runs);
    const executor = executorFor(await executorOf(world, sandbox.value, { ...options, models }));
    harvests = executor.harvests;
    return executor.execute(runs);
  });
  if (options.signal?.aborted) return blockedBy(refuse("the cycle was abandoned; nothing changed"));
  bookCosts(economy, await providers.costs());
  const changes = changesOf(economy, {
    disk: await committedDisk(repo, base, economy),
    workspaces: keptWorkspaces(report, harvests),
    runs: tracesOf(report, harvests),
    mail: read.mail,
    sheetStale: read.sheetStale,
  });
  const message = cycleMessage(economy, report, before);
  const done = await commit(repo, {
    message,
    author: KERNEL,
    at: economy.time,
    base,
    changes,
    worktree: "write",
    durable: world.durable,
  });
  if (!done.ok) return blockedBy(done);
  providers.committed();
  world.committed(done.value, changes);
  if (economy.cycle % PACKS_JOINED_EVERY === 0) await tidyPacks(repo);
  const { cycle } = economy;
  const { events } = economy.changes;
  const subject = message.slice(0, message.indexOf("\n"));
  const { runs } = report;
  return accept({ cycle, commit: done.value, subject, absorbed, events, runs, economy });
}

/** Time, tie seed and what people did, as data. */
function inputOf(
  economy: Economy,
  read: WorldRead,
  { base, time }: { base: string; time: string | undefined },
): Outcome<CycleInput> {
  const newborn = newbornOf(economy, read);
  if (!newborn.ok) return newborn;
  return accept({
    time: time ?? timeOfCycle(economy.rules, economy.cycle + 1),
    tieSeed: tieSeedOf(economy.seed, base),
    answers: read.answer && read.answer !== "incomplete" ? [read.answer] : [],
    newborn: newborn.value,
    removed: read.removed,
  });
}

export type TickPlan = {
  economy: Economy;
  winners: Winner[];
  waiting: Bid[];
  /** Paths that a person has edited, which the cycle would commit first. */
  edits: string[];
};

/** What the next cycle would begin with: up to the clearing, in memory, without the lock. */
export async function planTick(root: string): Promise<Outcome<TickPlan>> {
  const loaded = await loadEconomy(root);
  if (!loaded.ok) return loaded;
  const { economy, read, head, repo } = loaded.value;
  const edits = await personEdits(repo);
  if (!edits.ok) return edits.problems.length > 0 ? blocked(...edits.problems) : blockedBy(edits);
  if (economy.paused) return blockedBy(refuse(pausedText(economy.paused)));
  const input = inputOf(economy, read, { base: head ?? "", time: undefined });
  if (!input.ok) return input;
  const { winners } = untilCleared(economy, input.value);
  const waiting = [...economy.bids.values()];
  return accept({ economy, winners, waiting, edits: edits.value.map(({ path }) => path) });
}

/** Nobody could know it while bids were placed: it takes the commit that they are in. */
function tieSeedOf(seed: string, base: string): string {
  return new Bun.CryptoHasher("sha256").update(`${seed}\n${base}`).digest("hex");
}

async function executorOf(
  world: OpenWorld,
  sandbox: Sandbox,
  options: Pick<TickOptions, "onRun" | "signal" | "decided"> & { models: Models | null },
) {
  const { repo, economy } = world;
  return {
    sandbox,
    rules: economy.rules,
    commons: await commonsOf(repo.root, economy.rules),
    // A newborn of this very cycle (made by hand) is read like any other: its files are there.
    workspaceOf: (agent: string) => readWorkspace(repo.root, agent),
    ...(options.models ? { models: options.models } : {}),
    ...(options.decided ? { decided: options.decided } : {}),
    ...(options.onRun ? { onRun: options.onRun } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  };
}

/** Of econ.yaml what `getConfig()` says: where keys lie, and with whom, is the operator's. */
async function commonsOf(root: string, rules: Rules): Promise<Folder> {
  const note = { clock: " The rules of this world, as getConfig() has them." };
  const bytes = new TextEncoder().encode(stringifyYaml(shownRules(rules), note));
  const commons: Folder = new Map([[CONFIG, { bytes, executable: false }]]);
  const file = Bun.file(join(root, RULES));
  if (await file.exists()) commons.set(RULES, { bytes: await file.bytes(), executable: false });
  return commons;
}

/** A run that did not end well leaves nothing behind but its cost. */
function keptWorkspaces(report: CycleReport, harvests: Map<string, Kept>) {
  const kept = new Map<string, Kept>();
  for (const { run, ending } of report.runs) {
    const harvest = harvests.get(run.bid.agent);
    if (ending.kind === "finished" && harvest) kept.set(run.bid.agent, harvest);
  }
  return kept;
}

function tracesOf(report: CycleReport, harvests: Map<string, Kept>): Map<string, string> {
  const traces = new Map<string, string>();
  for (const run of report.runs) {
    const {
      output = "",
      calls = [],
      providerFailed = null,
    } = harvests.get(run.run.bid.agent) ?? {};
    traces.set(run.run.bid.agent, traceText(run, { output, calls, providerFailed }));
  }
  return traces;
}

/** Every commit is one pack: join them now and then, so that reading stays quick. */
const PACKS_JOINED_EVERY = 50;
