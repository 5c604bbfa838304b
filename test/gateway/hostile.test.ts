import { afterEach, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import {
  asks,
  cleanUp,
  inside,
  KEY,
  message,
  modelsOf,
  provider,
  streamed,
  streamText,
} from "./help.ts";

afterEach(cleanUp);

const JSON_TYPE = { "content-type": "application/json" };

describe("a request whose cost cannot be known is refused before the call", () => {
  const tool = (type: string) => ({ tools: [{ type, name: "t" }] });
  const source = (source: object) => ({
    messages: [{ role: "user", content: [{ type: "image", source }] }],
  });
  const nested = (block: object) => ({
    messages: [
      { role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: [block] }] },
    ],
  });
  test.each<[string, object]>([
    ["web_search", tool("web_search_20250305")],
    ["web_fetch", tool("web_fetch_20250910")],
    ["code_execution", tool("code_execution_20250825")],
    ["mcp_toolset", tool("mcp_toolset")],
    ["tools", { tools: { type: "web_search_20250305" } }],
    ["mcp_servers", { mcp_servers: [{ type: "url", url: "https://example.com" }] }],
    ["container", { container: "c" }],
    ["service_tier", { service_tier: "priority" }],
    ["inference_geo", { inference_geo: "us" }],
    ["speed", { speed: "fast" }],
    ["context_management", { context_management: { edits: [{ type: "compact_20260112" }] } }],
    ["__proto__", JSON.parse('{"__proto__": {"speed": "fast"}}')],
    ["whatever comes next", { "whatever comes next": 1 }],
    ["cache_control", { cache_control: { type: "ephemeral", ttl: "1h" } }],
    [
      "cache_control",
      nested({ type: "text", text: "", cache_control: { type: "ephemeral", ttl: "1h" } }),
    ],
    [
      "cache_control",
      {
        messages: [
          {
            role: "assistant",
            content: [
              {
                ...{ type: "tool_use", id: "a", name: "t", input: {} },
                cache_control: { type: "ephemeral", ttl: "1h" },
              },
            ],
          },
        ],
      },
    ],
    ["source", source({ type: "url", url: "https://example.com/x.png" })],
    ["source", source({ type: "file", file_id: "file_1" })],
    ["source", nested({ type: "image", source: { type: "url", url: "https://example.com" } })],
    ["stream", { stream: "yes" }],
    ["max_tokens", { max_tokens: 0 }],
    ["max_tokens", { max_tokens: -5 }],
    ["max_tokens", { max_tokens: 1.5 }],
    ["max_tokens", { max_tokens: "9" }],
    ["thinking.budget_tokens", { thinking: { type: "enabled", budget_tokens: -1 } }],
  ])("%s", async (name, more) => {
    const { url, seen } = provider(() => message());
    const { session, url: gateway } = await inside(modelsOf({ url }), 2_000);
    const body = JSON.stringify(withOwn(asks("hi"), more));
    const answer = await fetch(`${gateway}/v1/messages`, { method: "POST", body });
    const { error } = (await answer.json()) as { error: { type: string; message: string } };
    expect([answer.status, error.type]).toEqual([400, "invalid_request_error"]);
    expect(error.message).toContain(name);
    expect(seen).toEqual([]);
    expect((await session.close()).providerFailed).toBeNull();
  });

  test.each([
    "context-1m-2025-08-07",
    "fine-grained-tool-streaming-2025-05-14, fast-mode-2026-02-01",
  ])("the beta %s", async (beta) => {
    const { url, seen } = provider(() => message());
    const { url: gateway } = await inside(modelsOf({ url }), 2_000);
    const headers = { ...JSON_TYPE, "anthropic-beta": beta };
    const body = JSON.stringify(asks("hi"));
    const answer = await fetch(`${gateway}/v1/messages`, { method: "POST", headers, body });
    expect([answer.status, seen.length]).toEqual([400, 0]);
  });

  test("what stands twice in a request is sent once, as it was judged", async () => {
    const { url, seen } = provider(() => message());
    const { url: gateway } = await inside(modelsOf({ url }), 2_000);
    const body =
      '{"max_tokens":9999999,"model":"mind","model":"mind","messages":[],"max_tokens":5}';
    await fetch(`${gateway}/v1/messages`, { method: "POST", body });
    expect(seen.map(({ body }) => body)).toEqual([
      { model: "test-model-1", messages: [], max_tokens: 5 },
    ]);
  });

  test("a tool's input and schema are its own affair, whatever their keys are", async () => {
    const { url, seen } = provider(() => message());
    const { client } = await inside(modelsOf({ url }), 9_000);
    const odd = { type: "url", url: "https://example.com", ttl: "1h" };
    const properties = { type: { type: "image" }, url: odd };
    const schema = { type: "object" as const, properties };
    await client.messages.create(
      asks("hi", {
        tools: [{ name: "fetch", input_schema: schema }],
        messages: [
          { role: "user", content: "go" },
          {
            role: "assistant",
            content: [{ type: "tool_use", id: "a", name: "fetch", input: odd }],
          },
          { role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: "gone" }] },
        ],
      }),
    );
    expect(seen).toHaveLength(1);
  });
});

