// Where two commits of a world that should be the same first differ, in words for a person.
import { mustGit, type Repository } from "./git.ts";
import { diffTrees, readAt } from "./trees.ts";

export type FirstDifference = {
  /** Of the world; "" where all files are the same and only the commit itself differs. */
  path: string;
  /** From 1. */
  line: number;
  /** The line on either side; null where that side has no such file or ends before it. */
  recorded: string | null;
  replayed: string | null;
};

export async function firstDifference(
  repo: Repository,
  recorded: string,
  replayed: string,
): Promise<FirstDifference> {
  const entries = await diffTrees(repo, recorded, replayed);
  const [path = ""] = entries
    .map((entry) => entry.path.slice(repo.prefix.length))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const textAt = async (commit: string) => {
    if (path === "") return decoder.decode(await mustGit(repo, ["cat-file", "commit", commit]));
    const bytes = await readAt(repo, commit, path);
    return bytes && decoder.decode(bytes);
  };
  return { path, ...firstLine(await textAt(recorded), await textAt(replayed)) };
}

const decoder = new TextDecoder();

/** What an agent did comes before what followed from it. */
function rank(path: string): number {
  if (/^(agents|graveyard)\/[^/]+\/workspace\//.test(path)) return 0;
  if (/^(agents|graveyard)\/[^/]+\/runs\//.test(path)) return 1;
  return 2;
}

/** The first line in which two texts differ; null is a text that is not there. */
export function firstLine(
  one: string | null,
  other: string | null,
): { line: number; recorded: string | null; replayed: string | null } {
  const [left, right] = [one?.split("\n") ?? [], other?.split("\n") ?? []];
  const length = Math.max(left.length, right.length);
  let at = 0;
  while (at < length && left[at] === right[at]) at++;
  return { line: at + 1, recorded: left[at] ?? null, replayed: right[at] ?? null };
}
