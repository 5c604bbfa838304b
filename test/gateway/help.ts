// What the tests of the gateway share: a bridge from a port to a session, as a driver has one, and
// real HTTP servers in the place of a provider.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Anthropic } from "@anthropic-ai/sdk";
import { type Rules, rulesSchema } from "../../src/economy/rules.ts";
import type { Gateway, Models, Session } from "../../src/gateway/contract.ts";
import { liveModels } from "../../src/gateway/live.ts";

export const KEY = "sk-test-0123456789-must-not-leak";
export const KEY_VARIABLE = "ECON_TEST_GATEWAY_KEY";
process.env[KEY_VARIABLE] = KEY;

const cleanups: (() => unknown)[] = [];

/** To be called after each test. */
export async function cleanUp(): Promise<void> {
  for (const clean of cleanups.splice(0).reverse()) await clean();
}

export function later(clean: () => unknown): void {
  cleanups.push(clean);
}

export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "econ-test-gateway-"));
  later(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const PRICE = { input: 1, cached_input: 0.1, cache_write: 1.25, output: 5 };

export type WorldParts = {
  url: string;
  model?: Record<string, unknown>;
  spending?: Record<string, number>;
  hosts?: string[];
};

export function rulesOf({ url, model = {}, spending = {}, hosts = [] }: WorldParts): Rules {
  const mind = { id: "test-model-1", base_url: url, key: KEY_VARIABLE, price: PRICE, ...model };
  return rulesSchema.parse({ models: { mind }, spending, execution: { hosts } });
}

export type LiveParts = WorldParts & {
  folder?: string;
  spent?: { today: number; total: number };
  durable?: boolean;
  callMs?: number;
};

export function modelsOf(parts: LiveParts): Models {
  const { folder = freshFolder(), spent = { today: 0, total: 0 }, durable = false } = parts;
  const { callMs = 300_000 } = parts;
  return liveModels({ rules: rulesOf(parts), folder, spent, durable, pauseMs: 1, callMs });
}

/** The port on which programs in a sandbox would find the gateway. */
export async function bridge(gateway: Gateway): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    const { readable, writable } = gateway.connect();
    const writer = writable.getWriter();
    const gone = () => void writer.abort().catch(() => {});
    writer.closed.catch(() => socket.destroy());
    socket.on("data", (chunk: Buffer) => {
      socket.pause();
      writer.write(chunk).then(
        () => socket.resume(),
        () => socket.destroy(),
      );
    });
    socket.once("end", () => void writer.close().catch(() => {}));
    socket.once("error", gone);
    socket.once("close", gone);
    void (async () => {
      for await (const chunk of readable)
        if (!socket.write(chunk)) await new Promise((drained) => socket.once("drain", drained));
      socket.end();
    })().catch(() => socket.destroy());
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  later(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

export type Inside = { session: Session; port: number; url: string; client: Anthropic };

/** A run with so many bought tokens, and the official client as a program inside has it. */
export async function inside(models: Models, tokens: number, id = "ada-1-1"): Promise<Inside> {
  const session = models.open({ id, agent: id.split("-")[0] as string, tokens });
  let isClosed = false;
  const once: Session = {
    gateway: session.gateway,
    close() {
      isClosed = true;
      return session.close();
    },
  };
  const port = await bridge(session.gateway);
  later(() => (isClosed ? undefined : session.close()));
  const variables = session.gateway.environment(port);
  const { ANTHROPIC_BASE_URL: url = "", ANTHROPIC_API_KEY: apiKey = "" } = variables;
  const client = new Anthropic({ baseURL: url, apiKey, maxRetries: 0 });
  return { session: once, port, url, client };
}

export type Seen = {
  path: string;
  headers: Headers;
  body: Record<string, unknown>;
  /** The client is gone. */
  signal: AbortSignal;
};
export type Provider = { url: string; seen: Seen[]; stop(): void };

/** A provider of one's own: a real HTTP server with these answers. */
export function provider(answer: (seen: Seen) => Response | Promise<Response>): Provider {
  const seen: Seen[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const text = await request.text();
      const body = text === "" ? {} : JSON.parse(text);
      const one = {
        path: pathname + search,
        headers: request.headers,
        body,
        signal: request.signal,
      };
      seen.push(one);
      return answer(one);
    },
  });
  const stop = () => void server.stop(true);
  later(stop);
  return { url: `http://127.0.0.1:${server.port}`, seen, stop };
}

export type Said = { text?: string; usage?: unknown };

/** Leaves the usage out. */
export const NONE = Symbol("none");

/** A message as the API gives it in one piece. */
export function message({
  text = "Yes.",
  usage = { input_tokens: 20, output_tokens: 3 },
}: Said = {}) {
  return Response.json({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "test-model-1",
    content: [{ type: "text", text }],
    stop_reason: "end_turn",
    stop_sequence: null,
    ...(usage === NONE ? {} : { usage }),
  });
}

export type StreamPlan = {
  pieces?: string[];
  start?: unknown;
  end?: unknown;
  /** Breaks off before its end. */
  cut?: boolean;
};

/** The events of a streamed message. */
export function streamText({ pieces = ["Y", "es."], start, end, cut = false }: StreamPlan = {}) {
  const usage = start ?? { input_tokens: 20, output_tokens: 1 };
  const begun = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    content: [],
    model: "test-model-1",
  };
  const events: [string, object][] = [
    ["message_start", { message: { ...begun, stop_reason: null, stop_sequence: null, usage } }],
    ["content_block_start", { index: 0, content_block: { type: "text", text: "" } }],
    ...pieces.map((text): [string, object] => [
      "content_block_delta",
      { index: 0, delta: { type: "text_delta", text } },
    ]),
    ["content_block_stop", { index: 0 }],
    [
      "message_delta",
      {
        delta: { stop_reason: "end_turn", stop_sequence: null },
        usage: end ?? { output_tokens: 3 },
      },
    ],
    ["message_stop", {}],
  ];
  const kept = cut ? events.slice(0, 3) : events;
  return kept.map(
    ([type, data]) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`,
  );
}

const EVENTS = { headers: { "content-type": "text/event-stream" } };

export function streamed(plan: StreamPlan = {}): Response {
  return new Response(streamText(plan).join(""), EVENTS);
}

/** What was said and never ends, one piece at a time. */
export function endless(texts: (n: number) => string, onCancel: () => void): Response {
  let n = 0;
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      controller.enqueue(encoder.encode(texts(n++)));
      await Bun.sleep(1);
    },
    cancel: onCancel,
  });
  return new Response(body, EVENTS);
}

export const asks = (text: string, more: object = {}) => ({
  model: "mind",
  max_tokens: 100,
  messages: [{ role: "user" as const, content: text }],
  ...more,
});

/** The status and message of the error that a call comes to. */
export async function errorOf(call: PromiseLike<unknown>): Promise<[number | undefined, string]> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Anthropic.APIError) {
      const body = error.error as { error?: { message?: string } } | undefined;
      return [error.status, body?.error?.message ?? error.message];
    }
    throw error;
  }
  throw new Error("the call went well");
}
