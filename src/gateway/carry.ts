// The connections of a session: bytes from the sandbox to the session's server and back.
import { connect as connectSocket, type Socket } from "node:net";
import type { ByteStream } from "./contract.ts";

export type Carried = { connect(): ByteStream; close(): void };

/** Connections that are open at once; one more is closed as soon as it is made. */
const CONNECTIONS_MAX = 32;

export function carry({ path }: { path: string; hosts: string[] }): Carried {
  const open = new Set<Socket>();
  return {
    connect() {
      const socket = connectSocket(path);
      open.add(socket);
      socket.once("close", () => open.delete(socket));
      if (open.size > CONNECTIONS_MAX) socket.destroy();
      return streamsOf(socket);
    },
    close() {
      for (const socket of open) socket.destroy();
    },
  };
}

/** A socket as the two streams of the contract; each waits for its reader. */
function streamsOf(socket: Socket): ByteStream {
  const readable = new ReadableStream<Uint8Array>({
    start(controller) {
      socket.on("data", (chunk: Buffer) => {
        controller.enqueue(new Uint8Array(chunk));
        if ((controller.desiredSize ?? 0) <= 0) socket.pause();
      });
      const end = () => {
        try {
          controller.close();
        } catch {
          // It was closed, or its reader is gone.
        }
      };
      socket.once("end", end);
      socket.once("close", end);
      socket.on("error", end);
    },
    pull: () => void socket.resume(),
    cancel: () => void socket.destroy(),
  });
  const writable = new WritableStream<Uint8Array>({
    write: (chunk) => written(socket, chunk),
    close: () => void socket.end(),
    abort: () => void socket.destroy(),
  });
  return { readable, writable };
}

/** Resolves when the socket wants more; rejects when it is gone. */
function written(socket: Socket, chunk: Uint8Array): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (socket.destroyed) reject(new Error("the connection is closed"));
  else socket.write(chunk, (error) => (error ? reject(error) : resolve()));
  return promise;
}
