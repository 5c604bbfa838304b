// The connections of a session: bytes from the sandbox to the session's server and back, or to one
// of the hosts that may be reached. Which of the two is seen from the first line of a connection.
import { connect as connectSocket, type Socket } from "node:net";
import type { ByteStream } from "./contract.ts";
import { type HostProxy, isForProxy } from "./proxy.ts";
import { type Reader, readUntil } from "./read-until.ts";

export type Carried = { connect(): ByteStream; close(): void };

/** Connections that are open at once; one more ends as soon as it is made. */
const CONNECTIONS_MAX = 32;
/** Until a connection has said what it is for. */
const FIRST_BYTES_MS_MAX = 30_000;

/** `path`: the socket on which the session's server listens. */
export function carry(path: string, proxy: HostProxy): Carried {
  const open = new Set<() => void>();
  return {
    connect() {
      const up = new TransformStream<Uint8Array, Uint8Array>();
      const down = new TransformStream<Uint8Array, Uint8Array>();
      const end = new AbortController();
      const close = () => end.abort();
      if (open.size >= CONNECTIONS_MAX) close();
      open.add(close);
      void carryOne({ agent: { readable: up.readable, writable: down.writable }, end, path, proxy })
        .catch(() => {})
        .finally(() => open.delete(close));
      return { readable: down.readable, writable: up.writable };
    },
    close() {
      for (const close of open) close();
    },
  };
}

type One = { agent: ByteStream; end: AbortController; path: string; proxy: HostProxy };

async function carryOne({ agent, end, path, proxy }: One): Promise<void> {
  const reader = agent.readable.getReader();
  const writer = agent.writable.getWriter();
  const drop = () => {
    void reader.cancel().catch(() => {});
    void writer.abort().catch(() => {});
  };
  end.signal.addEventListener("abort", drop);
  if (end.signal.aborted) return drop();
  const timer = setTimeout(drop, FIRST_BYTES_MS_MAX);
  try {
    const first = await readUntil(reader, (bytes) => isForProxy(bytes) !== null);
    const target = isForProxy(first)
      ? await proxy.dial(first, reader)
      : { socket: connectSocket(path), first };
    clearTimeout(timer);
    if ("refusal" in target) {
      await writer.write(target.refusal);
      await writer.close();
      return;
    }
    await passBothWays({ ...target, reader, writer, end });
  } finally {
    clearTimeout(timer);
    end.signal.removeEventListener("abort", drop);
    drop();
  }
}

type Writer = WritableStreamDefaultWriter<Uint8Array>;

type Pass = {
  socket: Socket;
  /** To the socket before anything else. */
  first: Buffer;
  /** To the agent before anything else. */
  greeting?: Buffer;
  /** False when no more bytes may pass. */
  mayPass?: (bytes: number) => boolean;
  reader: Reader;
  writer: Writer;
  end: AbortController;
};

async function passBothWays(pass: Pass): Promise<void> {
  const { socket, first, greeting, mayPass = () => true, reader, writer, end } = pass;
  const stop = () => void socket.destroy();
  end.signal.addEventListener("abort", stop, { once: true });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("error", stop);
  const up = async () => {
    if (first.length > 0) await written(socket, first);
    for (;;) {
      const { value, done } = await reader.read();
      if (done || !value) return void socket.end();
      if (!mayPass(value.length)) return stop();
      await written(socket, value);
    }
  };
  const down = async () => {
    if (greeting) await writer.write(greeting);
    for await (const chunk of socket) {
      if (!mayPass(chunk.length)) return stop();
      await writer.write(chunk);
    }
    await writer.close();
  };
  try {
    // When the other side has said all, nobody reads what the agent may still say.
    await Promise.all([up().catch(stop), down().finally(() => reader.cancel())]);
    await closed;
  } finally {
    end.signal.removeEventListener("abort", stop);
    stop();
  }
}

/** Resolves when the socket takes more. */
function written(socket: Socket, chunk: Uint8Array): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (socket.destroyed) reject(new Error("the connection is closed"));
  else socket.write(chunk, (error) => (error ? reject(error) : resolve()));
  return promise;
}
