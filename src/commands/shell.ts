import { createInterface } from "node:readline";
import { splitWords } from "../view/words.ts";
import { defineCommand } from "./command.ts";
import { type Context, EXIT } from "./context.ts";

/** What can be said at the prompt, as the specification has it, and a person's acts. */
const SPOKEN: [string, string][] = [
  ["status", "the dashboard"],
  ["agents", "who lives"],
  ["agent <id>", "one agent"],
  ["agent new <id>", "make one; also adopt, fork, export, import, edit"],
  ["markets", "prices, supply and demand"],
  ["history", "recent transactions"],
  ["config", "the rules in force"],
  ["tick", "run a cycle"],
  ["attend", "score the prompt before you"],
  ["grant <id> <credits>", "give an agent credits"],
  ["tell <id> <message>", "write to an agent"],
  ["revive <id>", "bring a dead agent back"],
  ["verify", "check the world"],
  ["help [command]", "this list, or how to use a command"],
  ["quit", "leave"],
];

const NAMES = [...new Set(SPOKEN.map(([line]) => line.split(" ")[0] ?? ""))];

export const shell = defineCommand({
  name: "shell",
  summary: "the same commands at a prompt of their own",
  about:
    "Opens a prompt, economy>, that takes econ's commands without the word econ, with history " +
    "and completion, until quit or Ctrl-D. It also reads commands from a pipe, one a line; " +
    "its exit code is then that of the last command that failed.",
  examples: [
    ["econ shell", "talk to the economy around this folder"],
    ["printf 'tick\\nstatus\\n' | econ shell", "a few commands at once"],
  ],
  run: async (context) => {
    const atTerminal = context.stdin.isTTY === true && context.outWidth !== null;
    if (atTerminal) greet(context);
    const lines = atTerminal ? typedLines(context) : createInterface({ input: context.stdin });
    let code: number = EXIT.ok;
    for await (const line of lines) {
      const answer = await obey(context, line);
      if (answer === "quit") break;
      if (answer !== EXIT.ok) code = answer;
    }
    return atTerminal ? EXIT.ok : code;
  },
});

/** One reader a line, so that a command that converses, or Ctrl-C, has the terminal to itself. */
async function* typedLines(context: Context): AsyncGenerator<string> {
  let history: string[] = [];
  const remember = (lines: string[]) => {
    history = lines;
  };
  let typed: Typed | null = { lines: [], rest: "" };
  while (typed) {
    yield* typed.lines;
    typed = await ask(context, { history, remember, rest: typed.rest });
  }
}

/** Several lines may come at once, pasted or typed ahead, with the beginning of another. */
type Typed = { lines: string[]; rest: string };

type Memory = { history: string[]; remember: (lines: string[]) => void; rest: string };

/** What comes next; null at Ctrl-D. Ctrl-C at the prompt only drops what was typed. */
function ask(
  { stdin, out, look }: Context,
  { history, remember, rest }: Memory,
): Promise<Typed | null> {
  return new Promise((answer) => {
    const prompt = look.paint.note("economy> ");
    const terminal = { input: stdin, output: process.stdout, terminal: true };
    const reader = createInterface({ ...terminal, completer, history: [...history], prompt });
    reader.on("history", remember);
    reader.on("SIGINT", () => {
      out("\n(quit or Ctrl-D to leave)");
      reader.write(null, { ctrl: true, name: "e" });
      reader.write(null, { ctrl: true, name: "u" });
    });
    const lines: string[] = [];
    reader.on("line", (line) => lines.push(line));
    // Once this bite of the input is read through: a reader that closes drops what is left of it.
    reader.once("line", () =>
      setImmediate(() => {
        answer({ lines, rest: reader.line });
        if (reader.line) process.stdout.write("\r\u001b[K");
        reader.close();
      }),
    );
    reader.once("close", () => answer(lines.length > 0 ? { lines, rest: "" } : null));
    reader.prompt();
    if (rest) reader.write(rest);
  });
}

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
