import { TRANSFER_KINDS } from "../economy/ledger.ts";
import { unknownAgent } from "../view/agent.ts";
import { fileHistoryView } from "../view/file-history.ts";
import { historyView, involves } from "../view/history.ts";
import { historyJson } from "../view/json.ts";
import { countFrom, defineCommand, JSON_OPTION } from "./command.ts";
import {
  archive,
  type Context,
  EXIT,
  fail,
  failWith,
  glances,
  glancing,
  inWorld,
  misused,
  printJson,
} from "./context.ts";

const USUAL = 20;

type Options = { json?: true; number?: number; agent?: string; kind?: string; files?: true };

export const history = defineCommand<Options>({
  name: "history",
  summary: "who paid whom, and why",
  about:
    "Lists the latest transfers of credits, the newest first, from the world's journal, as " +
    "far back as it goes. Filters look through the whole journal until enough are found. With " +
    "--files it lists who changed an agent's files instead: its runs, AGENTS.md included, and " +
    "people.",
  examples: [
    ["econ history", `the last ${USUAL} transfers`],
    ["econ history -n 100 --agent scribe", "what scribe paid and was paid"],
    ["econ history --kind award", "what people's scores created"],
    ["econ history --agent market:tokens", "what was paid for tokens"],
    ["econ history --agent scribe --files", "which runs and people changed scribe's files"],
  ],
  options: [
    {
      flags: "-n, --number <count>",
      about: `how many at most (usually ${USUAL})`,
      parse: countFrom(1),
    },
    { flags: "--agent <name>", about: "only those from or to this agent, person or account" },
    { flags: "--kind <kind>", about: "only those of this kind", choices: TRANSFER_KINDS },
    { flags: "--files", about: "of --agent: who changed which of its files" },
    JSON_OPTION,
  ],
  run: (context, _, { json, number = USUAL, agent, kind, files }) =>
    inWorld(context, async (root) => {
      if (files) return listFiles(context, { agent, number, json });
      const { newestTransfers } = await archive();
      const found = newestTransfers(
        root,
        number,
        (one) => (!agent || involves(one, agent)) && (!kind || one.kind === kind),
      );
      if (!found.ok) return failWith(context, found.problems);
      if (agent && found.value.length === 0) {
        const { glance, readOverview } = await glances();
        const seen = await glance(root, readOverview);
        if (!seen.ok) return failWith(context, seen.problems);
        const { agents, dead, people } = seen.value;
        const isKnown = [agents, dead, people].some((group) => group.has(agent));
        if (!isKnown && !agent.includes(":")) return fail(context, unknownAgent(seen.value, agent));
      }
      if (json) return printJson(context, historyJson(found.value));
      context.out(historyView(found.value, context.look));
      return EXIT.ok;
    }),
});

async function listFiles(
  context: Context,
  { agent, number, json }: { agent: string | undefined; number: number; json: true | undefined },
): Promise<number> {
  if (agent === undefined) return misused(context, "--files needs --agent: whose files?");
  const { fileHistory, recordOf } = await archive();
  return glancing(
    context,
    ({ readOverview }) =>
      async (reader, options, repo) => {
        const overview = await readOverview(reader, options);
        const found = overview && recordOf(repo.root, overview, agent);
        const count = number;
        return found && { found, edits: found.ok ? await fileHistory(repo, agent, { count }) : [] };
      },
    ({ found, edits }) => {
      if (!found.ok) return fail(context, found.reason);
      if (json) return printJson(context, edits);
      context.out(fileHistoryView(edits, found.value.createdCycle, context.look));
      return EXIT.ok;
    },
  );
}
