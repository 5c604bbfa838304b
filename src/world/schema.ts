// From a schema's complaint to a line that a person can act on: file, line, what was expected, what
// was there, and for a key that nobody knows the nearest one that somebody does.
import type * as z from "zod";
import type { Problem } from "./change.ts";

export type Path = readonly PropertyKey[];

/** A refusal that knows its line in the text it is about. */
export type Flaw = { ok: false; reason: string; line: number | null };

/** Parsed text that still knows where each of its values stood. */
export type Located = { value: unknown; lineOf(path: Path): number | null };

export type Parsed = ({ ok: true } & Located) | Flaw;

export type Checked<T> = { ok: true; value: T } | { ok: false; problems: Problem[] };

export function flaw(reason: string, line: number | null = null): Flaw {
  return { ok: false, reason, line };
}

export function problemOf(file: string, { reason, line }: Flaw): Problem {
  return { file, line, message: reason };
}

export function checkSchema<S extends z.ZodType>(
  schema: S,
  located: Located,
  file: string,
): Checked<z.output<S>> {
  const result = schema.safeParse(located.value);
  if (result.success) return { ok: true, value: result.data };
  const problems = result.error.issues.flatMap((issue) => {
    const path = issue.path;
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({
        file,
        line: located.lineOf([...path, key]),
        message: `${prefix(path)}${unknownKey(key, knownKeys(schema, path))}`,
      }));
    const message = `${prefix(path)}${explain(issue, valueAt(located.value, path))}`;
    return [{ file, line: located.lineOf(path), message }];
  });
  return { ok: false, problems };
}

/** The same for text: what the parser refuses and what the schema refuses, in one list. */
export function checkText<S extends z.ZodType>(
  schema: S,
  parsed: Parsed,
  file: string,
): Checked<z.output<S>> {
  if (!parsed.ok) return { ok: false, problems: [problemOf(file, parsed)] };
  return checkSchema(schema, parsed, file);
}

export function unknownKey(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  const hint = near ? `did you mean "${near}"?` : `expected one of ${known.join(", ")}`;
  return `unknown key ${show(key)}; ${hint}`;
}

/** The closest of the known words, if it is close: up to a third of the letters differ. */
export function nearest(word: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.slice(0, 64).toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      best = candidate;
      least = distance;
    }
  }
  return best;
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

const NOUNS: Record<string, string> = {
  number: "a number",
  int: "a whole number",
  string: "text",
  boolean: "true or false",
  object: "a mapping",
  record: "a mapping",
  array: "a list",
};

function explain(issue: z.core.$ZodIssue, got: unknown): string {
  if (issue.code === "custom")
    return got === undefined
      ? issue.message.replace(/, got \w+$/, ", but it is missing")
      : issue.message;
  if (issue.code === "invalid_key") return issue.issues[0]?.message ?? issue.message;
  const but = got === undefined ? "but it is missing" : `got ${show(got)}`;
  return `expected ${expectation(issue, got)}, ${but}`;
}

function expectation(issue: z.core.$ZodIssue, got: unknown): string {
  switch (issue.code) {
    case "invalid_type": {
      const noun = NOUNS[issue.expected] ?? issue.expected;
      return typeof got === "number" && !Number.isFinite(got) ? "a finite number" : noun;
    }
    case "invalid_value": {
      const values = issue.values.map((value) => JSON.stringify(value));
      return values.length === 1 ? `${values[0]}` : `one of ${values.join(", ")}`;
    }
    case "too_small":
      return `${issue.inclusive ? "at least" : "more than"} ${issue.minimum}${unit(issue.origin)}`;
    case "too_big":
      return `${issue.inclusive ? "at most" : "less than"} ${issue.maximum}${unit(issue.origin)}`;
    case "not_multiple_of":
      return `a multiple of ${issue.divisor}`;
    default:
      return issue.message.replace(/^expected /, "");
  }
}

function unit(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" ? " entries" : "";
}

function prefix(path: Path): string {
  return path.length > 0 ? `${path.map(step).join(".")}: ` : "";
}

/** A key as it is, or quoted: a stranger's may break the line. */
function step(key: PropertyKey): string {
  const text = String(key);
  return /[\x00-\x1f\x7f]/.test(text) ? show(text) : text;
}

/** A short, one-line rendering of something a stranger wrote. */
export function show(value: unknown): string {
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return at;
}

/** The parts of zod's definitions that are walked here. */
type Definition = {
  type: string;
  innerType?: z.ZodType;
  in?: z.ZodType;
  shape?: Record<string, z.ZodType>;
  valueType?: z.ZodType;
  element?: z.ZodType;
};

export function definitionOf(schema: z.ZodType): Definition {
  return schema._zod.def as unknown as Definition;
}

/** The schema without what only gives defaults or converts. */
export function coreOf(schema: z.ZodType): z.ZodType {
  const { innerType, in: input } = definitionOf(schema);
  const inner = innerType ?? input;
  return inner ? coreOf(inner) : schema;
}

function knownKeys(schema: z.ZodType, path: Path): string[] {
  let at: z.ZodType | undefined = schema;
  for (const key of path) {
    if (!at) return [];
    const core: Definition = definitionOf(coreOf(at));
    at = core.shape?.[String(key)] ?? core.valueType ?? core.element;
  }
  return Object.keys((at && definitionOf(coreOf(at)).shape) ?? {});
}
