// What stands behind the gateway's contract in the tests of its carriage: a real server on this
// host, reached by real connections, which are counted.
import { connect } from "node:net";
import { Duplex } from "node:stream";
import type { ByteStream, Gateway } from "../../src/gateway/contract.ts";

export type FarSide = Gateway & {
  /** Loopback ports that programs inside were told. */
  ports: number[];
  /** Connections that were made, and those that are still open. */
  made(): number;
  open(): number;
  busy(isBusy: boolean): void;
};

/** The gateway that leads to a port of this host. */
export function farSide(port: number): FarSide {
  const ports: number[] = [];
  const listeners: ((busy: boolean) => void)[] = [];
  let made = 0;
  let open = 0;
  return {
    ports,
    made: () => made,
    open: () => open,
    busy: (isBusy) => {
      for (const listener of listeners) listener(isBusy);
    },
    connect() {
      made += 1;
      open += 1;
      const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
      socket.on("error", () => {});
      socket.on("close", () => {
        open -= 1;
      });
      return Duplex.toWeb(socket) as unknown as ByteStream;
    },
    environment(inside) {
      ports.push(inside);
      return { BASE_URL: `http://127.0.0.1:${inside}`, PORT: `${inside}` };
    },
    onBusy: (listener) => listeners.push(listener),
  };
}

/** Waits for what must come by itself; the test's own time limit says when it did not. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await Bun.sleep(5);
}
