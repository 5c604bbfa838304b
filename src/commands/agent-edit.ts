import { defineCommand } from "./command.ts";
import { inWorld } from "./context.ts";

export const agentEdit = defineCommand<{ json?: true }>({
  name: "edit",
  summary: "open an agent's instructions in your editor",
  about:
    "Opens a file of an agent's workspace in your editor ($VISUAL, else $EDITOR, else vi) and " +
    "waits until you close it: AGENTS.md, its instructions, unless you name another. Then it " +
    "tells what your change will do. The next cycle commits it as yours, and the agent goes by " +
    "it when it next runs; what a cycle would stop at is shown right away.",
  examples: [
    ["econ agent edit scribe", "its AGENTS.md"],
    ["econ agent edit scribe skills/essay/SKILL.md", "another file of its workspace"],
    ["EDITOR='code --wait' econ agent edit scribe", "an editor that must be told to wait"],
  ],
  arguments: [
    { name: "<agent>", about: "whose file", complete: "agents" },
    { name: "[file]", about: "which, below its workspace (usually AGENTS.md)" },
  ],
  run: (context, [id = "", file = "AGENTS.md"], { json }) =>
    inWorld(context, async (root) =>
      (await import("./editing.ts")).edit(context, { root, id, file, json: json === true }),
    ),
});
