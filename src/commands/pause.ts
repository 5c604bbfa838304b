import { pauseWorld } from "../economy/acts.ts";
import { defineAct } from "./command.ts";
import { actAs } from "./context.ts";

export const pause = defineAct<{ reason?: string }>({
  name: "pause",
  summary: "stop the world until it is resumed",
  about:
    "Stops the economy, as a commit of its own: `econ tick` refuses and `econ serve` idles " +
    "until `econ resume`. A cycle that runs is waited for. Nothing is lost meanwhile: no bid " +
    "ages, no price moves. Grants, messages and edits are still possible.",
  examples: [
    ["econ pause", "before looking into something"],
    ['econ pause --reason "too dear"', "with a reason for those who find it so"],
  ],
  options: [{ flags: "--reason <text>", about: "why, for the history" }],
  run: (context, _, { reason = "", json }) =>
    actAs(context, { command: "pause", subject: "pause the world", json }, (economy, _root, by) =>
      pauseWorld(economy, { by, reason }),
    ),
});
