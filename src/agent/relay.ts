// The sandbox's own program beside an agent that bought tokens: a loopback port that leads, over
// standard input and output, to the model gateway on the host. Nothing in it is secret or trusted;
// an agent that breaks it has no model any more.
import type { ByteStream } from "../gateway/contract.ts";
import { multiplex } from "../gateway/mux.ts";
import { listenOnLoopback } from "../gateway/sockets.ts";

const port = Number(process.argv[2]);
const channel = multiplex(standardStreams(), null);
listenOnLoopback(port, channel);
channel.announce();
await channel.closed;
process.exit(0);

function standardStreams(): ByteStream {
  const sink = Bun.stdout.writer();
  const writable = new WritableStream<Uint8Array>({
    async write(chunk) {
      sink.write(chunk);
      await sink.flush();
    },
  });
  return { readable: Bun.stdin.stream(), writable };
}
