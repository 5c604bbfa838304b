// The only door to the `yaml` library. Core schema (no dates, no octal surprises), unique keys, no
// aliases (a bomb of them is a kilobyte that becomes a gigabyte), no tags, one document, bounded.
import {
  Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  stringify,
  visit,
  type YAMLMap,
} from "yaml";
import { assert } from "../economy/result.ts";
import { type Flaw, flaw, type Located, type Parsed, type Path } from "./schema.ts";

const YAML_BYTES_MAX = 256 * 1024;
const DEPTH_MAX = 100;

const DIALECT = {
  version: "1.2",
  schema: "core",
  merge: false,
  strict: true,
  uniqueKeys: true,
  prettyErrors: false,
  logLevel: "error",
} as const;

const LAYOUT = { lineWidth: 0, nullStr: "" } as const;

/** `firstLine`: the line in its file at which the text begins. */
export function parseYaml(text: string, firstLine = 1): Parsed {
  const read = readDocument(text, firstLine);
  return read.ok ? { ok: true, value: read.value, lineOf: read.lineOf } : read;
}

type Read = ({ ok: true; document: Document.Parsed } & Located) | Flaw;

function readDocument(text: string, firstLine: number): Read {
  if (text.length > YAML_BYTES_MAX) return flaw(`longer than ${YAML_BYTES_MAX} bytes`, firstLine);
  const deep = tooDeep(text);
  if (deep !== null) return flaw(`nested deeper than ${DEPTH_MAX}`, firstLine + deep);
  const counter = new LineCounter();
  const lineAt = (offset: number) => firstLine - 1 + (counter.linePos(offset).line || 1);
  try {
    const document = parseDocument(text, { ...DIALECT, lineCounter: counter });
    const wrong = document.errors[0] ?? document.warnings[0];
    if (wrong) return flaw(plain(wrong.message), lineAt(wrong.pos[0]));
    const banned = findBanned(document);
    if (banned) return flaw(banned.reason, lineAt(banned.offset));
    const value = document.toJS({ maxAliasCount: 0 });
    return { ok: true, document, value, lineOf: (path) => lineAt(offsetOf(document, path)) };
  } catch (error) {
    // The library recurses; nesting that no person writes ends here.
    return flaw(`not readable as YAML (${plain(String(error))})`, firstLine);
  }
}

/**
 * The first line, from 0, at which the text may be nested deeper than anybody means it. The library
 * would take minutes over a few kilobytes of brackets.
 */
function tooDeep(text: string): number | null {
  let open = 0;
  for (const [number, line] of text.split("\n").entries()) {
    const marks = /^(?:\s*[-?:](?=\s))*/.exec(line)?.[0].replace(/\s/g, "").length ?? 0;
    for (const char of line) {
      if (char === "[" || char === "{") open += 1;
      else if ((char === "]" || char === "}") && open > 0) open -= 1;
      if (open + marks > DEPTH_MAX) return number;
    }
  }
  return null;
}

function findBanned(document: Document.Parsed): { reason: string; offset: number } | null {
  let found: { reason: string; offset: number } | null = null;
  visit(document, {
    Node(_, node) {
      const anchored = "anchor" in node && node.anchor;
      if (!isAlias(node) && !anchored) return undefined;
      found = { reason: "anchors and aliases are not allowed", offset: node.range?.[0] ?? 0 };
      return visit.BREAK;
    },
    Pair(_, { key }) {
      const offset = (key as { range?: [number] } | null)?.range?.[0] ?? 0;
      const name = isScalar(key) ? key.value : undefined;
      if (isScalar(key) && name !== null && String(name) !== "__proto__") return undefined;
      const what = name === "__proto__" ? '"__proto__" is' : "a key that is not plain text is";
      found = { reason: `${what} not allowed as a key`, offset };
      return visit.BREAK;
    },
  });
  return found;
}

/** Where the key at the end of the path stands, or the nearest thing around it that is there. */
function offsetOf(document: Document.Parsed, path: Path): number {
  let offset = document.contents?.range?.[0] ?? 0;
  let node: unknown = document.contents;
  for (const [index, key] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      const range = (pair?.key as { range?: [number] } | undefined)?.range;
      if (!pair || !range) return offset;
      offset = range[0];
      node = pair.value;
    } else {
      node = document.getIn(path.slice(0, index + 1), true);
      offset = (node as { range?: [number] } | undefined)?.range?.[0] ?? offset;
    }
  }
  return offset;
}

