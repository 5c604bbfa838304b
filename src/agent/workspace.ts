// The agent's own files as the kernel will take them over: regular files, by path from there.
import { lstatSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import type { Folder } from "../economy/state.ts";

/** The paths of the regular files below a folder, sorted, with "/" between names. */
export function listFiles(root: string): string[] {
  const paths: string[] = [];
  const pending = [""];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop())
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      // Links are neither followed nor listed: the kernel does not take them over.
      if (entry.isDirectory()) pending.push(path);
      else if (entry.isFile()) paths.push(path);
    }
  return paths.sort();
}

export function readFolder(root: string): Folder {
  const folder: Folder = new Map();
  for (const path of listFiles(root)) {
    const file = join(root, path);
    const executable = (lstatSync(file).mode & 0o100) !== 0;
    folder.set(path, { bytes: readFileSync(file), executable });
  }
  return folder;
}

/** The text of a file at or below `root`; null for what is not there, no file, or outside. */
export function readWithin(root: string, path: string): string | null {
  if (isAbsolute(path)) return null;
  try {
    const file = realpathSync(join(root, path));
    const inside = relative(realpathSync(root), file);
    if (inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return null;
    return lstatSync(file).isFile() ? readFileSync(file, "utf8") : null;
  } catch {
    return null;
  }
}
