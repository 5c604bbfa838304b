import { resumeWorld } from "../economy/acts.ts";
import { defineCommand } from "./command.ts";
import { actAs } from "./context.ts";

export const resume = defineCommand({
  name: "resume",
  summary: "let a paused world go on",
  about:
    "Ends what `econ pause` began, as a commit of its own. Cycles that the schedule would have " +
    "run meanwhile are not made up.",
  examples: [["econ resume", "and `econ tick` works again"]],
  run: (context) => actAs(context, "resume", "resume the world", resumeWorld),
});
