import { expect, test } from "bun:test";
import fc from "fast-check";
import { folderOfFiles, logicOf, logicOfFolder, subfolder } from "../../src/agent/logic.ts";
import { folderOf } from "./help.ts";

const logicOfFiles = (files: Record<string, string>) => logicOfFolder(folderOf(files));
const agents = (front: string) => logicOfFiles({ "main.sh": "", "AGENTS.md": front });

test("the first program that is there decides what runs", () => {
  const payload = (files: Record<string, string>) => {
    const logic = logicOfFiles(files);
    return logic.ok ? [logic.value.kind, ...logic.value.payload] : logic.reason;
  };
  expect(payload({ "main.ts": "", "main.py": "" })).toEqual(["code", "bun", "main.ts"]);
  expect(payload({ "main.js": "" })).toEqual(["code", "bun", "main.js"]);
  expect(payload({ "main.sh": "", "main.py": "" })).toEqual(["code", "bash", "main.sh"]);
  expect(payload({ "main.py": "", "AGENTS.md": "" })).toEqual(["code", "python3", "main.py"]);
  expect(payload({ "AGENTS.md": "I think." })).toEqual(["model", "econ", "model"]);
  expect(payload({ "src/main.ts": "" })).toContain("no AGENTS.md");
});

test("both forms of a first bid are read, and nothing else of the front matter", () => {
  const wish = { resources: { cpu_seconds: 0.5, memory_mb: 64 }, amount: null, upTo: 20_000_000 };
  for (const front of [
    '---\nname: x: y\nbid: {"cpu_seconds": 0.5, "memory_mb": 64, "upTo": 20}\n---\nbid: 5\n',
    "---\nbid:\n  cpu_seconds: 0.5 # half\n\n  # note\n  memory_mb: 64\n  upTo: 20\nname: x\n---\n",
    "---\r\nbid:\r\n  cpu_seconds: 0.5\r\n  memory_mb: 64\r\n  upTo: 20\r\n---\r\n",
  ]) {
    const logic = agents(front);
    expect(logic.ok ? logic.value.bid : logic.reason).toEqual(wish);
  }
  for (const front of ["", "bid: 5", "---\nno end\nbid: 5\n", "---\nname: x\n---\nbid: 5\n"]) {
    const logic = agents(front);
    expect(logic.ok ? logic.value.bid : logic.reason).toBe(null);
  }
});

test("a first bid that cannot be read is refused by line", () => {
  const cases: [string, string][] = [
    ["---\nbid: cheap\n---\n", 'AGENTS.md: line 2 ("cheap"): expected bid: {'],
    ["---\nx: 1\nbid:\n  cpu_seconds: lots\n---\n", 'line 4 ("cpu_seconds: lots")'],
    ["---\nbid:\n  cpu_seconds: 1\n  cpu_seconds: 2\n---\n", "stands there twice"],
    ["---\nbid:\n  - 1\n---\n", 'line 3 ("- 1")'],
    ["---\nbid:\n---\n", "bid (line 2): names no resource"],
    ["---\nbid:\n  attention: 1\n---\n", "unknown resource"],
    ["---\nbid:\n  __proto__: 1\n---\n", "unknown resource"],
    ['---\nbid: {"cpu_seconds":1,"amount":-5}\n---\n', "amount: an amount cannot be negative"],
    ["---\nbid:\n  cpu_seconds: 1\n  upTo: 0\n---\n", "upTo: an amount must be more than 0"],
  ];
  for (const [front, reason] of cases) {
    const logic = agents(front);
    expect(logic.ok ? "accepted" : logic.reason).toContain(reason);
  }
});

test("names that collide are refused, also by case or as file and folder", () => {
  const refused = (files: Record<string, string>) => {
    const folder = folderOfFiles(files);
    return folder.ok ? "" : folder.reason;
  };
  expect(refused({ a: "", "a/b": "" })).toBe('"a/b": "a" is there already');
  expect(refused({ "a/b": "", a: "" })).toBe('"a": "a" is there already');
  expect(refused({ "Main.ts": "", "main.ts": "" })).toContain("only in case");
  expect(refused({ "gitmod~1": "" })).toContain("submodules");
  expect(refused({ "x/HEAD": "", "x/objects/a": "", "x/refs/b": "" })).toContain("repository");
  expect(refused({ "x/HEAD": "", "objects/a": "", "refs/b": "" })).toBe("");
});

test("whatever the paths, accepted files stay below their folder", () => {
  const name = fc.oneof(fc.constantFrom(".", "..", ".git", "a", "b.md", ""), fc.string());
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
  fc.assert(
    fc.property(fc.dictionary(path, fc.string(), { minKeys: 1 }), (files) => {
      const folder = folderOfFiles(files);
      if (!folder.ok) return;
      for (const key of folder.value.keys()) {
        expect(key.startsWith("/")).toBe(false);
        expect(key.split("/").some((part) => ["", ".", ".."].includes(part))).toBe(false);
      }
    }),
  );
});

test("a subfolder is what stands below its name, nothing beside it", () => {
  const folder = folderOf({
    "kid/main.ts": "1",
    "kid/lib/a.ts": "2",
    "kidding/main.ts": "3",
    x: "",
  });
  const paths = (name: string) => {
    const found = subfolder(folder, name);
    return found.ok ? [...found.value.keys()] : found.reason;
  };
  expect(paths("kid")).toEqual(["main.ts", "lib/a.ts"]);
  expect(paths("./kid/")).toEqual(["main.ts", "lib/a.ts"]);
  expect(paths("kid/lib")).toEqual(["a.ts"]);
  expect(paths(".")).toHaveLength(4);
  for (const name of ["..", "kid/..", "/kid", "none", "x", ""])
    expect(typeof paths(name)).toBe("string");
});

test("a spawn's logic is a folder's name or the files themselves", () => {
  const workspace = () => folderOf({ "kid/main.ts": "" });
  expect(logicOf("kid", workspace).ok).toBe(true);
  expect(logicOf({ "main.py": "" }, workspace).ok).toBe(true);
  expect(logicOf({ "main.py": "", "../x": "" }, workspace).ok).toBe(false);
});
