// The one reader of folders that an enemy may have made: what a run left in a plain process, and
// what a person brings from elsewhere. Nothing is followed, nothing waited for, nothing read beyond
// its bounds. It judges nothing; harvest.ts does.
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
import type { Entry } from "./tar.ts";

export type Bounds = {
  /** Files, folders, links and the like that are looked at. */
  entries: number;
  /** Bytes of all files together; of what goes beyond, one is read to show it. */
  bytes: number;
  /** A larger file is named and not read. */
  fileBytes?: number;
  /** A folder that is named and not entered. */
  isPassedBy?: (path: string) => boolean;
};

/**
 * The same entries that a tar of the folder would give. `whole` is false where there were more
 * than the bounds allow to look at.
 */
export function walk(root: string, bounds: Bounds): { entries: Entry[]; whole: boolean } {
  const entries: Entry[] = [];
  const folders = [""];
  let budget = bounds.bytes + 1;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const names = namesIn(join(root, folder));
    if (names === null) entries.push(unread(folder, "folder that cannot be read"));
    for (const name of names ?? []) {
      if (entries.length > bounds.entries) return { entries, whole: false };
      const path = join(folder, name);
      const most = { bytes: budget, fileBytes: bounds.fileBytes ?? Number.POSITIVE_INFINITY };
      const entry = entryAt(join(root, path), path, most);
      budget -= entry.bytes.length;
      entries.push(entry);
      if (entry.kind === "directory" && !bounds.isPassedBy?.(path)) folders.push(path);
    }
  }
  return { entries, whole: true };
}

/** A name that is not UTF-8 is not found again, and is refused for its name anyway. */
function namesIn(folder: string): string[] | null {
  try {
    return readdirSync(folder, { encoding: "buffer" }).map((raw) => raw.toString());
  } catch (error) {
    return refusedByHost(error);
  }
}

function entryAt(path: string, name: string, most: { bytes: number; fileBytes: number }): Entry {
  const found = lstatSync(path, { throwIfNoEntry: false });
  const kind = kindOf(found);
  if (kind !== "file") return unread(name, kind);
  if ((found?.size ?? 0) > most.fileBytes) {
    const megabytes = Math.ceil(most.fileBytes / (1024 * 1024));
    return unread(name, `file larger than ${megabytes} MB`);
  }
  return fileAt(path, name, most.bytes) ?? unread(name, "file that cannot be read");
}

function kindOf(found: Stats | undefined): string {
  if (!found) return "unknown thing";
  if (found.isSymbolicLink()) return "symlink";
  if (found.isDirectory()) return "directory";
  if (!found.isFile()) return "special file";
  return found.nlink > 1 ? "hard link" : "file";
}

function fileAt(path: string, name: string, budget: number): Entry | null {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return refusedByHost(error);
  }
  try {
    const { size, mode } = fstatSync(file);
    const bytes = new Uint8Array(Math.max(0, Math.min(size, budget)));
    let length = 0;
    while (length < bytes.length) {
      const read = readSync(file, bytes, length, bytes.length - length, length);
      if (read === 0) break;
      length += read;
    }
    const executable = (mode & 0o100) !== 0;
    return { name, kind: "file", executable, bytes: bytes.subarray(0, length) };
  } finally {
    closeSync(file);
  }
}

/** What the folder's owner can bring about is that folder's trouble; anything else the host's. */
function refusedByHost(error: unknown): null {
  const code = (error as { code?: string }).code ?? "";
  if (["EACCES", "EPERM", "ENOENT", "ELOOP", "ENAMETOOLONG", "ENOTDIR"].includes(code)) return null;
  throw error;
}

function unread(name: string, kind: string): Entry {
  return { name, kind, executable: false, bytes: new Uint8Array() };
}
