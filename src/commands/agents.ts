import { agentsView, byBalance, deadView } from "../view/agents.ts";
import { agentsJson, deadJson } from "../view/json.ts";
import { defineCommand, JSON_OPTION } from "./command.ts";
import { archive, EXIT, printJson, withEconomy } from "./context.ts";

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
  run: (context, _, { json, dead, quiet }) =>
    withEconomy(context, async (economy, root) => {
      const living = () => byBalance(economy).map(({ id }) => id);
      const names = dead ? [...economy.dead].sort() : living();
      if (quiet) {
        if (names.length > 0) context.out(names.join("\n"));
        return EXIT.ok;
      }
      const graves = dead ? (await archive()).gravesOf(root, names) : [];
      if (json) return printJson(context, dead ? deadJson(economy, graves) : agentsJson(economy));
      context.out(dead ? deadView(graves, context.look) : agentsView(economy, context.look));
      return EXIT.ok;
    }),
});