/** With its own key `__proto__`, which spreading keeps and assigning would not. */
function withOwn(request: object, more: object): object {
  return { ...request, ...more };
}

describe("whatever is sent, the gateway answers the next client", () => {
  const get = "GET /v1/models HTTP/1.1\r\nHost: x\r\n";
  const post = "POST /v1/messages HTTP/1.1\r\nHost: x\r\n";
  test.each<[string, string, RegExp]>([
    [
      "nothing that is HTTP",
      "\x16\x03\x01\x00\x05hello there, is this TLS?\r\n\r\n",
      /^(HTTP\/1.1 400|$)/,
    ],
    [
      "two lengths",
      `${post}Content-Length: 5\r\nContent-Length: 50\r\n\r\nhello`,
      /^HTTP\/1.1 400/,
    ],
    [
      "a length and chunks",
      `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n5c\r\nGPOST / HTTP/1.1\r\n\r\n0\r\n\r\n`,
      /^HTTP\/1.1 400/,
    ],
    ["endless headers", get + "X-More: and more and more\r\n".repeat(5_000), /^HTTP\/1.1 431/],
    ["a length beyond all", `${post}Content-Length: 99999999999\r\n\r\n{`, /^HTTP\/1.1 413/],
    ["a negative length", `${post}Content-Length: -1\r\n\r\n{`, /^HTTP\/1.1 400/],
    ["no host", "GET /v1/models HTTP/1.1\r\n\r\n", /^HTTP\/1.1 (400|200)/],
    ["no JSON", `${post}Content-Length: 5\r\n\r\nhello`, /^HTTP\/1.1 400[\s\S]*no JSON object/],
    [
      "another place",
      "GET /v1/files HTTP/1.1\r\nHost: x\r\n\r\n",
      /^HTTP\/1.1 404[\s\S]*not_found_error/,
    ],
    ["a climb", "GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", /^HTTP\/1.1 404/],
    ["another method", "DELETE /v1/messages HTTP/1.1\r\nHost: x\r\n\r\n", /^HTTP\/1.1 404/],
    ["a tunnel", "CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n", /^HTTP\/1.1 403/],
    [
      "a request for another host",
      "GET http://example.com/ HTTP/1.1\r\nHost: x\r\n\r\n",
      /^HTTP\/1.1 403/,
    ],
  ])("%s", async (_, bytes, answer) => {
    const { url } = provider(() => message());
    const { port, client, session } = await inside(modelsOf({ url }), 2_000);
    expect(await said(port, bytes)).toMatch(answer);
    await client.messages.create(asks("hi"));
    expect((await session.close()).providerFailed).toBeNull();
  });

  test("connections by the hundred, silent ones and half said ones", async () => {
    const { url } = provider(() => message());
    const { port, client } = await inside(modelsOf({ url }), 2_000);
    const halves = ["", "G", "POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"];
    const sockets = Array.from({ length: 300 }, (_, n) => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write(halves[n % 3] as string);
      return socket;
    });
    // Those that are too many are closed; when the others go, there is room again.
    const closed = sockets.map(
      (socket) => new Promise<void>((resolve) => socket.once("close", () => resolve())),
    );
    await Promise.race(closed);
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
    let answer: unknown = null;
    while (answer === null) answer = await client.messages.create(asks("hi")).catch(() => null);
    expect(answer).toMatchObject({ type: "message" });
  });

  test("a body beyond its bound is refused, however it comes", async () => {
    const { url, seen } = provider(() => message());
    const { url: gateway } = await inside(modelsOf({ url }), 2_000);
    const body = new Uint8Array(5 * 1024 * 1024).fill(32);
    const whole = await fetch(`${gateway}/v1/messages`, { method: "POST", body });
    const chunks = new ReadableStream({
      start(controller) {
        for (let n = 0; n < 5; n++) controller.enqueue(body.subarray(0, 1024 * 1024));
        controller.close();
      },
    });
    const chunked = await fetch(`${gateway}/v1/messages`, { method: "POST", body: chunks });
    for (const answer of [whole, chunked])
      expect([answer.status, await answer.json()]).toMatchObject([
        413,
        { type: "error", error: { type: "request_too_large" } },
      ]);
    expect(seen).toEqual([]);
  });

  test("more requests than a run may make", async () => {
    const { url: gateway, session } = await inside(modelsOf({ url: "http://127.0.0.1:1" }), 10);
    for (let n = 0; n < 1_000; n++) await (await fetch(`${gateway}/nothing`)).text();
    expect((await fetch(`${gateway}/v1/models`)).status).toBe(429);
    expect((await session.close()).calls).toHaveLength(1_000);
  });

  test("JSON that is deeper than any stack", async () => {
    const { url } = provider(() => message());
    const { url: gateway, session } = await inside(modelsOf({ url }), 2_000);
    const deep = `${"[".repeat(500_000)}${"]".repeat(500_000)}`;
    const body = `{"model":"mind","max_tokens":5,"messages":${deep}}`;
    const answer = await fetch(`${gateway}/v1/messages`, { method: "POST", body });
    expect(answer.status).toBe(400);
    const { calls } = await session.close();
    expect(calls).toMatchObject([{ status: 400, request: null }]);
  });

  test("an agent that reads nothing of its answer fills nobody's memory", async () => {
    let sent = 0;
    const piece = 'event: ping\ndata: {"type":"ping","x":"PAD"}\n\n'.replace(
      "PAD",
      "x".repeat(60_000),
    );
    const encoder = new TextEncoder();
    const [start = ""] = streamText();
    const body = () =>
      new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            sent += piece.length;
            controller.enqueue(encoder.encode(sent === piece.length ? start : piece));
            await Bun.sleep(0);
          },
        },
        { highWaterMark: 0 },
      );
    const { url } = provider(() => new Response(body(), { headers: EVENTS }));
    const models = modelsOf({ url, callMs: 2_000 });
    const { port, session } = await inside(models, 2_000);
    const request = JSON.stringify(asks("hi", { stream: true }));
    const socket = connect({ port, host: "127.0.0.1" });
    socket.pause();
    const head = `POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: ${request.length}\r\n\r\n`;
    socket.write(head + request);
    let before = -1;
    while (before !== sent || sent === 0) {
      before = sent;
      await Bun.sleep(300);
    }
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    // When the time of the call is up, it is the agent who was slow.
    while (models.costs().length === 0) await Bun.sleep(50);
    socket.destroy();
    expect((await session.close()).providerFailed).toBeNull();
  });
});

