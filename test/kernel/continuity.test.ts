// A process that runs many cycles does not read the whole world for each, and still misses nothing
// that a person does between two of them.
import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sandbox } from "../../src/execution/sandbox.ts";
import { createWorld, type TickReport, tick } from "../../src/kernel.ts";
import { CheckedContinuity } from "../simulator/checked.ts";
import { bytes, git, write } from "../world/worlds.ts";

let folder = "";
let root = "";
let continuity: CheckedContinuity;

const place = (path: string) => join(root, path);
const append = (path: string, text: string) => appendFileSync(place(path), text);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "econ-continuity-"));
  root = join(folder, "world");
  continuity = new CheckedContinuity();
  const settings: [string, string][] = [["clock", "logical"]];
  const world = { preset: "default", cast: {}, person: "Pat", durable: false, settings };
  expect(await createWorld(root, world)).toMatchObject({ ok: true });
  for (const id of ["ada", "bob"]) write(root, `agents/${id}/workspace/main.sh`, "bid and live\n");
  write(root, "agents/ada/workspace/notes/one.md", "1\n");
  write(root, "agents/bob/workspace/two.md", "2\n");
  mkdirSync(place("agents/bob/workspace/empty"));
  // The first takes in what was made by hand, the second reads what came of it.
  for (let n = 0; n < 2; n++) await cycle();
  expect(continuity.resumed).toBe(0);
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Its agents write down the cycle and bid again. */
function sandboxOf(meanwhile = () => {}): Sandbox {
  const resources = { cpu_seconds: 1, memory_mb: 96 };
  const bid = { action: "bid", resources, payload: ["bash", "main.sh"] };
  const actions = bytes(`${JSON.stringify(bid)}\n`);
  return {
    name: "bubblewrap",
    unenforced: [],
    async run({ workspace, briefing }) {
      meanwhile();
      const seen = briefing.get("environment.json")!;
      const after = new Map([...workspace, ["seen.json", seen] as const]);
      const ending = { kind: "finished" } as const;
      const left = { actions, actionsCut: false, refused: [], output: "" };
      return { ending, ...left, workspace: after };
    },
  };
}

async function cycle(meanwhile?: () => void): Promise<TickReport> {
  const sandbox = sandboxOf(meanwhile);
  const done = await tick(root, { command: "test", durable: false, sandbox, continuity });
  if (!done.ok) throw new Error(JSON.stringify(done.problems));
  return done.value;
}

test("where nobody has touched anything the files are not read again", async () => {
  for (let n = 0; n < 4; n++) await cycle();
  expect(continuity.resumed).toBe(4);
});

/** What a person does, and the paths that are to be taken in. */
const EDITS: [string, () => void, string[]][] = [
  ["a file with other bytes, as many, and its old date", () => rewrite("RULES.md"), ["RULES.md"]],
  ["a file that may be executed now", () => chmodSync(place("RULES.md"), 0o755), ["RULES.md"]],
  ["a removed file", () => rmSync(place("RULES.md")), ["RULES.md"]],
  [
    "a new file where the last cycle wrote",
    () => write(root, "agents/ada/workspace/new.md", "x\n"),
    ["agents/ada/workspace/new.md"],
  ],
  [
    "a new file where there was an empty folder",
    () => write(root, "agents/bob/workspace/empty/x/new.md", "x\n"),
    ["agents/bob/workspace/empty/x/new.md"],
  ],
  [
    "a new file that git is told to ignore",
    () => {
      append(".git/info/exclude", "*.log\n");
      write(root, "agents/bob/workspace/a.log", "x\n");
    },
    ["agents/bob/workspace/a.log"],
  ],
  [
    "a folder with another name",
    () => renameSync(place("agents/ada/workspace/notes"), place("agents/ada/workspace/kept")),
    ["agents/ada/workspace/kept/one.md", "agents/ada/workspace/notes/one.md"],
  ],
  [
    "an edit that was staged and taken back in the file",
    () => {
      const before = readFileSync(place("RULES.md"));
      append("RULES.md", "x\n");
      git(root, "add", "RULES.md");
      writeFileSync(place("RULES.md"), before);
    },
    [],
  ],
];

function rewrite(path: string): void {
  const { atime, mtime } = statSync(place(path));
  writeFileSync(place(path), readFileSync(place(path), "utf8").replace("a", "b"));
  utimesSync(place(path), atime, mtime);
}

test.each(EDITS)("%s is found before the next cycle", async (_, edit, paths) => {
  await cycle();
  expect(continuity.resumed).toBe(1);
  edit();
  const { absorbed } = await cycle();
  expect(absorbed).toEqual(paths);
  if (paths.length > 0) expect(continuity.resumed).toBe(1);
  // And after it the process goes on from memory again.
  for (let n = 0; n < 2; n++) await cycle();
  expect(continuity.resumed).toBeGreaterThan(1);
});

/** The rules say it, whatever git knows of them. */
const SETTING = /timeout_cycles: \d+/;
const setTimeoutTo = (cycles: number) => {
  const text = readFileSync(place("econ.yaml"), "utf8");
  expect(text).toMatch(SETTING);
  writeFileSync(place("econ.yaml"), text.replace(SETTING, `timeout_cycles: ${cycles}`));
};
const timeoutIn = ({ economy }: TickReport) => economy.rules.attention.timeout_cycles;

test("what a person commits by hand is read by the next cycle", async () => {
  await cycle();
  setTimeoutTo(77);
  git(root, "commit", "-qam", "longer");
  expect(timeoutIn(await cycle())).toBe(77);
});

test.each(["--skip-worktree", "--assume-unchanged"])(
  "an edit hidden from git by %s is read by the next cycle, and by those after it",
  async (how) => {
    await cycle();
    git(root, "update-index", how, "econ.yaml");
    setTimeoutTo(77);
    expect(timeoutIn(await cycle())).toBe(77);
    setTimeoutTo(78);
    expect(timeoutIn(await cycle())).toBe(78);
  },
);

test("an edit that is hidden from git while agents run is read by the next cycle", async () => {
  await cycle(() => git(root, "update-index", "--skip-worktree", "econ.yaml"));
  setTimeoutTo(77);
  expect(timeoutIn(await cycle())).toBe(77);
});

test("what a person stages while agents run stays staged", async () => {
  await cycle();
  const before = readFileSync(place("RULES.md"));
  await cycle(() => {
    append("RULES.md", "x\n");
    git(root, "add", "RULES.md");
    writeFileSync(place("RULES.md"), before);
  });
  for (let n = 0; n < 2; n++) {
    expect(git(root, "diff", "--cached", "--name-only")).toBe("RULES.md\n");
    await cycle();
  }
});

test("what a person does while agents run is found by the cycle after", async () => {
  await cycle(() => {
    write(root, "agents/ada/workspace/meanwhile.md", "x\n");
    setTimeoutTo(77);
  });
  const next = await cycle();
  expect(next.absorbed).toEqual(["agents/ada/workspace/meanwhile.md", "econ.yaml"]);
  expect(timeoutIn(next)).toBe(77);
});

test("another branch is another world, also with a commit of the same files", async () => {
  await cycle();
  git(root, "switch", "-qc", "other", "HEAD~1");
  const { cycle: number, economy } = await cycle();
  expect(number).toBe(3);
  expect(economy.cycle).toBe(3);
});
