import { afterEach, describe, expect, test } from "bun:test";
import { LLMock } from "@copilotkit/aimock";
import { asks, cleanUp, errorOf, inside, KEY, later, message, modelsOf, provider } from "./help.ts";

afterEach(cleanUp);

async function aimock(): Promise<LLMock> {
  const mock = await LLMock.create({ port: 0 });
  later(() => mock.stop());
  const usage = { input_tokens: 30, output_tokens: 8 };
  mock.onToolResult("call_1", { content: "It is 18 degrees.", usage });
  mock.onMessage("hello", { content: "Hello, agent.", usage });
  const weather = { id: "call_1", name: "weather", arguments: JSON.stringify({ city: "Turin" }) };
  mock.onMessage("weather", { toolCalls: [weather], usage });
  return mock;
}

const tools = [
  {
    name: "weather",
    description: "The weather of a city.",
    input_schema: { type: "object" as const, properties: { city: { type: "string" } } },
  },
];

describe("an unmodified client works against the gateway", () => {
  test("with a message in one piece, which costs what was counted", async () => {
    const mock = await aimock();
    const models = modelsOf({ url: mock.url });
    const { client, session } = await inside(models, 2_000);
    const answer = await client.messages.create(asks("hello"));
    expect(answer.content).toMatchObject([{ type: "text", text: "Hello, agent." }]);
    const { calls, providerFailed } = await session.close();
    expect(providerFailed).toBeNull();
    const usage = { input: 30, cachedInput: 0, cacheWrite: 0, output: 8 };
    expect(calls).toMatchObject([
      { model: "mind", status: 200, usage, milliTokens: 14_000, dollars: 70, failed: false },
    ]);
    expect(models.costs()).toEqual([
      { agent: "ada", model: "mind", calls: 1, ...usage, milliTokens: 14_000, dollars: 70 },
    ]);
  });

  test("with a stream, which is kept exactly as the agent got it", async () => {
    const mock = await aimock();
    const { client, session } = await inside(modelsOf({ url: mock.url }), 2_000);
    const pieces: string[] = [];
    const stream = client.messages.stream(asks("hello")).on("text", (text) => pieces.push(text));
    const { content, usage } = await stream.finalMessage();
    expect(content).toMatchObject([{ type: "text", text: "Hello, agent." }]);
    expect(pieces.join("")).toBe("Hello, agent.");
    expect(usage).toMatchObject({ input_tokens: 30, output_tokens: 8 });
    const { calls } = await session.close();
    expect(calls).toMatchObject([{ milliTokens: 14_000, usage: { input: 30, output: 8 } }]);
    expect(calls[0]?.body).toStartWith("event: message_start\n");
    expect(calls[0]?.body).toEndWith('event: message_stop\ndata: {"type":"message_stop"}\n\n');
  });

  test.each([false, true])("with tools (streamed: %p)", async (isStreamed) => {
    const mock = await aimock();
    const { client } = await inside(modelsOf({ url: mock.url }), 6_000);
    const first = asks("the weather?", { tools });
    const asked = isStreamed
      ? await client.messages.stream(first).finalMessage()
      : await client.messages.create(first);
    expect(asked.stop_reason).toBe("tool_use");
    const [use] = asked.content;
    expect(use).toMatchObject({ type: "tool_use", name: "weather", input: { city: "Turin" } });
    const result = { type: "tool_result" as const, tool_use_id: "call_1", content: "18" };
    const { content } = await client.messages.create({
      ...first,
      messages: [
        ...first.messages,
        { role: "assistant", content: asked.content },
        { role: "user", content: [result] },
      ],
    });
    expect(content).toMatchObject([{ type: "text", text: "It is 18 degrees." }]);
  });

  test("with the list of models, by the world's names", async () => {
    const { client } = await inside(modelsOf({ url: "http://127.0.0.1:1" }), 10);
    const { data } = await client.models.list();
    expect(data).toMatchObject([{ id: "mind", display_name: "test-model-1", type: "model" }]);
  });

  test("with the counting of tokens, a hundred times in a run", async () => {
    const { url, seen } = provider(() => Response.json({ input_tokens: 42 }));
    const { client } = await inside(modelsOf({ url }), 10);
    const { max_tokens: _, ...counted } = asks("how long is this?");
    expect(await client.messages.countTokens(counted)).toEqual({ input_tokens: 42 });
    expect(seen).toMatchObject([
      { path: "/v1/messages/count_tokens", body: { model: "test-model-1" } },
    ]);
    for (let n = 1; n < 100; n++) await client.messages.countTokens(counted);
    const [status] = await errorOf(client.messages.countTokens(counted));
    expect([status, seen.length]).toEqual([429, 100]);
  });
});

test("a model goes by the world's name or the provider's, dated or not, and any other is told which there are", async () => {
  const { url, seen } = provider(() => message());
  const { client } = await inside(modelsOf({ url }), 2_000);
  const names = ["mind", "test-model-1", "test-model-1-20260131"];
  for (const model of names) await client.messages.create(asks("hi", { model }));
  expect(seen.map(({ body }) => body.model)).toEqual(names.map(() => "test-model-1"));
  const error = await errorOf(client.messages.create(asks("hi", { model: "gpt" })));
  expect(error).toEqual([404, 'model: there is no "gpt"; this world has: mind']);
});

test("version and betas of the API pass through; no other header or query does, in either direction", async () => {
  const { url, seen } = provider(() => {
    const { body, headers } = message();
    headers.set("request-id", "req_123");
    headers.set("anthropic-organization-id", "org_9");
    return new Response(body, { headers });
  });
  const { url: gateway } = await inside(modelsOf({ url }), 2_000);
  const headers = {
    "content-type": "application/json",
    "anthropic-version": "2023-06-01",
    "anthropic-beta": "fine-grained-tool-streaming-2025-05-14",
    "x-api-key": "what the agent made up",
    authorization: "Bearer mine",
    "x-forwarded-for": "10.0.0.1",
    cookie: "a=b",
  };
  const body = JSON.stringify(asks("hi"));
  const answer = await fetch(`${gateway}/v1/messages?beta=true`, { method: "POST", headers, body });
  expect(answer.status).toBe(200);
  expect([...answer.headers.keys()].sort()).toEqual(["content-length", "content-type", "date"]);
  expect(answer.headers.get("date")).toBe("Thu, 01 Jan 1970 00:00:00 GMT");
  const [got] = seen;
  expect(got?.path).toBe("/v1/messages?beta=true");
  expect(got?.headers.get("anthropic-version")).toBe("2023-06-01");
  expect(got?.headers.get("anthropic-beta")).toBe("fine-grained-tool-streaming-2025-05-14");
  expect(got?.headers.get("authorization")).toBe(`Bearer ${KEY}`);
  expect(got?.headers.get("x-api-key")).toBe(KEY);
  await fetch(`${gateway}/v1/messages?q=<script>&beta=true`, { method: "POST", headers, body });
  expect(seen[1]?.path).toBe("/v1/messages");
  const all = [...(got?.headers ?? [])].map(([, value]) => value).join("\n");
  for (const value of ["made up", "mine", "10.0.0.1", "a=b"]) expect(all).not.toContain(value);
});
