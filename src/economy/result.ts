// Refusals are values with a reason that the agent or the person can read; exceptions are bugs.

export type Refusal = { ok: false; reason: string };
export type Accepted<T> = { ok: true; value: T };
export type Result<T> = Accepted<T> | Refusal;

export function accept<T>(value: T): Accepted<T> {
  return { ok: true, value };
}

export function refuse(reason: string): Refusal {
  return { ok: false, reason };
}

/** For what is there unless the code is wrong: `map.get(key) ?? bug("no such key")`. */
export function bug(message: string): never {
  throw new Error(`econ has a bug: ${message}`);
}

/** For what cannot happen unless the code is wrong. A failure here is a bug, never an input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) bug(message);
}
