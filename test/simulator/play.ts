// A life from one seed: steps are drawn and done, and after each the laws are checked.
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Command, isReading, runCommand } from "./commands.ts";
import { weighed } from "./dice.ts";
import { arm, disarm, type Fault } from "./faulty-fs.ts";
import { checkCycle, checkLaws } from "./laws.ts";
import { citizens, git, LawBroken, type Life, NONSENSE, namesIn, newLife } from "./life.ts";
import { doMeanwhile, doSomething, markDead, repairFile } from "./person.ts";

export type Played =
  | { ok: true; head: string; cycle: number; resumed: number; log: string[] }
  | { ok: false; why: string; log: string[]; folder: string };

const FSCK_EVERY = 10;

export async function play(
  seed: string,
  steps: number,
  options: { keep?: boolean; onStep?: (line: string) => void } = {},
): Promise<Played> {
  const folder = realpathSync(mkdtempSync(join(places(), "econ-simulator-")));
  let life: Life | null = null;
  try {
    life = await newLife(seed, folder);
    for (life.step = 1; life.step <= steps; life.step++) {
      await oneStep(life);
      options.onStep?.(life.log.at(-1) ?? "");
      const thorough = life.step % FSCK_EVERY === 0 || life.step === steps;
      await checkLaws(life, { thorough });
    }
    const head = git(life, life.root, "rev-parse", "HEAD").trim();
    const { cycle, log, continuity } = life;
    return { ok: true, head, cycle, resumed: continuity.resumed, log };
  } catch (error) {
    const why = error instanceof LawBroken ? error.message : `${(error as Error).stack ?? error}`;
    return { ok: false, why, log: life?.log ?? [], folder };
  } finally {
    disarm();
    if (!options.keep) rmSync(folder, { recursive: true, force: true });
  }
}

/** In memory where there is such a place: a life is thousands of small files. */
function places(): string {
  try {
    return realpathSync("/dev/shm");
  } catch {
    return tmpdir();
  }
}

const KINDS = {
  tick: 30,
  meanwhile: 8,
  person: 36,
  act: 8,
  clock: 4,
  together: 4,
  crash: 6,
  disk: 6,
  abandon: 2,
};

async function oneStep(life: Life): Promise<void> {
  const isRepairing = life.broken.size > 0 && life.dice.percent(30);
  const kind = isRepairing ? "repair" : weighed(life.dice, KINDS);
  life.now += 10_000;
  const say = (text: string) => life.log.push(`${life.step}. ${kind}: ${text}`);
  if (kind === "person") say(doSomething(life));
  else if (kind === "repair") say(repairFile(life) ?? "-");
  else if (kind === "clock") say(moveClock(life));
  else {
    const at = say("…") - 1;
    life.log[at] = `${life.step}. ${kind}: ${await DOINGS[kind](life)}`;
  }
}

const DAY = 86_400_000;

function moveClock(life: Life): string {
  const days = life.dice.pick([-3650, -10, -1 / 24, -1 / 24 / 60, 1 / 24, 7, 366, 7300]);
  life.now = Math.max(0, life.now + Math.round(days * DAY));
  return `${days} days`;
}

type Doing = (life: Life) => Promise<string>;

const TICK: Command = { do: "tick" };

/** What came of a command that nothing hindered, and what the simulator knows after it. */
function settle(life: Life, command: Command, problems: Problem[] | null, dirty: string[]): string {
  if (problems === null) {
    if (command.do === "tick") life.cycle += 1;
    if (isReading(command)) return "read";
    if (life.broken.size > 0 && dirty.length === 0)
      throw new LawBroken(`${command.do} was done over a broken edit`);
    life.dirty = new Set(dirty);
    life.wounded = false;
    return command.do;
  }
  const files = [...life.broken.values()].map(({ at }) => at);
  const isExpected =
    files.length > 0
      ? problems.length > 0 && problems.every(({ file }) => files.includes(file))
      : isRefusedAct(command, problems) || isPaused(life, command, problems);
  if (!isExpected) throw new LawBroken(`${command.do}: ${JSON.stringify(problems)}`);
  // A person's edits are taken in before the act is looked at; a reader takes in nothing.
  if (files.length === 0 && !isReading(command)) {
    life.dirty.clear();
    life.wounded = false;
  }
  return `${command.do} refused`;
}

type Problem = { file: string; message: string };

/** By the rules of the economy: nobody of that name, no money, alive already. */
function isRefusedAct(command: Command, problems: Problem[]): boolean {
  const isAct = !isReading(command) && command.do !== "tick";
  return isAct && problems.every(({ file, message }) => file === "" && !/git|crash/.test(message));
}

/** In a paused world there are no cycles; at the same time somebody may have resumed it. */
function isPaused(life: Life, command: Command, problems: Problem[]): boolean {
  const isCycle = command.do === "tick" || command.do === "plan";
  const isSaid = problems.every(({ message }) => message.startsWith("the world is paused by Pat"));
  return isCycle && isSaid && (pauseOf(life) || life.resuming);
}

function pauseOf(life: Life): boolean {
  const text = git(life, life.root, "show", "HEAD:./world.json");
  return text !== NONSENSE && JSON.parse(text).paused !== undefined;
}

async function run(life: Life, command: Command, more: object = {}): Promise<Problem[] | null> {
  const { seed, continuity } = life;
  const given = { seed, continuity };
  const outcome = await runCommand(life.root, command, { ...given, ...more });
  return outcome.ok ? null : outcome.problems;
}

const tick: Doing = async (life) => settle(life, TICK, await run(life, TICK), []);

