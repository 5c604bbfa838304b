// Reading what may be anything. Only regular files are opened, without following a link at the end,
// without waiting (a fifo would block for ever) and never more than the cap (a sparse file claims a
// terabyte). Synchronous on purpose: small local files are read several times as fast this way.
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  type Stats,
} from "node:fs";
import { join } from "node:path";
import type { Folder, FolderFile } from "../economy/state.ts";
import { type Flaw, flaw } from "./schema.ts";

export const RECORD_BYTES_MAX = 4 * 1024 * 1024;
export const LEDGER_BYTES_MAX = 256 * 1024 * 1024;

/** A flaw of a whole file: it may not be there, or hold nothing yet. */
export type Missing = Flaw & { missing?: true; empty?: true };
export type Kind = "file" | "folder" | "other";
export type Entry = { name: string; kind: Kind };

/** The bytes of a regular file of at most `bytesMax`, or why not. */
export function readBytes(
  path: string,
  bytesMax: number,
): { ok: true; value: FolderFile } | Missing {
  let descriptor: number | null = null;
  try {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    descriptor = openSync(path, flags);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return flaw(`${nameKind(stats)}; expected a regular file`);
    if (stats.size > bytesMax)
      return flaw(`${stats.size} bytes long; expected at most ${bytesMax}`);
    const bytes = readAll(descriptor, stats.size);
    return { ok: true, value: { bytes, executable: (stats.mode & 0o100) !== 0 } };
  } catch (error) {
    return wrongKind(path) ?? flawOf(error);
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

/** What cannot be opened may be a link or a socket. */
function wrongKind(path: string): Missing | null {
  try {
    const stats = lstatSync(path);
    return stats.isFile() ? null : flaw(`${nameKind(stats)}; expected a regular file`);
  } catch {
    return null;
  }
}

function readAll(descriptor: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const count = readSync(descriptor, bytes, length, size - length, length);
    if (count === 0) break;
    length += count;
  }
  return bytes.subarray(0, length);
}

/** A file as text: UTF-8, no byte order mark, no NUL, not empty. */
export function readText(
  path: string,
  bytesMax: number = RECORD_BYTES_MAX,
): { ok: true; value: string } | Missing {
  const read = readBytes(path, bytesMax);
  return read.ok ? decode(read.value.bytes) : read;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function decode(bytes: Uint8Array): { ok: true; value: string } | Missing {
  if (bytes.length === 0) return { ...flaw("the file is empty (0 bytes)", 1), empty: true };
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch {
    return flaw("not UTF-8 text", firstBadLine(bytes));
  }
  if (text.startsWith("\ufeff"))
    return flaw("begins with a byte order mark (BOM); save it as UTF-8 without one", 1);
  const nul = text.indexOf("\0");
  if (nul >= 0) return flaw("contains a NUL byte", text.slice(0, nul).split("\n").length);
  return { ok: true, value: text };
}

/** The same for files whose lines we wrote: a carriage return is an editor's. */
export function readLines(
  path: string,
  bytesMax: number = RECORD_BYTES_MAX,
): { ok: true; value: string } | Missing {
  const read = readText(path, bytesMax);
  if (!read.ok) return read;
  const at = read.value.indexOf("\r\n");
  if (at < 0) return read;
  const line = read.value.slice(0, at).split("\n").length;
  return flaw("has Windows line ends (CRLF); save it with LF", line);
}

function firstBadLine(bytes: Uint8Array): number {
  const lines = Buffer.from(bytes).toString("latin1").split("\n");
  const bad = lines.findIndex((line) => {
    const text = Buffer.from(line, "latin1");
    return !text.equals(Buffer.from(text.toString("utf8")));
  });
  return bad + 1;
}

/**
 * The entries of a folder, sorted by name; none when it is not there. `listed`: the folder above
 * was just listed, and this is none but a folder.
 */
export function listFolder(
  path: string,
  { listed = false } = {},
): { ok: true; value: Entry[] } | Flaw {
  try {
    const stats = listed ? null : lstatSync(path);
    if (stats && !stats.isDirectory()) return flaw(`${nameKind(stats)}; expected a folder`);
    const entries = readdirSync(path, { withFileTypes: true }).map((entry): Entry => {
      const { name } = entry;
      const kind = kindOf(entry);
      // Some file systems do not tell the kind of an entry with its name.
      return { name, kind: kind === "other" ? kindOf(lstatSync(join(path, name))) : kind };
    });
    return { ok: true, value: entries.sort((a, b) => (a.name < b.name ? -1 : 1)) };
  } catch (error) {
    const missing = flawOf(error);
    return missing.missing ? { ok: true, value: [] } : missing;
  }
}

function kindOf(entry: Pick<Stats, "isFile" | "isDirectory">): Kind {
  if (entry.isFile()) return "file";
  return entry.isDirectory() ? "folder" : "other";
}

/** What editors and desktops leave beside the files they edit; no record of ours. */
export function isLeftover(name: string): boolean {
  return name.startsWith(".") || name.endsWith("~") || /^#.*#$/.test(name);
}

export type FolderLimits = { files: number; bytes: number };

/** A folder with all below it, or why one of its files cannot be taken. */
export function readFolder(
  root: string,
  limits: FolderLimits,
): { ok: true; value: Folder } | (Flaw & { path: string }) {
  const folder: Folder = new Map();
  const pending = [""];
  let bytes = 0;
  for (let path = pending.shift(); path !== undefined; path = pending.shift()) {
    const listed = listFolder(join(root, path));
    if (!listed.ok) return { ...listed, path };
    for (const { name, kind } of listed.value) {
      const below = path === "" ? name : `${path}/${name}`;
      if (name.toLowerCase() === ".git") return { ...flaw("a repository inside"), path: below };
      if (kind === "folder") {
        pending.push(below);
        if (pending.length > limits.files)
          return { ...flaw(`more than ${limits.files} folders`), path: below };
        continue;
      }
      const read = readBytes(join(root, below), limits.bytes - bytes);
      if (!read.ok) return { ...read, path: below };
      bytes += read.value.bytes.length;
      folder.set(below, read.value);
      if (folder.size > limits.files)
        return { ...flaw(`more than ${limits.files} files`), path: below };
    }
  }
  const byPath = [...folder].sort(([a], [b]) => (a < b ? -1 : 1));
  return { ok: true, value: new Map(byPath) };
}

function nameKind(stats: Stats): string {
  if (stats.isSymbolicLink()) return "is a symbolic link";
  if (stats.isDirectory()) return "is a folder";
  if (stats.isFIFO()) return "is a fifo";
  if (stats.isSocket()) return "is a socket";
  if (stats.isFile()) return "is a file";
  return "is a device";
}

function flawOf(error: unknown): Missing {
  const code = (error as { code?: string }).code ?? String(error);
  if (code === "ENOENT") return { ...flaw("is missing"), missing: true };
  if (code === "ELOOP") return flaw("is a symbolic link; expected a regular file");
  return flaw(`cannot be read (${code})`);
}
