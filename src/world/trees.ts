// Reading commits: which paths differ between two of them, and a file as it was.
import { assert } from "../economy/result.ts";
import { emptyTree, mustGit, type Repository, runGit } from "./git.ts";

/** One path (from the top of the work tree) that differs, with git's names for both sides. */
export type TreeEntry = {
  path: string;
  /** null: not there. */
  before: Blob | null;
  after: Blob | null;
};

/** A file in a tree: its mode as git writes it ("100644", "120000" for a link, …) and its id. */
export type Blob = { mode: string; id: string };

/** A name is bytes to git. One that is not UTF-8 is nobody's path; it keeps a replacement sign. */
const decoder = new TextDecoder();

/** What differs between two commits in the world's folder; from null: everything is new. */
export async function diffTrees(
  repo: Repository,
  from: string | null,
  to: string,
): Promise<TreeEntry[]> {
  const args = ["diff-tree", "-r", "-z", "--raw", "--no-renames", "--full-index"];
  const sides = [from ?? emptyTree(repo), to];
  const output = await mustGit(repo, [
    "--literal-pathspecs",
    ...args,
    ...sides,
    "--",
    ...(repo.prefix ? [repo.prefix] : []),
  ]);
  return parseRaw(output);
}

/** The records of git's --raw -z format: ":mode mode id id status NUL path NUL". */
export function parseRaw(bytes: Uint8Array): TreeEntry[] {
  const fields = decoder.decode(bytes).split("\0");
  const entries: TreeEntry[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [modeBefore, modeAfter, idBefore, idAfter] = fields[at]!.slice(1).split(" ");
    entries.push({
      path: fields[at + 1]!,
      before: blobOf(modeBefore!, idBefore!),
      after: blobOf(modeAfter!, idAfter!),
    });
  }
  return entries;
}

function blobOf(mode: string, id: string): Blob | null {
  return mode === "000000" ? null : { mode, id };
}

/** Paths in the world that differ between two commits: what a person committed by hand. */
export async function changedSince(
  repo: Repository,
  from: string | null,
  to: string,
): Promise<string[]> {
  const entries = await diffTrees(repo, from, to);
  return entries.map((entry) => entry.path.slice(repo.prefix.length));
}

/** A file of the world as a commit has it; null when it has no such file. */
export async function readAt(
  repo: Repository,
  commit: string,
  path: string,
): Promise<Uint8Array | null> {
  const name = `${commit}:${repo.prefix}${path}`;
  const { code, stdout } = await runGit(repo, ["cat-file", "blob", name]);
  return code === 0 ? stdout : null;
}

/** The files of these folders as a commit has them, by path in the world. */
export async function listTree(
  repo: Repository,
  commit: string,
  folders: string[],
): Promise<Map<string, Blob>> {
  const blobs = new Map<string, Blob>();
  if (folders.length === 0) return blobs;
  const places = folders.map((folder) => repo.prefix + folder);
  const args = ["--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", commit, "--"];
  const output = await mustGit(repo, [...args, ...places]);
  for (const record of decoder.decode(output).split("\0").slice(0, -1)) {
    const [mode = "", , id = ""] = record.slice(0, record.indexOf("\t")).split(" ");
    blobs.set(record.slice(record.indexOf("\t") + 1 + repo.prefix.length), { mode, id });
  }
  return blobs;
}

/** A file as it was last committed, even if a later commit deleted it; null: it never was. */
export async function lastVersion(repo: Repository, path: string): Promise<string | null> {
  const decode = (bytes: Uint8Array | null) => bytes && decoder.decode(bytes);
  const now = decode(await readAt(repo, "HEAD", path));
  if (now !== null) return now;
  const place = repo.prefix + path;
  const args = ["--literal-pathspecs", "log", "-1", "--diff-filter=D", "--format=%H", "--", place];
  const { stdout } = await runGit(repo, args);
  const deletion = decoder.decode(stdout).trim();
  return deletion === "" ? null : decode(await readAt(repo, `${deletion}^`, path));
}

/** The bytes of many blobs, by id, in one process. */
export async function readBlobs(
  repo: Repository,
  ids: Iterable<string>,
): Promise<Map<string, Uint8Array>> {
  const blobs = new Map<string, Uint8Array>();
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return blobs;
  const stdin = [new TextEncoder().encode(`${wanted.join("\n")}\n`)];
  const output = await mustGit(repo, ["cat-file", "--batch"], { stdin });
  let at = 0;
  while (at < output.length) {
    const end = output.indexOf(10, at);
    const [id, kind, size] = decoder.decode(output.subarray(at, end)).split(" ");
    assert(kind === "blob", `${id} is not a file in this repository`);
    blobs.set(id!, output.slice(end + 1, end + 1 + Number(size)));
    at = end + 1 + Number(size) + 1;
  }
  return blobs;
}
