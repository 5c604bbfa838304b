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
    "enforce, and what to do about those it cannot. While a limit is missing, only the toolkit's " +
    "own agents run, unless econ.yaml names that sandbox itself.",
  examples: [
    ["econ doctor", "before putting foreign agents into a world"],
    ["econ doctor --json | jq .unenforced", "for a script"],
  ],
  options: [JSON_OPTION],
  run: (context, _, { json }) =>
    inWorld(context, async (root) => {
      const { loadEconomy, sandboxFor, sandboxesFor } = await kernel();
      const loaded = await loadEconomy(root);
      if (!loaded.ok) return failWith(context, loaded.problems);
      const { economy, repo } = loaded.value;
      const { rules } = economy;
      const sandbox = await sandboxFor(root, rules);
      if (!sandbox.ok) return fail(context, sandbox.reason);
      const { name, unenforced } = sandbox.value;
      const repository = repo.top;
      const sandboxes = stateOf(await sandboxesFor(root, rules));
      const facts = { bun: Bun.version, repository, sandbox: name, sandboxes, unenforced };
      if (json) return printJson(context, facts);
      context.out(report(context, sandbox.value, { rules, repository, sandboxes }));
      return EXIT.ok;
    }),
});

type State = { name: Sandbox["name"]; missing: string | null };

/** Each sandbox, with why it is not to be had here and what to do about it. */
function stateOf(candidates: Candidate[]): State[] {
  return candidates.map(({ name, found }) => ({ name, missing: found.ok ? null : found.reason }));
}

type Machine = { rules: Rules; repository: string; sandboxes: State[] };

function report(
  { look }: Context,
  { name, unenforced }: Sandbox,
  { rules, repository, sandboxes }: Machine,
): string {
  const known = sandboxes.map((one): [string, string] => {
    return [one.name, one.missing === null ? "works here" : safeLine(one.missing)];
  });
  const machine = facts(
    [
      ["bun", Bun.version],
      ["repository", repository],
      ["sandbox", `${name} (econ.yaml: ${rules.execution.sandbox})`],
      ...known,
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
