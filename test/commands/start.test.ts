// What a command loads before it does anything is what a person waits for each time. These are not
// timings: each library that is named here costs a start more than all of econ's own code for it.
import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { dependencies } from "../../package.json";
import { removeTemporaryFolders, temporaryFolder } from "../world/worlds.ts";
import { econ } from "./terminal.ts";

afterAll(removeTemporaryFolders);

const ROOT = join(import.meta.dir, "../..");

/** The packages that a process has loaded when it has run these words of ours. */
async function packagesAfter(words: string[], cwd = ROOT): Promise<string[]> {
  const script = `
    const { runLine } = await import(${JSON.stringify(join(ROOT, "src/commands/program.ts"))});
    const quiet = () => {};
    const io = { cwd: process.cwd(), env: {}, out: quiet, err: console.error, errRaw: quiet,
      outWidth: null, errWidth: null, stdin: process.stdin };
    const code = await runLine(${JSON.stringify(words)}, io);
    if (code !== 0) throw new Error("exit code " + code);
    const names = Object.keys(require.cache).map((path) =>
      /.*node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(path)?.[1]);
    console.log(JSON.stringify([...new Set(names.filter(Boolean))].sort()));`;
  const child = Bun.spawn([process.execPath, "-e", script], {
    cwd,
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  expect(err).toBe("");
  return JSON.parse(out);
}

const SPEAKING = ["commander", "picocolors"];

test("to say what econ can do loads nothing that a world is read with", async () => {
  for (const words of [["--version"], ["--help"], ["help", "tick"], ["status", "--help"]])
    expect([words, await packagesAfter(words)]).toEqual([words, SPEAKING]);
});

test("a look at a world loads what its files are read with, and no more", async () => {
  const folder = temporaryFolder();
  expect((await econ(["init", "world"], { cwd: folder })).code).toBe(0);
  const reading = [...SPEAKING, "yaml", "zod"];
  for (const words of [["agents"], ["agents", "--quiet"], ["agents", "--dead"], ["config"]])
    expect([words, await packagesAfter(words, folder)]).toEqual([words, reading]);
  // The news are git's.
  const ours = Object.keys(dependencies);
  const loaded = await packagesAfter(["status"], folder);
  const known = loaded.filter((name) => ours.includes(name));
  expect(known).toEqual([...SPEAKING, "simple-git", "yaml", "zod"]);
});
