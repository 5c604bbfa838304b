// A life from one seed: steps are drawn and done, and after each the laws are checked.
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drawnAct } from "./asked.ts";
import { clock } from "./clock.ts";
import type { Command } from "./commands.ts";
import { crash, disk, gitDies } from "./deaths.ts";
import { weighed } from "./dice.ts";
import { disarm } from "./faulty-fs.ts";
import { checkLaws } from "./laws.ts";
import { git, LawBroken, type Life, newLife } from "./life.ts";
import { isMute } from "./models.ts";
import { doMeanwhile, doQuietly, doSomething, markDead, repairFile } from "./person.ts";
import { isAttend, isExpected, run, SHEET, settle } from "./settle.ts";

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
    for (const line of life.log) options.onStep?.(line);
    for (life.step = 1; life.step <= steps; life.step++) {
      await oneStep(life);
      options.onStep?.(life.log.at(-1) ?? "");
      const thorough = life.step % FSCK_EVERY === 0 || life.step === steps;
      await checkLaws(life, { thorough });
    }
    const head = git(life.root, "rev-parse", "HEAD").trim();
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
  act: 12,
  clock: 4,
  together: 4,
  crash: 6,
  disk: 6,
  gitDies: 5,
  abandon: 2,
  serve: 3,
  replay: 2,
};

async function oneStep(life: Life): Promise<void> {
  const isRepairing = life.broken.size > 0 && life.dice.percent(30);
  const kind = isRepairing ? "repair" : weighed(life.dice, KINDS);
  clock.now += 10_000;
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
  clock.now = Math.max(0, clock.now + Math.round(days * DAY));
  return `${days} days`;
}

type Doing = (life: Life) => Promise<string>;

const TICK: Command = { do: "tick" };

const tick: Doing = async (life) => settle(life, TICK, await run(life, TICK));

const act: Doing = async (life) => {
  const command = drawnAct(life);
  if (command.do === "revive") life.removed.delete(command.id);
  const said = settle(life, command, await run(life, command));
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
  if (!isStopped) return settle(life, TICK, problems);
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
  const said = commands.map((one, n) => settle(life, one, outcomes[n] ?? null));
  life.resuming = false;
  // Scores take no lock: they may have been given after the cycle that was to settle them.
  if (commands.some(isAttend)) life.dirty.add(SHEET);
  return said.join(" and ");
};

/** The daemon for a while, a person at work beside it, and then Ctrl-C. */
const serve: Doing = async (life) => {
  const command: Command = { do: "serve", seconds: 5 + life.dice.below(60) };
  const told: string[] = [];
  let cycles = 0;
  const problems = await run(life, command, {
    onCycle: () => {
      cycles += 1;
    },
    onSecond: () => {
      if (life.dice.percent(5)) told.push(doQuietly(life));
    },
  });
  life.cycle += cycles;
  if (problems && (cycles > 0 || !isExpected(life, command, problems)))
    throw new LawBroken(`serve, after ${cycles} cycles: ${JSON.stringify(problems)}`);
  if (cycles > 0 && life.broken.size > 0) throw new LawBroken("served over a broken edit");
  if (cycles > 0) life.wounded = false;
  markDead(life);
  return `${cycles} cycles${problems ? ", refused" : ""}, meanwhile ${told.join() || "nothing"}`;
};

/** Law 6: what was recorded gives the same commits again. A drawn model was asked by no run. */
const replay: Doing = async (life) => {
  if (!isMute(life.seed)) return "-";
  const command: Command = { do: "replay", last: 1 + life.dice.below(4) };
  const problems = await run(life, command);
  const isYoung = problems?.every(({ message }) => message.includes("no cycle in this range"));
  if (problems && !isYoung) throw new LawBroken(`replay: ${JSON.stringify(problems)}`);
  return problems ? "nothing to replay" : `${command.last} cycles`;
};

const DOINGS = { tick, meanwhile, act, together, disk, crash, gitDies, abandon, serve, replay };
