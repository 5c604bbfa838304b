import { describe, expect, test } from "bun:test";
import { splitWords } from "../../src/view/words.ts";
import { econ } from "./terminal.ts";

describe("the shell, reading a pipe", () => {
  test("answers line by line until quit", async () => {
    const { code, out, err } = await econ(["shell"], { input: "help\n\nquit\nstauts\n" });
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("agent <id>");
    expect(out).not.toContain("economy>");
  });

  test("knows each command's help, with or without the word econ", async () => {
    const { out } = await econ(["shell"], { input: "help grant\necon markets --help\n" });
    expect(out).toContain("Usage: econ grant");
    expect(out).toContain("Usage: econ markets");
  });

  test("goes on after a mistake, and tells of it in its exit code", async () => {
    const { code, out, err } = await econ(["shell"], { input: "stauts\nhelp" });
    expect(err).toContain("Did you mean status?");
    expect(out).toContain("quit");
    expect(code).toBe(2);
  });
});

test("a line is split at blanks, quotes keep words together", () => {
  const cases: [line: string, words: string[]][] = [
    ["", []],
    ["  status  ", ["status"]],
    ["tell scribe hello there", ["tell", "scribe", "hello", "there"]],
    ['grant scribe 5 --memo "for the essay"', ["grant", "scribe", "5", "--memo", "for the essay"]],
    ['a \'b "c"\' "d\'s"', ["a", 'b "c"', "d's"]],
    ['--memo="a b"c', ["--memo=a bc"]],
    ['a "unfinished b', ["a", "unfinished b"]],
    ["a ''", ["a", ""]],
  ];
  for (const [line, words] of cases) expect(splitWords(line)).toEqual(words);
});
