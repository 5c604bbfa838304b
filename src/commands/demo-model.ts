// The demo with agents that think: who lives in it, what it may cost, and the yes that it takes.
import { createInterface } from "node:readline/promises";
import { estimateCosts } from "../economy/estimate.ts";
import { credits } from "../economy/money.ts";
import { accept, type Result, refuse } from "../economy/result.ts";
import type { Economy } from "../economy/state.ts";
import { presetConfig } from "../kernel.ts";
import { dollarsText } from "../view/costs.ts";
import { readConfig } from "../world/config.ts";
import { type Context, EXIT, fail } from "./context.ts";

export type ModelOptions = { baseUrl?: string; dollars?: number; yes?: true };

export const MODEL_CYCLES = 30;
const DOLLARS = 1;

/** One who thinks, and one who does not, to compare with. */
export const MODEL_CAST = {
  ada: { template: "mind" },
  saver: { template: "saver", credits: credits(200) },
};

export function modelSettings({ baseUrl, dollars = DOLLARS }: ModelOptions): [string, string][] {
  const ceilings = ["day", "world"].map((of): [string, string] => [
    `spending.dollars_per_${of}`,
    `${dollars}`,
  ]);
  return baseUrl === undefined ? ceilings : [...ceilings, ["models.haiku.base_url", baseUrl]];
}

/** Without its key no model answers: better said before than thirty cycles long. */
export function keyOf(settings: [string, string][], env: Context["env"]): Result<string> {
  const config = presetConfig("default", settings);
  const rules = config.ok ? readConfig(config.value) : null;
  const [first] = rules?.ok ? Object.values(rules.value.models) : [];
  if (!first) return refuse("the rules of the default world name no model");
  if (env[first.key]) return accept(first.key);
  return refuse(
    `a model needs a key: export ${first.key}=… and run this again, ` +
      "or run econ demo without --model",
  );
}

export function introduceModel({ out, look }: Context, folder: string): void {
  out(
    [
      look.paint.strong("An economy in a git repository, with an agent that thinks"),
      `Two agents live in ${folder}/: ada, a folder of markdown that a model runs with a shell,`,
      "and a saver, a program. To exist they must win tokens, cpu and memory at auction. New",
      "credits come only from a person's scores, and here the person is SIMULATED: a rule, not",
      "a human.",
      "",
    ].join("\n"),
  );
}

/** Says what it may cost and asks; null is a yes, a number the exit code of a no. */
export async function consent(
  context: Context,
  economy: Economy,
  { cycles, yes }: { cycles: number; yes?: true },
): Promise<number | null> {
  const { atMost, likely } = estimateCosts(economy, [], cycles);
  const [name = "", model] = Object.entries(economy.rules.models)[0] ?? [];
  context.out(
    [
      `The model is ${name} (${model?.id}) at ${model?.base_url}.`,
      `${cycles} cycles cost at most ${dollarsText(atMost)}, which is a ceiling that econ holds,`,
      `and likely less than ${dollarsText(likely)}.\n`,
    ].join("\n"),
  );
  if (yes) return null;
  if (!context.stdin.isTTY) return fail(context, "this costs money: run it with --yes to agree");
  const prompt = createInterface({ input: context.stdin, output: process.stderr });
  const answer = await prompt.question("Go on? [y/N] ").catch(() => "");
  prompt.close();
  if (/^y(es)?$/i.test(answer.trim())) return null;
  context.err("Nothing was spent.");
  return EXIT.refused;
}
