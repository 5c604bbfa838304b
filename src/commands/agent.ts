import { agentView, unknownAgent } from "../view/agent.ts";
import { agentPageJson } from "../view/json.ts";
import { defineCommand, JSON_OPTION } from "./command.ts";
import { archive, EXIT, fail, printJson, withEconomy } from "./context.ts";

export const agent = defineCommand<{ json?: true }>({
  name: "agent",
  summary: "everything about one agent",
  about:
    "Shows one agent, living or dead: balance, lineage and children, its bids with what they " +
    "will offer next, its prompts, its mail, what it will be told when it wakes, its last " +
    "runs with what was refused and why, and the files of its workspace. Of a dead one, also " +
    "the cause of death.",
  examples: [
    ["econ agent scribe", "the page of scribe"],
    ["econ agent scribe --json | jq .bids", "its bids, for a script"],
  ],
  arguments: [{ name: "<agent>", about: "its name", complete: "agents" }],
  options: [JSON_OPTION],
  run: (context, [id = ""], { json }) =>
    withEconomy(context, async (economy, root) => {
      if (!economy.agents.has(id) && !economy.dead.has(id))
        return fail(context, unknownAgent(economy, id));
      const { pageOf } = await archive();
      const page = pageOf(root, economy, id);
      if (!page.ok) return fail(context, page.reason);
      if (json) return printJson(context, agentPageJson(economy, page.value));
      context.out(agentView(economy, page.value, context.look));
      return EXIT.ok;
    }),
});
