// `econ demo` at work.
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { credits } from "../economy/money.ts";
import { accept, type Result, refuse } from "../economy/result.ts";
import { type Economy, marketOf } from "../economy/state.ts";
import {
  Continuity,
  chronicle,
  createWorld,
  loadEconomy,
  scoreActive,
  type TickReport,
  tick,
} from "../kernel.ts";
import { judge, type Memory } from "../lab/human.ts";
import { creditsText } from "../view/amounts.ts";
import { dashboard } from "../view/dashboard.ts";
import { cutToWidth, safeLine } from "../view/safe-text.ts";
import { hint } from "../view/tables.ts";
import { readText } from "../world/files.ts";
import { worldAround } from "../world/find.ts";
import { askGit, headCommit, openRepository } from "../world/git.ts";
import { PRIVATE } from "../world/layout.ts";
import { type Context, EXIT, fail, failWith } from "./context.ts";
import {
  consent,
  introduceModel,
  keyOf,
  MODEL_CAST,
  MODEL_CYCLES,
  type ModelOptions,
  modelSettings,
} from "./demo-model.ts";
import { untilInterrupted } from "./interrupt.ts";
import { progressOn } from "./progress.ts";

export type Options = { cycles?: number; seed?: string; model?: true } & ModelOptions;

export const CYCLES = 60;
const SIMULATED = "simulated-human";

/** Genesis with what a newcomer gets; three others with less, to show how lives differ. */
const CAST = {
  genesis: { template: "genesis" },
  spammer: { template: "spammer", credits: credits(200) },
  idler: { template: "idler", credits: credits(200) },
  saver: { template: "saver", credits: credits(200) },
};

export async function run(
  context: Context,
  [folder = "demo-world"]: string[],
  options: Options,
): Promise<number> {
  const { model, seed = "demo", cycles = model ? MODEL_CYCLES : CYCLES } = options;
  const root = resolve(context.cwd, folder);
  const around = worldAround(root);
  if (around) return fail(context, `${root} is inside the world ${around}: run it somewhere else`);
  const free = await clearOldDemo(root);
  if (!free.ok) return fail(context, free.reason);
  const settings: [string, string][] = [["clock", "logical"]];
  if (model) settings.push(...modelSettings(options));
  const key = model ? keyOf(settings, context.env) : accept("");
  if (!key.ok) return fail(context, key.reason);
  const made = await createWorld(root, {
    preset: "default",
    seed,
    settings,
    cast: model ? MODEL_CAST : CAST,
    person: SIMULATED,
  });
  if (!made.ok) return failWith(context, made.problems);
  await signAs(root, "simulated human");
  writeFileSync(join(root, MARK), UNFINISHED);
  if (model) introduceModel(context, folder);
  else introduce(context, folder);
  const refused = model ? await agree(context, root, { ...options, cycles }) : null;
  if (refused !== null) {
    rmSync(root, { recursive: true });
    return refused;
  }
  const code = await play(context, root, { cycles, seed });
  writeFileSync(join(root, MARK), `${await headOf(root)}\n`);
  if (code !== EXIT.ok) return code;
  return conclude(context, root, { folder, star: model ? "ada" : "genesis" });
}

/** A person's yes to what it may cost. */
async function agree(context: Context, root: string, options: ModelOptions & { cycles: number }) {
  const loaded = await loadEconomy(root);
  if (!loaded.ok) return failWith(context, loaded.problems);
  return consent(context, loaded.value.economy, options);
}

/** Tells a demo's world from others, and at which commit the demo left it. */
const MARK = `${PRIVATE}/demo`;
const UNFINISHED = "unfinished\n";

async function headOf(root: string): Promise<string | null> {
  const repo = await openRepository(root);
  return repo.ok ? headCommit(repo.value) : null;
}

/** In this world's history, who edits by hand is not the person at the keyboard. */
async function signAs(root: string, name: string): Promise<void> {
  const repo = await openRepository(root);
  if (!repo.ok) return;
  await askGit(repo.value, ["config", "user.name", name]);
  await askGit(repo.value, ["config", "user.email", "simulated@localhost"]);
}

/** Only a world that an earlier demo made, and that nobody went on with, is replaced. */
async function clearOldDemo(root: string): Promise<Result<null>> {
  if (!existsSync(root)) return accept(null);
  const mark = readText(join(root, MARK));
  if (!mark.ok) return refuse(`${root} is there already and not a demo's: name another folder`);
  if (mark.value !== UNFINISHED && mark.value.trim() !== (await headOf(root)))
    return refuse(`you went on with the world in ${root}: name another folder, or remove it`);
  rmSync(root, { recursive: true });
  return accept(null);
}

