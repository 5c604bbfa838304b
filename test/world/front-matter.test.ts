import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseFrontMatter, stringifyFrontMatter } from "../../src/world/front-matter.ts";

const bomb = ["a: &a [x, x, x, x]", "b: &b [*a, *a, *a, *a]", "c: [*b, *b, *b, *b]"].join("\n");

/** What a stranger may write → the line and a part of the refusal. */
const HOSTILE: Record<string, [text: string, line: number, reason: RegExp]> = {
  "brackets without end": [`---\na: 1\nb: ${"[".repeat(60_000)}\n---\n`, 3, /deeper than 100/],
  "lists without end": [`---\n${"- ".repeat(30_000)}x\n---\n`, 2, /deeper than 100/],
  JavaScript: ["---js\n{ a: (globalThis.owned = true) }\n---\n", 1, /YAML, nothing else/],
  "JavaScript after a space": ["--- javascript\n{ a: 1 }\n---\n", 1, /YAML, nothing else/],
  CoffeeScript: ["---coffee\na: 1\n---\n", 1, /YAML, nothing else/],
  JSON: ['---json\n{ "a": 1 }\n---\n', 1, /YAML, nothing else/],
  "an alias bomb": [`---\n${bomb}\n---\n`, 2, /anchors and aliases/],
  "a key given twice": ["---\na: 1\na: 2\n---\n", 3, /unique/],
  "the key __proto__": [
    "---\nb: 1\n__proto__: { admin: true }\n---\n",
    3,
    /"__proto__" is not allowed/,
  ],
  "a key that is a list": ["---\n? [a]\n: 1\n---\n", 2, /not plain text/],
  "a tag": ["---\na: !!js/function 'x'\n---\n", 2, /tag/],
  "a list instead of keys": ["---\n- a\n---\n", 2, /key: value/],
  "tabs as indentation": ["---\na:\n\t- 1\n---\n", 3, /Tab/],
  "no end": ["---\na: 1\n", 1, /no end/],
  "an end that goes on": ["---\na: 1\n---b\n", 3, /only "---"/],
  "Windows line ends": ["---\r\na: 1\r\n---\r\n", 1, /CRLF/],
  "a megabyte of it": [`---\na: ${"x".repeat(1_000_000)}\n---\n`, 1, /longer than/],
  "nesting without end": [`---\na: ${"[".repeat(30_000)}\n---\n`, 2, /./],
};

for (const [name, [text, line, reason]] of Object.entries(HOSTILE))
  test(`front matter with ${name} is refused, with its line`, () => {
    const parsed = parseFrontMatter(text);
    expect(parsed).toMatchObject({ ok: false, line });
    if (!parsed.ok) expect(parsed.reason).toMatch(reason);
    expect(globalThis).not.toHaveProperty("owned");
  });

test("types are not guessed: dates, octals and yes stay what was written", () => {
  const parsed = parseFrontMatter("---\nday: 2026-01-01\nn: 1_000\nb: yes\n---\n");
  expect(parsed).toMatchObject({ ok: true });
  if (parsed.ok) expect(parsed.value.data).toEqual({ day: "2026-01-01", n: "1_000", b: "yes" });
});

test("a text without front matter is all body", () => {
  for (const text of ["", "hello\n", "----\nno\n----\n", " ---\na: 1\n---\n"]) {
    const parsed = parseFrontMatter(text);
    expect(parsed.ok && parsed.value.body).toBe(text);
  }
});

test("a broken file is refused every time, not only the first", () => {
  const broken = "---\na: [\n---\n";
  expect(parseFrontMatter(broken).ok).toBe(false);
  expect(parseFrontMatter(broken).ok).toBe(false);
});

test("what a caller does to the data of one file does not show in the next", () => {
  const text = "---\na: 1\n---\nbody";
  const first = parseFrontMatter(text);
  if (first.ok) first.value.data.a = "changed";
  const second = parseFrontMatter(text);
  expect(second.ok && second.value.data).toEqual({ a: 1 });
});

test("data and body come back, the body byte for byte", () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  const text = fc.string({ unit: fc.constantFrom("-", "\n", "\r", "a", "\ufeff", ":", " ", "é") });
  const data = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), value, { minKeys: 1 });
  fc.assert(
    fc.property(data, text, (before, body) => {
      const parsed = parseFrontMatter(stringifyFrontMatter(before, body));
      expect(parsed.ok && { ...parsed.value.data }).toEqual({ ...before });
      expect(parsed.ok && parsed.value.body).toBe(body);
    }),
  );
});

test("writing keeps the order of the keys it is given", () => {
  expect(stringifyFrontMatter({ to: "b", from: "a", amount: "12.5" }, "x\n")).toBe(
    '---\nto: b\nfrom: a\namount: "12.5"\n---\nx\n',
  );
});
