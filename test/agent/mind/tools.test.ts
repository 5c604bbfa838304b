// The tools of a mind, with real files and real commands: bounded, and never outside.
import { afterEach, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { Clock } from "../../../src/agent/mind/clock.ts";
import { type Hands, useTool } from "../../../src/agent/mind/tools.ts";
import { type Home, makeHome, removeHomes } from "../help.ts";
import { wake } from "./help.ts";

afterEach(removeHomes);

const PLENTY: Clock = {
  wallLeft: () => 20,
  cpuLeft: () => 20,
  held: (work) => work,
  usedCpu() {},
};

async function hands(files: Record<string, string> = {}, clock = PLENTY) {
  const home: Home = makeHome(await wake(), files);
  const all: Hands = { ...home, clock, env: () => ({ ECON_TOKENS_LEFT: "77" }) };
  /** What the model reads; "!" before what went wrong. */
  const use = async (name: string, input: unknown) => {
    const done = await useTool(all, { id: "1", name, input });
    return done.ok ? done.value : `!${done.reason}`;
  };
  return { use, ...home };
}

test("a command says what it printed and how it ended", async () => {
  const { use } = await hands({ "a.txt": "hello\n" });
  expect(await use("shell", { command: "cat a.txt" })).toBe("hello");
  expect(await use("shell", { command: "true" })).toBe("(no output)");
  expect(await use("shell", { command: "echo oh >&2; false" })).toBe("oh\n[exit 1]");
  expect(await use("shell", { command: "if" })).toEndWith("[exit 2]");
  expect(await use("shell", { command: "echo $ECON_TOKENS_LEFT" })).toBe("77");
  expect(await use("shell", { command: "cat" })).toBe("(no output)");
});

test("long output is cut in the middle, and endless output is ended", async () => {
  const { use } = await hands();
  const long = await use("shell", { command: "seq 100000" });
  expect(long).toStartWith("1\n2\n");
  expect(long).toEndWith("99999\n100000");
  expect(long).toContain("bytes left out");
  expect(long.length).toBeLessThan(4_200);
  const endless = await use("shell", { command: "yes" });
  expect(endless).toEndWith("[it printed without end and was ended]");
  const odd = await use("shell", { command: "printf '\\x00\\x1b[31m\\xff\\xfe'" });
  expect(odd).toBe("[31m\ufffd\ufffd");
});

test("a command ends at its time, with all that it left behind", async () => {
  const { use, workspace } = await hands();
  const slow = await use("shell", { command: "echo begun; sleep 30", seconds: 1 });
  expect(slow).toBe("begun\n[it took too long and was ended]");
  const left = "(sleep 1; touch late) & echo gone";
  expect(await use("shell", { command: left })).toBe("gone");
  // It would hold the pipe for ever; the run does not wait for it.
  expect(await use("shell", { command: "setsid sleep 3 & echo off" })).toBe("off");
  await Bun.sleep(1_200);
  expect(existsSync(join(workspace, "late"))).toBe(false);
});

test("without time or cpu left no command begins", async () => {
  const late = await hands({}, { ...PLENTY, wallLeft: () => 0.1 });
  expect(await late.use("shell", { command: "true" })).toContain("no time left");
  const tired = await hands({}, { ...PLENTY, cpuLeft: () => 0.05 });
  expect(await tired.use("shell", { command: "true" })).toContain("no cpu seconds left");
});

test("reading is bounded, and says where to go on", async () => {
  const lines = Array.from({ length: 1_000 }, (_, n) => `line ${n + 1}`).join("\n");
  const { use, workspace } = await hands({
    "a.md": lines,
    "wide.md": "x".repeat(50_000),
    "no.md": "",
  });
  const first = await use("read", { path: "a.md" });
  expect(first).toStartWith("line 1\n");
  expect(first).toEndWith("[8892 bytes in all; go on with offset 201]");
  expect(await use("read", { path: "/workspace/a.md", offset: 999 })).toBe("line 999\nline 1000");
  expect(await use("read", { path: "a.md", offset: 5, limit: 1 })).toStartWith("line 5\n[");
  expect(await use("read", { path: "a.md", offset: 1_001 })).toBe("!a.md has 1000 lines");
  expect((await use("read", { path: "wide.md" })).length).toBeLessThan(8_100);
  expect(await use("read", { path: "no.md" })).toBe("(empty)");
  writeFileSync(join(workspace, "big.txt"), "0123456789abcde\n".repeat(700_000));
  expect((await use("read", { path: "big.txt", limit: 1e9 })).length).toBeLessThan(8_300);
  writeFileSync(join(workspace, "sparse"), "");
  truncateSync(join(workspace, "sparse"), 2 ** 40);
  expect(await use("read", { path: "sparse" })).toBe("!sparse is binary, 1099511627776 bytes");
});

test("no path leads out, by dots, roots or links", async () => {
  const { use, workspace, home } = await hands({ "a.md": "a" });
  writeFileSync(join(home, "RULES.md"), "the law");
  mkdirSync(join(workspace, "sub"));
  symlinkSync("/etc", join(workspace, "etc"));
  symlinkSync("/etc/passwd", join(workspace, "passwd"));
  Bun.spawnSync(["mkfifo", join(workspace, "pipe")]);
  expect(await use("read", { path: "/econ/RULES.md" })).toBe("the law");
  const outside = [
    "/etc/passwd",
    "../econ/../../x",
    "etc/passwd",
    "passwd",
    "/proc/self/environ",
    "",
  ];
  for (const path of [...outside, "pipe", "sub", "a\u0000b", "/workspacex/a", "~/.ssh/id"]) {
    expect([path, await use("read", { path })]).toEqual([path, expect.stringMatching(/^!/)]);
  }
  const bad = [
    ...outside.slice(0, 3),
    "/econ/RULES.md",
    "/workspace",
    ".",
    "sub",
    ".git/config",
    ".env",
  ];
  for (const path of [
    ...bad,
    "package.json",
    "node_modules/a.js",
    "a\u202eb",
    `${"d/".repeat(20)}a`,
  ]) {
    const input = { path, content: "x", old: "a", new: "b" };
    for (const tool of ["write", "edit"])
      expect([path, await use(tool, input)]).toEqual([path, expect.stringMatching(/^!/)]);
  }
  expect(readFileSync(join(home, "RULES.md"), "utf8")).toBe("the law");
});

test("a file is written where a link or a pipe stood, and not through it", async () => {
  const { use, workspace } = await hands({ "a.md": "a" });
  symlinkSync("a.md", join(workspace, "link"));
  Bun.spawnSync(["mkfifo", join(workspace, "pipe")]);
  for (const path of ["link", "pipe", "new/deep/b.md"]) {
    expect(await use("write", { path, content: "b" })).toBe("wrote 1 bytes");
    expect(await use("read", { path })).toBe("b");
  }
  expect(await use("read", { path: "a.md" })).toBe("a");
});

test("an edit replaces one exact text, once", async () => {
  const { use } = await hands({ "a.md": "one two one\n$& three" });
  const edit = (old: string, now: string) => use("edit", { path: "a.md", old, new: now });
  expect(await edit("one", "1")).toContain("more than once");
  expect(await edit("four", "4")).toContain("is not in it");
  expect(await edit("", "4")).toContain("empty");
  expect(await edit("two", "$& $1")).toBe("done");
  expect(await use("read", { path: "a.md" })).toBe("one $& $1 one\n$& three");
  expect(await use("edit", { path: "none.md", old: "a", new: "b" })).toContain("!none.md");
});

test("no input of any kind makes a tool throw, or leave the workspace", async () => {
  const { use, workspace, home } = await hands({ "a.md": "a" });
  const path = fc.oneof(fc.constantFrom("a.md", "../a", "/", "", "a.md/b", "\\"), fc.anything());
  const input = fc.record(
    { path, content: fc.anything(), old: fc.anything(), new: fc.anything(), offset: fc.anything() },
    { requiredKeys: [] },
  );
  const name = fc.oneof(fc.constantFrom("read", "write", "edit"), fc.string({ maxLength: 4 }));
  const before = readdirSync(join(home, ".."));
  await fc.assert(
    fc.asyncProperty(name, fc.oneof(input, fc.anything()), async (tool, given) => {
      expect(typeof (await use(tool, given))).toBe("string");
    }),
    { numRuns: 500 },
  );
  expect(readdirSync(join(home, ".."))).toEqual(before);
  expect(existsSync(workspace)).toBe(true);
});
