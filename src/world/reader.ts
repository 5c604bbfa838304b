// One reading of a world's folder: where it is, and the problems found so far. Nothing here throws
// on content; every finding is a line in the list, so that one broken file does not hide the
// others.
import { join } from "node:path";
import type { Problem } from "./change.ts";
import { type Entry, isLeftover, listFolder, type Missing, readLines } from "./files.ts";
import type { Checked } from "./schema.ts";

export type Reader = { root: string; problems: Problem[] };

export type ReadOptions = {
  /** The text of a file as it was last committed, if ever: what is left of an agent removed. */
  recall?: (path: string) => Promise<string | null>;
  /** Paths that the last commit has and a person has deleted since. */
  deleted?: Set<string>;
};

export function report(reader: Reader, file: string, message: string, line: number | null = null) {
  reader.problems.push({ file, line, message });
}

type Codec<T> = (text: string, file: string) => Checked<T>;
type ReadText = (path: string) => { ok: true; value: string } | Missing;

/** The text of a file; null when something was reported, and that it is not there is. */
export function loadText(reader: Reader, file: string, read: ReadText = readLines): string | null {
  const text = loadTextIfThere(reader, file, read);
  if (text === undefined) report(reader, file, missing(file));
  return text ?? null;
}

/** Also undefined: when it is not there. */
export function loadTextIfThere(
  reader: Reader,
  file: string,
  read: ReadText = readLines,
): string | null | undefined {
  const text = read(join(reader.root, file));
  if (text.ok) return text.value;
  if (text.missing) return undefined;
  report(reader, file, text.reason, text.line);
  return null;
}

const missing = (file: string) => `is missing; restore it (git checkout -- ${file})`;

/** A record by its codec; null when something was reported, and that it is not there is. */
export function load<T>(reader: Reader, file: string, codec: Codec<T>, read?: ReadText): T | null {
  const text = loadText(reader, file, read);
  return text === null ? null : accepted(reader, codec(text, file));
}

/** Also undefined: when it is not there. */
export function loadIfThere<T>(reader: Reader, file: string, codec: Codec<T>) {
  const text = loadTextIfThere(reader, file);
  return typeof text === "string" ? accepted(reader, codec(text, file)) : text;
}

function accepted<T>(reader: Reader, checked: Checked<T>): T | null {
  if (checked.ok) return checked.value;
  reader.problems.push(...checked.problems);
  return null;
}

/** What is in a folder, without what editors leave behind. */
export function list(reader: Reader, folder: string, options?: { listed: boolean }): Entry[] {
  const listed = listFolder(join(reader.root, folder), options);
  if (!listed.ok) {
    report(reader, folder, listed.reason);
    return [];
  }
  return listed.value.filter(({ name }) => !isLeftover(name));
}

/** The ids of the records in a folder of them: every entry must be a file `<id><suffix>`. */
export function listRecords(reader: Reader, folder: string, suffix: string): string[] {
  return list(reader, folder).flatMap(({ name, kind }) => {
    if (kind === "file" && name.endsWith(suffix)) return [name.slice(0, -suffix.length)];
    report(reader, `${folder}/${name}`, `expected only files named <id>${suffix} here`);
    return [];
  });
}
