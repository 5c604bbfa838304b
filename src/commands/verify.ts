import { counted } from "../view/amounts.ts";
import { defineCommand, JSON_OPTION } from "./command.ts";
import { EXIT, failWith, inWorld, kernel, printJson } from "./context.ts";

export const verify = defineCommand<{ json?: true }>({
  name: "verify",
  summary: "check that the world is sound",
  about:
    "Checks every file of the world, that the books balance, that files, ledger and " +
    "journal agree, and that nothing lies there which econ cannot commit. Each " +
    "problem is one line, file:line: what is wrong. It changes nothing. " +
    "Exit code 0 if the world is sound, 3 if it has problems.",
  examples: [
    ["econ verify", "after editing files by hand"],
    ["econ verify --json | jq .problems", "for a script"],
  ],
  options: [JSON_OPTION],
  run: (context, _, { json }) =>
    inWorld(context, async (root) => {
      const { verifyWorld } = await kernel();
      const problems = await verifyWorld(root);
      const sound = problems.length === 0;
      if (json) printJson(context, { sound, problems });
      else if (sound) context.out("The world is sound: files, books and journal agree.");
      else {
        failWith(context, problems);
        context.err(`${counted(problems.length, "problem")}.`);
      }
      return sound ? EXIT.ok : EXIT.problems;
    }),
});
