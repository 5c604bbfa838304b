// A folder from elsewhere, on its way to become an agent: read as carefully as what a run leaves,
// judged by the same rules, taken over byte for byte.
import { statSync } from "node:fs";
import { accept, type Result, refuse } from "../economy/result.ts";
import type { Rules } from "../economy/rules.ts";
import type { Folder } from "../economy/state.ts";
import { harvest } from "../execution/harvest.ts";
import { walk } from "../execution/walk.ts";
import { FILE_BYTES_MAX, refuseInWorkspace } from "../world/path-rules.ts";

export type Source = {
  folder: Folder;
  /** What stays where it is, and why. */
  left: { path: string; reason: string }[];
};

const MB = 1024 * 1024;
/** Links, folders and the like that are looked at on top of the files that a workspace may have. */
const OTHERS_MAX = 10_000;

/** The files at a path that can be a workspace of this world, or why they cannot. */
export function readSource(path: string, { execution }: Rules): Result<Source> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return refuse(`there is no folder ${path}`);
  if (!found.isDirectory()) return refuse(`${path} is no folder`);
  const limits = { diskMb: execution.workspace_mb, files: execution.workspace_files };
  const { entries, whole } = walk(path, {
    entries: limits.files + OTHERS_MAX,
    bytes: Math.ceil(limits.diskMb * MB),
    fileBytes: FILE_BYTES_MAX,
    isPassedBy: (folder) => refuseInWorkspace(folder) !== null,
  });
  const gathered = harvest(entries, new Map(), limits);
  if (gathered.kind === "over") return refuse(tooMuch(gathered.detail, gathered.limit));
  if (!whole) return refuse(tooMuch("too many names in the folder", "files"));
  const { workspace, refused } = gathered;
  const paths = new Set(refused.map(({ path }) => path));
  const left = refused.filter(({ path }) => !isBelow(path, paths)).map(explained);
  return accept({ folder: workspace, left });
}

function tooMuch(detail: string, limit: "disk" | "files"): string {
  const rule = limit === "disk" ? "workspace_mb" : "workspace_files";
  return `${detail}: take something out, or raise execution.${rule} in econ.yaml`;
}

/** For a person who brings a folder, such a file matters for another reason than for an agent. */
function explained({ path, reason }: Source["left"][number]): Source["left"][number] {
  const isEnvironment = path.split("/").some((name) => name.toLowerCase().startsWith(".env"));
  return isEnvironment ? { path, reason: "it may hold secrets" } : { path, reason };
}

/** A folder that is left out speaks for what is in it. */
function isBelow(path: string, folders: Set<string>): boolean {
  return path.split("/").some((_, n, names) => n > 0 && folders.has(names.slice(0, n).join("/")));
}
