// The one door through which text of agents reaches a person's eyes. A terminal obeys what it
// prints: escape sequences clear the screen, forge an answer, fill the clipboard. Here every
// character that acts instead of showing becomes a visible sign, so that an attack is seen as an
// attack.

/** What every terminal shows as it is: nothing in it to look for. */
const PLAIN_TEXT = /^[\x20-\x7e]*$/;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/gu;
/** Zero-width, bidi and filler characters: what takes part in a text without being seen. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;
const LINE_END = /\r\n|[\n\u2028\u2029]/gu;
/** More marks on one letter than any script needs: they would climb over the lines around. */
const PILED_MARKS = /(\p{M}{4})\p{M}+/gu;
const LEADING_MARK = /^\p{M}/u;
const PICTURE_BEFORE = /[\p{Emoji}\p{Emoji_Modifier}]\ufe0f?$/u;
const PICTURE_AFTER = /^\p{Extended_Pictographic}/u;

/** Text on one line: line ends become ↵, tabs spaces, everything else that acts a visible sign. */
export function safeLine(text: string): string {
  if (PLAIN_TEXT.test(text)) return text;
  return disarm(text.replace(LINE_END, "↵").replaceAll("\t", " "));
}

export type BlockLook = { width: number | null; gutter?: string; maxLines?: number };

/**
 * Text of several lines, each behind a gutter, so that nothing an agent writes can pass for a line
 * of econ's own. Wrapped to the width of a terminal; not wrapped when there is none.
 */
export function safeBlock(text: string, look: BlockLook): string {
  const { width, gutter = "│ ", maxLines = Number.POSITIVE_INFINITY } = look;
  const room = width === null ? null : Math.max(8, width - Bun.stringWidth(gutter));
  const lines = text.replace(/(?:\r?\n)+$/u, "").split(LINE_END);
  const shown: string[] = [];
  for (const line of lines) {
    if (shown.length > maxLines) break;
    shown.push(...wrapped(disarm(line.replaceAll("\t", "  ")), room));
  }
  const cut = shown.length > maxLines;
  const kept = (cut ? shown.slice(0, maxLines) : shown).map((line) => (gutter + line).trimEnd());
  return (cut ? [...kept, `${gutter}…`] : kept).join("\n");
}

/** JSON for people and pipes: the same value, but nothing in it that a terminal would obey. */
export function safeJson(value: unknown): string {
  const escaped = (char: string) =>
    Array.from({ length: char.length }, (_, i) => unit(char.charCodeAt(i))).join("");
  return JSON.stringify(value, null, 2)
    .replace(/[\u007f-\u009f\u2028\u2029]/gu, escaped)
    .replace(INVISIBLE, escaped);
}

function unit(code: number): string {
  return `\\u${code.toString(16).padStart(4, "0")}`;
}

function disarm(text: string): string {
  return text
    .toWellFormed()
    .replace(CONTROL, picture)
    .replace(INVISIBLE, visible)
    .replace(PILED_MARKS, "$1")
    .replace(LEADING_MARK, (mark) => `◌${mark}`);
}

/** ESC → ␛, CR → ␍: the control pictures. The C1 range has none and is shown by its number. */
function picture(char: string): string {
  const code = char.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "␡" : numbered(code);
}

/** Joiners inside an emoji are part of a picture; anywhere else they hide something. */
function visible(char: string, offset: number, whole: string): string {
  const before = whole.slice(Math.max(0, offset - 3), offset);
  const variation = char === "\ufe0f" || char === "\ufe0e";
  if (variation && PICTURE_BEFORE.test(before)) return char;
  const after = whole.slice(offset + 1, offset + 3);
  if (char === "\u200d" && PICTURE_BEFORE.test(before) && PICTURE_AFTER.test(after)) return char;
  return numbered(char.codePointAt(0) ?? 0);
}

function numbered(code: number): string {
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}

function wrapped(line: string, width: number | null): string[] {
  if (width === null || Bun.stringWidth(line) <= width) return [line];
  return Bun.wrapAnsi(line, width, { hard: true, trim: false }).split("\n");
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Safe text cut to so many columns, with … where something is missing. */
export function cutToWidth(text: string, width: number): string {
  if (Bun.stringWidth(text) <= width) return text;
  let shown = "";
  let used = 0;
  // A column holds at most a few characters: the rest of a long text need not be looked at.
  for (const { segment } of graphemes.segment(text.slice(0, width * 16 + 16))) {
    used += Bun.stringWidth(segment);
    if (used > width - 1) break;
    shown += segment;
  }
  return width > 0 ? `${shown}…` : "";
}
