// Writing so that a power cut cannot take it back: the file's bytes are synced before its name
// exists, and the folder is synced after, because a name is the folder's content.
import {
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** Sync what somebody else wrote, without following a link or waiting on a pipe. */
export function syncFile(path: string): void {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const descriptor = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The names in a folder. */
export const syncFolder = syncFile;

/** A folder with all that is in it. */
export function syncTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) syncTree(path);
    else if (entry.isFile()) syncFile(path);
  }
  syncFolder(folder);
}

/** Make a folder and those above it. The folders that got a new name in them, for a sync. */
export function makeFolder(folder: string): string[] {
  const firstMade = mkdirSync(folder, { recursive: true });
  if (firstMade === undefined) return [];
  const changed: string[] = [];
  for (let at = folder; at.startsWith(firstMade); at = dirname(at)) changed.push(dirname(at));
  return changed;
}

/** Replace a file whole: a reader sees the old one or the new one. A large text comes in parts. */
export function replaceFile(
  path: string,
  text: string | Uint8Array | Generator<string>,
  durable: boolean,
): void {
  const temporary = `${path}.new`;
  // A new file, never what lies there: that could be a link to elsewhere, or a pipe to wait on.
  dropFile(temporary);
  const descriptor = openSync(temporary, "wx");
  try {
    try {
      const isWhole = typeof text === "string" || text instanceof Uint8Array;
      for (const part of isWhole ? [text] : text) writeFileSync(descriptor, part);
      if (durable) fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  } catch (error) {
    // On a full disk the half of it would be taken for a person's edit.
    rmSync(temporary, { force: true });
    throw error;
  }
  if (durable) syncFolder(dirname(path));
}

/** Gone, or never there. Bun's rmSync gives a wrong reason (EFAULT) when the disk fails. */
export function dropFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
  }
}

export function removeFile(path: string, durable: boolean): void {
  dropFile(path);
  if (durable) syncFolder(dirname(path));
}

/** For those who only say that they could not: SQLite and git leave the reason out at times. */
export function isFull(folder: string): boolean {
  const { bavail, bsize, ffree, files } = statfsSync(folder);
  return bavail * bsize < ROOM_BYTES || (files > 0 && ffree === 0);
}

/** With less no lock, index or pack can be expected to be written. */
const ROOM_BYTES = 65_536;

/** What always works did not: the disk is full, a file is damaged or not ours. No bug of econ's. */
export class HostFailure extends Error {}

/** Did the operating system or git fail (disk full, no permission), and how? Null: it is a bug. */
export function hostFailure(error: unknown): string | null {
  if (error instanceof HostFailure) return error.message;
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return null;
  const cause = CAUSES[String(error.code)];
  return cause ? `${cause} (${error.message})` : error.message;
}

/** What a person can do something about, in their words. */
const CAUSES: Record<string, string> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EROFS: "the disk is read-only",
  EIO: "the disk fails",
  EMFILE: "too many files are open: allow more with ulimit -n",
  ENFILE: "the system has too many files open",
};
