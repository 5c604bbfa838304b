// From a command line to an exit code.
import { VERSION } from "../version.ts";
import { paintFor, wantsColor } from "../view/color.ts";
import { errorText } from "../view/errors.ts";
import { hostFailure } from "../world/durable.ts";
import { commandsFor } from "./catalogue.ts";
import { buildProgram, usageExit } from "./command.ts";
import { type Context, EXIT, type Io } from "./context.ts";

type Globals = { world?: string; color?: boolean };

export async function runLine(argv: string[], io: Io): Promise<number> {
  const words = argv.length === 0 ? ["--help"] : argv;
  let code: number = EXIT.ok;
  const program = buildProgram(await commandsFor(words), {
    version: VERSION,
    width: io.outWidth,
    out: io.out,
    err: io.err,
    run: async (spec, args, options) => {
      code = await spec.run(contextFor(io, options), args, options);
    },
  });
  // Commander answers `help nonsense` with the whole help, as if that were what was asked.
  const [asked, topic, ...more] = words;
  const known = program.commands.some((command) => command.name() === topic);
  const lost = asked === "help" && topic && topic !== "help" && more.length === 0 && !known;
  // It knows only one level of help: `help agent new` is `agent new --help`.
  const deep = asked === "help" && topic && more.length > 0;
  try {
    const line = deep ? [topic, ...more, "--help"] : lost ? [topic] : words;
    await program.parseAsync(line, { from: "user" });
  } catch (error) {
    const usage = usageExit(error);
    if (usage !== null) return usage;
    const failure = hostFailure(error);
    if (failure === null) throw error;
    io.err(errorText(failure, paintFor(wantsColor(io.errWidth !== null, true, io.env))));
    return EXIT.refused;
  }
  return code;
}

function contextFor(io: Io, { world, color }: Globals): Context {
  const asked = color !== false;
  const lookOf = (width: number | null) => ({
    width,
    paint: paintFor(wantsColor(width !== null, asked, io.env)),
  });
  const globals = [
    ...(world === undefined ? [] : ["--world", world]),
    ...(asked ? [] : ["--no-color"]),
  ];
  return {
    ...io,
    world,
    look: lookOf(io.outWidth),
    errLook: lookOf(io.errWidth),
    dispatch: (words) => runLine([...globals, ...words], io),
  };
}