/** Keys keep their order; null is written as nothing, for a person to fill in. */
export function stringifyYaml(data: object, comments: Record<string, string> = {}): string {
  const document = new Document(data, { ...DIALECT, aliasDuplicateObjects: false });
  if (isMap(document.contents))
    for (const { key } of document.contents.items)
      if (isScalar(key) && Object.hasOwn(comments, String(key.value)))
        key.commentBefore = comments[String(key.value)] ?? "";
  visit(document, {
    Scalar: (_, scalar) => {
      if (isTrimmed(scalar.value)) scalar.type = "QUOTE_DOUBLE";
    },
  });
  return document.toString(LAYOUT);
}

/** Bare, it would lose what JavaScript takes for space and YAML does not: gray-matter trims. */
function isTrimmed(value: unknown): boolean {
  return typeof value === "string" && /^[^\S\n]|[^\S\n]\n?$/.test(value);
}

export type Setting = { path: readonly string[]; value: unknown };

/**
 * The text with one value set, or several below one heading that is not there yet. Every other byte
 * stays as it was: the library would lay the text out anew and move its comments.
 */
export function setYaml(text: string, settings: Setting[]): { ok: true; text: string } | Flaw {
  const read = readDocument(text, 1);
  if (!read.ok) return read;
  const { document } = read;
  const [only, ...more] = settings;
  assert(only, "nothing to set");
  const node = document.getIn(only.path, true);
  if (more.length === 0 && (isScalar(node) || isSeq(node)) && node.range) {
    const [from, to] = node.range;
    const gap = from === to && text[from - 1] === ":" ? " " : "";
    const value = `${gap}${flowText(only.value)}`;
    // The lines of a list in block form end with that of its last entry.
    const end = text[to - 1] === "\n" ? to - 1 : to;
    return { ok: true, text: `${text.slice(0, from)}${value}${text.slice(end)}` };
  }
  const inserted = insertBelow(text, document, settings);
  if (inserted !== null) return { ok: true, text: inserted };
  // "---" and nothing below it is a document of one empty value.
  if (isScalar(document.contents)) document.contents = document.createNode({}) as YAMLMap.Parsed;
  for (const { path, value } of settings) {
    for (let depth = 1; depth < path.length; depth++) {
      const heading = document.getIn(path.slice(0, depth), true);
      if (isScalar(heading)) document.deleteIn(path.slice(0, depth));
    }
    document.setIn(path, value);
  }
  return { ok: true, text: document.toString({ lineWidth: 0 }) };
}

/** A value as it stands on one line. */
function flowText(value: unknown): string {
  const text = stringify([value], { ...DIALECT, ...LAYOUT, collectionStyle: "flow" });
  return text.trim().replace(/^\[ ?|,? ?\]$/g, "");
}

/** New lines after the last of the deepest heading that is there; null where braces are in use. */
function insertBelow(text: string, document: Document.Parsed, settings: Setting[]): string | null {
  const path = settings[0]?.path ?? [];
  let depth = path.length - 1;
  while (depth > 0 && !document.hasIn(path.slice(0, depth))) depth -= 1;
  const heading = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
  const addition = new Document({});
  for (const setting of settings) addition.setIn(setting.path.slice(depth), setting.value);
  const lines = addition.toString(LAYOUT).trimEnd();
  if (heading === null) return `${text.trimEnd()}\n${lines}\n`.trimStart();
  if (!isMap(heading) || heading.flow || !heading.range) return null;
  const lineEnd = text.indexOf("\n", heading.range[1] - 1);
  const end = lineEnd < 0 ? text.length : lineEnd;
  const column = heading.range[0] - (text.lastIndexOf("\n", heading.range[0] - 1) + 1);
  const block = lines.replace(/^/gm, " ".repeat(column));
  return `${text.slice(0, end)}\n${block}${text.slice(end) || "\n"}`;
}

/** What YAML has to say about text that was typed as one value: 5, true, highest. */
export function yamlScalar(text: string): unknown {
  const parsed = parseYaml(text);
  return parsed.ok && typeof parsed.value !== "object" ? parsed.value : text;
}

function plain(message: string): string {
  return message.split("\n")[0]?.slice(0, 160) ?? "";
}
