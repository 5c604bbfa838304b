// What people do to a world with an editor, a shell and git. Each returns a word for the log, or
// null when there is nothing to do it to.
import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { setConfig } from "../../src/world/config.ts";
import { weighed } from "./dice.ts";
import {
  bytesAt,
  bytesAtHead,
  citizens,
  git,
  LawBroken,
  type Life,
  mainOf,
  NONSENSE,
  namesIn,
  remove,
  textAt,
  tryGit,
  write,
} from "./life.ts";

type Doing = (life: Life) => string | null;

const VALUES: [key: string, values: (string | number)[]][] = [
  ["economy.message_cost", [0, 1, 3.5]],
  ["economy.spawn_cost", [0, 10, 1000]],
  ["economy.initial_credit_budget", [60, 300, 1000]],
  ["economy.estate", ["burn", "parent"]],
  ["resources.cpu_seconds.supply", [0, 1, 4, 100]],
  ["resources.memory_mb.supply", [64, 1024, 100_000]],
  ["allocation.clearing", ["highest", "per-size"]],
  ["allocation.payment", ["offer", "critical"]],
  ["allocation.pricing", ["threshold", "eip1559"]],
  ["attention.timeout_cycles", [1, 3, 50]],
  ["population.max_alive", [1, 4, 1000]],
  ["execution.changed_mb", [1, 4]],
  ["spending.dollars_per_day", [0, 0.01, 5]],
  ["execution.max_actions", [1, 3, 1000]],
  ["visibility", ["open", "closed"]],
];

const edit: Doing = (life) => {
  const { dice } = life;
  const file = dice.pick(["notes.md", "plan.txt", "data/x.bin", "main.sh", "\u00fc b\u00e4.txt"]);
  const alive = citizens(life);
  const path =
    dice.percent(80) && alive.length > 0
      ? `agents/${dice.pick(alive)}/workspace/${file}`
      : dice.pick(["RULES.md", "README.md", "docs/why.md", ".gitignore"]);
  // The same bytes again are no edit, and a .gitignore must not hide one.
  const texts = ["a\n", "b\r\nc\r\n", "\u0000\u0001", "", "*\n", `${life.step}\n`];
  write(life, path, path === ".gitignore" ? ".econ/\n*.txt\n" : dice.pick(texts));
  return path;
};

const config: Doing = (life) => {
  const text = textAt(life, "econ.yaml");
  if (text === null || life.broken.has("econ.yaml")) return null;
  const [key, values] = life.dice.pick(VALUES);
  const value = String(life.dice.pick(values));
  const changed = setConfig(text, key, value);
  if (!changed.ok) throw new LawBroken(`econ config ${key} ${value}: ${changed.reason}`);
  write(life, "econ.yaml", changed.value);
  return `${key}: ${value}`;
};

const breakFile: Doing = (life) => {
  const alive = citizens(life);
  const agent = alive.length > 0 ? life.dice.pick(alive) : null;
  const kind = weighed(life.dice, {
    config: 3,
    record: 2,
    ledger: 1,
    link: 1,
    person: 1,
    world: 1,
  });
  if (kind === "config")
    return breakAs(life, "econ.yaml", "economy:\n  initial_credit_budget: lots\n");
  if (kind === "world") return breakAs(life, "world.json", NONSENSE);
  if (kind === "person") {
    if (existsSync(join(life.root, "agents/pat"))) return null;
    return breakAs(life, mainOf("pat"), "true\n", "agents/pat/workspace");
  }
  if (kind === "ledger") {
    const text = textAt(life, "ledger/balances.json") ?? "";
    const more = text.replace(/": "(\d)/, '": "7$1');
    return more === text ? null : breakAs(life, "ledger/balances.json", more);
  }
  if (!agent) return null;
  if (kind === "record") return breakAs(life, `agents/${agent}/agent.json`, '{"id": 7}\n');
  const path = `agents/${agent}/workspace/link`;
  if (existsSync(join(life.root, path)) || life.broken.has(path)) return null;
  symlinkSync("/etc/passwd", join(life.root, path));
  life.dirty.add(path);
  life.broken.set(path, { at: path });
  return path;
};

function breakAs(life: Life, path: string, text: string, at = path): string | null {
  if (life.broken.has(path)) return null;
  life.broken.set(path, { at });
  write(life, path, text);
  return path;
}

/** What a person wrote into the folder of an agent that is dead by now is a problem, by name. */
export function markDead(life: Life): void {
  for (const path of life.dirty) {
    const id = /^agents\/([^/]+)\/workspace\//.exec(path)?.[1];
    if (!id || bytesAt(life, `agents/${id}/agent.json`) || !bytesAt(life, path)) continue;
    // A link is named itself.
    if (life.broken.has(path)) continue;
    if (!bytesAt(life, `graveyard/${id}/agent.json`)) continue;
    life.broken.set(path, { at: `agents/${id}` });
  }
}

/** A person sees the message and puts it right. */
export const repairFile: Doing = (life) => {
  const [first] = life.broken;
  if (!first) return null;
  const [path, { before = bytesAtHead(life, path) }] = first;
  life.broken.delete(path);
  if (before) write(life, path, before);
  else remove(life, path.startsWith("agents/pat/") ? "agents/pat" : path);
  return path;
};

