// The only door to gray-matter. Out of the box it evaluates front matter that begins "---js", hands
// out a shared cache that callers can corrupt, and guesses types by YAML 1.1. So: one language,
// other engines throw, our own YAML behind it, and options at every call (without them it caches).
// Its import costs 15 ms: so it comes with the first front matter.
import type matter from "gray-matter";
import { assert } from "../economy/result.ts";
import { type Flaw, flaw, type Located, type Parsed } from "./schema.ts";
import { parseYaml, stringifyYaml } from "./yaml.ts";

const FRONT_MATTER_BYTES_MAX = 64 * 1024;

/** A text in two parts. `located` has the data with the lines of the whole file. */
export type FrontMatter = { data: Record<string, unknown>; body: string; located: Located };

const OPEN = /^---[ \t]*\r?\n/;
const CLOSE = /\n---([^\n]*)(?:\n|$)/;

/** Split a text; one that does not begin with "---" is all body. */
export function parseFrontMatter(text: string): { ok: true; value: FrontMatter } | Flaw {
  if (!text.startsWith("---") || text.startsWith("----"))
    return { ok: true, value: { data: {}, body: text, located: located({}) } };
  const refused = refuseShape(text);
  if (refused) return refused;
  let parsed: Parsed = { ok: true, ...located({}) };
  const split = library()(
    text,
    options((yaml) => {
      // gray-matter keeps the rest of the opening line; the data begins one line below it.
      parsed = parseYaml(yaml);
      return {};
    }),
  );
  if (!parsed.ok) return parsed;
  const data = parsed.value ?? {};
  if (typeof data !== "object" || Array.isArray(data))
    return flaw("expected `key: value` lines in the front matter", 2);
  const value = { data: data as Record<string, unknown>, body: split.content, located: parsed };
  return { ok: true, value: { ...value, located: { ...value.located, value: data } } };
}

/** Front matter in the order of the keys given, then the body, byte for byte. */
export function stringifyFrontMatter(
  data: object,
  body: string,
  comments: Record<string, string> = {},
): string {
  const yaml = stringifyYaml(data, comments);
  // Not by /m: to JavaScript U+2028 ends a line too, and a stranger's text may hold it.
  assert(!/(?:^|\n)---/.test(yaml), "front matter that closes itself");
  assert(Object.keys(data).length > 0, "front matter without a key");
  // As an object: given a string, gray-matter would take a body that begins "---" for front matter.
  const text = library().stringify(
    { content: body },
    data,
    options(() => ({}), yaml),
  );
  return body.endsWith("\n") ? text : text.slice(0, -1);
}

const library = (): typeof matter => require("gray-matter");

function options(parse: (yaml: string) => object, yaml = "") {
  const refuseLanguage = () => {
    throw new Error("front matter is YAML, nothing else");
  };
  const other = { parse: refuseLanguage, stringify: refuseLanguage };
  return {
    language: "yaml",
    engines: {
      yaml: { parse, stringify: () => yaml },
      js: other,
      javascript: other,
      coffee: other,
      json: other,
    },
  };
}

/** What gray-matter would take for something else than it looks like. */
function refuseShape(text: string): Flaw | null {
  const open = OPEN.exec(text);
  if (!open)
    return flaw(`expected a first line of only "---": front matter is YAML, nothing else`, 1);
  if (open[0].includes("\r"))
    return flaw("the front matter has Windows line ends (CRLF); save it with LF", 1);
  const close = CLOSE.exec(text.slice(open[0].length - 1));
  if (!close) return flaw(`the front matter has no end: expected a line "---" below it`, 1);
  const length = open[0].length + close.index;
  if (length > FRONT_MATTER_BYTES_MAX)
    return flaw(`the front matter is longer than ${FRONT_MATTER_BYTES_MAX} bytes`, 1);
  if (close[1] === "") return null;
  const line = text.slice(0, length).split("\n").length;
  return flaw(`expected the front matter to end with a line of only "---"`, line);
}

function located(value: object): Located {
  return { value, lineOf: () => 1 };
}
