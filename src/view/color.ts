// The one wrapper of picocolors. Colour only helps a person at a terminal: never in a pipe, never
// against NO_COLOR or --no-color. Few colours, none that vanishes on a light or a dark background.
import picocolors from "picocolors";

export type Paint = {
  strong: (text: string) => string;
  quiet: (text: string) => string;
  good: (text: string) => string;
  bad: (text: string) => string;
  note: (text: string) => string;
};

export function paintFor(enabled: boolean): Paint {
  const { bold, dim, green, red, cyan } = picocolors.createColors(enabled);
  return { strong: bold, quiet: dim, good: green, bad: red, note: cyan };
}

export const NO_PAINT: Paint = paintFor(false);

/** Whether a stream is to be coloured. */
export function wantsColor(
  isTerminal: boolean,
  asked: boolean,
  env: Record<string, string | undefined>,
): boolean {
  return isTerminal && asked && !env.NO_COLOR && env.TERM !== "dumb";
}
