// Sockets as byte streams: those that a loopback port accepts, and an open file that is one. A
// socket that is not read is not read ahead, and either direction may end before the other.
import type { Socket, SocketHandler, UnixSocketOptions } from "bun";
import type { ByteStream } from "./contract.ts";
import type { Channel } from "./mux.ts";

type End = {
  stream: ByteStream;
  data(chunk: Uint8Array): void;
  drain(): void;
  end(): void;
  close(): void;
};

/** Bytes read ahead of who consumes them. */
const READ_AHEAD = 64 * 1024;

/**
 * A port of the loopback, 0 for any that is free, each of whose connections goes through the
 * channel. Throws where the port is taken.
 */
export function listenOnLoopback(
  port: number,
  channel: Pick<Channel, "open">,
): { port: number; stop(): void } {
  const listener = Bun.listen<End>({
    hostname: "127.0.0.1",
    port,
    allowHalfOpen: true,
    socket: handlers(({ stream }) => {
      if (!channel.open(stream)) stream.writable.abort();
    }),
  });
  return { port: listener.port, stop: () => listener.stop(true) };
}

/** An open file that is a connected socket; it is closed with the stream. */
export async function streamOfSocket(fd: number): Promise<ByteStream> {
  const { promise, resolve } = Promise.withResolvers<ByteStream>();
  // The types know no `fd` for connect.
  const options = { fd, allowHalfOpen: true, socket: handlers((end) => resolve(end.stream)) };
  await Bun.connect(options as unknown as UnixSocketOptions<End>);
  return promise;
}

function handlers(connected: (end: End) => void): SocketHandler<End> {
  return {
    open(socket) {
      socket.data = endOf(socket);
      connected(socket.data);
    },
    data: (socket, chunk) => socket.data.data(chunk),
    drain: (socket) => socket.data.drain(),
    end: (socket) => socket.data.end(),
    close: (socket) => socket.data.close(),
    error: (socket) => socket.data.close(),
  };
}

function endOf(socket: Socket<End>): End {
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  let failure: WritableStreamDefaultController | null = null;
  let drained: (() => void) | null = null;
  let gotAll = false;
  let sentAll = false;
  let closed = false;
  const readable = new ReadableStream<Uint8Array>(
    {
      start: (given) => {
        controller = given;
      },
      pull: () => {
        if (!closed) socket.resume();
      },
      cancel: () => {
        controller = null;
        socket.terminate();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: READ_AHEAD }),
  );
  const writable = new WritableStream<Uint8Array>({
    start: (given) => {
      failure = given;
    },
    async write(chunk) {
      for (let at = 0; !closed; ) {
        at += Math.max(0, socket.write(chunk.subarray(at)));
        if (at >= chunk.length) return;
        const { promise, resolve } = Promise.withResolvers<void>();
        drained = resolve;
        await promise;
      }
    },
    close() {
      sentAll = true;
      if (gotAll) socket.end();
      else socket.shutdown();
    },
    abort: () => {
      socket.terminate();
    },
  });
  return {
    stream: { readable, writable },
    data(chunk) {
      controller?.enqueue(chunk);
      if ((controller?.desiredSize ?? 1) <= 0) socket.pause();
    },
    drain: () => drained?.(),
    end() {
      if (gotAll || closed) return;
      gotAll = true;
      controller?.close();
      controller = null;
      if (sentAll) socket.end();
    },
    close() {
      if (closed) return;
      closed = true;
      const broken = new Error("the connection was closed");
      if (!gotAll) controller?.error(broken);
      controller = null;
      if (!sentAll) failure?.error(broken);
      drained?.();
    },
  };
}
