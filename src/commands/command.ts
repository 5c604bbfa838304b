// The one wrapper of commander: a command is data (names, help, examples, what to run), and the
// program is built of it. So help, completion and tests read the same thing.
import { Command, CommanderError, Help, InvalidArgumentError, Option } from "commander";
import type { Offer, Word } from "../view/completion.ts";
import { safeLine } from "../view/safe-text.ts";
import type { Context } from "./context.ts";

export type ArgumentSpec = {
  /** "<agent>", "[key]", "<message...>". */
  name: string;
  about: string;
  /** What a shell offers here: agents' names, files, or fixed words. */
  complete?: Offer;
};

export type OptionSpec = {
  flags: string;
  about: string;
  /** From text to value, or a reason why not (exit 2). */
  parse?: (text: string) => unknown;
  choices?: readonly string[];
  /** What a shell offers as its value; "templates": the names of the templates of agents. */
  complete?: Offer | "templates";
};

export type CommandSpec<Options = Record<string, unknown>> = {
  name: string;
  /** In the list of commands. */
  summary: string;
  /** A paragraph: what it does, when one needs it. */
  about: string;
  /** Command line and what it is for. */
  examples: [string, string][];
  arguments?: ArgumentSpec[];
  options?: OptionSpec[];
  /** Words that may stand where the first argument would: commands of their own. */
  subcommands?: CommandSpec[];
  /** The exit code is its answer. */
  run: (context: Context, args: string[], options: Options) => Promise<number>;
};

export const JSON_OPTION: OptionSpec = {
  flags: "--json",
  about: "as JSON, amounts as numbers of credits",
};

/** Options have the types that their parsers give; only here they are believed. */
export function defineCommand<Options>(spec: CommandSpec<Options>): CommandSpec {
  return spec as unknown as CommandSpec;
}

/** An act of a person on a world, as a commit of its own: it can answer as JSON. */
export function defineAct<Options>(spec: CommandSpec<Options & ActOptions>): CommandSpec {
  return defineCommand({ ...spec, options: [...(spec.options ?? []), JSON_OPTION] });
}

export type ActOptions = { json?: true | undefined };

/** A usage error from inside an option's parser. */
export function misuse(reason: string): never {
  throw new InvalidArgumentError(reason);
}

/** A whole number from `least` up. */
export function countFrom(least: number): (text: string) => number {
  return (text) => {
    const count = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(count >= least)) misuse(`Expected a whole number from ${least} up.`);
    return count;
  };
}

export type Program = Command;

export type Wiring = {
  version: string;
  width: number | null;
  out: (text: string) => void;
  err: (text: string) => void;
  /** Called with the global options when a command is to run. */
  run: (spec: CommandSpec, args: string[], options: Record<string, unknown>) => Promise<void>;
};

const ABOUT = "An economy of AI agents and people that lives in a git repository.";
const EXIT_CODES = `Exit codes: 0 done, 1 refused or failed, 2 wrong usage,
            3 the world has problems, 130 interrupted`;

export function buildProgram(specs: CommandSpec[], wiring: Wiring): Program {
  const program = new Command("econ");
  wire(program, "", wiring);
  program
    .description(ABOUT)
    .version(wiring.version, "-V, --version", "print the version")
    .option("--world <dir>", "the world's folder (else: the one around the current folder)")
    .option("--no-color", "no colours; NO_COLOR in the environment does the same")
    .helpOption("-h, --help", "how to use it")
    .helpCommand("help [command]", "how to use a command")
    .showSuggestionAfterError(true)
    .addHelpText("after", `\n${EXIT_CODES}\nMore on a command: econ help <command>`);
  for (const spec of specs) program.addCommand(buildCommand(spec, wiring));
  return program;
}

/** Options are in each command's own help: in the list they are noise. */
function subcommandTerm(command: Command): string {
  const named = command.registeredArguments.map((argument) => {
    const name = argument.name() + (argument.variadic ? "..." : "");
    return argument.required ? ` <${name}>` : ` [${name}]`;
  });
  return command.name() + named.join("");
}

