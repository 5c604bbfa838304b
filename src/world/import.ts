// A commit's objects, made by `git fast-import` from the base and the changed paths only, so that
// the cost is that of the change and not of the world. It writes one pack (unpackLimit=0): loose
// objects would be many files, and git does not sync them in a way that survives a power cut.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { accept, type Result, refuse } from "../economy/result.ts";
import type { Change } from "./change.ts";
import { privateRef } from "./crash-journal.ts";
import { syncFolder } from "./durable.ts";
import { readText } from "./files.ts";
import { type Repository, talkToGit, whyFailed } from "./git.ts";
import { refuseInWorld } from "./path-rules.ts";

export type CommitInput = {
  message: string;
  author: { name: string; email: string };
  /** ISO 8601 with a zone. The commit is dated in UTC, to the second. */
  at: string;
  /** The commit it stands on; null for the first. */
  base: string | null;
  changes: Change[];
};

const encoder = new TextEncoder();

/** Why this cannot be a commit, or null. */
export function refuseCommit({ message, author, at, base, changes }: CommitInput): string | null {
  if (message.trim() === "" || message.includes("\0")) return "a commit needs a message in text";
  for (const text of [author.name, author.email]) {
    if (/[<>\x00-\x1f]/.test(text)) return `"${author.name}" cannot be an author's name in git`;
  }
  if (Number.isNaN(Date.parse(at))) return `"${at}" is not a time`;
  if (base !== null && !/^[0-9a-f]{40,64}$/.test(base)) return `"${base}" is not a commit`;
  const paths = new Set<string>();
  for (const { path } of changes) {
    const reason = refuseInWorld(path);
    if (reason) return `${JSON.stringify(path)}: ${reason}`;
    if (paths.has(path)) return `${path} is changed twice in one commit`;
    paths.add(path);
  }
  return null;
}

export type Importer = {
  /** The process, for the journal: it may outlive us by a moment. */
  pid: number;
  /** Write the commit and its objects to disk; only the private ref points to it yet. */
  run: (input: CommitInput) => Promise<Result<string>>;
  stop: () => Promise<void>;
};

/** Start the import, which waits for its input. */
export function startImport(repo: Repository, durable: boolean): Importer {
  // --force: a crash may have left the private ref elsewhere. --done: an import whose writer was
  // killed half-way is no import.
  dropStaleKeeps(repo);
  const args = ["-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", "--force", "--done"];
  const child = talkToGit(repo, args, { durable });
  const run = async (input: CommitInput): Promise<Result<string>> => {
    for (const part of batchesOf(streamOf(repo, input))) await child.say(part);
    const { code, stdout, stderr } = await child.end();
    if (code !== 0) return refuse(`git fast-import failed: ${whyFailed(repo, stderr)}`);
    if (durable) syncFolder(join(repo.commonDir, "objects", "pack"));
    return accept(stdout.trim());
  };
  return { pid: child.pid, run, stop: async () => void (await child.end()) };
}

/**
 * One that was killed leaves a mark beside its pack, and the same commit makes the same pack: with
 * the mark in the way it could never be made again.
 */
function dropStaleKeeps(repo: Repository): void {
  const folder = join(repo.commonDir, "objects", "pack");
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (!/^pack-[0-9a-f]+\.keep$/.test(name)) continue;
    const place = join(folder, name);
    const mark = readText(place, KEEP_BYTES_MAX);
    const isHalf = !existsSync(place.replace(/keep$/, "idx"));
    if (isHalf || (mark.ok && mark.value.trim() === "fast-import")) rmSync(place, { force: true });
  }
}

const KEEP_BYTES_MAX = 100;

const BATCH_BYTES = 1 << 20;

/** Few large writes instead of many small ones, and never the whole world at once. */
function* batchesOf(parts: Uint8Array[]): Generator<Uint8Array> {
  let batch: Uint8Array[] = [];
  let size = 0;
  for (const part of parts) {
    batch.push(part);
    size += part.length;
    if (size < BATCH_BYTES) continue;
    yield Buffer.concat(batch);
    batch = [];
    size = 0;
  }
  yield Buffer.concat(batch);
}

function streamOf(repo: Repository, input: CommitInput): Uint8Array[] {
  const { message, author, at, base, changes } = input;
  const parts: Uint8Array[] = [];
  const line = (text: string) => parts.push(encoder.encode(`${text}\n`));
  const data = (bytes: Uint8Array) => {
    line(`data ${bytes.length}`);
    parts.push(bytes);
    line("");
  };
  const who = `${author.name} <${author.email}> ${Math.floor(Date.parse(at) / 1000)} +0000`;
  line(`commit ${privateRef(repo)}`);
  line("mark :1");
  line(`author ${who}`);
  line(`committer ${who}`);
  data(encoder.encode(message.endsWith("\n") ? message : `${message}\n`));
  if (base) line(`from ${base}`);
  // Deletions first: a file may take the place of a folder.
  for (const { path, file } of changes) if (!file) line(`D ${quoted(repo.prefix + path)}`);
  for (const { path, file } of changes) {
    if (!file) continue;
    line(`M ${file.executable ? "100755" : "100644"} inline ${quoted(repo.prefix + path)}`);
    data(file.bytes);
  }
  line("get-mark :1");
  line("done");
  return parts;
}

function quoted(path: string): string {
  return `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
