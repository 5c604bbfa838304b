// The words in which many connections share one byte stream, and their spelling: a byte for the
// kind, four for the connection, two for the length, then so many bytes. Pure, and the same for
// both ends; what comes from the other end is refused, not believed.
import { accept, type Result, refuse } from "../economy/result.ts";

/** Connections are numbered from 1 by the end that opens them; a number is never used again. */
export type Frame =
  /** Programs inside can connect from now on. */
  | { kind: "listening"; id: 0 }
  | { kind: "open"; id: number }
  | { kind: "data"; id: number; bytes: Uint8Array }
  /** No more data this way. */
  | { kind: "end"; id: number }
  /** No more either way, and nobody reads what was sent. */
  | { kind: "reset"; id: number }
  /** So many more bytes of data may be sent. */
  | { kind: "credit"; id: number; bytes: number };

type Kind = Frame["kind"];

export const DATA_BYTES_MAX = 32 * 1024;
export const ID_MAX = 0xffff_ffff;

const HEAD = 7;
const CREDIT_BYTES = 4;
const KINDS: Kind[] = ["listening", "open", "data", "end", "reset", "credit"];

/** At most DATA_BYTES_MAX bytes of data, at least one. */
export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  const length = lengthOf(frame);
  const bytes = new Uint8Array(HEAD + length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, KINDS.indexOf(frame.kind));
  view.setUint32(1, frame.id);
  view.setUint16(5, length);
  if (frame.kind === "data") bytes.set(frame.bytes, HEAD);
  if (frame.kind === "credit") view.setUint32(HEAD, frame.bytes);
  return bytes;
}

function lengthOf(frame: Frame): number {
  if (frame.kind === "data") return frame.bytes.length;
  return frame.kind === "credit" ? CREDIT_BYTES : 0;
}

/**
 * Takes the bytes as they come, cut anywhere, and gives the frames that are complete. Keeps at
 * most one frame. After a refusal nothing more can be understood.
 */
export function frameReader(): (chunk: Uint8Array) => Result<Frame[]> {
  let head: { kind: Kind; id: number } | null = null;
  let part = new Uint8Array(HEAD);
  let filled = 0;
  const expect = (length: number) => {
    part = new Uint8Array(length);
    filled = 0;
  };
  return (chunk) => {
    const frames: Frame[] = [];
    let at = 0;
    for (;;) {
      const piece = chunk.subarray(at, at + part.length - filled);
      part.set(piece, filled);
      at += piece.length;
      filled += piece.length;
      if (filled < part.length) return accept(frames);
      if (head === null) {
        const begun = readHead(part);
        if (!begun.ok) return begun;
        head = begun.value;
        expect(begun.value.length);
      } else {
        const frame = readBody(head, part);
        if (!frame.ok) return frame;
        frames.push(frame.value);
        head = null;
        expect(HEAD);
      }
    }
  };
}

function readHead(bytes: Uint8Array): Result<{ kind: Kind; id: number; length: number }> {
  const view = new DataView(bytes.buffer);
  const kind = KINDS[view.getUint8(0)];
  const id = view.getUint32(1);
  const length = view.getUint16(5);
  if (kind === undefined) return refuse("a frame of no known kind");
  if ((id === 0) !== (kind === "listening")) return refuse(`a frame "${kind}" of connection ${id}`);
  const fits =
    kind === "data"
      ? length > 0 && length <= DATA_BYTES_MAX
      : length === (kind === "credit" ? CREDIT_BYTES : 0);
  if (!fits) return refuse(`a frame "${kind}" of ${length} bytes`);
  return accept({ kind, id, length });
}

function readBody({ kind, id }: { kind: Kind; id: number }, bytes: Uint8Array): Result<Frame> {
  if (kind === "listening") return accept({ kind, id: 0 });
  if (kind === "data") return accept({ kind, id, bytes });
  if (kind !== "credit") return accept({ kind, id });
  const credit = new DataView(bytes.buffer).getUint32(0);
  return credit > 0 ? accept({ kind, id, bytes: credit }) : refuse("a credit of nothing");
}
