import { agentView } from "../view/agent.ts";
import { agentPageJson } from "../view/json.ts";
import { agentAdopt } from "./agent-adopt.ts";
import { agentEdit } from "./agent-edit.ts";
import { agentExport } from "./agent-export.ts";
import { agentFork } from "./agent-fork.ts";
import { agentImport } from "./agent-import.ts";
import { agentNew } from "./agent-new.ts";
import { type CommandSpec, defineCommand, JSON_OPTION } from "./command.ts";
import { archive, type Context, EXIT, fail, glancing, printJson } from "./context.ts";

type Options = { json?: true };

const ABOUT =
  "Shows one agent, living or dead: balance, model or program, skills, lineage and children, " +
  "its bids with what they will offer next, its prompts, its mail, what it will be told when " +
  "it wakes, its last runs with what was refused and why, the files of its workspace and who " +
  "changed them lately. Of a dead one, also the cause of death.";

const AGENT: CommandSpec["arguments"] = [
  { name: "<agent>", about: "its name", complete: "agents" },
];

const show = defineCommand<Options>({
  name: "show",
  summary: "show one, also when its name is a command's",
  about: ABOUT,
  examples: [["econ agent show new", "an agent that is called like a command"]],
  arguments: AGENT,
  run: showAgent,
});

export const agent = defineCommand<Options>({
  name: "agent",
  summary: "everything about one agent; make, copy, move and edit agents",
  about: `${ABOUT} Agents are folders, and the commands below make, copy, move and edit them.`,
  examples: [
    ["econ agent scribe", "the page of scribe"],
    ["econ agent scribe --json | jq .bids", "its bids, for a script"],
    ["econ agent new scout --template saver", "a new agent"],
    ["econ help agent new", "more on one of the commands"],
  ],
  arguments: AGENT,
  options: [JSON_OPTION],
  subcommands: [show, agentNew, agentAdopt, agentFork, agentExport, agentImport, agentEdit],
  run: showAgent,
});

async function showAgent(context: Context, [id = ""]: string[], { json }: Options) {
  const { pageOf } = await archive();
  return glancing(
    context,
    ({ readSight }) =>
      async (reader, options, repo) => {
        const sight = await readSight(reader, options, id);
        return sight && { sight, page: await pageOf(repo, sight, id) };
      },
    ({ sight: { overview }, page }) => {
      if (!page.ok) return fail(context, page.reason);
      if (json) return printJson(context, agentPageJson(overview, page.value));
      context.out(agentView(overview, page.value, context.look));
      return EXIT.ok;
    },
  );
}
