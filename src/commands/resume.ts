import { resumeWorld } from "../economy/acts.ts";
import { defineAct } from "./command.ts";
import { actAs } from "./context.ts";

export const resume = defineAct({
  name: "resume",
  summary: "let a paused world go on",
  about:
    "Ends what `econ pause` began, as a commit of its own. Cycles that the schedule would have " +
    "run meanwhile are not made up.",
  examples: [["econ resume", "and `econ tick` works again"]],
  run: (context, _, { json }) =>
    actAs(context, { command: "resume", subject: "resume the world", json }, resumeWorld),
});
