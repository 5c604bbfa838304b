// The one door to git: bytes in (fast-import, update-index), bytes out (names and files that need
// not be UTF-8), a conversation (update-ref's transaction). simple-git reads the history.
//
// Why simple-git has a wrapper: version 4 removes every GIT_* variable unless it is named, which is
// what we want (an inherited GIT_DIR or GIT_INDEX_FILE would send a commit elsewhere), and it
// refuses settings that can run programs unless opted in; the two opted in here only switch some
// off. Where it cannot start a process (no descriptor is left) it takes ours down, and its import
// costs each command 19 ms: so it comes late, and nothing is written through it.
import { existsSync, lstatSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { accept, type Result, refuse } from "../economy/result.ts";
import { HostFailure, isFull } from "./durable.ts";

export type Repository = {
  /** The world's folder, links resolved. */
  root: string;
  /** The work tree it stands in; equal to root when the world is its own repository. */
  top: string;
  /** From top to root: "" or "some/folder/". */
  prefix: string;
  /** This work tree's own git directory: HEAD, index, locks. */
  gitDir: string;
  /** What all work trees share: objects, branches, info/. */
  commonDir: string;
  hash: "sha1" | "sha256";
};

const OLDEST_GIT = [2, 34];

/** No program of the repository's or the person's runs, no clean-up starts in the background. */
const SAFE_SETTINGS = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "safe.bareRepository=explicit",
  "core.quotePath=false",
  "core.ignoreCase=false",
  // A file with its old length and its old date may be edited all the same.
  "core.trustctime=true",
  "core.checkStat=default",
  "core.ignoreStat=false",
];

/** A cycle reported done survives a power cut: git's defaults do not give that. */
const DURABLE_SETTINGS = ["core.fsync=all"];

export type GitOutput = { code: number; stdout: Uint8Array; stderr: string };

export type GitInput = {
  stdin?: Uint8Array[];
  /** Default: the top of the work tree. */
  cwd?: string;
  env?: Record<string, string>;
  durable?: boolean;
};

/** Run git with bytes in and bytes out. A failure is a value: the exit code. */
export function runGit(repo: Repository, args: string[], input: GitInput = {}): Promise<GitOutput> {
  return runIn(input.cwd ?? repo.top, args, input);
}

async function runIn(folder: string, args: string[], input: GitInput = {}): Promise<GitOutput> {
  const child = Bun.spawn(commandLine(args, input), {
    ...spawnOptions(folder, input),
    stdin: input.stdin ? new Blob(input.stdin as Uint8Array<ArrayBuffer>[]) : "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).bytes(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  mustHaveEnded(args, code);
  return { code, stdout, stderr };
}

/** A git that was killed has not answered: what it did and what not, only the repair finds out. */
function mustHaveEnded(args: string[], code: number): void {
  if (code > DIED) throw new HostFailure(`git ${subcommand(args)} was killed`);
}

/** The exit code of git's own fatal errors; above it are signals. */
const DIED = 128;

const subcommand = (args: string[]) => args.find((arg) => /^[a-z][a-z-]*$/.test(arg)) ?? "";

/** The same for a command that has to succeed: its output, or a refusal with git's own words. */
export async function askGit(
  repo: Repository,
  args: string[],
  input: GitInput = {},
): Promise<Result<Uint8Array>> {
  const { code, stdout, stderr } = await runGit(repo, args, input);
  if (code === 0) return accept(stdout);
  const why = whyFailed(repo, stderr) || `exit code ${code}`;
  return refuse(`git ${subcommand(args)} failed: ${why}`);
}

/** git's own words, with the cause where it leaves that out: it may only say what it was at. */
export function whyFailed(repo: Repository, stderr: string): string {
  const words = firstLine(stderr);
  if (/space|quota|Read-only|Input\/output|Too many/i.test(words)) return words;
  return isFull(repo.gitDir) ? `the disk is full (${words})` : words;
}

/** The same for what can only fail if the machine does. */
export async function mustGit(
  repo: Repository,
  args: string[],
  input: GitInput = {},
): Promise<Uint8Array> {
  const answer = await askGit(repo, args, input);
  if (!answer.ok) throw new HostFailure(answer.reason);
  return answer.value;
}

export type Conversation = {
  pid: number;
  say: (text: string | Uint8Array) => Promise<void>;
  /** Wait until it has said this; false when it ends without. */
  hears: (text: string) => Promise<boolean>;
  end: () => Promise<{ code: number; stdout: string; stderr: string }>;
};

/** Start a command that is talked to while it runs. Its input stays open until it is ended. */
export function talkToGit(repo: Repository, args: string[], input: GitInput = {}): Conversation {
  const pipes = { stdin: "pipe", stdout: "pipe", stderr: "pipe" } as const;
  const options = { ...spawnOptions(input.cwd ?? repo.top, input), ...pipes };
  const child = Bun.spawn(commandLine(args, input), options);
  const reader = child.stdout.getReader();
  const stderr = new Response(child.stderr).text();
  const decoder = new TextDecoder();
  let heard = "";
  const hearMore = async () => {
    const { done, value } = await reader.read();
    if (value) heard += decoder.decode(value, { stream: true });
    return !done;
  };
  return {
    pid: child.pid,
    say: (text) =>
      unlessEnded(async () => {
        await child.stdin.write(text);
        await child.stdin.flush();
      }),
    hears: async (text) => {
      while (!heard.includes(text)) if (!(await hearMore())) return false;
      return true;
    },
    end: async () => {
      await unlessEnded(async () => void (await child.stdin.end()));
      while (await hearMore());
      const code = await child.exited;
      mustHaveEnded(args, code);
      return { code, stdout: heard, stderr: await stderr };
    },
  };
}

/** Writing to a command that has ended fails; its exit code and its last words say why it did. */
async function unlessEnded(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if ((error as { code?: string }).code !== "EPIPE") throw error;
  }
}

function commandLine(args: string[], { durable }: GitInput): string[] {
  const settings = [...SAFE_SETTINGS, ...(durable ? DURABLE_SETTINGS : [])];
  return ["git", ...settings.flatMap((setting) => ["-c", setting]), ...args];
}

function spawnOptions(cwd: string, { env }: GitInput) {
  return {
    // A Ctrl-C is for econ: it stops between two steps, not git in the middle of one.
    detached: true,
    cwd,
    env: { ...cleanEnvironment(), GIT_OPTIONAL_LOCKS: "0", ...env },
  };
}

/** The environment without anything that points git at another repository, editor or language. */
function cleanEnvironment(): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value === undefined || /^GIT_/i.test(name)) continue;
    if (/^(EDITOR|VISUAL|PAGER|PREFIX|SSH_ASKPASS|LANGUAGE)$/i.test(name)) continue;
    clean[name] = value;
  }
  return { ...clean, LC_ALL: "C" };
}

