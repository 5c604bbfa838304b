// The tools for files: read, write, edit. Cheaper than the shell where a model would quote badly.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { accept, type Result, refuse } from "../../economy/result.ts";
import { decode } from "./clip.ts";
import { type Roots, readable, readStart, writable } from "./paths.ts";

/** Of one look at a file. */
const READ_BYTES = 8_000;
const READ_LINES = 200;
/** Files beyond this are for the shell. */
const FILE_BYTES_MAX = 4 * 1024 * 1024;

/** Lines from `offset` (1 is the first), at most `limit`, and where to go on. */
export function read(roots: Roots, path: string, offset = 1, limit = READ_LINES): Result<string> {
  const place = readable(roots, path);
  if (!place.ok) return place;
  const found = readStart(place.value, FILE_BYTES_MAX);
  if (!found.ok) return refuse(`${path}: ${found.reason}`);
  const { bytes, size } = found.value;
  if (bytes.subarray(0, 8_192).includes(0)) return refuse(`${path} is binary, ${size} bytes`);
  const lines = decode(bytes).split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (size === 0) return accept("(empty)");
  if (offset > lines.length) return refuse(`${path} has ${lines.length} lines`);
  const shown: string[] = [];
  let room = READ_BYTES;
  for (const line of lines.slice(offset - 1, offset - 1 + limit)) {
    const bytesOfLine = Buffer.byteLength(line) + 1;
    if (bytesOfLine > room) {
      if (shown.length === 0)
        shown.push(`${decode(Buffer.from(line).subarray(0, room))} [line cut]`);
      break;
    }
    shown.push(line);
    room -= bytesOfLine;
  }
  const next = offset + shown.length;
  if (next <= lines.length) shown.push(`[${size} bytes in all; go on with offset ${next}]`);
  else if (bytes.length < size)
    shown.push(`[the other ${size - bytes.length} bytes: by the shell]`);
  return accept(shown.join("\n"));
}

export function write(roots: Roots, path: string, content: string): Result<string> {
  const place = writable(roots, path);
  if (!place.ok) return place;
  const done = put(place.value.file, content);
  if (!done.ok) return refuse(`${path}: ${done.reason}`);
  return accept(`wrote ${Buffer.byteLength(content)} bytes`);
}

/** Replaces `old`, which must stand there exactly once. */
export function edit(roots: Roots, path: string, old: string, now: string): Result<string> {
  const place = writable(roots, path);
  if (!place.ok) return place;
  const { file } = place.value;
  const found = readStart(file, FILE_BYTES_MAX);
  if (!found.ok) return refuse(`${path}: ${found.reason}`);
  if (found.value.bytes.length < found.value.size) return refuse(`${path} is too large to edit`);
  if (old === "") return refuse("old is empty: say what to replace");
  const before = new TextDecoder("utf-8", { fatal: false }).decode(found.value.bytes);
  if (!Buffer.from(before).equals(found.value.bytes)) return refuse(`${path} is no UTF-8 text`);
  const at = before.indexOf(old);
  if (at < 0) return refuse(`${path}: old is not in it; it must be the exact text`);
  if (before.indexOf(old, at + 1) >= 0) return refuse(`${path}: old is in it more than once`);
  const done = put(file, before.slice(0, at) + now + before.slice(at + old.length));
  return done.ok ? accept("done") : refuse(`${path}: ${done.reason}`);
}

/** A link in its place is replaced, never followed. */
function put(file: string, content: string): Result<void> {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const existing = readStart(file, 0);
    if (!existing.ok) rmSync(file, { force: true });
    writeFileSync(file, content);
    return accept(undefined);
  } catch (error) {
    return refuse(`it cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
}
