import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ByteStream } from "../../src/gateway/contract.ts";
import { DATA_BYTES_MAX, encodeFrame, type Frame, frameReader } from "../../src/gateway/frames.ts";
import { type Channel, CONNECTIONS_MAX, multiplex, WINDOW } from "../../src/gateway/mux.ts";

/** A pipe with two ends. */
function pair(): [ByteStream, ByteStream] {
  const there = new TransformStream<Uint8Array, Uint8Array>();
  const back = new TransformStream<Uint8Array, Uint8Array>();
  return [
    { readable: back.readable, writable: there.writable },
    { readable: there.readable, writable: back.writable },
  ];
}

/** Both ends of a channel; what the inner end opens gets `far` at the outer. */
function channel(far: () => ByteStream): { inner: Channel; outer: Channel } {
  const [one, other] = pair();
  return { inner: multiplex(one, null), outer: multiplex(other, far) };
}

/** Gives back what it gets. */
const echo = () => new TransformStream<Uint8Array, Uint8Array>();
/** Takes nothing and says nothing. */
const deaf = (): ByteStream => ({
  readable: new ReadableStream<Uint8Array>(),
  writable: new WritableStream<Uint8Array>({ write: () => new Promise(() => {}) }),
});

function opened(inner: Channel): ByteStream {
  const [near, far] = pair();
  expect(inner.open(far)).toBe(true);
  return near;
}

async function send({ writable }: ByteStream, chunks: Uint8Array[]): Promise<void> {
  const writer = writable.getWriter();
  for (const chunk of chunks) await writer.write(chunk);
  await writer.close();
}

const bytesOf = ({ readable }: ByteStream) => new Response(readable).bytes();

test("many connections at once each carry what was sent over them, whatever its pieces", async () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 100_000, minLength: 1, size: "max" }));
  await fc.assert(
    fc.asyncProperty(fc.array(chunks, { minLength: 1, maxLength: 5 }), async (streams) => {
      const { inner, outer } = channel(echo);
      const carried = streams.map(async (stream) => {
        const near = opened(inner);
        const [got] = await Promise.all([bytesOf(near), send(near, stream)]);
        expect(Buffer.concat(stream).equals(got)).toBe(true);
      });
      await Promise.all(carried);
      outer.close();
      await inner.closed;
    }),
    { numRuns: 20 },
  );
});

test("who does not read is sent a window and no more, and holds up nobody else", async () => {
  let first = true;
  const { inner, outer } = channel(() => {
    const far = first ? deaf() : echo();
    first = false;
    return far;
  });
  const stuck = opened(inner).writable.getWriter();
  let taken = 0;
  const flood = async () => {
    for (;;) {
      await stuck.write(new Uint8Array(8 * 1024));
      taken += 8 * 1024;
    }
  };
  const ended = flood().catch(() => {});
  const body = new Uint8Array(20 * WINDOW).map((_, at) => at >> 8);
  for (let n = 0; n < 3; n++) {
    const near = opened(inner);
    const [got] = await Promise.all([bytesOf(near), send(near, [body])]);
    expect(Buffer.from(got).equals(Buffer.from(body))).toBe(true);
  }
  // The window, and what the pipes themselves hold.
  expect(taken).toBeGreaterThanOrEqual(WINDOW);
  expect(taken).toBeLessThanOrEqual(WINDOW + 5 * 8 * 1024);
  outer.close();
  await Promise.all([inner.closed, ended]);
});

test("one direction ends before the other", async () => {
  const { inner, outer } = channel(() => {
    const [near, far] = pair();
    bytesOf(far).then((got) => send(far, [Buffer.from(`got ${Buffer.from(got)}`)]));
    return near;
  });
  const near = opened(inner);
  await send(near, [Buffer.from("a question")]);
  expect(Buffer.from(await bytesOf(near)).toString()).toBe("got a question");
  outer.close();
});

test("a connection that breaks at one end breaks at the other, and no other does", async () => {
  const broken = Promise.withResolvers<unknown>();
  let first = true;
  const { inner, outer } = channel(() => {
    if (!first) return echo();
    first = false;
    const writable = new WritableStream<Uint8Array>({ abort: broken.resolve });
    return { readable: new ReadableStream({ cancel: () => {} }), writable };
  });
  const near = opened(inner);
  const reading = bytesOf(near).then(
    () => "ended",
    () => "broken",
  );
  await near.writable.abort(new Error("gone"));
  await broken.promise;
  expect(await reading).toBe("broken");
  const next = opened(inner);
  const [got] = await Promise.all([bytesOf(next), send(next, [Buffer.from("x")])]);
  expect(Buffer.from(got).toString()).toBe("x");
  outer.close();
});

