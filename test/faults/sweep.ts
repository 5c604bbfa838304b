// Killed at the n-th call to the system, for every n or for some: what the commands that change a
// world leave to the next one. docs/testing.md says how to run the whole sweep.
import { cpSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ask, econ, filled, linesOf, MAIL, script, World, worldOf } from "../e2e/helpers.ts";
import { processesWith } from "../execution/ground.ts";
import { type Call, callsOf, econWith, type Fault, type Where, WRITING } from "./strace.ts";

const CAST = {
  ada: script("echo x >>note.txt", ask({ action: "message", to: "bob", content: "hello" })),
  bob: script(MAIL, ask({ action: "prompt", content: "# See\n\n7", amount: 60 })),
  eve: script(ask({ action: "spawn", logic: { "main.sh": "true\n" }, credits: 30, name: "child" })),
};
const CREDITS = { ada: 100_000, bob: 100_000, eve: 100_000 };
const SHEET = "attention/active.md";
/** What a person has just saved, by path. */
const SAVED = { "agents/ada/workspace/plan.txt": "a plan\n", "agents/bob/inbox/hi.md": "Hi Bob\n" };
const SCORES = { interesting: 7, useful: 8, understandable: 9 };

export type Scenario = {
  words: string[];
  /** A person's edits lie in the world when it starts. */
  edited: boolean;
  /** How many cycles the world is ahead when it has ended. */
  cycles: number;
};

export const SCENARIOS: Record<string, Scenario> = {
  tick: { words: ["tick"], edited: true, cycles: 1 },
  grant: { words: ["grant", "ada", "1"], edited: false, cycles: 0 },
  "grant after an edit": { words: ["grant", "ada", "1"], edited: true, cycles: 0 },
  attend: { words: ["attend", "7", "8", "9", "good"], edited: false, cycles: 0 },
  init: { words: ["init"], edited: false, cycles: 0 },
};

/** A world before any fault, and the folder for its copies. */
export type Sweep = {
  folder: string;
  base: World;
  /** What happens to the machine as well: before the command, and when it has ended. */
  machine?: { steady: () => void; fail: () => void };
};

export async function newSweep(): Promise<Sweep> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "econ-sweep-")));
  const base = await worldOf(CAST, { root: join(folder, "base"), credits: CREDITS });
  await base.tick(2);
  return { folder, base };
}

let copies = 0;

/** A fresh copy for one trial. `init` gets a folder that is not there yet. */
async function groundFor(
  { folder, base }: Sweep,
  scenario: Scenario,
): Promise<{ world: World; words: string[] }> {
  const root = join(folder, `world-${++copies}`);
  const world = new World(root);
  if (scenario.words[0] === "init")
    return { world, words: ["init", root, "--clock", "logical", "--seed", "7"] };
  cpSync(base.root, root, { recursive: true, preserveTimestamps: true });
  if (scenario.edited)
    for (const [path, text] of Object.entries(SAVED)) await world.edit(path, text);
  if (scenario.words[0] === "tick") await world.edit(SHEET, (text) => filled(text, SCORES));
  return { world, words: ["--world", root, ...scenario.words] };
}

const GITS = ["fast-import", "update-ref", "update-index"];

/** Where a command writes. `both`: when its git is killed, so is econ, as when memory runs out. */
export function placesOf({ words }: Scenario, { both = false } = {}): Where[] {
  const gits = words[0] === "init" ? ["init", "fast-import"] : GITS;
  // `attend` writes without git.
  if (words[0] === "attend") return ["econ"];
  return ["econ", ...gits.map((git) => (both ? { git, both } : { git }))];
}

export type Point = Omit<Fault, "effect">;

/** Every writing call of a scenario at these places. */
export async function pointsOf(
  sweep: Sweep,
  scenario: Scenario,
  places: Where[],
): Promise<Point[]> {
  const points: Point[] = [];
  for (const where of places)
    for (const { call, at } of await callsAt(sweep, scenario, where))
      points.push({ where, call, at });
  return points;
}

/** So many of them in econ and in each git, from all over; `offset` of a step from the start. */
export function sampled(
  points: Point[],
  { econ: own, git }: { econ: number; git: number },
  offset: number,
): Point[] {
  const places = new Set(points.map(({ where }) => where));
  return [...places].flatMap((where) => {
    const list = points.filter((point) => point.where === where);
    const count = where === "econ" ? own : git;
    const indexes = Array.from({ length: count }, (_, n) =>
      Math.floor(((n + offset) * list.length) / count),
    );
    return indexes.flatMap((index) => list[index] ?? []);
  });
}

