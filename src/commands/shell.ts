import { createInterface } from "node:readline";
import { splitWords } from "../view/words.ts";
import { defineCommand } from "./command.ts";
import { type Context, EXIT } from "./context.ts";

/** What can be said at the prompt, as the specification has it, and a person's acts. */
const SPOKEN: [string, string][] = [
  ["status", "the dashboard"],
  ["agents", "who lives"],
  ["agent <id>", "one agent"],
  ["markets", "prices, supply and demand"],
  ["history", "recent transactions"],
  ["config", "the rules in force"],
  ["tick", "run a cycle"],
  ["grant <id> <credits>", "give an agent credits"],
  ["tell <id> <message>", "write to an agent"],
  ["revive <id>", "bring a dead agent back"],
  ["verify", "check the world"],
  ["help [command]", "this list, or how to use a command"],
  ["quit", "leave"],
];

const NAMES = SPOKEN.map(([line]) => line.split(" ")[0] ?? "");

export const shell = defineCommand({
  name: "shell",
  summary: "the same commands at a prompt of their own",
  about:
    "Opens a prompt, economy>, that takes econ's commands without the word econ, with history and " +
    "completion, until quit or Ctrl-D. It also reads commands from a pipe, one a line; its exit " +
    "code is then that of the last command that failed.",
  examples: [
    ["econ shell", "talk to the economy around this folder"],
    ["printf 'tick\\nstatus\\n' | econ shell", "a few commands at once"],
  ],
  run: async (context) => {
    const atTerminal = context.stdin.isTTY === true && context.outWidth !== null;
    const reader = createInterface({
      input: context.stdin,
      ...(atTerminal ? { output: process.stdout, terminal: true, completer } : {}),
      prompt: context.look.paint.note("economy> "),
    });
    let busy = false;
    let code: number = EXIT.ok;
    // Ctrl-C reaches the command that runs; at an idle prompt it only drops the line.
    reader.on("SIGINT", () => {
      if (busy) process.kill(process.pid, "SIGINT");
      else {
        context.out("\n(quit or Ctrl-D to leave)");
        reader.prompt();
      }
    });
    if (atTerminal) greet(context);
    if (atTerminal) reader.prompt();
    for await (const line of reader) {
      busy = true;
      const answer = await obey(context, line);
      busy = false;
      if (answer === "quit") break;
      if (answer !== EXIT.ok) code = answer;
      if (atTerminal) reader.prompt();
    }
    reader.close();
    return atTerminal ? EXIT.ok : code;
  },
});

function greet({ out, look }: Context): void {
  out(look.paint.quiet("help lists the commands, quit leaves."));
}

async function obey(context: Context, line: string): Promise<number | "quit"> {
  const words = splitWords(line);
  if (words[0] === "econ") words.shift();
  const [name, ...rest] = words;
  if (name === undefined) return EXIT.ok;
  if (name === "quit" || name === "exit") return "quit";
  if (name === "help" && rest.length === 0) {
    const lines = SPOKEN.map(([said, why]) => `  ${said.padEnd(22)} ${why}`);
    context.out(lines.join("\n"));
    return EXIT.ok;
  }
  if (name === "shell") return EXIT.ok;
  return context.dispatch(words);
}

function completer(line: string): [string[], string] {
  const hits = NAMES.filter((name) => name.startsWith(line));
  return [hits.map((name) => `${name} `), line];
}
