// Which commits changed which files of an agent's workspace: what its runs made of it, and what
// people did. git looks only at that one path and stops when enough is found.
import { askGit, type Repository, runGit } from "./git.ts";
import { graveOf, workspaceOf } from "./layout.ts";
import { parseRaw, type TreeEntry } from "./trees.ts";

export type FileChange = { path: string; change: "added" | "changed" | "deleted" };

export type FileEdit = {
  commit: string;
  at: string;
  /** The cycle in which a run changed them; null: a person did, or a birth by command. */
  cycle: number | null;
  by: string;
  subject: string;
  /** Paths below the workspace. */
  files: FileChange[];
};

const FORMAT = "--format=%x1e%H%x1f%an%x1f%aI%x1f%(trailers:key=Econ-Cycle,valueonly)%x1f%s";

/**
 * The newest commits that changed an agent's files, the newest first, at most `count`. `within`:
 * only so many commits are looked at, however long ago the last change was.
 */
export async function fileHistory(
  repo: Repository,
  id: string,
  { count, within }: { count: number; within?: number },
): Promise<FileEdit[]> {
  const folders = [workspaceOf(id), `${graveOf(id)}/workspace`].map((at) => repo.prefix + at);
  const end = within === undefined ? null : await commitBefore(repo, within);
  const answer = await askGit(repo, [
    "--literal-pathspecs",
    "-c",
    "log.showSignature=false",
    ...["log", "-z", "--no-renames", "--raw", "--no-abbrev", `--max-count=${count}`, FORMAT],
    ...(end ? ["HEAD", `^${end}`] : ["HEAD"]),
    "--",
    ...folders,
  ]);
  if (!answer.ok) return [];
  const records = new TextDecoder().decode(answer.value).split("\x1e").slice(1);
  const edits = records.map((record) => editOf(record, folders));
  return edits.filter(({ files }) => files.length > 0);
}

/** The commit so far back on the branch; null when it is younger than that. */
async function commitBefore(repo: Repository, commits: number): Promise<string | null> {
  const { code, stdout } = await runGit(repo, ["rev-parse", "-q", "--verify", `HEAD~${commits}`]);
  return code === 0 ? new TextDecoder().decode(stdout).trim() : null;
}

/** A header, then git's --raw entries, all ended by NUL. */
function editOf(record: string, folders: string[]): FileEdit {
  const end = record.indexOf("\0");
  const header = end < 0 ? record : record.slice(0, end);
  const [commit = "", by = "", at = "", trailer = "", subject = ""] = header.split("\x1f");
  const entries = end < 0 ? [] : parseRaw(encoder.encode(record.slice(end + 1).trimStart()));
  const cycle = trailer.trim() === "" ? null : Number(trailer.trim());
  const files = changesIn(entries, folders);
  return { commit, by, at, cycle: Number.isInteger(cycle) ? cycle : null, subject, files };
}

const encoder = new TextEncoder();

/** A death or a revival moves the whole folder: what only moved did not change. */
function changesIn(entries: TreeEntry[], folders: string[]): FileChange[] {
  const files = new Map<string, Pick<TreeEntry, "before" | "after">>();
  for (const { path, before, after } of entries) {
    const folder = folders.find((start) => path.startsWith(`${start}/`)) ?? "";
    const name = path.slice(folder.length + 1);
    const other = files.get(name);
    files.set(name, {
      before: before ?? other?.before ?? null,
      after: after ?? other?.after ?? null,
    });
  }
  return [...files].flatMap(([path, { before, after }]): FileChange[] => {
    if (before?.id === after?.id && before?.mode === after?.mode) return [];
    return [{ path, change: before === null ? "added" : after === null ? "deleted" : "changed" }];
  });
}