function wire(command: Command, topic: string, { out, err, width }: Wiring): void {
  command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => out(text.replace(/\n$/, "")),
      writeErr: (text) => err(text.replace(/\n$/, "")),
      outputError: (text, write) => write(usageText(text)),
      getOutHelpWidth: () => width ?? 80,
      getErrHelpWidth: () => width ?? 80,
    })
    .configureHelp({ showGlobalOptions: true, subcommandTerm })
    .showHelpAfterError(`How to use it: ${["econ help", topic].join(" ").trimEnd()}`);
}

/** Commander repeats the words it was given, which may be a stranger's that somebody pasted. */
function usageText(text: string): string {
  const [, said = "", hint = ""] =
    /^(?:error: )?(.*?)(\n\(Did you mean [^\n]*\))?\n?$/s.exec(text) ?? [];
  return `econ: ${safeLine(said)}${hint}\n`;
}

function buildCommand(spec: CommandSpec, wiring: Wiring, above = ""): Command {
  const command = new Command(spec.name);
  const topic = `${above} ${spec.name}`.trimStart();
  wire(command, topic, wiring);
  command
    .summary(spec.summary)
    .description(spec.about)
    .helpOption("-h, --help", "how to use it")
    .addHelpText("after", `\n${examplesText(spec.examples)}`);
  for (const { name, about } of spec.arguments ?? []) command.argument(name, about);
  for (const { flags, about, parse, choices } of spec.options ?? []) {
    const option = new Option(flags, about);
    if (choices) option.choices(choices);
    if (parse) option.argParser(parse);
    command.addOption(option);
  }
  for (const below of spec.subcommands ?? [])
    command.addCommand(buildCommand(below, wiring, topic));
  command.action(() => wiring.run(spec, command.args, command.optsWithGlobals()));
  return command;
}

/** Side by side where all of them fit in 80 columns, else the reason below its line. */
function examplesText(examples: [string, string][]): string {
  const longest = Math.max(...examples.map(([line]) => line.length));
  const fits = examples.every(([, why]) => longest + why.length + 4 <= 80);
  const lines = examples.map(([line, why]) =>
    fits ? `  ${line.padEnd(longest)}  ${why}` : `  ${line}\n      ${why}`,
  );
  return ["Examples:", ...lines].join("\n");
}

/** The exit code of what commander threw; null for the rest. Help is no error. */
export function usageExit(error: unknown): number | null {
  if (!(error instanceof CommanderError)) return null;
  const asked = ["commander.helpDisplayed", "commander.help", "commander.version"];
  return asked.includes(error.code) ? 0 : 2;
}

/** The tree as completion needs it. */
export function wordsOf(program: Program, specs: CommandSpec[], templates: string[]): Word[] {
  const globals = optionNames(program).filter((name) => !["--version", "--help"].includes(name));
  return program.commands.map((command) => wordOf(command, { specs, globals, templates }));
}

type Tree = { specs: CommandSpec[]; globals: string[]; templates: string[] };

function wordOf(command: Command, { specs, globals, templates }: Tree): Word {
  const spec = specs.find(({ name }) => name === command.name());
  const own = optionNames(command);
  // A command takes the options of the one above it as well.
  const above = [...own.filter((name) => name !== "--help"), ...globals];
  const below = { specs: spec?.subcommands ?? [], globals: above, templates };
  const values = (spec?.options ?? []).flatMap(({ flags, complete }): [string, Offer][] => {
    const offer = complete === "templates" ? templates : complete;
    return offer ? [[new Option(flags, "").long ?? "", offer]] : [];
  });
  return {
    name: command.name(),
    about: command.summary(),
    options: [...own, ...globals],
    values: Object.fromEntries(values),
    complete: spec?.arguments?.[0]?.complete ?? [],
    below: command.commands.map((one) => wordOf(one, below)),
  };
}

function optionNames(command: Command): string[] {
  const visible = new Help().visibleOptions(command);
  return visible.flatMap(({ long }) => (long ? [long] : []));
}
