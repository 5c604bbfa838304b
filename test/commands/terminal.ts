// A terminal for tests: the program runs in this process, what it prints is kept.
import { Readable } from "node:stream";
import type { Io } from "../../src/commands/context.ts";
import { runLine } from "../../src/commands/program.ts";

export type Answer = { code: number; out: string; err: string };

export async function econ(
  words: string[],
  { input = "", cwd = "/", width = null as number | null } = {},
): Promise<Answer> {
  const out: string[] = [];
  const err: string[] = [];
  const io: Io = {
    cwd,
    env: {},
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    errRaw: (text) => err.push(text),
    outWidth: width,
    errWidth: null,
    stdin: Readable.from([input]),
  };
  const code = await runLine(words, io);
  return { code, out: out.join("\n"), err: err.join("\n") };
}
