// Published results beside ours.
import { type Figure, isWithin, type Reproduction } from "../lab/reproduce/reproduction.ts";
import { hint, type Look, section, table } from "./tables.ts";

/** To four decimals, without zeros that say nothing. */
export function figureText(value: number): string {
  return String(Number(value.toFixed(4)));
}

/** "0.5", or "1 to 1.06". */
export function theirsText(theirs: Figure["theirs"]): string {
  if (typeof theirs === "number") return figureText(theirs);
  return `${figureText(theirs.from)} to ${figureText(theirs.to)}`;
}

export function toleranceText(tolerance: number): string {
  return tolerance === 0 ? "none" : `±${figureText(tolerance)}`;
}

export function reproductionView(
  { name, source, protocol }: Reproduction,
  figures: Figure[],
  look: Look,
): string {
  const { good, bad } = look.paint;
  const rows = figures.map((figure) => [
    figure.what,
    figureText(figure.ours),
    theirsText(figure.theirs),
    toleranceText(figure.tolerance),
    figure.standing,
    isWithin(figure) ? { text: "holds", style: good } : { text: "OFF", style: bad },
  ]);
  const columns = [
    { title: "WHAT", flexible: true },
    { title: "OURS", align: "right" as const },
    { title: "PUBLISHED", align: "right" as const },
    { title: "TOLERANCE", align: "right" as const },
    { title: "THEIR FIGURE IS" },
    { title: "VERDICT" },
  ];
  const body = [hint(source, look), hint(protocol, look), table(columns, rows, look)];
  return section(name, body.join("\n"), look);
}
