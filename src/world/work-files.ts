// Reading and writing single files of the work tree without following links, without blocking on a
// pipe, and without a moment at which a half-written file stands under its name.
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { FolderFile } from "../economy/state.ts";
import { makeFolder, syncFile, syncFolder } from "./durable.ts";
import { TEMPORARY } from "./layout.ts";
import { FILE_BYTES_MAX } from "./path-rules.ts";

/** What tells that a file was not touched since: its inode, size and time of change. */
export type Witness = string;

export type Found =
  | { kind: "file"; file: FolderFile; witness: Witness }
  | { kind: "missing" }
  | { kind: "other"; what: string };

/** What stands at a path. Nothing but a regular file of bounded size is ever read. */
export function readFound(path: string): Found {
  const kind = kindOf(path);
  if (kind === "missing") return { kind };
  if (kind !== "file") return { kind: "other", what: kind };
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  let descriptor: number;
  try {
    descriptor = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return { kind: "missing" };
    if (codeOf(error) === "ELOOP") return { kind: "other", what: "a symbolic link" };
    if (codeOf(error) === "EACCES") return { kind: "other", what: "not readable" };
    throw error;
  }
  try {
    const stat = fstatSync(descriptor, { bigint: true });
    if (!stat.isFile()) return { kind: "other", what: "not a regular file" };
    if (stat.size > FILE_BYTES_MAX) return { kind: "other", what: "larger than 16 MB" };
    const file = { bytes: readFileSync(descriptor), executable: (stat.mode & 0o100n) !== 0n };
    return { kind: "file", file, witness: witnessOf(stat) };
  } finally {
    closeSync(descriptor);
  }
}

/** "file", "missing", or what it is instead, in words. */
export function kindOf(path: string): string {
  let stat: ReturnType<typeof lstatSync>;
  try {
    stat = lstatSync(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(codeOf(error))) return "missing";
    if (codeOf(error) === "ENAMETOOLONG") return "missing";
    throw error;
  }
  if (stat.isFile()) return "file";
  if (stat.isDirectory()) return "a folder";
  if (stat.isSymbolicLink()) return "a symbolic link";
  if (stat.isFIFO()) return "a named pipe";
  if (stat.isSocket()) return "a socket";
  return "a device";
}

type Stat = { ino: bigint; size: bigint; mtimeNs: bigint; mode: bigint };

function witnessOf({ ino, size, mtimeNs, mode }: Stat): Witness {
  return `${ino} ${size} ${mtimeNs} ${mode}`;
}

export function witnessAt(path: string): Witness | null {
  try {
    return witnessOf(lstatSync(path, { bigint: true }));
  } catch {
    return null;
  }
}

/** Are all folders above a path (from root down) real folders, or not there yet? */
export function hasRealParents(root: string, path: string, known: Set<string>): boolean {
  const names = path.split("/").slice(0, -1);
  let folder = root;
  for (const name of names) {
    folder = join(folder, name);
    if (known.has(folder)) continue;
    const kind = kindOf(folder);
    if (kind === "missing") return true;
    if (kind !== "a folder") return false;
    known.add(folder);
  }
  return true;
}

/** Write the bytes beside the path: the name comes later, or never, with one of the next two. */
export function prepareFile(path: string, file: FolderFile): Prepared {
  const folder = dirname(path);
  const changed = [folder, ...makeFolder(folder)];
  const temporary = join(folder, `${TEMPORARY}${process.pid}-${++prepared}`);
  const descriptor = openSync(temporary, "wx", file.executable ? 0o777 : 0o666);
  try {
    writeFileSync(descriptor, file.bytes);
    writing.add(basename(temporary));
    keepPermissions(path, descriptor, file.executable);
    const witness = witnessOf(fstatSync(descriptor, { bigint: true }));
    return { path, temporary, witness, changed };
  } catch (error) {
    dropPrepared([temporary]);
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** What this process is writing at the moment. */
const writing = new Set<string>();

export function namePrepared({ temporary, path }: Prepared): void {
  renameSync(temporary, path);
  writing.delete(basename(temporary));
}

/** What cannot be removed now is litter for whoever looks next: no longer being written. */
export function dropPrepared(temporaries: Iterable<string>): void {
  for (const temporary of temporaries) writing.delete(basename(temporary));
  for (const temporary of temporaries) rmSync(temporary, { force: true });
}

/** Replace a file of the world whole: a reader sees the old one or the new one. */
export function replaceWorldFile(path: string, file: FolderFile, durable: boolean): void {
  const prepared = prepareFile(path, file);
  const { temporary, changed } = prepared;
  try {
    if (durable) syncFile(temporary);
    namePrepared(prepared);
  } catch (error) {
    dropPrepared([temporary]);
    throw error;
  }
  if (durable) for (const folder of changed) syncFolder(folder);
}

/** Is this the name of a file that somebody was killed over, or failed, while writing it? */
export function isAbandoned(name: string): boolean {
  const pid = Number(name.match(HALF_WRITTEN)?.[1] ?? 0);
  if (pid === process.pid) return !writing.has(name);
  return pid > 0 && !isAlive(pid);
}

/** Is this the name of a file that is being written? */
export const isHalfWritten = (name: string) => HALF_WRITTEN.test(name);

const HALF_WRITTEN = new RegExp(`^${TEMPORARY.replace(".", "\\.")}([0-9]{1,9})-[0-9]{1,9}$`);

/** Does a process of this number run? */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

let prepared = 0;

export type Prepared = {
  path: string;
  temporary: string;
  witness: Witness;
  /** Folders that get a new name in them: the file's, and those above the folders made for it. */
  changed: string[];
};

/** A file that a person made private stays so when it is replaced. */
function keepPermissions(path: string, descriptor: number, executable: boolean): void {
  let mode: number;
  try {
    mode = lstatSync(path).mode & 0o777;
  } catch {
    return;
  }
  if (((mode & 0o100) !== 0) === executable) fchmodSync(descriptor, mode);
}

/** Delete a file, and the folders above it that this empties, but never the root. */
export function deleteFile(root: string, path: string): void {
  unlinkSync(path);
  let folder = dirname(path);
  while (folder !== root && folder.startsWith(`${root}/`)) {
    try {
      rmdirSync(folder);
    } catch {
      return;
    }
    folder = dirname(folder);
  }
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? "";
}
