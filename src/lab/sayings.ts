// What was said before: word for word, or the same figures in other words. What a prompt says is
// not known here; its figures stand for it, since they are what news is made of.
export type Sayings = { lines: Set<string>; figures: Set<string> };

export function newSayings(): Sayings {
  return { lines: new Set(), figures: new Set() };
}

/** Fewer than two figures come up again by chance. */
const FIGURES_MIN = 2;

/**
 * repeated: every line of it was shown before, word for word. reworded: every line of it that tells
 * two figures or more tells those of a line that was, one at least in other words. Headlines do not
 * count, or a number in them would make anything new.
 */
export function hear(said: Sayings, content: string): { repeated: boolean; reworded: boolean } {
  const all = content.split("\n").filter((line) => line.trim() !== "");
  const told = all.filter((line) => !line.startsWith("#"));
  const lines = told.length > 0 ? told : all;
  const tells = lines.map((line) => ({ line, figures: figuresIn(line) }));
  const facts = tells.filter(({ figures }) => figures !== null);
  const repeated = lines.every((line) => said.lines.has(line));
  const known = facts.length > 0 && facts.every(({ figures }) => said.figures.has(figures ?? ""));
  const reworded = known && facts.some(({ line }) => !said.lines.has(line));
  for (const { line, figures } of tells) {
    said.lines.add(line);
    if (figures !== null) said.figures.add(figures);
  }
  return { repeated, reworded };
}

/** In no order: the same figures can be told the other way round. */
function figuresIn(line: string): string | null {
  const figures = (line.match(/\d+(\.\d+)?/g) ?? []).map(Number);
  return figures.length < FIGURES_MIN ? null : figures.sort((a, b) => a - b).join(" ");
}
