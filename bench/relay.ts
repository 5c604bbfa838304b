// What the way through the relay costs a program inside a sandbox: a request to a server on the
// host over the gateway's carriage, against the same request to such a server beside it on its own
// loopback. At once, and from a server that takes as long as a near provider's first byte.
// Run it: sh bin/bun bench/relay.ts
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { chooseSandbox } from "../src/execution/choose.ts";
import type { ByteStream, Gateway } from "../src/gateway/contract.ts";
import { compare, figuresOf } from "./measure.ts";

const ROUNDS = 300;
const scratch = mkdtempSync(join(tmpdir(), "econ-bench-"));
const limits = {
  cpuSeconds: 60,
  memoryMb: 200,
  wallSeconds: 120,
  processes: 64,
  diskMb: 16,
  files: 1000,
};

/** Answers after so many milliseconds as the path says; the same on both sides. */
const SERVER = `Bun.serve({ port: Number(process.argv[2] ?? 0), hostname: "127.0.0.1",
  async fetch(asked) {
    const milliseconds = Number(new URL(asked.url).pathname.slice(1));
    if (milliseconds > 0) await Bun.sleep(milliseconds);
    return new Response("x".repeat(500));
  } })`;

const CLIENT = `
  const beside = Bun.spawn(["bun", "server.ts", "9000"]);
  const urls = { through: process.env.BASE_URL, direct: "http://127.0.0.1:9000" };
  const body = "x".repeat(2000);
  const ask = async (url) => (await fetch(url, { method: "POST", body })).text();
  while (!(await ask(urls.direct + "/0").catch(() => null))) await Bun.sleep(10);
  const times = {};
  for (const [milliseconds, rounds] of [[0, ${ROUNDS}], [20, ${ROUNDS / 3}]])
    for (let round = -20; round < rounds; round++)
      for (const [name, url] of Object.entries(urls)) {
        const start = performance.now();
        await ask(url + "/" + milliseconds);
        if (round >= 0) (times[name + milliseconds] ??= []).push(performance.now() - start);
      }
  await Bun.write("times.json", JSON.stringify(times));
  beside.kill();`;

const server = new Function("Bun", "process", `return ${SERVER}`)(Bun, { argv: [] });
const gateway: Gateway = {
  connect: () =>
    Duplex.toWeb(connect({ host: "127.0.0.1", port: server.port })) as unknown as ByteStream,
  environment: (port) => ({ BASE_URL: `http://127.0.0.1:${port}` }),
  onBusy() {},
};
const file = (text: string) => ({ bytes: Buffer.from(text), executable: false });
const workspace = new Map([
  ["main.ts", file(CLIENT)],
  ["server.ts", file(SERVER)],
]);
const chosen = await chooseSandbox("bubblewrap", { scratch, toolkit: join(import.meta.dir, "..") });
if (!chosen.ok) throw new Error(chosen.reason);
const argv = ["bun", "main.ts"];
const run = { id: "relay", argv, workspace, briefing: new Map(), limits, gateway };
const result = await chosen.value.run(run);
server.stop(true);
rmSync(scratch, { recursive: true });
const written = result.workspace.get("times.json");
if (!written) throw new Error(`${JSON.stringify(result.ending)} ${result.output}`);
const times: Record<string, number[]> = JSON.parse(Buffer.from(written.bytes).toString());
for (const [milliseconds, aim] of [
  ["0", ""],
  ["20", "1.1 ×"],
])
  compare(
    {
      name: `a call through the relay to a server that takes ${milliseconds} ms`,
      figures: figuresOf(times[`through${milliseconds}`] ?? []),
    },
    {
      name: "the same over loopback",
      figures: figuresOf(times[`direct${milliseconds}`] ?? []),
      ...(aim ? { aim } : {}),
    },
  );
