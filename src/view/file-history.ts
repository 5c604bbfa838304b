// Which runs and which people changed an agent's files, in lines.
import type { FileEdit } from "../world/file-history.ts";
import { type Cell, type Column, hint, type Look, table } from "./tables.ts";

const FILES_NAMED = 6;

export function fileHistoryView(edits: FileEdit[], look: Look): string {
  if (edits.length === 0) return hint("No commit has changed its files.", look);
  const columns: Column[] = [
    { title: "WHEN" },
    { title: "BY" },
    { title: "FILES", flexible: true },
  ];
  const rows = edits.map(({ cycle, at, by, files }): Cell[] => [
    cycle === null ? at.slice(0, 10) : `cycle ${cycle}`,
    cycle === null ? by : "its run",
    filesText(files, look),
  ]);
  return table(columns, rows, look);
}

const MARKS = { added: "+", changed: "", deleted: "-" };

function filesText(files: FileEdit["files"], { width }: Look): string {
  const named = width === null ? files : files.slice(0, FILES_NAMED);
  const shown = named.map(({ path, change }) => `${MARKS[change]}${path}`).join(", ");
  const rest = files.length - named.length;
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}
