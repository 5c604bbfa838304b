import { defineCommand } from "./command.ts";

export const serve = defineCommand({
  name: "serve",
  summary: "run cycles on schedule until Ctrl-C",
  about:
    "Runs a cycle every allocation.schedule_seconds and shows the economy live: the dashboard " +
    "on a terminal, a line per cycle in a pipe. Edit files, score prompts (`econ attend` in " +
    "another terminal, or attention/active.md in an editor), branch and commit meanwhile. It " +
    "pauses when a prompt has had no answer for an hour, unless econ.yaml says unattended: " +
    "true. Ctrl-C stops it cleanly: the cycle that runs is finished or abandoned whole, and " +
    "nothing is lost.",
  examples: [
    ["econ serve", "in one terminal, `econ attend` in another"],
    ["econ serve | tee economy.log", "a line per cycle"],
  ],
  run: async (context) => (await import("./serve-run.ts")).run(context),
});
