// actions.jsonl as it comes out of a run: bytes → JSON values, or why a line is none. The kernel
// and the agent's side read the file with this same function, so that they count the same lines.
import { quote } from "./ids.ts";
import { accept, type Result, refuse } from "./result.ts";

/** Deeper values are refused whole: writing them out again would overflow the stack. */
export const DEPTH_MAX = 32;

/** Blank lines are nothing; every other line is an action or a refusal. */
export function actionLines(bytes: Uint8Array): Result<unknown>[] {
  // A byte order mark is kept (and refused by JSON): a line must not mean less at the file's start.
  const lines = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).split("\n");
  return lines.flatMap((text, index) =>
    text.trim() === "" ? [] : [parseLine(text, index === lines.length - 1)],
  );
}

function parseLine(line: string, torn: boolean): Result<unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return isDeep(value) ? refuse(TOO_DEEP) : accept(value);
  } catch {
    return refuse(`${torn ? "the last line is torn" : "the line is not JSON"}: ${quote(line)}`);
  }
}

export const TOO_DEEP = `nested more than ${DEPTH_MAX} levels deep`;

export function isDeep(value: unknown, levels = DEPTH_MAX): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  for (const key in value) if (isDeep(value[key as keyof typeof value], levels - 1)) return true;
  return false;
}
