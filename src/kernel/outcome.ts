// What the kernel answers: a value, or the problems that stand in the way, each with its place.
import { type Refusal, refuse } from "../economy/result.ts";
import type { Problem } from "../world/change.ts";
import { hostFailure } from "../world/durable.ts";

export type Outcome<T> = { ok: true; value: T } | { ok: false; problems: Problem[] };

export function blocked(...problems: Problem[]): { ok: false; problems: Problem[] } {
  return { ok: false, problems };
}

/** A refusal that belongs to no file. */
export function blockedBy(refusal: Refusal): { ok: false; problems: Problem[] } {
  return blocked({ file: "", line: null, message: refusal.reason });
}

/** What the host does not let us do is a problem like any other; a bug goes on being thrown. */
export async function withHost<T>(work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await work();
  } catch (error) {
    const failure = hostFailure(error);
    if (failure === null) throw error;
    return blockedBy(refuse(failure));
  }
}
