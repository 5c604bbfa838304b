import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accept, type Result, refuse } from "../economy/result.ts";
import type { Rules } from "../economy/rules.ts";
import type { Candidate } from "../execution/choose.ts";
import type { Sandbox } from "../execution/sandbox.ts";
import { safeLine } from "../view/safe-text.ts";
import { facts, hint, section, table } from "../view/tables.ts";
import { defineCommand, JSON_OPTION } from "./command.ts";
import { type Context, EXIT, fail, failWith, inWorld, kernel, printJson } from "./context.ts";

export const doctor = defineCommand<{ json?: true }>({
  name: "doctor",
  summary: "what this machine can enforce",
  about:
    "Shows which sandbox runs the agents of this world, which limits this machine can really " +
    "enforce, what to do about those it cannot, and whether the keys of the models are there. " +
    "While a limit is missing, only the toolkit's own agents run, unless econ.yaml names that " +
    "sandbox itself. Where there is no world it goes by the rules of a new one.",
  examples: [
    ["econ doctor", "before putting foreign agents into a world"],
    ["econ doctor --json | jq .unenforced", "for a script"],
  ],
  options: [JSON_OPTION],
  run: async (context, _, { json }) => {
    const { findWorld, loadEconomy } = await kernel();
    if (context.world === undefined && !findWorld(context).ok)
      return withoutWorld(context, (root, rules) =>
        examine(context, { root, rules, repository: null }, json === true),
      );
    return inWorld(context, async (root) => {
      const loaded = await loadEconomy(root);
      if (!loaded.ok) return failWith(context, loaded.problems);
      const { economy, repo } = loaded.value;
      const place = { root, rules: economy.rules, repository: repo.top };
      return examine(context, place, json === true);
    });
  },
});

/** By the rules that a new world gets, in a folder that is gone afterwards. */
async function withoutWorld(
  context: Context,
  work: (root: string, rules: Rules) => Promise<number>,
): Promise<number> {
  const rules = await usualRules();
  if (!rules.ok) return fail(context, rules.reason);
  const root = mkdtempSync(join(tmpdir(), "econ-doctor-"));
  try {
    return await work(root, rules.value);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function usualRules(): Promise<Result<Rules>> {
  const config = (await kernel()).presetConfig("default", []);
  if (!config.ok) return config;
  const { readConfig } = await import("../world/config.ts");
  const rules = readConfig(config.value);
  return rules.ok ? accept(rules.value) : refuse("the rules of the default world are broken");
}

/** `repository`: null without a world. */
type Place = { root: string; rules: Rules; repository: string | null };

async function examine(context: Context, place: Place, json: boolean): Promise<number> {
  const { root, rules, repository } = place;
  const { sandboxFor, sandboxesFor } = await kernel();
  const sandbox = await sandboxFor(root, rules);
  if (!sandbox.ok) return fail(context, sandbox.reason);
  const { name, unenforced } = sandbox.value;
  const sandboxes = stateOf(await sandboxesFor(root, rules));
  const models = modelsOf(rules, context.env);
  const found = { bun: Bun.version, repository, sandbox: name, sandboxes, unenforced, models };
  if (json) return printJson(context, found);
  context.out(report(context, sandbox.value, { place, sandboxes, models }));
  return EXIT.ok;
}

type State = { name: Sandbox["name"]; missing: string | null };

/** Each sandbox, with why it is not to be had here and what to do about it. */
function stateOf(candidates: Candidate[]): State[] {
  return candidates.map(({ name, found }) => ({ name, missing: found.ok ? null : found.reason }));
}

type ModelState = { name: string; id: string; baseUrl: string; key: string; keyIsSet: boolean };

/** Only whether there is a key: nobody is called. */
function modelsOf({ models }: Rules, env: Context["env"]): ModelState[] {
  return Object.entries(models).map(([name, { id, base_url: baseUrl, key }]) => {
    return { name, id, baseUrl, key, keyIsSet: Boolean(env[key]) };
  });
}

function modelText({ id, baseUrl, key, keyIsSet }: ModelState): string {
  const state = keyIsSet ? `${key} is set` : `${key} is not set: export ${key}=…`;
  return safeLine(`${id} at ${baseUrl}; ${state}`);
}

type Machine = { place: Place; sandboxes: State[]; models: ModelState[] };

function report(
  { look }: Context,
  { name, unenforced }: Sandbox,
  { place: { rules, repository }, sandboxes, models }: Machine,
): string {
  const known = sandboxes.map((one): [string, string] => {
    return [one.name, one.missing === null ? "works here" : safeLine(one.missing)];
  });
  const thinking = models.map((one): [string, string] => [`model ${one.name}`, modelText(one)]);
  const machine = facts(
    [
      ["bun", Bun.version],
      ["repository", repository ?? "no world here: by the rules of a new one"],
      ["sandbox", `${name} (econ.yaml: ${rules.execution.sandbox})`],
      ...known,
      ...thinking,
    ],
    look,
  );
  if (unenforced.length === 0)
    return `${machine}\n\n${hint("Every limit is enforced: foreign agents may run.", look)}`;
  const rows = unenforced.map(({ limit, why }) => [
    limit,
    { text: why, style: (text: string) => text },
  ]);
  const list = table([{ title: "LIMIT" }, { title: "WHY, AND WHAT TO DO" }], rows, {
    ...look,
    width: null,
  });
  return [
    machine,
    section("Not enforced here", list, look),
    hint("Only the toolkit's own agents run while something is missing.", look),
  ].join("\n\n");
}
