import { dashboard } from "../view/dashboard.ts";
import { statusJson } from "../view/json.ts";
import { defineCommand, JSON_OPTION } from "./command.ts";
import { EXIT, glancing, printJson } from "./context.ts";

/** Enough cycles to fill the dashboard's lines in all but the quietest economies. */
const CYCLES = 10;

export const status = defineCommand<{ json?: true }>({
  name: "status",
  summary: "the economy at a glance",
  about:
    "Shows the dashboard: what each resource costs and how much of it was sold, who is alive, " +
    "how many credits circulate, what happened in the last cycles, and whose prompt is before " +
    "you.",
  examples: [
    ["econ status", "the dashboard of the world around this folder"],
    ["econ status --world ~/worlds/a", "of another world"],
    ["econ status --json | jq .circulation", "a figure of it, for a script"],
  ],
  options: [JSON_OPTION],
  run: (context, _, { json }) =>
    glancing(
      context,
      ({ readOverview, chronicleIn }) =>
        async (reader, options, repo) => {
          // git looks up the history while the files are read.
          const news = chronicleIn(repo, CYCLES);
          const economy = await readOverview(reader, options);
          const chapters = await news;
          return economy && { economy, chapters };
        },
      ({ economy, chapters }) => {
        if (json) return printJson(context, statusJson(economy, chapters));
        context.out(dashboard(economy, chapters, context.look));
        return EXIT.ok;
      },
    ),
});
