// A new world: its folder, its repository, its first citizens, its first commit.
import { randomBytes } from "node:crypto";
import { existsSync, lstatSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { logicOfFolder } from "../agent/logic.ts";
import { bear } from "../economy/agents.ts";
import { checkNewId } from "../economy/ids.ts";
import { ISSUANCE } from "../economy/ledger.ts";
import { newEconomy } from "../economy/new-economy.ts";
import { accept, refuse } from "../economy/result.ts";
import type { Rules } from "../economy/rules.ts";
import type { Economy, Folder } from "../economy/state.ts";
import { commit } from "../world/commit.ts";
import { readConfig } from "../world/config.ts";
import { hasJournal } from "../world/crash-journal.ts";
import { makeFolder, syncFolder, syncTree } from "../world/durable.ts";
import { worldAround } from "../world/find.ts";
import { headCommit, initRepository, openRepository, type Repository } from "../world/git.ts";
import { CONFIG, PRIVATE, RULES } from "../world/layout.ts";
import { withLock } from "../world/lock.ts";
import { repair } from "../world/recover.ts";
import { initialWorld } from "../world/write.ts";
import { timeOfCycle } from "./clock.ts";
import { rememberChecked } from "./open.ts";
import { blockedBy, type Outcome, withHost } from "./outcome.ts";
import { KERNEL, personId, personOf } from "./people.ts";
import { permit } from "./permissions.ts";
import { agentTemplate, presetConfig, rulesText } from "./templates.ts";

export type Creation = {
  preset: string;
  /** Random when absent. */
  seed?: string;
  /** Lines that replace values of the preset: ["clock", "logical"]. */
  settings?: [key: string, value: string][];
  /** Name → template. Genesis alone by default. */
  cast?: Record<string, { template: string; credits?: number }>;
  /** Join the repository around the folder instead of making one. */
  inside?: boolean;
  person?: string;
  durable?: boolean;
};

export type Created = { root: string; commit: string; agents: string[] };

export async function createWorld(root: string, options: Creation): Promise<Outcome<Created>> {
  const free = hasJournal({ root }) ? accept(null) : checkFree(root);
  if (!free.ok) return blockedBy(free);
  const config = presetConfig(options.preset, options.settings ?? []);
  if (!config.ok) return blockedBy(config);
  const rules = readConfig(config.value);
  if (!rules.ok) return rules;
  const durable = options.durable ?? rules.value.durable;
  const changed = makeFolder(root);
  if (durable) for (const folder of changed) syncFolder(folder);
  const around = options.inside ? await openRepository(root) : accept(null);
  if (!around.ok) return blockedBy(around);
  const ground = { config: config.value, rules: rules.value, durable };
  const fill = () => withHost(() => fillFolder(root, options, ground));
  const made = await withLock(root, { command: "econ init" }, async () => accept(await fill()));
  return made.ok ? made.value : blockedBy(made);
}

/** Under the lock: another init, or one that was killed, may have been here. */
async function fillFolder(
  root: string,
  options: Creation,
  { config, rules, durable }: { config: string; rules: Rules; durable: boolean },
): Promise<Outcome<Created>> {
  const repo = await (options.inside ? openRepository(root) : initRepository(root));
  if (!repo.ok) return blockedBy(repo);
  // git syncs nothing of a new repository, and one whose HEAD is empty is none.
  if (durable && !options.inside) syncTree(repo.value.gitDir);
  const repaired = await repair(repo.value, { durable });
  if (!repaired.ok) return blockedBy(repaired);
  if (repaired.value === "finished")
    return blockedBy(refuse(`${root} is a world now: an init that was interrupted is finished`));
  const free = checkFree(root);
  if (!free.ok) return blockedBy(free);
  const seed = options.seed ?? randomBytes(8).toString("hex");
  const economy = newEconomy(rules, seed, timeOfCycle(rules, 0));
  const cast = options.cast ?? { genesis: { template: "genesis" } };
  const person = await ownerOf(repo.value, options.person, Object.keys(cast));
  economy.people.add(person.id);
  const born = populate(economy, cast);
  if (!born.ok) return blockedBy(born);
  return firstCommit(repo.value, { economy, config, person, durable });
}

/** A repository without a commit, or what an init that was killed has left. */
const BESIDE = [".git", PRIVATE];

function checkFree(root: string) {
  if (existsSync(join(root, CONFIG))) return refuse(`${root} is a world already`);
  const found = lstatSync(root, { throwIfNoEntry: false });
  if (found && !statSync(root, { throwIfNoEntry: false })?.isDirectory())
    return refuse(`${root} is no folder: choose a new one`);
  const others = found ? readdirSync(root).filter((name) => !BESIDE.includes(name)) : [];
  if (others.length > 0) return refuse(`${root} is not empty: choose a new folder`);
  const around = worldAround(root);
  if (around) return refuse(`${root} is inside the world ${around}: make it somewhere else`);
  return accept(null);
}

/** A person may be called as one of the agents is; names are one's own. */
async function ownerOf(repo: Repository, wished: string | undefined, cast: string[]) {
  const display = wished ?? (await personOf(repo)).name;
  const id = personId(display);
  return { id: cast.includes(id) ? "owner" : id, display };
}

function populate(economy: Economy, cast: NonNullable<Creation["cast"]>) {
  for (const [name, { template, credits }] of Object.entries(cast)) {
    const id = checkNewId(name);
    if (!id.ok) return id;
    const folder = agentTemplate(template);
    if (!folder.ok) return folder;
    const logic = logicOfFolder(folder.value);
    if (!logic.ok) return refuse(`${template}: ${logic.reason}`);
    const budget = credits ?? economy.rules.economy.initial_credit_budget;
    const parents = { lineage: [], credits: budget, source: ISSUANCE };
    const born = bear(economy, id.value, logic.value, parents);
    if (!born.ok) return refuse(`${name} cannot be born: ${born.reason}`);
  }
  return accept(null);
}

type First = {
  durable: boolean;
  economy: Economy;
  config: string;
  person: { id: string; display: string };
};

async function firstCommit(repo: Repository, first: First): Promise<Outcome<Created>> {
  const { economy, config, person, durable } = first;
  const encode = (text: string) => ({ bytes: new TextEncoder().encode(text), executable: false });
  const template: Folder = new Map([
    [CONFIG, encode(config)],
    [RULES, encode(rulesText())],
  ]);
  const agents = [...economy.agents.keys()];
  const done = await commit(repo, {
    message: `a new world: ${agents.join(", ")}\n\nEcon-Cycle: 0\nEcon-Time: ${economy.time}\n`,
    author: KERNEL,
    at: economy.time,
    base: await headCommit(repo),
    changes: initialWorld(economy, { template, people: [person] }),
    worktree: "write",
    durable,
  });
  if (!done.ok) return blockedBy(done);
  rememberChecked(repo, done.value);
  permit(repo, economy.rules);
  return accept({ root: repo.root, commit: done.value, agents });
}
