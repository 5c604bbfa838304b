// What comes out of a sandbox becomes part of a git repository that people clone and whose agents
// Bun starts again: so every name and every kind of file is judged here, in one place, as data,
// for all drivers alike. A refused path keeps what stood there before the run, if anything did.
import type { Folder, FolderFile } from "../economy/state.ts";
import {
  bareRepositories,
  clashWith,
  FILE_BYTES_MAX,
  type Places,
  refuseInWorkspace,
  takePlace,
} from "../world/path-rules.ts";
import type { Limits, RunResult } from "./sandbox.ts";
import type { Entry } from "./tar.ts";

/** Refusals are told to the agent: some of ten thousand are enough. */
const REFUSALS_SHOWN = 50;
const PATH_SHOWN = 200;
const MB = 1024 * 1024;

export type Refused = RunResult["refused"];

export type Harvest =
  | { kind: "taken"; workspace: Folder; refused: Refused }
  | { kind: "over"; limit: "disk" | "files"; detail: string };

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
  const claimed: Places = new Map();
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
  if (bytes > limits.diskMb * MB) {
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
  const below = name.replace(/^(\.\/+)+/, "").replace(/^\.$/, "");
  return below.replace(/(?<=.)\/+$/, "");
}

function wrongIn(entry: Entry, bare: string[]): string | null {
  if (entry.kind !== "file" && entry.kind !== "directory") {
    return `only regular files and folders are taken over, this is a ${entry.kind}`;
  }
  const wrongPath = refuseInWorkspace(entry.name);
  if (wrongPath !== null) return wrongPath;
  if (entry.bytes.length > FILE_BYTES_MAX) return `larger than ${FILE_BYTES_MAX / MB} MB`;
  const folded = entry.name.toLowerCase();
  const within = bare.some((start) => folded === start || folded.startsWith(`${start}/`));
  return within ? "git would take the folder for a repository" : null;
}

function clash(entry: Entry, claimed: Places): string | null {
  return clashWith(claimed, entry.name, entry.kind === "file");
}

function take(entry: Entry, taken: Folder, claimed: Places): void {
  takePlace(claimed, entry.name, entry.kind === "file");
  if (entry.kind !== "file") return;
  taken.set(entry.name, { bytes: entry.bytes, executable: entry.executable });
}

/** A refused change leaves the file as it was, unless its name now belongs to something else. */
function restore(path: string, before: Folder, taken: Folder, claimed: Places): void {
  const old = before.get(path);
  if (!old || taken.has(path)) return;
  const entry: Entry = { name: path, kind: "file", ...old };
  if (clash(entry, claimed) === null) take(entry, taken, claimed);
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
