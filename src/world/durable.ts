// Writing so that a power cut cannot take it back: the file's bytes are synced before its name
// exists, and the folder is synced after, because a name is the folder's content.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Replace a small file whole: a reader sees the old one or the new one. */
export function replaceFile(path: string, text: string, durable: boolean): void {
  const temporary = `${path}.new`;
  // A new file, never what lies there: that could be a link to elsewhere, or a pipe to wait on.
  rmSync(temporary, { force: true });
  const descriptor = openSync(temporary, "wx");
  try {
    try {
      writeFileSync(descriptor, text);
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

export function removeFile(path: string, durable: boolean): void {
  rmSync(path, { force: true });
  if (durable) syncFolder(dirname(path));
}

/** What always works did not: the disk is full, a file is damaged or not ours. No bug of econ's. */
export class HostFailure extends Error {}

/** Did the operating system or git fail (disk full, no permission), and how? Null: it is a bug. */
export function hostFailure(error: unknown): string | null {
  if (error instanceof HostFailure) return error.message;
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return null;
  return error.message;
}
