// A strict reading of JSON text for its lines: where each value stands, what exactly is wrong and
// where. JSON.parse gives no position, and keeps the last of two equal keys without a word.
// (A YAML parser has positions too, but takes comments and trailing commas, which are not JSON.)
import { type Flaw, flaw, show } from "./schema.ts";

/** Line by path; a path is written as the JSON of its list of keys. */
export type Scan = { ok: true; lines: Map<string, number> } | Flaw;

const DEPTH_MAX = 100;
const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /true|false|null/y;

type Cursor = {
  text: string;
  at: number;
  line: number;
  counted: number;
  lines: Scan & { ok: true };
};

export function scanJson(text: string): Scan {
  const lines: Scan & { ok: true } = { ok: true, lines: new Map() };
  const cursor: Cursor = { text, at: 0, line: 1, counted: 0, lines };
  if (text.trim() === "") return flaw("expected a JSON value, the file is empty", 1);
  const wrong = scanValue(cursor, []);
  if (wrong) return wrong;
  skipSpace(cursor);
  if (cursor.at < text.length) return expected(cursor, "the end of the file");
  return lines;
}

function scanValue(cursor: Cursor, path: string[]): Flaw | null {
  skipSpace(cursor);
  if (path.length > DEPTH_MAX) return flaw(`nested deeper than ${DEPTH_MAX}`, lineAt(cursor));
  const key = JSON.stringify(path);
  if (!cursor.lines.lines.has(key)) cursor.lines.lines.set(key, lineAt(cursor));
  const first = cursor.text[cursor.at];
  if (first === "{") return scanMembers(cursor, path, "}");
  if (first === "[") return scanMembers(cursor, path, "]");
  const token = first === '"' ? STRING : first && /[a-z]/.test(first) ? WORD : NUMBER;
  const taken = take(cursor, token);
  if (taken === null) return expected(cursor, "a JSON value");
  const isEndless = token === NUMBER && !Number.isFinite(Number(taken));
  return isEndless ? flaw(`${taken.slice(0, 20)} is too large a number`, lineAt(cursor)) : null;
}

/** The entries of an object ("}") or a list ("]"), brackets included. */
function scanMembers(cursor: Cursor, path: string[], close: "}" | "]"): Flaw | null {
  const seen = new Set<string>();
  cursor.at += 1;
  skipSpace(cursor);
  if (cursor.text[cursor.at] === close) {
    cursor.at += 1;
    return null;
  }
  for (let index = 0; ; index++) {
    let key = String(index);
    if (close === "}") {
      const name = scanKey(cursor, path, seen);
      if (typeof name !== "string") return name;
      key = name;
    }
    const wrong = scanValue(cursor, [...path, key]);
    if (wrong) return wrong;
    skipSpace(cursor);
    const next = cursor.text[cursor.at];
    if (next !== close && next !== ",") return expected(cursor, `"," or "${close}"`);
    cursor.at += 1;
    if (next === close) return null;
  }
}

function scanKey(cursor: Cursor, path: string[], seen: Set<string>): string | Flaw {
  skipSpace(cursor);
  const line = lineAt(cursor);
  const token = take(cursor, STRING);
  if (token === null) return expected(cursor, "a key in double quotes");
  const key = JSON.parse(token) as string;
  if (key === "__proto__") return flaw('"__proto__" is not allowed as a key', line);
  if (seen.has(key)) return flaw(`the key ${show(key)} is there twice`, line);
  seen.add(key);
  cursor.lines.lines.set(JSON.stringify([...path, key]), line);
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== ":") return expected(cursor, `":" after ${show(key)}`);
  cursor.at += 1;
  return key;
}

function take(cursor: Cursor, token: RegExp): string | null {
  token.lastIndex = cursor.at;
  const match = token.exec(cursor.text);
  if (!match) return null;
  cursor.at = token.lastIndex;
  return match[0];
}

function skipSpace(cursor: Cursor): void {
  take(cursor, SPACE);
}

function lineAt(cursor: Cursor): number {
  for (; cursor.counted < cursor.at; cursor.counted++)
    if (cursor.text[cursor.counted] === "\n") cursor.line += 1;
  return cursor.line;
}

function expected(cursor: Cursor, what: string): Flaw {
  const rest = cursor.text.slice(cursor.at, cursor.at + 20).split("\n")[0] ?? "";
  const got = cursor.at >= cursor.text.length ? "the end of the file" : show(rest || "a line end");
  return flaw(`expected ${what}, got ${got}`, lineAt(cursor));
}
