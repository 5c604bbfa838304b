// What strangers write ends up in files, in git's log and in journals that people read line by
// line. What may stand there is said here once; what a terminal may be shown, in view/safe-text.

/** Characters that act: controls, other line ends, and overrides of the reading direction. */
const ACTING = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** Why a text cannot stand on a line of its own as it is; null: it can. */
export function refuseLine(text: string): string | null {
  if (text.search(ACTING) >= 0) return "holds control characters";
  return refuseHalves(text);
}

/** Files are UTF-8, which has no half of a surrogate pair: it would change on the way to disk. */
export function refuseHalves(text: string): string | null {
  return text.isWellFormed() ? null : "holds half a character";
}

/** Any text on one line, cut to a length. */
export function oneLine(text: string, charsMax: number): string {
  const flat = text.replace(ACTING, " ");
  return flat.length > charsMax ? `${flat.slice(0, charsMax)}…` : flat;
}

const encoder = new TextEncoder();
const PLAIN = /^[\0-\x7f]*$/;

/** How many bytes a text has in a file. */
export function bytesOf(text: string): number {
  return PLAIN.test(text) ? text.length : encoder.encode(text).length;
}
