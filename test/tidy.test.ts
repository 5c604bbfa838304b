// The house rules, checked. Each failure names the file and line, so that it can be put right
// without reading this file.
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { allCommands, CATALOGUE } from "../src/commands/catalogue.ts";
import { describeConfig, readConfig } from "../src/world/config.ts";

const ROOT = join(import.meta.dir, "..");
const LINES_PER_FUNCTION = 70;
const LINES_PER_FILE = 400;
const CHARS_PER_LINE = 100;

type Source = { path: string; text: string; lines: string[] };

function filesOf(pattern: string): Source[] {
  const paths = [...new Bun.Glob(pattern).scanSync({ cwd: ROOT, followSymlinks: false })].sort();
  return paths.map((path) => {
    const text = readFileSync(join(ROOT, path), "utf8");
    return { path, text, lines: text.split("\n") };
  });
}

const src = filesOf("src/**/*.ts");
const templates = filesOf("templates/**/*.ts");
const benches = filesOf("bench/**/*.ts");
const tests = filesOf("test/**/*.ts");
const code = [...src, ...templates, ...benches, ...tests];
const pages = [...filesOf("*.md"), ...filesOf("docs/**/*.md")];
const readme = readFileSync(join(ROOT, "README.md"), "utf8");

/** Lines that break a rule, as file:line. */
function linesWhere(files: Source[], broken: (line: string) => boolean): string[] {
  return files.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) => (broken(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  );
}

describe("form", () => {
  test(`lines in src have at most ${CHARS_PER_LINE} characters`, () => {
    expect(linesWhere(src, (line) => [...line].length > CHARS_PER_LINE)).toEqual([]);
  });

  test(`files have at most ${LINES_PER_FILE} lines`, () => {
    const long = code.filter(({ lines }) => lines.length - 1 > LINES_PER_FILE);
    expect(long.map(({ path, lines }) => `${path}: ${lines.length - 1}`)).toEqual([]);
  });

  test(`functions have at most ${LINES_PER_FUNCTION} lines`, () => {
    const long = [...src, ...templates, ...benches].flatMap(longFunctions);
    expect(long).toEqual([]);
  });

  test("file names are kebab-case", () => {
    const plain = /^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.(ts|md)$/;
    const names = [...code, ...filesOf("docs/**/*.md")].map(({ path }) => path);
    expect(names.filter((path) => !plain.test(path.slice(path.lastIndexOf("/") + 1)))).toEqual([]);
  });

  test("exports have names", () => {
    expect(linesWhere(code, (line) => /^export default\b|\bas default\b/.test(line))).toEqual([]);
  });

  test("nothing is marked as left to do", () => {
    // Spelt so that this line is none of them.
    const marks = /\b(TO[D]O|FIX[M]E|XX[X])\b/;
    expect(linesWhere([...code, ...pages], (line) => marks.test(line))).toEqual([]);
  });
});

