// Which commits changed which files of an agent's workspace: what its runs made of it, and what
// people did. git looks only at that one path and stops when enough is found.
import { askGit, type Repository, runGit } from "./git.ts";
import { workspaceOf } from "./layout.ts";

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
  const folder = `${repo.prefix}${workspaceOf(id)}`;
  const end = within === undefined ? null : await commitBefore(repo, within);
  const answer = await askGit(repo, [
    "--literal-pathspecs",
    "-c",
    "log.showSignature=false",
    ...["log", "-z", "--no-renames", "--name-status", `--max-count=${count}`, FORMAT],
    ...(end ? ["HEAD", `^${end}`] : ["HEAD"]),
    "--",
    folder,
  ]);
  if (!answer.ok) return [];
  const records = new TextDecoder().decode(answer.value).split("\x1e").slice(1);
  return records.map((record) => editOf(record, `${folder}/`));
}

/** The commit so far back on the branch; null when it is younger than that. */
async function commitBefore(repo: Repository, commits: number): Promise<string | null> {
  const { code, stdout } = await runGit(repo, ["rev-parse", "-q", "--verify", `HEAD~${commits}`]);
  return code === 0 ? new TextDecoder().decode(stdout).trim() : null;
}

const CHANGES: Record<string, FileChange["change"]> = { A: "added", D: "deleted" };

/** A header, then pairs of status and path, all ended by NUL. */
function editOf(record: string, folder: string): FileEdit {
  const [header = "", ...fields] = record.split("\0");
  const [commit = "", by = "", at = "", trailer = "", subject = ""] = header.split("\x1f");
  const files: FileChange[] = [];
  for (let n = 0; n + 1 < fields.length; n += 2) {
    const status = fields[n]?.trim().charAt(0) ?? "";
    const path = (fields[n + 1] ?? "").slice(folder.length);
    files.push({ path, change: CHANGES[status] ?? "changed" });
  }
  const cycle = trailer.trim() === "" ? null : Number(trailer.trim());
  return { commit, by, at, cycle: Number.isInteger(cycle) ? cycle : null, subject, files };
}
