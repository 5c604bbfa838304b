// The cycles that a history holds: the commits in which econ says so by a trailer.
import { accept, type Result, refuse } from "../economy/result.ts";
import { askGit, type Repository } from "./git.ts";

/** One cycle as git has it: what it made of the commit before. */
export type PastCycle = { cycle: number; commit: string; parent: string };

/** The cycles of a range ("A..B", "A..", or one revision: all up to it), oldest first. */
export async function cyclesIn(repo: Repository, range: string): Promise<Result<PastCycle[]>> {
  const wrong = refuseRange(range);
  if (wrong !== null) return refuse(wrong);
  const format = "--format=%H %P %(trailers:key=Econ-Cycle,valueonly,separator=%x2C)";
  const only = ["--first-parent", "--no-merges", "--reverse", "--end-of-options"];
  const answer = await askGit(repo, ["log", format, ...only, range, "--", repo.prefix || "."]);
  if (!answer.ok) return refuse(`${range}: ${answer.reason}`);
  const lines = new TextDecoder().decode(answer.value).split("\n");
  return accept(
    lines.flatMap((line) => {
      const found = /^([0-9a-f]+) ([0-9a-f]+) ([1-9][0-9]{0,14})$/.exec(line);
      if (!found) return [];
      const [, commit, parent, cycle] = found as unknown as [string, string, string, string];
      return [{ cycle: Number(cycle), commit, parent }];
    }),
  );
}

function refuseRange(range: string): string | null {
  if (range === "" || range.startsWith("-") || range.includes("...")) {
    return `${JSON.stringify(range)} is no range of commits: say A..B, A.. or B`;
  }
  return null;
}
