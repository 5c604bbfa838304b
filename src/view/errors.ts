// What went wrong, in one line that says what to do. Strangers' text in it passes the door.
import type { Problem } from "../world/change.ts";
import type { Paint } from "./color.ts";
import { safeLine } from "./safe-text.ts";

/** "econ.yaml:12: spawn_cost must not be negative". Editors jump to it. */
function problemText({ file, line, message }: Problem): string {
  const place = file === "" ? "" : line === null ? `${file}: ` : `${file}:${line}: `;
  return safeLine(place + message);
}

/** Every problem on its line, and what to do about those that are in files. */
export function problemsText(problems: Problem[], paint: Paint): string {
  const inFiles = problems.filter(({ file }) => file !== "").length;
  const lines = problems.map((problem) => errorText(problemText(problem), paint));
  if (inFiles > 0)
    lines.push(`Mend ${inFiles === 1 ? "that file" : "those files"}, then check with: econ verify`);
  return lines.join("\n");
}

export function errorText(message: string, paint: Paint): string {
  return `${paint.bad("econ:")} ${safeLine(message)}`;
}

/** A fault of the toolkit's own: never the person's, so it says how to report it. */
export function bugText(error: unknown, showStack: boolean, paint: Paint): string {
  const message = error instanceof Error ? error.message : String(error);
  const first = errorText(message.replace(/^econ has a bug: /, "a bug: "), paint);
  if (!showStack) return `${first}\nFor a report, run it again with ECON_DEBUG=1: it shows where.`;
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  return [first, ...stack.split("\n").map(safeLine)].join("\n");
}
