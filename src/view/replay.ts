// What a replay found: that history is identical, or the first thing that is not.
import type { Replay } from "../kernel.ts";
import { counted } from "./amounts.ts";
import type { Paint } from "./color.ts";
import { cutToWidth, safeLine } from "./safe-text.ts";

const LINE_SHOWN = 200;

export function replayView({ cycles, difference }: Replay, paint: Paint): string {
  const replayed = counted(cycles, "cycle");
  if (!difference) return `${paint.good("identical")}: ${replayed} replayed, the same commits`;
  const { cycle, commit, path, line, recorded, why } = difference;
  const place = path === "" ? "only the commit itself" : `${safeLine(path)}:${line}`;
  return [
    `${paint.bad("different")}: cycle ${cycle} (${commit.slice(0, 10)}) came out otherwise`,
    `  where     ${place}`,
    `  recorded  ${lineText(recorded)}`,
    `  replayed  ${lineText(difference.replayed)}`,
    ...(why === null ? [] : [`  why       ${safeLine(why)}`]),
    `Before it, ${counted(cycles - 1, "cycle")} came out the same.`,
  ].join("\n");
}

function lineText(line: string | null): string {
  return line === null ? "(nothing)" : cutToWidth(safeLine(line), LINE_SHOWN);
}
