// Texts that a parser has not seen: those it knows, cut, doubled, crossed and spiced, all from one
// seed.
import { type Dice, diceFor } from "../simulator/dice.ts";

const SPICE = [
  "---\n",
  "---js\n",
  "...\n",
  ": ",
  "- ",
  "? ",
  "&a ",
  "*a",
  "<<: ",
  "!!js/function ",
  "|\n",
  ">-\n",
  "#",
  "\t",
  "\r\n",
  "\u0000",
  "\ufeff",
  "\ud800",
  "\u202e",
  "\u0085",
  "\u2028",
  "é",
  "🙂",
  "{",
  "}",
  "[",
  "]",
  '"',
  "'",
  ",",
  "\\",
  "\\u0000",
  "\\ud800",
  "null",
  "true",
  "~",
  "yes",
  "NaN",
  ".nan",
  ".inf",
  "-.inf",
  "1e400",
  "-1",
  "-0",
  "0x10",
  "0o7",
  "1_000",
  "9007199254740993",
  "0.1",
  "1.0000001",
  "2026-01-01",
  "12:30:00",
  '"__proto__"',
  "__proto__: 1\n",
  "constructor",
  '"toString"',
  "human",
  "issuance",
  "market:tokens",
  "agent:ada",
  "credit",
];

/** One text more, made of those of the corpus. */
export function mutant(corpus: readonly string[], dice: Dice): string {
  let text = dice.pick(corpus);
  for (let times = 1 + dice.below(4); times > 0; times--) text = changed(text, corpus, dice);
  return text.slice(0, CHARS_MAX);
}

const CHARS_MAX = 200_000;

function changed(text: string, corpus: readonly string[], dice: Dice): string {
  const at = dice.below(text.length + 1);
  const length = dice.below(Math.min(text.length - at, 40) + 1);
  const [head, piece, tail] = [
    text.slice(0, at),
    text.slice(at, at + length),
    text.slice(at + length),
  ];
  switch (dice.below(10)) {
    case 0:
      return head + tail;
    case 1:
      return head + piece.repeat(1 + dice.below(dice.percent(5) ? 2_000 : 4)) + tail;
    case 2:
      return head + dice.pick(SPICE) + tail;
    case 3:
      return head + dice.pick(SPICE) + piece + tail;
    case 4:
      return head + String.fromCharCode(dice.below(dice.percent(80) ? 128 : 65_536)) + tail;
    case 5: {
      const other = dice.pick(corpus);
      const from = dice.below(other.length + 1);
      return head + other.slice(from, from + dice.below(200)) + tail;
    }
    case 6:
      return linesMoved(text, dice);
    case 7:
      return valueSwapped(text, dice);
    case 8:
      return dice.percent(5) ? head + dice.pick(["[", '{"a":', "a: {", "- "]).repeat(20_000) : head;
    default:
      return text.replace(/[0-9]+/, () =>
        dice.pick(["0", "-1", "1e9", "10.5", "99999999999999999"]),
      );
  }
}

/** A line taken out, given twice, or put elsewhere. */
function linesMoved(text: string, dice: Dice): string {
  const lines = text.split("\n");
  const [line = ""] = lines.splice(dice.below(lines.length), dice.percent(70) ? 1 : 0);
  lines.splice(dice.below(lines.length + 1), 0, ...Array(dice.below(3)).fill(line));
  return lines.join("\n");
}

/** What stands behind a colon becomes something else. */
function valueSwapped(text: string, dice: Dice): string {
  const colons = [...text.matchAll(/:[ ]?[^\n,}]*/g)];
  const found = colons[dice.below(Math.max(1, colons.length))];
  if (!found) return text;
  const end = found.index + found[0].length;
  return `${text.slice(0, found.index)}: ${dice.pick(SPICE)}${text.slice(end)}`;
}

export function diceOf(seed: string, parser: string): Dice {
  return diceFor(seed, `fuzz/${parser}`);
}
