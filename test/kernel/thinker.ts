// A world whose agent thinks, and a provider of its own: real files, git, gateway and HTTP. Only the
// process is left out: a run asks the gateway from here, as a program in a sandbox would.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunRequest, Sandbox } from "../../src/execution/sandbox.ts";
import { nothingTaken } from "../../src/execution/scratch.ts";
import type { Gateway } from "../../src/gateway/contract.ts";
import type { TickOptions } from "../../src/kernel/tick.ts";
import { createWorld, loadEconomy, type TickReport, tick } from "../../src/kernel.ts";

const KEY = "ECON_TEST_KERNEL_KEY";
process.env[KEY] = "sk-test-of-the-kernel";

const cleanups: (() => unknown)[] = [];

/** To be called after each test. */
export function cleanUp(): void {
  for (const clean of cleanups.splice(0).reverse()) clean();
}

export type Provider = { url: string; asked: () => number; answer: (status: number) => void };

/** Answers every call with the same few words, or with an error. */
export function providerOf(): Provider {
  let asked = 0;
  let status = 200;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      if (!new URL(request.url).pathname.endsWith("/v1/messages"))
        return Response.json({ input_tokens: 20 });
      asked += 1;
      const error = { type: "error", error: { type: "api_error", message: "out of order" } };
      return status === 200 ? Response.json(MESSAGE) : Response.json(error, { status });
    },
  });
  cleanups.push(() => server.stop(true));
  const answer = (next: number) => {
    status = next;
  };
  return { url: `http://127.0.0.1:${server.port}`, asked: () => asked, answer };
}

/** 20 tokens in, 30 out: $0.00017 and 34 bought tokens by the default weights. */
const MESSAGE = {
  ...{ id: "msg_1", type: "message", role: "assistant", model: "test-1" },
  content: [{ type: "text", text: "I bid." }],
  ...{ stop_reason: "end_turn", stop_sequence: null },
  usage: { input_tokens: 20, output_tokens: 30 },
};

export type Thinker = {
  root: string;
  tick(options?: Partial<TickOptions>): Promise<TickReport>;
  tryTick(options?: Partial<TickOptions>): ReturnType<typeof tick>;
  git(...words: string[]): string;
  economy(): Promise<TickReport["economy"]>;
};

/** A world in which ada thinks with this provider, and each run is `run`. */
export async function worldWith(
  { url }: Provider,
  run: (asks: Asks) => Promise<string>,
  settings: Record<string, string> = {},
): Promise<Thinker> {
  const folder = mkdtempSync(join(tmpdir(), "econ-kernel-"));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const root = join(folder, "world");
  const values = { clock: "logical", "models.haiku.base_url": url, "models.haiku.key": KEY };
  const made = await createWorld(root, {
    preset: "default",
    seed: "thinker",
    settings: Object.entries({ ...values, ...settings }),
    cast: {},
    person: "Pat",
    durable: false,
  });
  if (!made.ok) throw new Error(JSON.stringify(made.problems));
  mkdirSync(join(root, "agents/ada/workspace"), { recursive: true });
  writeFileSync(join(root, "agents/ada/workspace/AGENTS.md"), "Live.\n");
  const options = { command: "test", durable: false, sandbox: sandboxOf(run) };
  const tryTick = (more: Partial<TickOptions> = {}) => tick(root, { ...options, ...more });
  return {
    root,
    tryTick,
    async tick(more) {
      const done = await tryTick(more);
      if (!done.ok) throw new Error(JSON.stringify(done.problems));
      return done.value;
    },
    git(...words) {
      const done = Bun.spawnSync(["git", "-C", root, ...words]);
      if (done.exitCode !== 0) throw new Error(done.stderr.toString());
      return done.stdout.toString();
    },
    async economy() {
      const loaded = await loadEconomy(root);
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
      return loaded.value.economy;
    },
  };
}

/** What a run can do: call its model; null where it has none. The status of the answer. */
export type Asks = { call: ((text: string) => Promise<number>) | null; request: RunRequest };

/** Actions as lines. */
export const BID = JSON.stringify({
  action: "bid",
  resources: { tokens: 2_000, cpu_seconds: 1, memory_mb: 96 },
  payload: ["think"],
});

function sandboxOf(run: (asks: Asks) => Promise<string>): Sandbox {
  return {
    name: "bubblewrap",
    unenforced: [],
    async run(request) {
      const { gateway } = request;
      const call = gateway ? (text: string) => askModel(gateway, text) : null;
      const actions = new TextEncoder().encode(await run({ call, request }));
      return { ...nothingTaken(request, { kind: "finished" }), actions };
    },
  };
}

/** One call over one connection of the gateway; the status of its answer. */
async function askModel(gateway: Gateway, text: string): Promise<number> {
  const { readable, writable } = gateway.connect();
  const body = JSON.stringify({
    model: "haiku",
    max_tokens: 50,
    messages: [{ role: "user", content: text }],
  });
  const head = [
    "POST /v1/messages HTTP/1.1",
    "host: gateway",
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  const writer = writable.getWriter();
  await writer.write(new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n${body}`));
  let answer = "";
  const decoder = new TextDecoder();
  for await (const chunk of readable) {
    answer += decoder.decode(chunk, { stream: true });
    if (/\r\n\r\n.*\}/s.test(answer)) break;
  }
  await writer.abort().catch(() => {});
  return Number(answer.split(" ")[1]);
}
