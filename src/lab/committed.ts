// A run of an experiment as a real world: every cycle a commit, so that each command that reads a
// world can walk through it. The economy is the one that was measured, with the same ties; only
// that its strategies ran in process and its human is a rule is different, and the world says so.
import { mkdirSync } from "node:fs";
import type { CycleReport } from "../economy/cycle.ts";
import { accept, type Result } from "../economy/result.ts";
import type { Economy, Folder } from "../economy/state.ts";
import { cycleMessage, pricesOf } from "../kernel/commit-message.ts";
import { KERNEL } from "../kernel/people.ts";
import { agentTemplate, rulesText } from "../kernel/templates.ts";
import type { Change } from "../world/change.ts";
import { commit } from "../world/commit.ts";
import { readConfig, setConfig } from "../world/config.ts";
import { HostFailure } from "../world/durable.ts";
import { headCommit, initRepository, type Repository } from "../world/git.ts";
import { CONFIG, RULES } from "../world/layout.ts";
import { diskOf } from "../world/read.ts";
import { tidyPacks } from "../world/tidy-packs.ts";
import { traceText } from "../world/trace.ts";
import { changesOf, initialWorld } from "../world/write.ts";
import { type RunSpec, runOnce } from "./run.ts";
import { SIMULATED_HUMAN, type Simulation, type Workspace } from "./simulate.ts";
import { TEMPLATES } from "./strategies.ts";

/**
 * Runs it once more and writes it into `root`, a folder that is not there yet. `config` is the text
 * of its econ.yaml. Gives the last commit.
 */
export async function commitRun(
  root: string,
  { spec, config }: { spec: RunSpec; config: string },
  onCycle: (cycle: number) => void = () => {},
): Promise<Result<string>> {
  // The lab's time goes by the number of the cycle, so the world's has to.
  const logical = setConfig(config, "clock", "logical");
  if (!logical.ok) return logical;
  const rules = readConfig(logical.value);
  if (!rules.ok) throw new Error("econ has a bug: an experiment's rules cannot be read");
  mkdirSync(root, { recursive: true });
  const repo = await initRepository(root);
  if (!repo.ok) return repo;
  const writer = new Writer(repo.value, spec);
  await runOnce(
    { ...spec, rules: rules.value },
    {
      start: (simulation) => writer.begin(simulation, logical.value),
      cycle: async ({ cycle }, report) => {
        await writer.write(report);
        onCycle(cycle ?? 0);
      },
    },
  );
  return accept(writer.head ?? "");
}

const encode = (text: string) => ({ bytes: new TextEncoder().encode(text), executable: false });

/** What the sandbox and the kernel's tick do for a world, for one whose agents are functions. */
class Writer {
  head: string | null = null;
  #repo: Repository;
  #spec: RunSpec;
  #simulation: Simulation | null = null;
  /** Each agent's folder as it is committed. */
  #folders = new Map<string, Folder>();
  #prices: ReturnType<typeof pricesOf> = new Map();

  constructor(repo: Repository, spec: RunSpec) {
    this.#repo = repo;
    this.#spec = spec;
  }

  async begin(simulation: Simulation, config: string): Promise<void> {
    const { economy, workspaces } = simulation;
    this.#simulation = simulation;
    this.#prices = pricesOf(economy);
    for (const birth of economy.changes.born) {
      const strategy = founderStrategy(this.#spec, birth.agent);
      birth.folder = folderOf(strategy, workspaces.get(birth.agent) ?? new Map());
      this.#folders.set(birth.agent, birth.folder);
    }
    const template: Folder = new Map([
      [CONFIG, encode(config)],
      [RULES, encode(rulesText())],
    ]);
    const people = [{ id: SIMULATED_HUMAN, display: "Simulated human (a rule, not a person)" }];
    const { treatment, seed } = this.#spec;
    const what = `a run of the lab: ${treatment}, seed ${seed}; strategies in process`;
    const message = `${what}\n\nEcon-Cycle: 0\nEcon-Time: ${economy.time}\n`;
    await this.#commit(economy, message, initialWorld(economy, { template, people }));
  }

  async write(report: CycleReport): Promise<void> {
    const { economy, workspaces, memories } = this.#simulation as Simulation;
    for (const birth of economy.changes.born) {
      const [source = ""] = birth.folder.keys();
      const strategy = source in TEMPLATES ? source : "";
      birth.folder = folderOf(strategy, workspaces.get(birth.agent) ?? new Map());
      this.#folders.set(birth.agent, birth.folder);
    }
    const changed = new Map<string, { before: Folder; after: Folder }>();
    const traces = new Map<string, string>();
    for (const each of report.runs) {
      const { agent } = each.run.bid;
      const before = this.#folders.get(agent) ?? new Map();
      const after: Folder = new Map(before);
      for (const [path, text] of workspaces.get(agent) ?? []) after.set(path, encode(text));
      after.set("state.json", encode(`${JSON.stringify(memories.get(agent), null, 2)}\n`));
      this.#folders.set(agent, after);
      changed.set(agent, { before, after });
      const nothing = { output: "", calls: [], providerFailed: null };
      traces.set(agent, traceText(each, nothing));
    }
    const extra = { disk: diskOf(this.#repo.root), workspaces: changed, runs: traces };
    const message = cycleMessage(economy, report, this.#prices);
    this.#prices = pricesOf(economy);
    await this.#commit(economy, message, changesOf(economy, extra));
    for (const { id } of economy.changes.died) this.#folders.delete(id);
    if (economy.cycle % PACKS_JOINED_EVERY === 0) await tidyPacks(this.#repo);
  }

  async #commit(economy: Economy, message: string, changes: Change[]): Promise<void> {
    const done = await commit(this.#repo, {
      message,
      author: KERNEL,
      at: economy.time,
      base: this.head ?? (await headCommit(this.#repo)),
      changes,
      worktree: "write",
      durable: false,
    });
    if (!done.ok) throw new HostFailure(done.reason);
    this.head = done.value;
  }
}

const PACKS_JOINED_EVERY = 50;

/** One keeps its kind's name, several are numbered. */
function founderStrategy({ cast }: RunSpec, id: string): string {
  const member = cast[id] ?? cast[id.replace(/-[0-9]+$/, "")];
  return member?.strategy ?? "";
}

/** A template's folder, which goes on living by itself; or one that says why it does not. */
function folderOf(strategy: string, files: Workspace): Folder {
  const template = strategy in TEMPLATES ? agentTemplate(strategy) : null;
  const folder: Folder = template?.ok ? new Map(template.value) : new Map();
  if (!template?.ok) {
    folder.set("AGENTS.md", encode(`# ${strategy || "A child"}\n\n${LAB_ONLY}\n`));
    folder.set(
      "main.ts",
      encode(`console.error(${JSON.stringify(LAB_ONLY)});\nprocess.exit(1);\n`),
    );
  }
  for (const [path, text] of files) folder.set(path, encode(text));
  return folder;
}

const LAB_ONLY = "A strategy of the lab: it ran in process and cannot run by itself.";