test("the inner end refuses to open more connections than there may be", () => {
  const { inner, outer } = channel(deaf);
  for (let n = 0; n < CONNECTIONS_MAX; n++) expect(inner.open(deaf())).toBe(true);
  expect(inner.open(deaf())).toBe(false);
  outer.close();
});

test("it is known whether the other end ever listens", async () => {
  const heard = channel(echo);
  heard.inner.announce();
  expect(await heard.outer.listening).toBe(true);
  const silent = channel(echo);
  silent.inner.close();
  expect(await silent.outer.listening).toBe(false);
  expect(silent.inner.open(echo())).toBe(false);
});

const open = (id: number): Frame => ({ kind: "open", id });
const data = (id: number, size = 1): Frame => {
  return { kind: "data", id, bytes: new Uint8Array(size) };
};
const over: Frame[] = Array(WINDOW / DATA_BYTES_MAX).fill(data(1, DATA_BYTES_MAX));

const HOSTILE: [what: string, frames: Frame[]][] = [
  ["opens a connection twice", [open(1), open(1)]],
  ["opens connections backwards", [open(5), open(4)]],
  ["sends to a connection that never was", [open(1), data(2)]],
  ["ends a connection that never was", [{ kind: "end", id: 1 }]],
  ["sends more than the window", [open(1), ...over, data(1)]],
  ["sends after the end", [open(1), { kind: "end", id: 1 }, data(1)]],
  ["ends twice", [open(1), { kind: "end", id: 1 }, { kind: "end", id: 1 }]],
  ["gives more credit than a window", [open(1), { kind: "credit", id: 1, bytes: 1 }]],
];

describe("an other end that", () => {
  test.each(HOSTILE)("%s loses the channel, with all its connections", async (_, frames) => {
    const [one, other] = pair();
    const broken: Promise<unknown>[] = [];
    const outer = multiplex(other, () => {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      broken.push(promise);
      const writable = new WritableStream<Uint8Array>({
        write: () => new Promise(() => {}),
        close: () => new Promise(() => {}),
        abort: resolve,
      });
      return { readable: new ReadableStream({ cancel: resolve }), writable };
    });
    const writer = one.writable.getWriter();
    for (const frame of frames) writer.write(encodeFrame(frame)).catch(() => {});
    await outer.closed;
    expect(broken.length).toBe(frames.filter(({ kind }) => kind === "open").length > 0 ? 1 : 0);
    await Promise.all(broken);
  });

  test("speaks no frames loses the channel", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1 }), async (bytes) => {
        const [one, other] = pair();
        const outer = multiplex(other, deaf);
        const writer = one.writable.getWriter();
        writer.write(bytes).catch(() => {});
        writer.close().catch(() => {});
        await outer.closed;
        expect(await outer.listening).toBe(readsListening(bytes));
      }),
    );
  });

  test("opens what only the inner end may open loses the channel", async () => {
    const [one, other] = pair();
    const inner = multiplex(one, null);
    other.writable.getWriter().write(encodeFrame(open(1)));
    await inner.closed;
  });

  test("opens without measure gets no more connections than there may be", async () => {
    const [one, other] = pair();
    let made = 0;
    const outer = multiplex(other, () => {
      made += 1;
      return deaf();
    });
    const writer = one.writable.getWriter();
    const read = frameReader();
    const resets = new Set<number>();
    const reading = (async () => {
      for await (const chunk of one.readable) {
        const frames = read(chunk);
        for (const frame of frames.ok ? frames.value : []) resets.add(frame.id);
        if (resets.size === 50) return;
      }
    })();
    for (let id = 1; id <= CONNECTIONS_MAX + 50; id++) await writer.write(encodeFrame(open(id)));
    await reading;
    expect([made, Math.min(...resets)]).toEqual([CONNECTIONS_MAX, CONNECTIONS_MAX + 1]);
    outer.close();
  });

  test("takes no answers is not read any more, and the channel can still be closed", async () => {
    const [one, other] = pair();
    const outer = multiplex(other, deaf);
    const writer = one.writable.getWriter();
    let taken = 0;
    const flood = (async () => {
      for (let id = 1; id <= 50_000; id++) {
        await writer.write(encodeFrame(open(id)));
        taken += 1;
      }
    })().catch(() => {});
    await Bun.sleep(300);
    expect(taken).toBeLessThan(2_000);
    outer.close();
    await Promise.all([outer.closed, flood]);
  });
});

/** A random array can begin with the seven zeros that mean "listening". */
function readsListening(bytes: Uint8Array): boolean {
  const frames = frameReader()(bytes);
  return frames.ok && frames.value.some(({ kind }) => kind === "listening");
}
