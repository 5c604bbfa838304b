// The default harness: one run of a folder that has no program, only a mind. `econ model` starts
// it inside the sandbox. It ends with 0 whatever the model did: other codes are for bugs here, and
// for a provider that failed before anything was done.
import { realpathSync } from "node:fs";
import type { Bundle } from "../../economy/resources.ts";
import { getConfig, getEnvironment } from "../methods.ts";
import { currentSession } from "../session.ts";
import { askWith, type Question, sizeOf } from "./ask.ts";
import { oneLine } from "./clip.ts";
import { clockOfRun } from "./clock.ts";
import { lastReserve, standIn, tellOnce } from "./last-word.ts";
import { type Ended, leftOver, talk } from "./loop.ts";
import { costsText, hasBid, news, proposedBid, standing } from "./now.ts";
import type { Roots } from "./paths.ts";
import { lawFor, systemOf } from "./prompt.ts";
import { costOf, left, type Purse, purseFor, type Shown } from "./purse.ts";
import { type Remembered, recall, remember } from "./record.ts";
import { readSelf, type Self } from "./self.ts";
import { type Hands, tools } from "./tools.ts";
import { text } from "./wire.ts";

type Choice = { name: string; model: Shown; remark: string };

/** One run, to its end. */
export async function live(): Promise<void> {
  const { home, workspace } = currentSession();
  const roots = { home: realpathSync(home), workspace: realpathSync(workspace) };
  const self = readSelf(roots, getConfig().allocation.schedule_seconds);
  const last = recall(roots);
  const choice = chooseModel(self);
  const { resources } = getEnvironment().execution;
  if (choice === null) {
    console.log("this world has no models (econ.yaml: models)");
    return standIn(resources, (last?.failures ?? 0) + 1);
  }
  const purse = purseFor(choice.model, resources.tokens ?? 0);
  const question = firstQuestion(roots, self, choice, last);
  console.log(`${choice.name}, ${left(purse)} tokens${choice.remark && `. ${choice.remark}`}`);
  const clock = clockOfRun();
  const ask = askWith(choice.name, purse, clock);
  const hands = { ...roots, clock, env: () => ({ ECON_TOKENS_LEFT: `${left(purse)}` }) };
  const ended = await think({ ask, purse, hands, self, question });
  const failures = ended.heard ? 0 : (last?.failures ?? 0) + 1;
  if (!hasBid() && ended.atProvider && !ended.heard) return undo();
  if (!hasBid() && ended.kind === "failed") standIn(resources, failures);
  else if (!hasBid() && !ended.heard) standIn(enough(purse, self, question), failures);
  else if (!hasBid()) console.log("it leaves no bid, so this was its last run");
  remember(roots, recordOf(choice.name, purse, ended, failures));
}

/**
 * Nothing was heard and nothing done, for the provider failed: so the host undoes the run and gives
 * the credits back. A bid in its place would have the agent pay for each try.
 */
function undo(): void {
  console.log("the provider failed before anything was done: this run is to be undone");
  process.exitCode = TRY_AGAIN;
}

/** The code of Unix for "failed for now". */
const TRY_AGAIN = 75;

type Thinking = {
  ask: ReturnType<typeof askWith>;
  purse: Purse;
  hands: Hands;
  self: Self;
  question: Question;
};

/** The run itself, and the word at its end. */
async function think(thinking: Thinking): Promise<Ended> {
  const { purse, self } = thinking;
  const first = await talk({
    ...thinking,
    turns: self.turns,
    reserve: () => lastReserve(purse, self),
    remark: (turns) => `[${leftOver(purse, turns)}${hasBid() ? "" : "; no bid yet"}]`,
  });
  console.log(`ended: ${first.reason}`);
  if (hasBid() || first.kind === "failed" || !first.heard) return first;
  const told = await tellOnce(thinking, first);
  if (!hasBid() && told.kind !== "done") console.log(`ended: ${told.reason}`);
  return { ...first, kind: told.kind === "failed" ? "failed" : first.kind };
}

/** `model:` of AGENTS.md is a name of this world's models. A wrong one is told, not died of. */
function chooseModel({ model: wished }: Self): Choice | null {
  const { models } = getConfig();
  const [first] = Object.keys(models);
  if (first === undefined) return null;
  const name = wished !== null && Object.hasOwn(models, wished) ? wished : first;
  const known = Object.keys(models).join(", ");
  const remark =
    wished === null || name === wished
      ? ""
      : `AGENTS.md asks for the model ${oneLine(JSON.stringify(wished), 80)}, which this world ` +
        `does not have (${known}): you think with ${name}`;
  return { name, model: models[name] as Shown, remark };
}

function firstQuestion(
  roots: Roots,
  self: Self,
  choice: Choice,
  last: Remembered | null,
): Question {
  const law = lawFor(choice.model);
  const parts = news(roots);
  const where = standing();
  const stable = [{ name: "econ", text: law + JSON.stringify(tools) }, ...self.sections];
  const costs = costsText([...stable, ...parts, { name: "now", text: where }], last);
  const sections = [
    ...parts.map(({ name, text: body }) => `# ${name}\n\n${body}`),
    `# Now\n\n${where}\n${costs}`,
    ...(choice.remark === "" ? [] : [`${choice.remark}.`]),
    `You have at most ${self.turns} turns. The same again: ${proposedBid(self.pause)}`,
  ];
  const messages = [{ role: "user" as const, content: [text(sections.join("\n\n"))] }];
  return { system: systemOf(law, self), tools, messages };
}

/**
 * A bundle in which a mind can be heard, for who bought too little, by a slip or by growing: at
 * least twice what it had, since the gateway may reckon otherwise.
 */
function enough(purse: Purse, self: Self, question: Question): Bundle {
  const { config, execution, markets } = getEnvironment();
  const usual = config.population.first_bid.model as Bundle;
  const most = (name: keyof Bundle) => Math.max(execution.resources[name] ?? 0, usual[name] ?? 0);
  const need = costOf(purse, sizeOf(question), 1_000) + lastReserve(purse, self);
  const wished = Math.max(usual.tokens ?? 0, Math.ceil((2 * Math.max(need, purse.bought)) / 1_000));
  const tokens = Math.min(wished, markets.tokens.availableSupply);
  return { tokens, cpu_seconds: most("cpu_seconds"), memory_mb: most("memory_mb") };
}

function recordOf(model: string, purse: Purse, ended: Ended, failures: number): Remembered {
  return {
    ...purse.used,
    cycle: getEnvironment().cycle,
    model,
    bought: purse.bought / 1_000,
    spent: Math.ceil(purse.spent / 1_000),
    calls: purse.calls,
    ended: ended.reason,
    failures,
  };
}