function introduce({ out, look }: Context, folder: string): void {
  const { strong } = look.paint;
  out(
    [
      strong("An economy in a git repository"),
      `Four agents live in ${folder}/ (preset default): genesis, who observes and reports; a`,
      "spammer, an idler, and a saver. To exist they must win cpu and memory at auction. New",
      "credits come only from a person's scores, and here the person is SIMULATED: a rule, not",
      "a human.",
      "",
    ].join("\n"),
  );
}

async function play(
  context: Context,
  root: string,
  { cycles, seed }: { cycles: number; seed: string },
): Promise<number> {
  const interrupt = untilInterrupted();
  const progress = progressOn(context);
  const heard: Memory = new Map();
  const continuity = new Continuity();
  const told = new Set<string>();
  try {
    for (let done = 1; done <= cycles; done++) {
      progress.show(progressText(done, cycles));
      const { signal } = interrupt;
      // A world that lives as long as a demonstration need not wait for the disk.
      const { onWait } = progress;
      const options = { command: "econ demo", signal, durable: false, onWait, continuity };
      const result = await tick(root, options);
      progress.clear();
      if (signal.aborted) {
        context.err("Interrupted: the world is there, up to its last cycle.");
        return EXIT.interrupted;
      }
      if (!result.ok) return failWith(context, result.problems);
      for (const line of storyOf(result.value, told)) context.out(line);
      const scored = await simulateScores(root, result.value.economy, { heard, seed });
      if (scored && !scored.ok) return failWith(context, scored.problems);
    }
  } finally {
    progress.clear();
    interrupt.release();
  }
  return EXIT.ok;
}

function progressText(done: number, total: number): string {
  const cells = 24;
  const full = Math.round((done / total) * cells);
  return `cycle ${done} of ${total}  ${"█".repeat(full)}${"░".repeat(cells - full)}`;
}

/** The simulated human answers like a person with an editor: it saves attention/active.md. */
async function simulateScores(
  root: string,
  economy: Economy,
  { heard, seed }: { heard: Memory; seed: string },
) {
  if (!economy.active) return null;
  const { scores, reason } = judge(economy.active.content, heard, seed);
  return scoreActive(root, { scores, reason: `[simulated] ${reason}`, by: SIMULATED });
}

const STORY = new Set(["born", "died", "shown", "scored", "crashed", "refused", "host"]);
/** Told the first time only: after that they are routine. */
const FIRSTS = new Set(["ran", "paid", "sent", "asked"]);

/** What a newcomer should see of a cycle. */
function storyOf({ cycle, events, economy }: TickReport, told: Set<string>): string[] {
  const lines: string[] = [];
  for (const { kind, agent, text } of events) {
    const first = FIRSTS.has(kind) && !told.has(`${kind} ${agent}`);
    if (first) told.add(`${kind} ${agent}`);
    if (!first && !STORY.has(kind)) continue;
    const by = kind === "scored" ? " [simulated scores]" : "";
    lines.push(`cycle ${String(cycle).padStart(2)}  ${safeLine(text)}${by}`);
  }
  if (cycle % 10 === 0) lines.push(`cycle ${String(cycle).padStart(2)}  ${pricesText(economy)}`);
  return lines;
}

function pricesText(economy: Economy): string {
  const price = (resource: "cpu_seconds" | "memory_mb" | "attention") =>
    creditsText(marketOf(economy, resource).price);
  const prices = [
    `cpu ${price("cpu_seconds")}`,
    `memory ${price("memory_mb")}`,
    `attention ${price("attention")}`,
  ];
  return `prices: ${prices.join(", ")}`;
}

const LOG_LINES = 8;

const MODEL_NEXT = [
  "  econ cost                     what the model has cost, by agent, model or cycle",
  "  econ replay                   all of it again from the recorded answers, at no cost",
];

async function conclude(
  context: Context,
  root: string,
  { folder, star }: { folder: string; star: string },
): Promise<number> {
  const loaded = await loadEconomy(root);
  if (!loaded.ok) return failWith(context, loaded.problems);
  const chapters = await chronicle(root, Math.max(LOG_LINES, 10));
  const { out, look } = context;
  out(`\n${dashboard(loaded.value.economy, chapters, look)}\n`);
  out(look.paint.strong(`git log --oneline (${folder})`));
  for (const { subject } of chapters.slice(0, LOG_LINES)) {
    const line = `  ${safeLine(subject)}`;
    out(look.width === null ? line : cutToWidth(line, look.width));
  }
  const place = relative(context.cwd, root) || ".";
  out(
    [
      "",
      look.paint.strong("What next"),
      `  cd ${place}`,
      "  git log --stat                what each cycle changed, file by file",
      `  ${`econ agent ${star}`.padEnd(30)}one agent: money, bids, prompts, memory`,
      ...(star === "ada" ? MODEL_NEXT : []),
      "  econ tick                     go on; econ attend: be the human yourself",
      "  econ init my-world            a world of your own",
      hint("(econ: put this toolkit's bin folder on your PATH first, see the README)", look),
    ].join("\n"),
  );
  return EXIT.ok;
}
