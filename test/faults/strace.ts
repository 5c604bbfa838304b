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
  "write,pwrite64,writev,rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlink,symlinkat," +
  "mkdir,mkdirat,rmdir,fsync,fdatasync,ftruncate,fchmod,utimensat,copy_file_range,sendfile";

/** In econ itself, or in the git subcommand of this name; "both": that git, and econ with it. */
export type Where = "econ" | { git: string; both?: boolean };

export type Fault = {
  where: Where;
  /** What happens at the n-th of these calls. strace counts each name by itself. */
  call: string;
  at: number;
  effect: "signal=KILL" | `error=${string}`;
};

/** Run a command line of econ's with this fault. Code 137: it was killed. */
export async function econWith(fault: Fault, words: string[]): Promise<Said> {
  const { where, call, at, effect } = fault;
  const inject = `-e trace=${call} -e inject=${call}:${effect}:when=${at}`;
  return traced(where, `-qq -o /dev/null ${inject}`, words);
}

export type Call = { call: string; at: number; line: string };

/** The calls that a command makes there, in order, each with its number among those of its name. */
export async function callsOf(where: Where, calls: string, words: string[]): Promise<Call[]> {
  const folder = mkdtempSync(join(tmpdir(), "econ-calls-"));
  const log = join(folder, "log");
  const done = await traced(where, `-qq -y -A -o ${log} -e trace=${calls} -e signal=none`, words);
  if (done.code !== 0) throw new Error(`econ ${words.join(" ")}: ${done.err}`);
  const counts = new Map<string, number>();
  const text = existsSync(log) ? readFileSync(log, "utf8") : "";
  rmSync(folder, { recursive: true });
  return text.split("\n").flatMap((line) => {
    const call = /^([a-z0-9_]+)\(/.exec(line)?.[1];
    if (!call) return [];
    counts.set(call, (counts.get(call) ?? 0) + 1);
    return [{ call, at: counts.get(call) ?? 0, line }];
  });
}

const ECON = join(TOOLKIT, "bin/econ");

async function traced(where: Where, options: string, words: string[]): Promise<Said> {
  const tracer = [STRACE!, ...options.split(" ")];
  if (where === "econ") return run([...tracer, "sh", ECON, ...words], ENV);
  // A git of ours before the real one: it puts the tracer in front of this one subcommand.
  const folder = mkdtempSync(join(tmpdir(), "econ-git-"));
  const kill = where.both ? "[ $code -le 128 ] || kill -9 $PPID" : ":";
  const lines = [
    "#!/bin/sh",
    'for word; do case "$word" in',
    `${where.git}) ${tracer.join(" ")} ${GIT} "$@"; code=$?; ${kill}; exit $code;;`,
    "esac; done",
    `exec ${GIT} "$@"`,
  ];
  try {
    writeFileSync(join(folder, "git"), `${lines.join("\n")}\n`, { mode: 0o755 });
    return await run(["sh", ECON, ...words], { ...ENV, PATH: `${folder}:${ENV.PATH}` });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(argv: string[], env: Record<string, string>): Promise<Said> {
  const child = Bun.spawn(argv, { cwd: "/", env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  return said(child);
}