async function callsAt(sweep: Sweep, scenario: Scenario, where: Where): Promise<Call[]> {
  const { world, words } = await groundFor(sweep, scenario);
  const calls = await callsOf(where, WRITING, words);
  rmSync(world.root, { recursive: true });
  // What econ writes elsewhere is its output; what git says, it says into a pipe.
  if (where === "econ") return calls.filter(({ line }) => line.includes(world.root));
  return calls.filter(({ line }) => !/^\w+\(\d+<(pipe|socket|UNIX)/.test(line));
}

/** Run a scenario with a fault, then all that must hold; what does not, in words. */
export async function trial(sweep: Sweep, scenario: Scenario, fault: Fault): Promise<string[]> {
  return tryWith(sweep, scenario, fault).catch((error) => [String(error)]);
}

async function tryWith(sweep: Sweep, scenario: Scenario, fault: Fault): Promise<string[]> {
  const { world, words } = await groundFor(sweep, scenario);
  const before = existsSync(world.root) ? cycleOf(world) : 0;
  sweep.machine?.steady();
  const done = await econWith(fault, words);
  sweep.machine?.fail();
  const wrong: string[] = [];
  // Killed, or git was: then econ says so in a line.
  const isOneLine = /^econ: [^\n]+\n$/.test(done.err);
  if (![0, 137].includes(done.code) && !(done.code === 1 && isOneLine))
    wrong.push(`it ended with ${done.code}: ${done.err}`);
  if (scenario.words[0] === "init") wrong.push(...(await initAgain(words)));
  wrong.push(...(await whole(world, scenario, before)));
  if (wrong.length === 0) rmSync(world.root, { recursive: true });
  return wrong.map((what) => `${world.root}: ${what}`);
}

/** Whoever was killed over `init` types it again: then the world is there, by this one or that. */
async function initAgain(words: string[]): Promise<string[]> {
  const again = await econ(words);
  const isThere = /is a world (already|now)/.test(again.err);
  return again.code === 0 || isThere ? [] : [`init again: ${again.err}`];
}

async function whole(world: World, scenario: Scenario, before: number): Promise<string[]> {
  // The audit reads, and so finishes first what was cut short.
  const wrong = await atRest(world, scenario);
  const found = cycleOf(world);
  if (found < before || found > before + scenario.cycles) wrong.push(`it is at cycle ${found}`);
  wrong.push(...edits(world, scenario));
  const next = await world.econ("tick");
  if (next.code !== 0 || next.err !== "") wrong.push(`the next cycle: ${next.err}`);
  if (cycleOf(world) !== found + 1) wrong.push("the next command did not run a cycle");
  // Now all edits are taken in, and nothing of the fault is left.
  return [...wrong, ...edits(world, scenario), ...(await world.wrong()), ...leftovers(world)];
}

/** What a person wrote stands in the files, and mail may have been read by now. */
function edits(world: World, { edited, words }: Scenario): string[] {
  if (edited)
    for (const [path, text] of Object.entries(SAVED)) {
      const name = path.slice(path.lastIndexOf("/") + 1);
      const kept = [path, ...mailOf(world)].some(
        (place) => world.has(place) && world.read(place).includes(text),
      );
      if (!kept) return [`what was written to ${name} is lost`];
    }
  if (words[0] !== "attend" || !world.has(SHEET)) return [];
  const given = linesOf(world.read(SHEET)).filter((line) => /^[a-z]+: [789]$/.test(line));
  return [0, 3].includes(given.length) ? [] : [`half a score: ${given.join(", ")}`];
}

const mailOf = (world: World) =>
  ["agents/bob/inbox/read/", "agents/bob/inbox/"].flatMap((folder) =>
    world.list(folder).flatMap((name) => (name.endsWith(".md") ? [folder + name] : [])),
  );

/** Before the next cycle: the work tree is HEAD plus a person's edits. */
async function atRest(world: World, scenario: Scenario): Promise<string[]> {
  const own = scenario.edited ? Object.keys(SAVED) : [];
  if (["tick", "attend"].includes(scenario.words[0]!)) own.push(SHEET);
  const found = await world.wrong();
  // Who only reads leaves the scratch folders to the next who writes.
  return found.filter(
    (line) => !line.startsWith("scratch: ") && !own.some((path) => line.endsWith(path)),
  );
}

function cycleOf(world: World): number {
  return JSON.parse(world.git("show", "HEAD:world.json")).cycle;
}

const KNOWN = ["checked", "economy", "lock", "lock-journal", "scratch"];

function leftovers(world: World): string[] {
  const own = world.list(".econ").filter((name) => !KNOWN.includes(name));
  const git = join(world.root, ".git");
  const locks = [...new Bun.Glob("refs/**/*.lock").scanSync({ cwd: git })];
  const indexes = readdirSync(git).filter((name) => /^econ-index-|\.lock$/.test(name));
  const refs = linesOf(world.git("for-each-ref", "--format=%(refname)", "refs/econ"));
  const processes = processesWith(world.root).map((pid) => `process ${pid}`);
  return [...own, ...locks, ...indexes, ...refs, ...processes].map((name) => `left: ${name}`);
}
