// What a person has changed in the world's folder and not committed: the work tree against HEAD,
// staged or not, hidden from git or not. One `git status` finds the candidates; their bytes
// are then compared, so that a file with only a new date is no edit.
import { basename, join } from "node:path";
import { accept, type Refusal, type Result, refuse } from "../economy/result.ts";
import type { FolderFile } from "../economy/state.ts";
import type { Problem } from "./change.ts";
import { keepBytesRaw } from "./commit.ts";
import { hostFailure } from "./durable.ts";
import { askGit, blobId, type Repository, whyBusy } from "./git.ts";
import { PRIVATE } from "./layout.ts";
import { isGitsOwn, refuseInWorld } from "./path-rules.ts";
import {
  hiddenFiles,
  hidesEdits,
  isPlainIndex,
  notePlainIndex,
  witnessOfIndex,
} from "./plain-index.ts";
import { type Blob, parseRaw } from "./trees.ts";
import {
  deleteFile,
  hasRealParents,
  isAbandoned,
  isHalfWritten,
  kindOf,
  readFound,
} from "./work-files.ts";

export type Edit =
  | { path: string; kind: "added" | "modified"; file: FolderFile }
  | { path: string; kind: "deleted"; file: null };

export type EditsRefusal = Refusal & { problems: Problem[] };

/**
 * A person's uncommitted edits, in path order; refused when econ cannot commit one of them.
 * `still`: HEAD, where it is known that no name has come since: git need not list every folder.
 */
export async function personEdits(
  repo: Repository,
  { still }: { still?: string } = {},
): Promise<{ ok: true; value: Edit[] } | EditsRefusal> {
  const busy = whyBusy(repo);
  if (busy) return { ...refuse(busy), problems: [] };
  const candidates = await findCandidates(repo, still);
  if (!candidates.ok) return { ...candidates, problems: [] };
  const edits: Edit[] = [];
  const problems: Problem[] = [];
  const known = new Set<string>();
  for (const candidate of [...candidates.value.values()].sort(byPath)) {
    if (isLitter(repo, candidate)) continue;
    const judged = judge(repo, candidate, known);
    if (typeof judged === "string") {
      problems.push({ file: candidate.path, line: null, message: judged });
    } else if (judged) edits.push(judged);
  }
  if (problems.length === 0) return { ok: true, value: edits };
  const [{ file, message }, ...more] = problems as [Problem, ...Problem[]];
  const others = more.length > 0 ? ` (and ${more.length} more)` : "";
  return { ...refuse(`${JSON.stringify(file)}: ${message}${others}`), problems };
}

/** Remove the files that an econ was killed over while it wrote them. */
export async function removeLitter(repo: Repository): Promise<void> {
  const candidates = await findCandidates(repo);
  // What keeps git from looking is for the next command to say.
  if (candidates.ok) for (const found of candidates.value.values()) isLitter(repo, found);
}

/** A file that econ is writing, or was killed over, is nobody's edit. The latter goes away here. */
function isLitter(repo: Repository, { path, head }: Candidate): boolean {
  if (head !== null || !isHalfWritten(basename(path))) return false;
  const place = join(repo.root, path);
  if (isAbandoned(basename(path)) && kindOf(place) === "file") deleteFile(repo.root, place);
  return true;
}

type Candidate = {
  /** Relative to the world. */
  path: string;
  head: Blob | null;
  /** What git already says is wrong with it. */
  wrong: string | null;
};

const byPath = (one: Candidate, other: Candidate) => (one.path < other.path ? -1 : 1);

const STATUS = ["status", "--porcelain=v2", "-z", "--no-renames", "--branch", "--no-ahead-behind"];
const ALL = ["--untracked-files=all", "--ignored=traditional"];
const ONLY_KNOWN = ["--untracked-files=no"];
const CHANGED = ["diff-files", "-z", "--raw", "--no-renames", "--full-index"];
const WHERE = ["--ignore-submodules=none", "--", ".", `:(exclude)${PRIVATE}`];

async function findCandidates(
  repo: Repository,
  still?: string,
): Promise<Result<Map<string, Candidate>>> {
  try {
    keepBytesRaw(repo);
  } catch (error) {
    const failure = hostFailure(error);
    if (failure === null) throw error;
    return refuse(failure);
  }
  const found = still && isPlainIndex(repo, still) ? await askFiles(repo) : await ask(repo, still);
  if (!found.ok) return found;
  const candidates = new Map<string, Candidate>();
  for (const candidate of found.value) {
    // A file taken out of the index is there twice, deleted and untracked: HEAD's side counts.
    const earlier = candidates.get(candidate.path);
    candidates.set(candidate.path, { ...candidate, head: earlier?.head ?? candidate.head });
  }
  return accept(candidates);
}

