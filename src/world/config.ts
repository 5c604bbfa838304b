// econ.yaml: the rules of a world, for people to read and edit. Read strictly (a misspelt rule is a
// problem with its line, never a default in disguise), rewritten with its comments.
import type * as z from "zod";
import { toCredits } from "../economy/money.ts";
import { type Result, refuse } from "../economy/result.ts";
import { type Rules, rulesSchema } from "../economy/rules.ts";
import { CONFIG } from "./layout.ts";
import { type Checked, checkSchema, coreOf, definitionOf, unknownKey } from "./schema.ts";
import { parseYaml, setYaml, yamlScalar } from "./yaml.ts";

type Value = string | number | boolean;

/** One rule, as `econ config` shows it; amounts in credits. */
export type ConfigEntry = {
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
  const isHeading = (key: string) => shape[key] && definitionOf(coreOf(shape[key])).shape;
  const stated = Object.entries(value as object).filter(
    ([key, rule]) => rule !== null || !Object.hasOwn(shape, key) || !isHeading(key),
  );
  return Object.fromEntries(stated);
}

/** Every rule that has a value, in the order of the schema. */
export function describeConfig(rules: Rules): ConfigEntry[] {
  const defaults = rulesSchema.parse({});
  return leaves().flatMap(({ path, isAmount, about }) => {
    const value = at(rules, path);
    if (value === undefined) return [];
    const usual = at(defaults, path) ?? null;
    const shown = (rule: unknown) => (isAmount ? toCredits(rule as number) : rule) as Value;
    const key = path.join(".");
    return [{ key, value: shown(value), usual: usual === null ? null : shown(usual), about }];
  });
}

/** Set one rule by its dotted key; the result is a valid configuration with its comments. */
export function setConfig(text: string, key: string, value: string): Result<string> {
  const rule = leaves().find(({ path }) => path.join(".") === key);
  if (!rule) return refuse(unknownKey(key, closeTo(key)));
  const before = readConfig(text);
  if (!before.ok) return refuse(reasonOf(before.problems));
  const setting = { path: rule.path, value: yamlScalar(value) };
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

/** A misspelt key is most likely near one under the same heading, else near any. */
function closeTo(key: string): string[] {
  const keys = leaves().map(({ path }) => path.join("."));
  const heading = key.slice(0, key.lastIndexOf(".") + 1);
  const under = keys.filter((known) => known.startsWith(heading));
  return under.length > 0 && heading !== "" ? under : keys;
}

/** A rule of several parts that the file does not state at all is stated in full with its first. */
function defaultsUnder(whole: string[], text: string, rules: Rules) {
  const parsed = parseYaml(text);
  if (!parsed.ok || at(parsed.value ?? {}, whole) !== undefined) return [];
  const prefix = `${whole.join(".")}.`;
  return describeConfig(rules)
    .filter(({ key }) => key.startsWith(prefix))
    .map(({ key, value }) => ({ path: key.split("."), value }));
}

type Leaf = {
  path: string[];
  isAmount: boolean;
  about: string;
  /** The outermost part whose default is one value with several parts; null when there is none. */
  whole: string[] | null;
};

function leaves(schema: z.ZodType = rulesSchema, path: string[] = [], whole?: string[]): Leaf[] {
  const core = coreOf(schema);
  const { shape } = definitionOf(core);
  if (!shape) {
    const about = schema.description ?? core.description ?? "";
    return [{ path, isAmount: hasPipe(schema), about, whole: whole ?? null }];
  }
  const isWhole = !whole && definitionOf(schema).type === "default";
  const inherited = whole ?? (isWhole ? path : undefined);
  return Object.entries(shape).flatMap(([key, part]) => leaves(part, [...path, key], inherited));
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
