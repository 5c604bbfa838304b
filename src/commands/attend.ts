import type { Options } from "./attend-run.ts";
import { defineCommand, JSON_OPTION } from "./command.ts";

export const attend = defineCommand<Options>({
  name: "attend",
  summary: "see the prompt that won your attention, and score it",
  about:
    "Shows the prompt in the attention slot and asks for three scores, 0 to 10: interesting, " +
    "useful, understandable. They become the agent's credits with the next cycle. At a terminal " +
    "it stays for the prompts to come, until Ctrl-C. With scores as arguments it saves them and " +
    "leaves; that is the same as filling them in at the top of attention/active.md.",
  examples: [
    ["econ attend", "one prompt after the other"],
    ["econ attend --once", "this one only"],
    ['econ attend 7 5 9 "clear and new"', "interesting, useful, understandable, reason"],
    ["econ attend --json", "what is shown, for a script"],
  ],
  arguments: [{ name: "[scores...]", about: "interesting useful understandable, then a reason" }],
  options: [
    { flags: "--prompt <id>", about: "score only if this prompt is the one shown" },
    { flags: "--once", about: "leave after one prompt" },
    JSON_OPTION,
  ],
  run: async (...asked) => (await import("./attend-run.ts")).run(...asked),
});
