// One reading of a world's folder: where it is, and the problems found so far. Nothing here throws
// on content; every finding is a line in the list, so that one broken file does not hide the
// others.
import { join } from "node:path";
import type { Problem } from "./change.ts";
import { type Entry, isLeftover, listFolder, type Missing, readLines } from "./files.ts";
import type { Checked } from "./schema.ts";

export type Reader = { root: string; problems: Problem[] };

export function report(reader: Reader, file: string, message: string, line: number | null = null) {
  reader.problems.push({ file, line, message });
}

type ReadText = (path: string) => { ok: true; value: string } | Missing;

/** The text of a file; null when it is not there or was reported. */
export function loadText(
  reader: Reader,
  file: string,
  options: { optional?: boolean; read?: ReadText } = {},
): string | null {
  const text = (options.read ?? readLines)(join(reader.root, file));
  if (text.ok) return text.value;
  if (text.missing && options.optional) return null;
  const hint = text.missing ? `; restore it (git checkout -- ${file})` : "";
  report(reader, file, `${text.reason}${hint}`, text.line);
  return null;
}

/** A record by its codec; null when it is not there or was reported. */
export function load<T>(
  reader: Reader,
  file: string,
  codec: (text: string, file: string) => Checked<T>,
  options: { optional?: boolean; read?: ReadText } = {},
): T | null {
  const text = loadText(reader, file, options);
  if (text === null) return null;
  const checked = codec(text, file);
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
