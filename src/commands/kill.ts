import { killAgent } from "../economy/acts.ts";
import { defineAct } from "./command.ts";
import { actAs } from "./context.ts";

export const kill = defineAct<{ reason?: string }>({
  name: "kill",
  summary: "end an agent",
  about:
    "Ends an agent by hand, as a commit of its own: its bids and prompts are withdrawn, its " +
    "balance goes the way of every estate (economy.estate), its folder moves to the graveyard " +
    "with who did it and why. `econ revive` brings it back, without the balance.",
  examples: [
    ["econ kill spammer", "at once"],
    ['econ kill spammer --reason "eats the attention"', "with a reason for its grave"],
  ],
  arguments: [{ name: "<agent>", about: "its name", complete: "agents" }],
  options: [{ flags: "--reason <text>", about: "why, for the history and the grave" }],
  run: (context, [id = ""], { reason = "", json }) =>
    actAs(context, { command: "kill", subject: `kill ${id}`, json }, (economy, _root, by) =>
      killAgent(economy, { id, by, reason }),
    ),
});
