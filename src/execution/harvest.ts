// What comes out of a sandbox becomes part of a git repository that people clone and whose agents
// Bun starts again: so every name and every kind of file is judged here, in one place, as data,
// for all drivers alike. A refused path keeps what stood there before the run, if anything did.
import type { Folder, FolderFile } from "../economy/state.ts";
import type { Limits, RunResult } from "./sandbox.ts";
import type { Entry } from "./tar.ts";

const PART_BYTES_MAX = 255;
const PATH_BYTES_MAX = 1024;
const DEPTH_MAX = 16;
/** Refusals are told to the agent: some of ten thousand are enough. */
const REFUSALS_SHOWN = 50;
const PATH_SHOWN = 200;

export type Refused = RunResult["refused"];

export type Harvest =
  | { kind: "taken"; workspace: Folder; refused: Refused }
  | { kind: "over"; limit: "disk" | "files"; detail: string };

/** Files that a program on the host would obey, by their name in lower case. */
const OBEYED = new Map([
  ["node_modules", "Bun would load code from it"],
  ["bunfig.toml", "Bun would run what it names"],
  ["package.json", "Bun would run and resolve what it names"],
  ["tsconfig.json", "Bun would resolve imports by it"],
  ["jsconfig.json", "Bun would resolve imports by it"],
]);

export function harvest(
  entries: Entry[],
  before: Folder,
  limits: Pick<Limits, "diskMb" | "files">,
): Harvest {
  const over = overLimit(entries, limits);
  if (over) return over;
  const named = entries
    .map((entry) => ({ ...entry, name: plainName(entry.name) }))
    .filter((entry) => entry.name !== "")
    .map(asLink(entries))
    .sort((a, b) => order(a.name, b.name));
  const refused: Refused = [];
  const taken: Folder = new Map();
  const claimed: Claims = new Map();
  const bare = bareRepositories(named.map((entry) => entry.name));
  const isOld = (entry: Entry) => entry.kind === "file" && same(before.get(entry.name), entry);
  // What did not change was judged when it came, or a person put it there: it stays, and first.
  for (const entry of named.filter(isOld)) take(entry, taken, claimed);
  for (const entry of named) {
    if (taken.has(entry.name) && isOld(entry)) continue;
    const reason = wrongIn(entry, bare) ?? clash(entry, claimed);
    if (reason === null) take(entry, taken, claimed);
    else refused.push({ path: entry.name, reason });
  }
  for (const { path } of refused) restore(path, before, taken, claimed);
  return { kind: "taken", workspace: sorted(taken), refused: shown(refused) };
}

function overLimit(entries: Entry[], limits: Pick<Limits, "diskMb" | "files">): Harvest | null {
  const files = entries.filter((entry) => entry.kind === "file");
  if (files.length > limits.files) {
    const detail = `more than ${limits.files} files in the workspace`;
    return { kind: "over", limit: "files", detail };
  }
  const bytes = files.reduce((sum, entry) => sum + entry.bytes.length, 0);
  if (bytes > limits.diskMb * 1024 * 1024) {
    const detail = `more than ${limits.diskMb} MB in the workspace`;
    return { kind: "over", limit: "disk", detail };
  }
  return null;
}

/** A file of which there is a hard link is a hard link as well. */
function asLink(entries: Entry[]): (entry: Entry) => Entry {
  const others = new Set(entries.map(({ other }) => (other === undefined ? "" : plainName(other))));
  return (entry) => (others.has(entry.name) ? { ...entry, kind: "link" } : entry);
}

/** "./memory/" → "memory": as tar writes names for the folder it stands in. */
function plainName(name: string): string {
  return name
    .replace(/^(\.\/+)+/, "")
    .replace(/^\.$/, "")
    .replace(/\/+$/, (end, at) => {
      return at === 0 ? end : "";
    });
}

function wrongIn(entry: Entry, bare: string[]): string | null {
  if (entry.kind !== "file" && entry.kind !== "directory") {
    return `only regular files and folders are taken over, this is a ${entry.kind}`;
  }
  const wrongPath = pathRefusal(entry.name);
  if (wrongPath !== null) return wrongPath;
  const folded = entry.name.toLowerCase();
  const within = bare.some((start) => folded === start || folded.startsWith(`${start}/`));
  return within ? "git would take the folder for a repository" : null;
}

