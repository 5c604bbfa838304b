import { expect, test } from "bun:test";
import fc from "fast-check";
import { DATA_BYTES_MAX, encodeFrame, type Frame, frameReader } from "../../src/gateway/frames.ts";

const id = fc.integer({ min: 1, max: 0xffff_ffff });
const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.constant<Frame>({ kind: "listening", id: 0 }),
  fc.record({ kind: fc.constantFrom("open", "end", "reset"), id }),
  fc.record({ kind: fc.constant("credit"), id, bytes: fc.integer({ min: 1, max: 0xffff_ffff }) }),
  fc.record({ kind: fc.constant("data"), id, bytes: fc.uint8Array({ minLength: 1 }) }),
  fc.constant<Frame>({ kind: "data", id: 7, bytes: new Uint8Array(DATA_BYTES_MAX).fill(5) }),
) as fc.Arbitrary<Frame>;

/** All that is understood of the bytes, and the refusal that ended it, if one did. */
function readAll(chunks: Uint8Array[]): { frames: Frame[]; reason: string | null } {
  const read = frameReader();
  const frames: Frame[] = [];
  for (const chunk of chunks) {
    const more = read(chunk);
    if (!more.ok) return { frames, reason: more.reason };
    frames.push(...more.value);
  }
  return { frames, reason: null };
}

function cut(bytes: Uint8Array, places: number[]): Uint8Array[] {
  const edges = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length];
  edges.sort((a, b) => a - b);
  return edges.slice(1).map((end, at) => bytes.subarray(edges[at], end));
}

test("frames come out as they went in, however the bytes are cut", () => {
  const places = fc.array(fc.nat());
  fc.assert(
    fc.property(fc.array(anyFrame), places, (frames, at) => {
      const bytes = Buffer.concat(frames.map(encodeFrame));
      expect(readAll(cut(bytes, at))).toEqual({ frames, reason: null });
    }),
  );
});

test("bytes that come one by one make the same frames", () => {
  const frames: Frame[] = [
    { kind: "listening", id: 0 },
    { kind: "data", id: 1, bytes: new Uint8Array(500).fill(3) },
    { kind: "credit", id: 2, bytes: 9 },
  ];
  const bytes = Buffer.concat(frames.map(encodeFrame));
  expect(readAll(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual({
    frames,
    reason: null,
  });
});

test("any bytes are understood or refused, and the cuts do not matter to which", () => {
  const heads = fc.uint8Array({ maxLength: 200 }).map((bytes) => bytes.map((byte) => byte % 8));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), heads), fc.array(fc.nat()), (bytes, at) => {
      expect(readAll(cut(bytes, at)).reason).toBe(readAll([bytes]).reason);
    }),
  );
});

const head = (kind: number, id: number, length: number) => {
  const bytes = new Uint8Array(7);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, kind);
  view.setUint32(1, id);
  view.setUint16(5, length);
  return bytes;
};

const REFUSED: [what: string, bytes: Uint8Array, reason: string][] = [
  ["a kind that there is not", head(6, 1, 0), "a frame of no known kind"],
  ["text", Buffer.from("GET / HTTP/1.1"), "a frame of no known kind"],
  ["a connection numbered 0", head(1, 0, 0), 'a frame "open" of connection 0'],
  ["listening with a connection", head(0, 3, 0), 'a frame "listening" of connection 3'],
  ["data of nothing", head(2, 1, 0), 'a frame "data" of 0 bytes'],
  ["data beyond the bound", head(2, 1, DATA_BYTES_MAX + 1), `a frame "data" of 32769 bytes`],
  ["an end with a body", head(3, 1, 1), 'a frame "end" of 1 bytes'],
  ["a credit cut short", head(5, 1, 3), 'a frame "credit" of 3 bytes'],
  ["a credit of nothing", Buffer.concat([head(5, 1, 4), Buffer.alloc(4)]), "a credit of nothing"],
];

test.each(REFUSED)("%s is refused with a reason", (_, bytes, reason) => {
  expect(readAll([bytes])).toEqual({ frames: [], reason });
});
