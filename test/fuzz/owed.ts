// What every law is made of: when two readings are the same, and what a refusal owes to a person.
import type { Checked, Flaw } from "../../src/world/schema.ts";

/** What law a text breaks in this parser, in words; null: none. */
export type Law = (text: string) => string | null | Promise<string | null>;

export const FILE = "file";

/** Equal in all their parts; minus nothing is nothing. */
export function same(one: unknown, other: unknown): boolean {
  if (one === other || Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return false;
  if (one instanceof Map && other instanceof Map)
    return same(Object.fromEntries(one), Object.fromEntries(other));
  const [keys, others] = [Object.keys(one), Object.keys(other)];
  const part = (of: object, key: string) => (of as Record<string, unknown>)[key];
  return (
    Array.isArray(one) === Array.isArray(other) &&
    keys.length === others.length &&
    keys.every((key) => Object.hasOwn(other, key) && same(part(one, key), part(other, key)))
  );
}

export const linesOf = (text: string) => text.split("\n").length;

export function reasonWrong(reason: string): string | null {
  const isOneLine = reason.trim() !== "" && !reason.includes("\n");
  return isOneLine ? null : `a reason: ${JSON.stringify(reason)}`;
}

export function refusalOf({ reason, line }: Flaw, lines: number): string | null {
  const wrong = reasonWrong(reason);
  if (wrong) return wrong;
  return line === null || (line >= 1 && line <= lines) ? null : `line ${line} of ${lines}`;
}

export function problemsOf(checked: Checked<unknown> & { ok: false }, text: string): string | null {
  if (checked.problems.length === 0) return "refused without a problem";
  const lines = linesOf(text);
  const wrong = checked.problems.map(({ message, line }) =>
    refusalOf({ ok: false, reason: message, line }, lines),
  );
  return wrong.find((what) => what !== null) ?? null;
}

/** Read, written and read again it is the same, and writing it again gives the same bytes. */
export function rereads<T>(read: (text: string) => Checked<T>, write: (value: T) => string): Law {
  return (text) => {
    const first = read(text);
    if (!first.ok) return problemsOf(first, text);
    const written = write(first.value);
    const second = read(written);
    if (!second.ok) return `its own writing is refused: ${JSON.stringify(second.problems)}`;
    if (!same(second.value, first.value)) return "it reads differently again";
    return write(second.value) === written ? null : "it is written differently again";
  };
}

/** Whole, not negative, and exact. */
export const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

/** As JSON can say it: of a number beyond all numbers it says null. */
export const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