function drawnAct(life: Life): Command {
  const { dice } = life;
  const alive = citizens(life);
  const to = dice.percent(80) && alive.length > 0 ? dice.pick(alive) : dice.pick(["pat", "no", ""]);
  const dead = namesIn(life, "graveyard");
  if (pauseOf(life) && dice.percent(60)) return { do: "resume" };
  const kind = weighed(dice, { grant: 4, tell: 3, revive: 3, kill: 1, pause: 1 });
  const reason = dice.pick(["", "too dear", "a\nb"]);
  if (kind === "kill") return { do: kind, id: to, reason };
  if (kind === "pause") return { do: kind, reason };
  if (kind === "grant")
    return { do: kind, to, amount: dice.pick([0.5, 30, 1e6]), memo: dice.pick(["", "x", "a\nb"]) };
  if (kind === "tell") return { do: kind, to, content: dice.pick(["hi", " ", "\u001b[31m"]) };
  return { do: kind, id: dead.length > 0 ? dice.pick(dead) : "nobody" };
}

const act: Doing = async (life) => {
  const command = drawnAct(life);
  if (command.do === "revive") life.removed.delete(command.id);
  const said = settle(life, command, await run(life, command), []);
  return `${said} ${JSON.stringify(command)}`;
};

/** A person goes on working while agents run. */
const meanwhile: Doing = async (life) => {
  const before = new Set(life.broken.keys());
  let dirty: string[] = [];
  const told: string[] = [];
  const problems = await run(life, TICK, {
    meanwhile: () => {
      const earlier = life.dirty;
      life.dirty = new Set();
      told.push(doMeanwhile(life));
      dirty = [...life.dirty];
      life.dirty = new Set([...earlier, ...dirty]);
    },
  });
  const fresh = [...life.broken].filter(([path]) => !before.has(path));
  for (const [path] of fresh) life.broken.delete(path);
  const said = settle(life, TICK, problems, dirty);
  for (const [path, broken] of fresh) life.broken.set(path, broken);
  markDead(life);
  return `${said}, meanwhile ${told.join() || "nobody ran"}`;
};

const abandon: Doing = async (life) => {
  const stop = new AbortController();
  let isStopped = false;
  const problems = await run(life, TICK, {
    signal: stop.signal,
    meanwhile: () => {
      isStopped = true;
      stop.abort();
    },
  });
  if (!isStopped) return settle(life, TICK, problems, []);
  if (!problems?.every(({ message }) => message.includes("abandoned")))
    throw new LawBroken(`an abandoned cycle: ${JSON.stringify(problems)}`);
  life.dirty.clear();
  life.wounded = false;
  return "stopped";
};

/** Two commands at once: one waits for the other. */
const together: Doing = async (life) => {
  const commands = [TICK, life.dice.percent(50) ? TICK : drawnAct(life)];
  if (life.dice.percent(50)) commands.reverse();
  for (const command of commands) if (command.do === "revive") life.removed.delete(command.id);
  life.resuming = commands.some((command) => command.do === "resume");
  const outcomes = await Promise.all(commands.map((command) => run(life, command)));
  const said = commands.map((one, n) => settle(life, one, outcomes[n] ?? null, []));
  life.resuming = false;
  return said.join(" and ");
};

const disk: Doing = async (life) => {
  const kind = life.dice.pick(["full", "read-only", "error"] as const);
  const fault: Fault = { kind, at: 1 + life.dice.below(60) };
  const command = life.dice.percent(70) ? TICK : drawnAct(life);
  if (command.do === "revive") life.removed.delete(command.id);
  arm(fault);
  let problems: Problem[] | null;
  try {
    problems = await run(life, command);
  } finally {
    disarm();
  }
  life.wounded = true;
  const ticked = command.do === "tick" ? 1 : 0;
  life.cycle = checkCycle(life, [life.cycle, life.cycle + ticked]);
  const said = (problems?.[0]?.message ?? "done").replaceAll(life.root, "…");
  const how = `${kind} at step ${fault.at} of ${command.do}: ${said}`;
  return `${how}; ${await afterwards(life)}`;
};

const crash: Doing = async (life) => {
  const at = 1 + life.dice.below(90);
  const command = life.dice.percent(70) ? TICK : drawnAct(life);
  if (command.do === "revive") life.removed.delete(command.id);
  const { root, seed, now } = life;
  const given = JSON.stringify({ root, seed, command, at, now });
  const victim = join(import.meta.dir, "victim.ts");
  const done = Bun.spawnSync([process.execPath, "--config=/dev/null", victim, given]);
  if (done.signalCode !== "SIGKILL" && done.exitCode !== 0)
    throw new LawBroken(`${command.do} in a process of its own: ${done.stderr}`);
  life.wounded = true;
  const ticked = command.do === "tick" ? 1 : 0;
  life.cycle = checkCycle(life, [life.cycle, life.cycle + ticked]);
  const how = done.signalCode ? `killed at step ${at} of ${command.do}` : `${command.do} survived`;
  return `${how}; ${await afterwards(life)}`;
};

/** The next command finds the world before or after what was cut short, whichever HEAD says. */
async function afterwards(life: Life): Promise<string> {
  const told = life.dice.percent(30) ? [doMeanwhile(life)] : [];
  const command = life.dice.pick<Command>([TICK, TICK, { do: "load" }, { do: "plan" }]);
  told.push(settle(life, command, await run(life, command), []));
  return told.join(", ");
}

const DOINGS = { tick, meanwhile, act, together, disk, crash, abandon };