/** A command in a folder that may not be in a repository yet. */
async function ask(folder: string, args: string[]): Promise<Result<string>> {
  const { code, stdout, stderr } = await runIn(folder, args);
  return code === 0 ? accept(new TextDecoder().decode(stdout)) : refuse(firstLine(stderr));
}

/** simple-git in a folder, hardened; a failed command is a value. */
async function askSimply(folder: string, args: string[]): Promise<Result<string>> {
  const { simpleGit } = await import("simple-git");
  const git = simpleGit({
    baseDir: folder,
    config: SAFE_SETTINGS,
    unsafe: { allowUnsafeHooksPath: true, allowUnsafeFsMonitor: true },
    allowEnvironment: ["GIT_OPTIONAL_LOCKS"],
  }).env({ ...cleanEnvironment(), GIT_OPTIONAL_LOCKS: "0" });
  try {
    return accept(await git.raw(args));
  } catch (error) {
    return refuse(firstLine(error instanceof Error ? error.message : String(error)));
  }
}

/** The repository around a world's folder, or why there is none. */
export async function openRepository(folder: string): Promise<Result<Repository>> {
  if (!existsSync(folder)) return refuse(`${folder} does not exist`);
  const root = realpathSync(folder);
  if (/[\x00-\x1f\x7f]/.test(root)) {
    return refuse("the path of the world has a control character: move it to another folder");
  }
  if (!Bun.which("git")) return refuse("econ needs git: install it and run this again");
  const version = isNewEnough ? null : ask(root, ["version"]);
  const [asked, answer] = await Promise.all([version, ask(root, ASK_WHERE)]);
  const tooOld = asked && refuseOldGit(asked);
  if (tooOld) return tooOld;
  isNewEnough = true;
  if (!answer.ok) return refuse(explainNoRepository(root, answer.reason));
  const [top, gitDir, commonDir, hash, prefix] = answer.value.split("\n");
  return accept({
    root,
    top: top!,
    prefix: prefix!,
    gitDir: gitDir!,
    commonDir: commonDir!,
    hash: hash === "sha256" ? "sha256" : "sha1",
  });
}

/** Asked once: a process of many cycles has the same git. */
let isNewEnough = false;

const ASK_WHERE = [
  "rev-parse",
  "--path-format=absolute",
  "--show-toplevel",
  "--git-dir",
  "--git-common-dir",
  "--show-object-format",
  "--show-prefix",
];

function refuseOldGit(version: Result<string>) {
  if (!version.ok) return version;
  const [, major = "0", minor = "0"] = version.value.match(/(\d+)\.(\d+)/) ?? [];
  const [oldMajor, oldMinor] = OLDEST_GIT as [number, number];
  if (Number(major) > oldMajor) return null;
  if (Number(major) === oldMajor && Number(minor) >= oldMinor) return null;
  return refuse(`econ needs git ${OLDEST_GIT.join(".")} or newer; this is ${version.value.trim()}`);
}

