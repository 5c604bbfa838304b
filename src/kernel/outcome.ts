// What the kernel answers: a value, or the problems that stand in the way, each with its place.
import type { Refusal, Result } from "../economy/result.ts";
import type { Problem } from "../world/change.ts";

export type Outcome<T> = { ok: true; value: T } | { ok: false; problems: Problem[] };

export function blocked(...problems: Problem[]): { ok: false; problems: Problem[] } {
  return { ok: false, problems };
}

/** A refusal that belongs to no file. */
export function blockedBy(refusal: Refusal): { ok: false; problems: Problem[] } {
  return blocked({ file: "", line: null, message: refusal.reason });
}

export function outcomeOf<T>(result: Result<T>): Outcome<T> {
  return result.ok ? result : blockedBy(result);
}
