import { agentsView, byBalance, deadView } from "../view/agents.ts";
import { agentsJson, deadJson } from "../view/json.ts";
import { defineCommand, JSON_OPTION } from "./command.ts";
import { archive, type Context, EXIT, glancing, printJson, withOverview } from "./context.ts";

export const agents = defineCommand<{ json?: true; dead?: true; quiet?: true }>({
  name: "agents",
  summary: "who lives, and who has died",
  about:
    "Lists the living agents, richest first: what each has, earned and spent, how often it " +
    "ran and what wakes it next. With --dead it lists the graveyard with the causes of death.",
  examples: [
    ["econ agents", "the living"],
    ["econ agents --dead", "the dead and what they died of"],
    ["econ agents --quiet", "only names, one a line, for scripts"],
  ],
  options: [
    { flags: "--dead", about: "the dead instead of the living" },
    { flags: "-q, --quiet", about: "only names" },
    JSON_OPTION,
  ],
  run: (context, _, { json, dead, quiet }) => {
    if (quiet) return listNames(context, dead === true);
    if (dead) return listDead(context, json === true);
    return glancing(
      context,
      ({ readCensus }) => readCensus,
      (census) => {
        if (json) return printJson(context, agentsJson(census));
        context.out(agentsView(census, context.look));
        return EXIT.ok;
      },
    );
  },
});

/** Nobody's files are opened for their names: a shell asks for them at every Tab. */
function listNames(context: Context, dead: boolean): Promise<number> {
  return withOverview(context, (overview) => {
    const names = dead ? [...overview.dead].sort() : byBalance(overview);
    if (names.length > 0) context.out(names.join("\n"));
    return EXIT.ok;
  });
}

function listDead(context: Context, json: boolean): Promise<number> {
  return withOverview(context, async (overview, root) => {
    const graves = (await archive()).gravesOf(root, [...overview.dead].sort());
    if (json) return printJson(context, deadJson(overview, graves));
    context.out(deadView(graves, context.look));
    return EXIT.ok;
  });
}
