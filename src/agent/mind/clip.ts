// Long text made short: its beginning and its end, with a note of what is missing. All that goes
// into a prompt is paid for by the token, at every turn again.

/**
 * At most so many bytes of a text, from its beginning; `note` says where the rest is. The rest
 * includes `unread` bytes that come after the text.
 */
export function head(
  text: string,
  bytes: number,
  note: (more: number) => string,
  unread = 0,
): string {
  const all = Buffer.from(text);
  const more = Math.max(0, all.length - bytes) + unread;
  return more === 0 ? text : `${decode(all.subarray(0, bytes))}\n[${note(more)}]`;
}

/** Keeps the first and the last bytes of a stream, however long it is. */
export type Ends = { take(chunk: Uint8Array): void; size(): number; text(): string };

export function ends(bytes: number): Ends {
  const half = Math.floor(bytes / 2);
  let first = Buffer.alloc(0);
  let last = Buffer.alloc(0);
  let size = 0;
  return {
    take(chunk) {
      size += chunk.length;
      const room = half - first.length;
      if (room > 0) first = Buffer.concat([first, chunk.subarray(0, room)]);
      const rest = chunk.subarray(Math.max(0, room));
      if (rest.length === 0) return;
      const joined = Buffer.concat([last, rest.subarray(Math.max(0, rest.length - half))]);
      last = joined.subarray(Math.max(0, joined.length - half));
    },
    size: () => size,
    text() {
      const missing = size - first.length - last.length;
      if (missing === 0) return decode(Buffer.concat([first, last]));
      return `${decode(first)}\n[… ${missing} bytes left out …]\n${decode(last)}`;
    },
  };
}

/** Bytes as text that a prompt can hold: one kind of line end, no control characters but tabs. */
export function decode(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  return text.replace(/\r\n|[\u2028\u2029]/g, "\n").replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "");
}

/** On one line. */
export function oneLine(text: string, chars = 300): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= chars ? line : `${line.slice(0, chars).toWellFormed()}…`;
}
