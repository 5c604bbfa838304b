// All lines, in the order of their numbers, and the table that docs/security.md shows of them.
import { ASKED_FOR } from "./asked-for.ts";
import { ELSEWHERE } from "./elsewhere.ts";
import { FENCE } from "./fence.ts";
import { GREED } from "./greed.ts";
import { HOST } from "./host.ts";
import { LEFT_BEHIND } from "./left-behind.ts";
import type { Line } from "./row.ts";
import { TERMINAL } from "./terminal.ts";

export const LINES: Line[] = [
  ...[ASKED_FOR, LEFT_BEHIND, FENCE, GREED, TERMINAL, HOST, ELSEWHERE].flat(),
].sort((one, other) => one.number - other.number);

const SECTIONS: [title: string, last: number][] = [
  ["Money", 13],
  ["Ids and paths", 20],
  ["Files and git", 35],
  ["The sandbox", 50],
  ["Answers of models and tools", 57],
  ["The person's terminal", 62],
  ["Crashes", 70],
  ["Several at once", 75],
  ["Disk, permissions, environment", 81],
];

/** Headings and tables in markdown. */
export function tableText(): string {
  let first = 0;
  return SECTIONS.map(([title, last]) => {
    const own = LINES.filter(({ number }) => number > first && number <= last);
    first = last;
    const head = "| | input | where | what comes of it |\n|---|---|---|---|";
    return `### ${title}\n\n${head}\n${own.flatMap(rowsOf).join("\n")}\n`;
  }).join("\n");
}

function rowsOf(line: Line): string[] {
  const row = (where: string, outcome: string) =>
    `| ${line.number} | ${cell(line.input)} | ${where} | ${cell(outcome)} |`;
  if ("notBuilt" in line) return [row("", `not built: ${line.notBuilt}`)];
  if ("file" in line) {
    const link = `[${line.file}](../test/${line.file})`;
    return [row(link, line.titles.map((title) => `“${title}”`).join("; "))];
  }
  const outcomes = [...new Set(line.trials.map(({ outcome }) => outcome))];
  return outcomes.map((outcome) => {
    const same = line.trials.filter((one) => one.outcome === outcome);
    return row(same.map(({ where }) => where).join(", "), outcome);
  });
}

/** Stars are the table's own; what else markdown would read is shown as it is. */
function cell(text: string): string {
  return text.replace(/([|_<[\]])/g, "\\$1");
}
