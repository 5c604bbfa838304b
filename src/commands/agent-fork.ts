import { logicOfFolder } from "../agent/logic.ts";
import { isTaken } from "../economy/agents.ts";
import { nameChild } from "../economy/ids.ts";
import { accept } from "../economy/result.ts";
import { type BirthOptions, bringIn, CREDITS_OPTION } from "./birth.ts";
import { defineCommand } from "./command.ts";
import { archive } from "./context.ts";

export const agentFork = defineCommand<BirthOptions & { as?: string }>({
  name: "fork",
  summary: "copy an agent as a new one",
  about:
    "Makes a new agent with the workspace of another as it stands, memory included, and that " +
    "other as its parent in the lineage, as a commit of its own. Money and mail stay where they " +
    "are: the copy starts with new credits. The dead can be copied as well.",
  examples: [
    ["econ agent fork scribe", "a copy, named after scribe"],
    ["econ agent fork scribe --as poet --credits 200", "under a name of its own, with 200"],
  ],
  arguments: [{ name: "<agent>", about: "whom to copy", complete: "agents" }],
  options: [
    { flags: "--as <name>", about: "the copy's name (else one made from the agent's)" },
    CREDITS_OPTION,
  ],
  run: async (context, [from = ""], { as: wished, ...options }) => {
    const { sourceOf } = await archive();
    const act = { command: "agent fork", subject: `fork ${from}`, options };
    return bringIn(context, act, (economy, root) => {
      const living = economy.agents.get(from);
      const source = sourceOf(root, economy, { id: from, living });
      if (!source.ok) return source;
      const { agent: parent, folder } = source.value;
      const logic = logicOfFolder(folder);
      if (!logic.ok) return logic;
      const birth = { seed: economy.seed, parent: from, number: parent.children + 1 };
      const id = wished ?? nameChild(from, (name) => isTaken(economy, name), birth);
      return accept({ wish: { id, logic: logic.value, parent, how: `was forked from ${from}` } });
    });
  },
});
