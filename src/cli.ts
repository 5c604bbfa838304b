// The command line. Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 the world has
// problems, 130 interrupted. Everything is a value up to here; what is thrown is a bug, caught
// once.
import { EXIT, type Io } from "./commands/context.ts";
import { BUN_AT_LEAST } from "./version.ts";

/** The process as the program sees it. */
function ioOfProcess(): Io {
  const { stdout, stderr, stdin } = process;
  const columns = (stream: NodeJS.WriteStream) => (stream.isTTY ? stream.columns || 80 : null);
  return {
    cwd: process.cwd(),
    env: process.env,
    out: (text) => stdout.write(`${text}\n`),
    err: (text) => stderr.write(`${text}\n`),
    errRaw: (text) => stderr.write(text),
    // A window can be resized while the shell is open.
    get outWidth() {
      return columns(stdout);
    },
    get errWidth() {
      return columns(stderr);
    },
    stdin,
  };
}

async function main(argv: string[], io: Io): Promise<number> {
  if (Bun.semver.order(Bun.version, BUN_AT_LEAST) < 0) {
    io.err(`econ: needs Bun ${BUN_AT_LEAST} or newer, this is ${Bun.version}. Run: npm run setup`);
    return EXIT.refused;
  }
  try {
    const { runLine } = await import("./commands/program.ts");
    return await runLine(argv, io);
  } catch (error) {
    const { bugText } = await import("./view/errors.ts");
    const { NO_PAINT } = await import("./view/color.ts");
    io.err(bugText(error, io.env.ECON_DEBUG === "1", NO_PAINT));
    return EXIT.refused;
  }
}

/** Who reads our output may stop reading (`econ history | head`): that is no error. */
function leaveQuietlyOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(EXIT.ok);
      // The disk behind it is full or the like: no bug, and nothing to be said on it.
      if (stream === process.stdout) process.stderr.write(`econ: cannot write: ${error.message}\n`);
      process.exit(EXIT.refused);
    });
}

if (import.meta.main) {
  leaveQuietlyOnClosedPipe();
  process.exitCode = await main(process.argv.slice(2), ioOfProcess());
}
