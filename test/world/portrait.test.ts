import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { portraitOf } from "../../src/world/portrait.ts";
import { folderOf } from "./fixture.ts";

describe("a heartbeat", () => {
  const said: [text: string, every: string | null, seconds: number | null, cycles?: number][] = [
    ["---\nevery: 20\n---\nevery 5 min", "20 cycles", null, 20],
    ["---\nevery: 1\n---\n", "1 cycle", null, 1],
    ["---\nevery: 0\n---\n", null, null],
    ["every 30 minutes, look", "30 min", 1_800],
    ["Every: 1h", "1 h", 3_600],
    ["interval: 90s", "90 s", 90],
    ["---\nevery: 2 days\n---\n", "2 d", 172_800],
    ["---\ninterval: 0.5h\n---\nEvery 7 minutes", "0.5 h", 1_800],
    ["---\nevery: soon\n---\nevery 5 min", "5 min", 300],
    ["every 0m", null, null],
    ["every morning", null, null],
    ["every 99999999 hours", null, null],
    ["whenever: 3h", null, null],
    ["", null, null],
  ];
  for (const [text, every, seconds, cycles = null] of said)
    test(`that says ${JSON.stringify(text)} beats ${every ?? "as it likes"}`, () => {
      const { heartbeat } = portraitOf(folderOf({ "HEARTBEAT.md": text }));
      expect(heartbeat).toEqual({ path: "HEARTBEAT.md", every, seconds, cycles });
    });
});

describe("a model", () => {
  const named: [text: string, model: string | null][] = [
    ["---\nmodel: haiku\n---\n", "haiku"],
    ["---\r\nmodel: haiku\r\n---\r\n", "haiku"],
    ["---\nmodel: [a]\n---\n", "[a]"],
    ["---\nmodel: ''\n---\n", null],
    ["---\nmodel: haiku\n", null],
    ["---js\nmodule.exports = {model: 'x'}\n---\n", null],
    ["model: haiku\n", null],
  ];
  for (const [text, model] of named)
    test(`of ${JSON.stringify(text)} is ${model ?? "not named"}`, () => {
      expect(portraitOf(folderOf({ "AGENTS.md": text })).model).toBe(model);
    });
});

test("a skill is called as it says, else as its folder, and described by its first line", () => {
  const { skills } = portraitOf(
    folderOf({
      "skills/a/SKILL.md": "---\nname: alpha\ndescription: First\n---\n",
      "skills/b/SKILL.md": "# B\n\n- a list\n\nDoes b.\n",
      "skills/c/SKILL.md": `---\ndescription: ${"x".repeat(1_000)}\n---\n`,
      "skills/d/deep/SKILL.md": "no skill: too deep",
      "skills/SKILL.md": "no skill: no folder of its own",
    }),
  );
  expect(skills.map(({ name, description }) => [name, description.length])).toEqual([
    ["alpha", 5],
    ["b", 7],
    ["c", 300],
  ]);
});

test("a thousand skills with front matter like a bomb are as quickly looked at as others", () => {
  const bomb = `---\nname: bomb\nx: ${"[".repeat(60_000)}\n---\nBoom.\n`;
  const files = Array.from({ length: 1_000 }, (_, n) => [`skills/${n}/SKILL.md`, bomb]);
  const { skills } = portraitOf(folderOf(Object.fromEntries(files)));
  expect(new Set(skills.map(({ name, description }) => `${name}: ${description}`))).toEqual(
    new Set(["bomb: Boom."]),
  );
});

test("any bytes are a portrait, and none is a failure", () => {
  const paths = ["AGENTS.md", "HEARTBEAT.md", "skills/x/SKILL.md", "MEMORY.md"];
  fc.assert(
    fc.property(fc.uint8Array(), fc.string({ unit: "binary" }), (bytes, text) => {
      for (const start of ["", "---\n", "---\nname: "])
        portraitOf(folderOf(Object.fromEntries(paths.map((path) => [path, `${start}${text}`]))));
      portraitOf(folderOf(Object.fromEntries(paths.map((path) => [path, bytes]))));
    }),
  );
});