const isLinked = (life: Life) => [...life.broken.keys()].some((path) => path.endsWith("/link"));

const commitByHand: Doing = (life) => {
  if (isLinked(life)) return null;
  for (const [path, broken] of life.broken)
    if (broken.before === undefined) broken.before = bytesAtHead(life, path);
  git(life.root, "add", "-A", ".");
  const done = tryGit(life.root, "commit", "-qm", `by hand ${life.step}`, "--", ".");
  if (!done.ok) return "nothing to commit";
  life.dirty.clear();
  life.staged.clear();
  return "committed";
};

const stage: Doing = (life) => {
  if (isLinked(life)) return null;
  const path = [...life.dirty].at(-1);
  if (life.dice.percent(70) && path !== undefined) {
    if (!tryGit(life.root, "add", "-A", "--", path).ok) return null;
    life.staged.add(path);
    return `add ${path}`;
  }
  const tracked = git(life.root, "ls-files", "-z", "agents").split("\0").filter(Boolean);
  if (tracked.length === 0) return null;
  const gone = life.dice.pick(tracked);
  // By force: what is staged may be neither the file nor HEAD's.
  git(life.root, "rm", "-qf", "--cached", "--", gone);
  life.staged.add(gone);
  return `rm --cached ${gone}`;
};

/** Only without open edits: git would carry them over to where they may not fit. */
const switchBranch: Doing = (life) => {
  if (life.dirty.size > 0 || life.broken.size > 0 || life.wounded) return null;
  git(life.root, "reset", "-q");
  life.staged.clear();
  life.branches.set(life.branch, life.cycle);
  const others = [...life.branches.keys()].filter((name) => name !== life.branch);
  if (others.length === 0 || (others.length < 3 && life.dice.percent(50))) {
    life.branch = `b${life.step}`;
    git(life.root, "switch", "-qc", life.branch);
  } else {
    life.branch = life.dice.pick(others);
    git(life.root, "switch", "-q", life.branch);
    life.cycle = life.branches.get(life.branch) ?? 0;
  }
  life.removed.clear();
  return life.branch;
};

const birth: Doing = (life) => {
  const dead = namesIn(life, "graveyard");
  const fresh = life.dice.percent(80) || dead.length === 0;
  const id = fresh ? `n${life.step}` : life.dice.pick(dead);
  life.removed.delete(id);
  write(life, mainOf(id), "born by hand\n");
  markDead(life);
  return id;
};

const death: Doing = (life) => {
  const open = [...life.broken.keys()];
  const alive = citizens(life).filter(
    (id) => !open.some((path) => path.startsWith(`agents/${id}/`)),
  );
  if (alive.length === 0) return null;
  const id = life.dice.pick(alive);
  remove(life, `agents/${id}`);
  life.removed.add(id);
  return id;
};

const mail: Doing = (life) => {
  const alive = citizens(life);
  if (alive.length === 0) return null;
  const path = `agents/${life.dice.pick(alive)}/inbox/note-${life.step}.md`;
  write(life, path, life.dice.pick(["hello\n", "", "---\nfrom: eve\n---\nhi\n", "\u001b[2J\n"]));
  return path;
};

const SHEET = "attention/active.md";

const score: Doing = (life) => {
  const sheet = textAt(life, SHEET);
  if (sheet !== null && !life.sheets.includes(sheet)) life.sheets.push(sheet);
  const stale = life.sheets.length > 0 && life.dice.percent(20);
  const text = stale ? life.dice.pick(life.sheets) : sheet;
  if (text === null) return null;
  const given = life.dice.percent(75) ? 3 : life.dice.below(3);
  const names = ["interesting", "useful", "understandable"].slice(0, given);
  const filled = names.reduce(
    (now, name) => now.replace(new RegExp(`^${name}:.*$`, "m"), `${name}: ${life.dice.below(11)}`),
    text,
  );
  write(life, SHEET, filled);
  return `${stale ? "a stale sheet, " : ""}${given} of 3`;
};

const DOINGS = { edit, config, breakFile, commitByHand, stage, switchBranch, birth, death, mail };

/** How often a person does what. */
const WEIGHTS = {
  edit: 6,
  config: 3,
  breakFile: 2,
  commitByHand: 3,
  stage: 2,
  switchBranch: 2,
  birth: 3,
  death: 1,
  mail: 3,
  score: 5,
};

/** Something drawn; what it was. */
export function doSomething(life: Life): string {
  const kind = weighed(life.dice, WEIGHTS);
  const doing = kind === "score" ? score : DOINGS[kind];
  return `${kind} ${doing(life) ?? "-"}`;
}

/** What a person may do beside the daemon: nothing that would stop it. */
export function doQuietly(life: Life): string {
  const kind = weighed(life.dice, { edit: 4, mail: 2, score: 4 });
  const doing = kind === "score" ? score : DOINGS[kind];
  return `${kind} ${doing(life) ?? "-"}`;
}

/** What a person may do while agents run. */
export function doMeanwhile(life: Life): string {
  const kind = weighed(life.dice, {
    edit: 4,
    config: 2,
    mail: 2,
    score: 2,
    birth: 1,
    breakFile: 1,
  });
  const doing = kind === "score" ? score : DOINGS[kind];
  return `${kind} ${doing(life) ?? "-"}`;
}
