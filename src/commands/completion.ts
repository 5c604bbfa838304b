import { VERSION } from "../version.ts";
import { completionScript, SHELLS, type ShellName } from "../view/completion.ts";
import { buildProgram, defineCommand, wordsOf } from "./command.ts";
import { EXIT, kernel } from "./context.ts";

export const completion = defineCommand({
  name: "completion",
  summary: "completion of commands and agents' names for a shell",
  about:
    "Prints a script that lets your shell complete econ's commands, options and the names of " +
    "the living agents with the Tab key.",
  examples: [
    ['eval "$(econ completion bash)"', "in ~/.bashrc"],
    ['eval "$(econ completion zsh)"', "in ~/.zshrc, after compinit"],
    ["econ completion fish | source", "in ~/.config/fish/config.fish"],
  ],
  arguments: [{ name: "<shell>", about: "bash, zsh or fish", complete: SHELLS }],
  run: async (context, [shell = ""]) => {
    if (!SHELLS.includes(shell)) {
      context.err(`econ: no completion for ${JSON.stringify(shell)}; there is bash, zsh and fish`);
      return EXIT.usage;
    }
    const { allCommands } = await import("./catalogue.ts");
    const specs = await allCommands();
    const quiet = { out: context.out, err: context.err, width: null, run: async () => {} };
    const program = buildProgram(specs, { version: VERSION, ...quiet });
    const templates = (await kernel()).agentTemplates().map(({ name }) => name);
    context.out(completionScript(shell as ShellName, wordsOf(program, specs, templates)));
    return EXIT.ok;
  },
});
