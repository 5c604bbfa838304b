// How the model gateway gets into a sandbox: a relay beside the agent holds a loopback port and
// leads what connects to it over one byte stream to the host, where each connection becomes one of
// the gateway's. Nothing of this starts for a run without tokens.
import { join } from "node:path";
import type { ByteStream, Gateway } from "../gateway/contract.ts";
import { multiplex } from "../gateway/mux.ts";
import { listenOnLoopback, streamOfSocket } from "../gateway/sockets.ts";

/** The loopback port of a sandbox that has a network of its own. */
export const PORT_INSIDE = 8787;

/** What the relay needs, on top of what the agent bought. */
export const RELAY_MEMORY_MB = 64;
export const RELAY_PROCESSES = 16;

/** The relay's command line, for a toolkit and a guarded `bun` that stand there inside. */
export function relayCommand(toolkit: string): string[] {
  return ["bun", join(toolkit, "src/agent/relay.ts"), `${PORT_INSIDE}`];
}

export type Way = {
  /** False where the relay will never listen. */
  listening: Promise<boolean>;
  close(): void;
};

/** The host's end of a channel whose other end is a relay's standard input and output. */
export function carry(gateway: Gateway, wire: ByteStream): Way {
  return multiplex(wire, () => gateway.connect());
}

/** The same over an open file that is a socket; it is closed with the channel. */
export function carryOver(gateway: Gateway, fd: number): Way {
  const way = streamOfSocket(fd).then((wire) => carry(gateway, wire));
  return {
    listening: way.then(({ listening }) => listening).catch(() => false),
    close: () => void way.then((channel) => channel.close()).catch(() => {}),
  };
}

/** A loopback port of the host itself, for a run that shares the host's network. */
export function carryOnHost(gateway: Gateway): { port: number; stop(): void } {
  const there = new TransformStream<Uint8Array, Uint8Array>();
  const back = new TransformStream<Uint8Array, Uint8Array>();
  const near = multiplex({ readable: back.readable, writable: there.writable }, null);
  const far = carry(gateway, { readable: there.readable, writable: back.writable });
  const { port, stop } = listenOnLoopback(0, near);
  return {
    port,
    stop() {
      stop();
      near.close();
      far.close();
    },
  };
}
