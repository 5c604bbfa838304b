// The command line under strace, which can count calls to the system, make one of them fail, or
// kill the process at one. Two places to do it: in econ itself (its main thread, which does all its
// writing), and in a git that it starts.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ENV, type Said, said, TOOLKIT } from "../e2e/helpers.ts";

const STRACE = Bun.which("strace");
const GIT = Bun.which("git");
if (!STRACE && process.env.CI) throw new Error("strace is missing: apt-get install strace");
if (!STRACE) console.log("tests under strace are skipped: apt-get install strace");

export const TRACED = STRACE !== null;

/** Calls that change what is on a disk. */
export const WRITING =
  "openat,write,pwrite64,writev,rename,renameat,renameat2,unlink,unlinkat,link,linkat,mkdir,mkdirat," +
  "rmdir,fsync,fdatasync,ftruncate,fchmod,utimensat,copy_file_range,sendfile";

export type Fault = {
  /** What happens at the n-th of these calls. */
  calls: string;
  at: number;
  effect: "signal=KILL" | `error=${string}`;
  /** In econ itself, or in the git subcommand of this name; "both": that git, and econ with it. */
  where?: "econ" | { git: string; both?: boolean };
};

/** Run a command line of econ's with this fault. `code` 137: it was killed. */
export async function econWith(fault: Fault, words: string[]): Promise<Said> {
  const { calls, at, effect, where = "econ" } = fault;
  const inject = ["-e", `trace=${calls}`, "-e", `inject=${calls}:${effect}:when=${at}`];
  const tracer = [STRACE!, "-qq", "-o", "/dev/null", ...inject];
  if (where === "econ") return run([...tracer, "sh", ECON, ...words], ENV);
  const folder = mkdtempSync(join(tmpdir(), "econ-git-"));
  try {
    const after = where.both ? "if [ $? -gt 128 ]; then kill -9 $PPID; fi" : "";
    const [traced, plain] = [[...tracer, GIT].join(" "), `exec ${GIT} "$@"`];
    const cases = `for word; do case $word in\n${where.git}) ${traced} "$@"\n`;
    const keep = `code=$?; (exit $code); ${after}\nexit $code;;\nesac; done\n${plain}\n`;
    writeFileSync(join(folder, "git"), `#!/bin/sh\n${cases}${keep}`, { mode: 0o755 });
    return await run(["sh", ECON, ...words], { ...ENV, PATH: `${folder}:${ENV.PATH}` });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The calls that a command makes in econ's own process, in order, as strace writes them. */
export async function callsOf(calls: string, words: string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "econ-calls-"));
  const log = join(folder, "log");
  const tracer = [STRACE!, "-qq", "-y", "-o", log, "-e", `trace=${calls}`, "-e", "signal=none"];
  const done = await run([...tracer, "sh", ECON, ...words], ENV);
  if (done.code !== 0) throw new Error(`econ ${words.join(" ")}: ${done.err}`);
  const lines = existsSync(log) ? readFileSync(log, "utf8").split("\n") : [];
  rmSync(folder, { recursive: true });
  return lines.filter((line) => line !== "" && !line.startsWith("+++"));
}

const ECON = join(TOOLKIT, "bin/econ");

function run(argv: string[], env: Record<string, string>): Promise<Said> {
  const child = Bun.spawn(argv, { cwd: "/", env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  return said(child);
}