/** Where the index says what HEAD says, git need not read the trees. */
async function askFiles(repo: Repository): Promise<Result<Candidate[]>> {
  const output = await askGit(repo, [...CHANGED, ...WHERE], { cwd: repo.root });
  if (!output.ok) return output;
  return accept(
    parseRaw(output.value).map(({ path, before }) => ({
      path: path.slice(repo.prefix.length),
      head: before,
      wrong: before?.mode === REPOSITORY ? INSIDE : null,
    })),
  );
}

const REPOSITORY = "160000";
const INSIDE = "a repository inside the world";

async function ask(repo: Repository, still?: string): Promise<Result<Candidate[]>> {
  const index = witnessOfIndex(repo);
  const which = still ? ONLY_KNOWN : ALL;
  const [output, hides] = await Promise.all([
    askGit(repo, [...STATUS, ...which, ...WHERE], { cwd: repo.root }),
    hidesEdits(repo),
  ]);
  if (!output.ok) return output;
  // A name that is not UTF-8 gets a replacement sign here, which the path rules refuse.
  const records = new TextDecoder().decode(output.value).split("\0");
  const head = records.find((record) => record.startsWith(HEAD))?.slice(HEAD.length);
  if (head && !hides && records.every(isUnstaged)) notePlainIndex(repo, head, index);
  const found = records.flatMap((record) => parseRecord(repo, record) ?? []);
  return hides ? withHidden(repo, found) : accept(found);
}

/** What git was told not to look at is looked at here: the cycle goes by those files as well. */
async function withHidden(repo: Repository, found: Candidate[]): Promise<Result<Candidate[]>> {
  const hidden = await hiddenFiles(repo);
  if (!hidden.ok) return hidden;
  const isOut = (path: string) => kindOf(join(repo.root, path)) === "missing";
  const out = hidden.value.find(({ path, skipped }) => skipped && isOut(path));
  if (out) {
    const cure = "git sparse-checkout disable, or git update-index --no-skip-worktree";
    return refuse(`git leaves ${JSON.stringify(out.path)} out of this work tree: ${cure}`);
  }
  // Of a staged one `git status` has told what HEAD has.
  const known = new Set(found.map(({ path }) => path));
  const more = hidden.value.filter(({ path }) => !known.has(path));
  return accept([...found, ...more.map(({ path, index }) => ({ path, head: index, wrong: null }))]);
}

const HEAD = "# branch.oid ";

/** In the index as in HEAD, or in neither. (".A" was announced with `git add -N`.) */
const isUnstaged = (record: string) => /^(?:$|[#?!] |1 \.[MDT] )/.test(record);

/** A line of `git status --porcelain=v2`; see git-status(1), "Porcelain Format Version 2". */
function parseRecord(repo: Repository, record: string): Candidate | null {
  const fields = record.split(" ");
  const inWorld = (name: string) => name.slice(repo.prefix.length);
  if (fields[0] === "1") {
    const [, , sub, mode, , , id] = fields;
    const head = mode === "000000" ? null : { mode: mode!, id: id! };
    const wrong = sub!.startsWith("S") ? INSIDE : null;
    return { path: inWorld(fields.slice(8).join(" ")), head, wrong };
  }
  if (fields[0] === "u") {
    const path = inWorld(fields.slice(10).join(" "));
    return { path, head: null, wrong: "a conflict that is not resolved: edit it, then git add" };
  }
  if (fields[0] !== "?" && fields[0] !== "!") return null;
  const name = inWorld(record.slice(2));
  if (!name.endsWith("/")) return { path: name, head: null, wrong: null };
  return { path: name.slice(0, -1), head: null, wrong: INSIDE };
}

/** The edit at a path; null when there is none; in words, what is wrong with it. */
function judge(repo: Repository, candidate: Candidate, known: Set<string>): Edit | null | string {
  const { path, head, wrong } = candidate;
  if (wrong) return `${wrong}; remove or move it`;
  // Such a name cannot be opened from here, so whether it is an edit cannot be known.
  if (path.includes("\ufffd")) return nameProblem(path)!;
  const place = join(repo.root, path);
  const found = hasRealParents(repo.root, path, known)
    ? readFound(place)
    : ({ kind: "missing" } as const);
  // Where a file was there is a folder now: the file is gone, and what is in the folder is listed.
  if (found.kind === "missing" || (found.kind === "other" && found.what === "a folder")) {
    if (!head) return null;
    return nameProblem(path) ?? { path, kind: "deleted", file: null };
  }
  if (found.kind === "other") {
    return `${found.what}: a world has regular files only, up to 16 MB; remove or move it`;
  }
  const { file } = found;
  const mode = file.executable ? "100755" : "100644";
  if (head?.mode === mode && head.id === blobId(repo, file.bytes)) return null;
  return nameProblem(path) ?? { path, kind: head ? "modified" : "added", file };
}

function nameProblem(path: string): string | null {
  const reason = refuseInWorld(path);
  if (reason) return `${reason}; rename or remove it`;
  if (!isGitsOwn(path)) return null;
  return "a file that git gives a meaning to: commit it with git yourself, or remove it";
}
