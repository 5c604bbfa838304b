// Which runs and which people changed an agent's files, in lines.
import type { FileEdit } from "../world/file-history.ts";
import { type Cell, type Column, hint, type Look, table } from "./tables.ts";

const FILES_NAMED = 6;

/** `born`: the cycle of the agent's birth, which is no run of its own. */
export function fileHistoryView(edits: FileEdit[], born: number, look: Look): string {
  if (edits.length === 0) return hint("No commit has changed its files.", look);
  const columns: Column[] = [
    { title: "WHEN" },
    { title: "BY" },
    { title: "FILES", flexible: true },
  ];
  const rows = edits.map((edit, index): Cell[] => {
    const { cycle, at, by, files } = edit;
    const when = cycle === null ? at.slice(0, 10) : `cycle ${cycle}`;
    const isBirth = cycle === born && index === edits.length - 1 && isNew(edit);
    const who = cycle === null ? by : isBirth ? "its birth" : "its run";
    return [when, who, filesText(files, look)];
  });
  return table(columns, rows, look);
}

const isNew = ({ files }: FileEdit) => files.every(({ change }) => change === "added");

const MARKS = { added: "+", changed: "", deleted: "-" };

function filesText(files: FileEdit["files"], { width }: Look): string {
  const named = width === null ? files : files.slice(0, FILES_NAMED);
  const shown = named.map(({ path, change }) => `${MARKS[change]}${path}`).join(", ");
  const rest = files.length - named.length;
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}