/** The formatter puts a function's end at the indentation of its start. */
function longFunctions({ path, lines }: Source): string[] {
  const long: string[] = [];
  lines.forEach((line, start) => {
    const opens = /\bfunction\b.*\($|\bfunction\b.*\{$|=> \{$/.test(line);
    const method = /^\s+(async |static )?[a-z]\w*\(.*\)(: .+)? \{$/i.test(line);
    const isBlock = /^\s*(\} )?(if|for|while|switch|catch|else)\b/.test(line);
    if (!(opens || method) || isBlock) return;
    const indent = line.length - line.trimStart().length;
    const isEnd = (later: string) =>
      later.startsWith(`${" ".repeat(indent)}}`) && !/^\s*\}(\)|>)?: .*\{$/.test(later);
    const length = lines.slice(start + 1).findIndex(isEnd) + 2;
    if (length > LINES_PER_FUNCTION) long.push(`${path}:${start + 1}: ${length} lines`);
  });
  return long;
}

/** Static and dynamic imports, and re-exports. */
function importsOf({ lines }: Source): string[] {
  const text = lines.filter((line) => !/^\s*(\/\/|\/?\*)/.test(line)).join("\n");
  const found = text.matchAll(/(?:(?:^| |\})from |^import |\bimport\()"([^"\s]+)"/gm);
  return [...found].map(([, from]) => from as string);
}

/** Where a relative import leads, as a path from the root. */
function targetOf(source: Source, from: string): string {
  return normalize(join(dirname(source.path), from));
}

describe("the economy is pure", () => {
  const economy = src.filter(({ path }) => path.startsWith("src/economy/"));

  test("it imports itself, and the schema library for its rules", () => {
    const outside = economy.flatMap((source) =>
      importsOf(source).flatMap((from) => {
        const own = from.startsWith(".") && targetOf(source, from).startsWith("src/economy/");
        const schema = from === "zod" && source.path === "src/economy/rules.ts";
        return own || schema ? [] : [`${source.path}: ${from}`];
      }),
    );
    expect(outside).toEqual([]);
  });

  test("it reads no clock, rolls no dice, knows no platform", () => {
    const platform =
      /\b(Bun|process|globalThis|require|fetch|setTimeout|setInterval|crypto|performance)\b[.(]|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b/;
    expect(linesWhere(economy, (line) => platform.test(line.replace(/\/\/.*/, "")))).toEqual([]);
  });
});

describe("libraries", () => {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  // bun is the runtime; zod is the language in which schemas are written, wherever they are.
  const wrapped = Object.keys(dependencies).filter((name) => !["bun", "zod"].includes(name));
  const importersOf = (name: string) =>
    src.filter((source) =>
      importsOf(source).some((from) => from === name || from.startsWith(`${name}/`)),
    );

  test.each(wrapped)("%s has one wrapper, which says why", (name) => {
    const importers = importersOf(name);
    expect(importers.map(({ path }) => path)).toHaveLength(1);
    expect(importers[0]?.text).toStartWith("// ");
  });

  test("only what package.json lists is imported", () => {
    const known = new Set(Object.keys(dependencies));
    const strangers = src.flatMap((source) =>
      importsOf(source)
        .filter((from) => !/^(\.|node:|bun:|econ$)/.test(from))
        .map((from) => (from.startsWith("@") ? from : (from.split("/")[0] as string)))
        .filter((name) => !known.has(name))
        .map((name) => `${source.path}: ${name}`),
    );
    expect(strangers).toEqual([]);
  });
});

describe("nothing is dead", () => {
  const entries = [
    "src/cli.ts",
    "src/agent/index.ts",
    "src/agent/command.ts",
    "src/agent/relay.ts",
  ];

  test("every file of src is reached from the program, the agent's side or a bench", () => {
    const all = new Map([...src, ...benches].map((source) => [source.path, source]));
    const waiting = [...entries, ...benches.map(({ path }) => path)];
    const reached = new Set<string>();
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      const source = all.get(path);
      if (!source || reached.has(path)) continue;
      reached.add(path);
      for (const from of importsOf(source))
        if (from.startsWith(".")) waiting.push(targetOf(source, from));
    }
    expect(src.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([]);
  });

  test("every export of src is used", () => {
    const words = new Map<string, number>();
    for (const { text } of code)
      for (const [word] of text.matchAll(/\b\w+\b/g)) words.set(word, (words.get(word) ?? 0) + 1);
    const exported = /^export (?:async )?(?:function|const|type|class|interface) (\w+)/gm;
    const unused = src.flatMap(({ path, text }) =>
      [...text.matchAll(exported)]
        .filter(([, name]) => words.get(name as string) === 1)
        .map(([, name]) => `${path}: ${name}`),
    );
    expect(unused).toEqual([]);
  });
});

describe("documentation", () => {
  test("every command explains itself and stands in the README's table", async () => {
    for (const { name, summary, about, examples } of await allCommands()) {
      expect([name, summary.length > 5, about.length > 40]).toEqual([name, true, true]);
      expect([name, examples.length > 0]).toEqual([name, true]);
      expect(readme).toMatch(new RegExp(`^\\| \`econ ${name}\\b`, "m"));
    }
    const listed = [...readme.matchAll(/^\| `econ ([a-z]+)/gm)].map((match) => match[1] as string);
    expect(listed.filter((name) => !Object.hasOwn(CATALOGUE, name))).toEqual([]);
  });

  test("the default econ.yaml states every rule, each with a comment", () => {
    const text = readFileSync(join(ROOT, "templates/worlds/default/econ.yaml"), "utf8");
    const rules = readConfig(text);
    expect(rules).toMatchObject({ ok: true });
    if (!rules.ok) return;
    const commented = commentsOf(text);
    const silent = describeConfig(rules.value)
      .map(({ key }) => key)
      .filter((key) => !commented.get(key) && !commented.get(parentOf(key)));
    expect(silent).toEqual([]);
  });

  const links = pages.flatMap((page) =>
    [...page.text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => ({ page, to: match[1] as string })),
  );

  test("every relative link leads somewhere", () => {
    const broken = links.filter(({ page, to }) => {
      if (/^[a-z]+:/.test(to)) return false;
      const [file = "", anchor] = to.split("#");
      const target = file === "" ? page.path : normalize(join(dirname(page.path), file));
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !anchorsOf(target).includes(anchor);
    });
    expect(broken.map(({ page, to }) => `${page.path}: ${to}`)).toEqual([]);
  });

  test("no page names a place of one machine", () => {
    expect(linesWhere(pages, (line) => /(^|[\s"'`(])\/(work|home|root)\//.test(line))).toEqual([]);
  });
});

/** Dotted keys of a YAML file, and whether a comment stands on the key's own line or just above. */
function commentsOf(text: string): Map<string, boolean> {
  const commented = new Map<string, boolean>();
  const path: { indent: number; name: string }[] = [];
  let above = false;
  for (const line of text.split("\n")) {
    const key = /^( *)([a-z_]+):(.*)$/.exec(line);
    if (key) {
      const [, indent = "", name = "", rest = ""] = key;
      while ((path.at(-1)?.indent ?? -1) >= indent.length) path.pop();
      path.push({ indent: indent.length, name });
      const dotted = path.map((part) => part.name).join(".");
      commented.set(dotted, rest.includes("#") || above);
      for (const [, inner] of rest.matchAll(/([a-z_]+): /g))
        commented.set(`${dotted}.${inner}`, rest.includes("#"));
    }
    above = line.trimStart().startsWith("#");
  }
  return commented;
}

const parentOf = (key: string) => key.slice(0, key.lastIndexOf("."));

/** The headings of a page as the anchors that they get on the web. */
function anchorsOf(path: string): string[] {
  const text = readFileSync(join(ROOT, path), "utf8");
  return [...text.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] as string)
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, "")
      .trim()
      .replaceAll(/\s/g, "-"),
  );
}

test("this test sees the code it judges", () => {
  expect([src, templates, benches, tests, pages].map(({ length }) => length > 0)).toEqual(
    Array(5).fill(true),
  );
  expect(relative(ROOT, import.meta.path)).toBe("test/tidy.test.ts");
});
