// econ.yaml: the rules of a world, for people to read and edit. Read strictly (a misspelt rule is a
// problem with its line, never a default in disguise), rewritten with its comments.
import type * as z from "zod";
import { toCredits } from "../economy/money.ts";
import { type Result, refuse } from "../economy/result.ts";
import { type Rules, rulesSchema } from "../economy/rules.ts";
import { CONFIG } from "./layout.ts";
import { type Checked, checkSchema, coreOf, definitionOf, unknownKey } from "./schema.ts";
import { parseYaml, setYaml, yamlScalar } from "./yaml.ts";

type Value = string | number | boolean | string[];

/** One rule, as `econ config` shows it; amounts in credits. */
export type ConfigEntry = {
  path: string[];
  /** The path as one writes it: "models.haiku.price.input". */
  key: string;
  value: Value;
  /** Null: it has none by default. */
  usual: Value | null;
  about: string;
};

export function readConfig(text: string, file: string = CONFIG): Checked<Rules> {
  if (text.trim() === "") {
    const message = "the file is empty; expected the rules of the economy (a comment is enough)";
    return { ok: false, problems: [{ file, line: 1, message }] };
  }
  const parsed = parseYaml(text);
  if (!parsed.ok)
    return { ok: false, problems: [{ file, line: parsed.line, message: parsed.reason }] };
  const located = { ...parsed, value: withoutEmptyHeadings(parsed.value ?? {}) };
  return checkSchema(rulesSchema, located, file);
}

/** A heading whose rules are all commented out reads as null; it means the defaults. */
function withoutEmptyHeadings(value: unknown): unknown {
  if (typeof value !== "object" || Array.isArray(value)) return value;
  const shape: Record<string, z.ZodType> = rulesSchema.shape;
  const isHeading = (key: string) => {
    const definition = shape[key] && definitionOf(coreOf(shape[key]));
    return definition?.shape ?? definition?.valueType;
  };
  const stated = Object.entries(value as object).filter(
    ([key, rule]) => rule !== null || !Object.hasOwn(shape, key) || !isHeading(key),
  );
  return Object.fromEntries(stated);
}

/** Every rule that has a value, in the order of the schema. */
export function describeConfig(rules: Rules): ConfigEntry[] {
  const defaults = rulesSchema.parse({});
  return leavesOf(rules).flatMap(({ path, isAmount, about }) => {
    const value = at(rules, path);
    if (value === undefined) return [];
    const usual = at(defaults, path) ?? null;
    const shown = (rule: unknown) => (isAmount ? toCredits(rule as number) : rule) as Value;
    const key = path.join(".");
    return [{ path, key, value: shown(value), usual: usual === null ? null : shown(usual), about }];
  });
}

/**
 * Set one rule by its dotted key; the result is a valid configuration with its comments. A list is
 * written with commas: "a.org, b.org"; nothing for an empty one.
 */
export function setConfig(text: string, key: string, value: string): Result<string> {
  const before = readConfig(text);
  if (!before.ok) return refuse(reasonOf(before.problems));
  const leaves = leavesOf(before.value);
  const rule = leaves.find(({ path }) => path.join(".") === key);
  if (!rule) return refuse(unknownKey(key, closeTo(key, leaves)));
  const setting = { path: rule.path, value: rule.isList ? listOf(value) : yamlScalar(value) };
  const siblings = rule.whole ? defaultsUnder(rule.whole, text, before.value) : [];
  const others = siblings.filter(({ path }) => path.join(".") !== key);
  const edited = setYaml(text, [setting, ...others]);
  if (!edited.ok) return refuse(edited.reason);
  const after = readConfig(edited.text);
  if (after.ok) return { ok: true, value: edited.text };
  return refuse(reasonOf(after.problems));
}

function reasonOf(problems: { message: string; line: number | null }[]): string {
  return problems.map(({ message }) => message).join("; ");
}

/** "a, b", "[a, b]" or "a b": people write lists in many ways. */
function listOf(text: string): string[] {
  return text.split(/[\s,[\]]+/).filter((word) => word !== "");
}

/** A misspelt key is most likely near one under the same heading, or the one around it. */
function closeTo(key: string, leaves: Leaf[]): string[] {
  const keys = leaves.map(({ path }) => path.join("."));
  for (let dot = key.lastIndexOf("."); dot > 0; dot = key.lastIndexOf(".", dot - 1)) {
    const under = keys.filter((known) => known.startsWith(key.slice(0, dot + 1)));
    if (under.length > 0) return under;
  }
  return keys;
}

/** A rule of several parts that the file does not state at all is stated in full with its first. */
function defaultsUnder(whole: string[], text: string, rules: Rules) {
  const parsed = parseYaml(text);
  if (!parsed.ok || at(parsed.value ?? {}, whole) !== undefined) return [];
  return describeConfig(rules)
    .filter(({ path }) => whole.every((name, index) => path[index] === name))
    .map(({ path, value }) => ({ path, value }));
}

type Leaf = {
  path: string[];
  isAmount: boolean;
  isList: boolean;
  about: string;
  /** The outermost part whose default is one value with several parts; null when there is none. */
  whole: string[] | null;
};

/** All that can be set; what a person gives names to (models) is there under those names. */
function leavesOf(rules: Rules): Leaf[] {
  return leavesIn(rulesSchema, rules, []);
}

function leavesIn(schema: z.ZodType, rules: unknown, path: string[], whole?: string[]): Leaf[] {
  const core = coreOf(schema);
  const { shape, valueType, type } = definitionOf(core);
  const named = Object.keys((valueType && rules) ?? {}).map((name) => [name, valueType] as const);
  const parts = shape ? Object.entries(shape) : valueType && named;
  if (!parts) {
    const about = schema.description ?? core.description ?? "";
    const isList = type === "array";
    return [{ path, isAmount: hasPipe(schema), isList, about, whole: whole ?? null }];
  }
  const isWhole = !whole && definitionOf(schema).type === "default";
  const inherited = whole ?? (isWhole ? path : undefined);
  return parts.flatMap(([key, part]) =>
    leavesIn(part as z.ZodType, at(rules, [key]), [...path, key], inherited),
  );
}

/** Amounts are the only rules that are converted: credits in the file, micro-credits inside. */
function hasPipe(schema: z.ZodType): boolean {
  const { type, innerType } = definitionOf(schema);
  return type === "pipe" || (innerType !== undefined && hasPipe(innerType));
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<string, unknown>)[key]
        : undefined,
    value,
  );
}
