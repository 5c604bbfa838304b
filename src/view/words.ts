// A line as a shell splits it: blanks part words, quotes keep them together. Nothing else is
// special.

const WORD = /(?:[^\s"']+|"[^"]*"?|'[^']*'?)+/gu;
const PIECE = /"([^"]*)"?|'([^']*)'?/gu;

export function splitWords(line: string): string[] {
  return (line.match(WORD) ?? []).map((word) =>
    word.replace(PIECE, (_, double?: string, single?: string) => double ?? single ?? ""),
  );
}