function explainNoRepository(root: string, reason: string): string {
  if (/not a git repository/i.test(reason)) {
    return `${root} is not in a git repository: run git init there first`;
  }
  if (/must be run in a work tree/i.test(reason)) return `${root} is inside git's own folder`;
  return `${root}: ${reason}`;
}

const FORCE = { force: true };

/** A repository of the folder's own, even inside another one; one that it has is left as it is. */
export async function initRepository(folder: string, branch = "main"): Promise<Result<Repository>> {
  const found = await openRepository(folder);
  const isOwn = found.ok && found.value.prefix === "";
  if (isOwn && (await headCommit(found.value)) !== null) return found;
  if (!found.ok && !found.reason.includes("not in a git repository")) return found;
  const root = realpathSync(folder);
  // One without a commit may be what a killed init left: then it is finished.
  for (const lock of ["HEAD.lock", "config.lock"]) rmSync(join(root, ".git", lock), FORCE);
  // After a power cut its files may have names and no bytes, and git would not write HEAD again.
  const head = join(root, ".git", "HEAD");
  if (lstatSync(head, { throwIfNoEntry: false })?.size === 0) rmSync(head);
  const made = await ask(root, ["init", "--quiet", `--initial-branch=${branch}`]);
  return made.ok ? openRepository(folder) : made;
}

/** The commit that HEAD is at; null on a branch without one. */
export async function headCommit(repo: Repository): Promise<string | null> {
  const { code, stdout } = await runGit(repo, ["rev-parse", "-q", "--verify", "HEAD^{commit}"]);
  return code === 0 ? new TextDecoder().decode(stdout).trim() : null;
}

/** The branch HEAD stands for ("refs/heads/…", perhaps without a commit yet); null: detached. */
export function branchRef(repo: Repository): string | null {
  return readHead(repo)?.match(/^ref: (refs\/heads\/.+)$/)?.[1] ?? null;
}

function readHead(repo: Repository): string | null {
  const file = join(repo.gitDir, "HEAD");
  return existsSync(file) ? readFileSync(file, "utf8").trim() : null;
}

const OPERATIONS = [
  ["MERGE_HEAD", "a merge", "git merge --continue or --abort"],
  ["rebase-merge", "a rebase", "git rebase --continue or --abort"],
  ["rebase-apply", "a rebase or git am", "git rebase (or git am) --continue or --abort"],
  ["CHERRY_PICK_HEAD", "a cherry-pick", "git cherry-pick --continue or --abort"],
  ["REVERT_HEAD", "a revert", "git revert --continue or --abort"],
  ["sequencer", "a cherry-pick or revert", "git cherry-pick (or git revert) --continue or --abort"],
  ["BISECT_LOG", "a bisect", "git bisect reset"],
] as const;

/** Why econ keeps out of this repository just now, with what to do; null: nothing in the way. */
export function whyBusy(repo: Repository): string | null {
  for (const [file, what, cure] of OPERATIONS) {
    if (existsSync(join(repo.gitDir, file))) {
      return `${what} is in progress in ${repo.top}: finish it first (${cure})`;
    }
  }
  if (branchRef(repo) === null) {
    return `no branch is checked out in ${repo.top} (detached HEAD): git switch <branch> first`;
  }
  return null;
}

export type LogEntry = {
  commit: string;
  author: { name: string; email: string };
  at: string;
  subject: string;
  /** What follows the subject, trailers included. */
  body: string;
};

/** The newest commits that touched the world, newest first; none on a branch without one. */
export async function log(repo: Repository, limit: number): Promise<LogEntry[]> {
  const format = "--format=%H%n%an%n%ae%n%aI%n%s%n%b";
  const answer = await askSimply(repo.root, [
    "log",
    "-z",
    format,
    `--max-count=${limit}`,
    "--",
    ".",
  ]);
  if (!answer.ok) return [];
  return answer.value.split("\0").flatMap((entry) => {
    const [commit, name, email, at, subject, ...body] = entry.split("\n");
    if (!commit || !at) return [];
    const author = { name: name!, email: email! };
    return [{ commit, author, at, subject: subject!, body: body.join("\n").trim() }];
  });
}

/** An id that stands for "nothing" where git wants one. */
export function zeroId(repo: Repository): string {
  return "0".repeat(repo.hash === "sha1" ? 40 : 64);
}

/** git's name for a file's bytes, computed here so that comparing costs no process. */
export function blobId(repo: Repository, bytes: Uint8Array): string {
  const hasher = new Bun.CryptoHasher(repo.hash);
  hasher.update(`blob ${bytes.length}\0`);
  return hasher.update(bytes).digest("hex");
}

export function emptyTree(repo: Repository): string {
  return new Bun.CryptoHasher(repo.hash).update("tree 0\0").digest("hex");
}

export function firstLine(text: string): string {
  return text
    .trim()
    .split("\n", 1)[0]!
    .replace(/^(fatal|error): /, "");
}