const EVENTS = { "content-type": "text/event-stream" };

/** What comes back for these bytes, until the other side closes or has answered. */
function said(port: number, bytes: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(port, "127.0.0.1");
  let text = "";
  const end = () => {
    socket.destroy();
    resolve(text);
  };
  socket.on("data", (chunk) => {
    text += chunk;
    const head = text.indexOf("\r\n\r\n");
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    if (head >= 0 && text.length >= head + 4 + length) end();
  });
  socket.once("close", end);
  socket.once("error", end);
  socket.write(bytes, "latin1");
  return promise;
}

test.each(["x", "text", "message"])(
  "the word %p in the place of a key is no secret",
  async (word) => {
    const key = "ECON_TEST_GATEWAY_WORD";
    process.env[key] = word;
    const { url } = provider(({ body }) => (body.stream ? streamed() : message()));
    const { session, client } = await inside(modelsOf({ url, model: { key } }), 2_000);
    expect(await client.messages.create(asks("hi"))).toMatchObject({
      content: [{ type: "text", text: "Yes." }],
    });
    const { content } = await client.messages.stream(asks("hi")).finalMessage();
    expect(content).toMatchObject([{ type: "text", text: "Yes." }]);
    expect((await session.close()).providerFailed).toBeNull();
    delete process.env[key];
  },
);

test("the key is nowhere but in the provider's own log", async () => {
  const echo = (headers: Headers) => `you sent ${[...headers].flat().join(" ")}`;
  const answers = [
    (headers: Headers) =>
      Response.json(
        { type: "error", error: { type: "authentication_error", message: echo(headers) } },
        { status: 401 },
      ),
    (headers: Headers) => new Response(echo(headers), { status: 500 }),
    (headers: Headers) =>
      message({ text: echo(headers), usage: { input_tokens: 9, output_tokens: 90 } }),
    (headers: Headers) => streamed({ pieces: [echo(headers)], end: { output_tokens: 90 } }),
    (headers: Headers) => new Response(`data: ${echo(headers)}\n\n`, { headers: EVENTS }),
  ];
  let next = 0;
  const { url, seen } = provider(
    ({ headers }) => answers[next++ % answers.length]?.(headers) as Response,
  );
  const models = modelsOf({ url });
  const { session, client, port } = await inside(models, 5_000);
  const texts: string[] = [];
  for (let n = 0; n < answers.length; n++) {
    const isStream = n >= 3;
    const call = isStream
      ? client.messages.stream(asks("hi")).finalMessage()
      : client.messages.create(asks("hi"));
    texts.push(JSON.stringify(await call.catch((error) => [error.message, error.error])));
  }
  const record = await session.close();
  expect(seen.every(({ headers }) => `${headers.get("authorization")}`.includes(KEY))).toBe(true);
  expect(texts.join("\n")).toContain("[key]");
  const all = JSON.stringify([texts, record, models.costs(), session.gateway.environment(port)]);
  expect(all).not.toContain(KEY);
});