/** Why a path may not stand in a workspace; null if it may. */
export function pathRefusal(path: string): string | null {
  if (path.startsWith("/")) return "the name is absolute";
  if (path.includes("�")) return "the name is not UTF-8";
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(path)) return "the name has invisible characters";
  if (path.includes("\\")) return "the name has a backslash";
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) return `longer than ${PATH_BYTES_MAX} bytes`;
  const parts = path.split("/");
  if (parts.length > DEPTH_MAX) return `deeper than ${DEPTH_MAX} folders`;
  for (const part of parts) {
    const reason = partRefusal(part);
    if (reason !== null) return reason;
  }
  return null;
}

function partRefusal(part: string): string | null {
  const folded = part.toLowerCase();
  if (part === "" || part === "." || part === "..") return "the name leads elsewhere";
  if (Buffer.byteLength(part) > PART_BYTES_MAX) return `a part is over ${PART_BYTES_MAX} bytes`;
  if (/[. ]$/.test(part)) return "a part ends in a dot or a space";
  if (/^git~\d/.test(folded)) return "git would read it as .git";
  if (folded.startsWith(".git") && part !== ".gitignore") return "git would obey it";
  if (folded.startsWith(".env")) return "Bun would take the environment from it";
  return OBEYED.get(folded) ?? null;
}

/** Path up to there in one case and form → how it was first written, and as what. */
type Claims = Map<string, { path: string; file: boolean }>;

function steps(path: string): string[] {
  const parts = path.split("/");
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
}

const fold = (path: string): string => path.normalize("NFC").toUpperCase().toLowerCase();

/** Two names that some file systems cannot tell apart: the later one is refused. */
function clash(entry: Entry, claimed: Claims): string | null {
  for (const step of steps(entry.name)) {
    const earlier = claimed.get(fold(step));
    if (!earlier) continue;
    const shownAs = JSON.stringify(earlier.path);
    if (earlier.path !== step) return `differs from ${shownAs} only in case or accents`;
    const file = step === entry.name && entry.kind === "file";
    if (earlier.file || file) return `${shownAs} is there already`;
  }
  return null;
}

function take(entry: Entry, taken: Folder, claimed: Claims): void {
  for (const step of steps(entry.name)) {
    const file = step === entry.name && entry.kind === "file";
    if (!claimed.has(fold(step))) claimed.set(fold(step), { path: step, file });
  }
  if (entry.kind !== "file") return;
  taken.set(entry.name, { bytes: entry.bytes, executable: entry.executable });
}

/** A refused change leaves the file as it was, unless its name now belongs to something else. */
function restore(path: string, before: Folder, taken: Folder, claimed: Claims): void {
  const old = before.get(path);
  if (!old || taken.has(path)) return;
  const entry: Entry = { name: path, kind: "file", ...old };
  if (clash(entry, claimed) === null) take(entry, taken, claimed);
}

/** Folders that git would open as bare repositories, in lower case; of the root, its parts. */
function bareRepositories(names: string[]): string[] {
  const all = new Set(names.flatMap(steps).map((name) => name.toLowerCase()));
  const found: string[] = [];
  for (const name of all) {
    if (name !== "head" && !name.endsWith("/head")) continue;
    const folder = name.slice(0, -"head".length);
    if (!all.has(`${folder}objects`) || !all.has(`${folder}refs`)) continue;
    if (folder === "") found.push("head", "objects", "refs");
    else found.push(folder.slice(0, -1));
  }
  return found;
}

function same(old: FolderFile | undefined, entry: Entry): boolean {
  if (!old || old.executable !== entry.executable) return false;
  return Buffer.compare(old.bytes, entry.bytes) === 0;
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function sorted(folder: Folder): Folder {
  return new Map([...folder].sort(([a], [b]) => order(a, b)));
}

function shown(refused: Refused): Refused {
  const some = refused.slice(0, REFUSALS_SHOWN).map(({ path, reason }) => ({
    path: visible(path),
    reason,
  }));
  const rest = refused.length - some.length;
  if (rest > 0) some.push({ path: "…", reason: `and ${rest} more` });
  return some;
}

/** A hostile name as plain text of bounded length. */
function visible(name: string): string {
  const cut = name.length > PATH_SHOWN ? `${name.slice(0, PATH_SHOWN)}…` : name;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (one) => {
    return `\\u${one.codePointAt(0)?.toString(16).padStart(4, "0")}`;
  });
}
