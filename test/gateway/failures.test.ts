import { afterEach, describe, expect, test } from "bun:test";
import { LLMock } from "@copilotkit/aimock";
import {
  asks,
  cleanUp,
  endless,
  errorOf,
  inside,
  later,
  message,
  modelsOf,
  provider,
  streamed,
  streamText,
} from "./help.ts";

afterEach(cleanUp);

const error = (status: number, type: string, text: string, headers = {}) =>
  Response.json(
    { type: "error", error: { type, message: text }, request_id: "req_77" },
    { status, headers },
  );

describe("a call is made again only where it cannot have cost anything", () => {
  test.each([429, 503, 529])("after a %d, until the provider has time", async (status) => {
    let times = 0;
    const { url, seen } = provider(() => {
      times += 1;
      return times < 3 ? error(status, "overloaded_error", "later") : message();
    });
    const { client, session } = await inside(modelsOf({ url }), 2_000);
    await client.messages.create(asks("hi"));
    expect(seen).toHaveLength(3);
    const { calls, providerFailed } = await session.close();
    expect([calls.length, providerFailed]).toEqual([1, null]);
  });

  test("never after another failure, a cut body or an answer that is none", async () => {
    const answers: [number, () => Response][] = [
      [500, () => error(500, "api_error", "broken")],
      [
        502,
        () => new Response('{"type":"mess', { headers: { "content-type": "application/json" } }),
      ],
      [502, () => Response.json({ hello: "world" })],
      [502, () => new Response("")],
      [502, () => Response.redirect("http://127.0.0.1:1/v1/messages", 307)],
    ];
    for (const [status, answer] of answers) {
      const { url, seen } = provider(answer);
      const { client, session } = await inside(modelsOf({ url }), 2_000);
      expect([status, ...(await errorOf(client.messages.create(asks("hi"))))][1]).toBe(status);
      expect(seen).toHaveLength(1);
      expect((await session.close()).providerFailed).toStartWith("mind: ");
    }
  });

  test("a provider that wants it later than anybody waits is not asked again", async () => {
    const { url, seen } = provider(() =>
      error(429, "rate_limit_error", "tomorrow", { "retry-after": "3600" }),
    );
    const { client, session, url: gateway } = await inside(modelsOf({ url }), 2_000);
    expect(await errorOf(client.messages.create(asks("hi")))).toEqual([429, "tomorrow"]);
    expect(seen).toHaveLength(1);
    const body = JSON.stringify(asks("hi"));
    const again = await fetch(`${gateway}/v1/messages`, { method: "POST", body });
    expect([again.headers.get("retry-after"), await again.json()]).toEqual([
      "3600",
      { type: "error", error: { type: "rate_limit_error", message: "tomorrow" } },
    ]);
    expect((await session.close()).providerFailed).toBe("mind: tomorrow");
  });

  test("nobody there is a failure of the provider that costs nothing", async () => {
    const gone = provider(() => message());
    gone.stop();
    const models = modelsOf({ url: gone.url });
    const { client, session } = await inside(models, 2_000);
    const [status, text] = await errorOf(client.messages.create(asks("hi")));
    expect([status, text]).toEqual([502, "not reached: it refuses connections"]);
    const { calls, providerFailed } = await session.close();
    expect(providerFailed).toBe(`mind: ${text}`);
    expect(calls).toMatchObject([{ failed: true, usage: null, milliTokens: 0, dollars: 0 }]);
    expect(models.costs()).toEqual([]);
  });
});

describe("whose failure it is", () => {
  test.each([
    [400, "invalid_request_error", "messages: too odd", false],
    [413, "request_too_large", "too large", false],
    [400, "invalid_request_error", "Your credit balance is too low", true],
    [401, "authentication_error", "invalid x-api-key", true],
    [403, "permission_error", "not for you", true],
    [404, "not_found_error", "model: test-model-1", true],
    [500, "api_error", "Internal server error", true],
    [529, "overloaded_error", "Overloaded", true],
  ])("%d %s %s", async (status, type, text, isProviders) => {
    const { url } = provider(() => error(status, type, text));
    const models = modelsOf({ url });
    const { client, session } = await inside(models, 2_000);
    expect(await errorOf(client.messages.create(asks("hi")))).toEqual([status, text]);
    const { calls, providerFailed } = await session.close();
    expect(providerFailed).toBe(isProviders ? `mind: ${text}` : null);
    expect(calls).toMatchObject([{ status, failed: isProviders, milliTokens: 0, dollars: 0 }]);
    expect(calls[0]?.body).not.toContain("req_77");
    expect(models.costs()).toEqual([]);
  });

  test("without a key no call leaves, and the operator is told which variable to set", async () => {
    const { url, seen } = provider(() => message());
    const { client, session } = await inside(modelsOf({ url, model: { key: "NOT_SET" } }), 2_000);
    const [status, text] = await errorOf(client.messages.create(asks("hi")));
    expect([status, text]).toEqual([401, "its key is missing: set NOT_SET where econ runs"]);
    expect(seen).toEqual([]);
    expect((await session.close()).providerFailed).toBe(`mind: ${text}`);
  });
});

describe("a stream that breaks", () => {
  const broken: [string, () => Response, RegExp][] = [
    ["is cut", () => streamed({ cut: true }), /was cut/],
    ["is no JSON", () => new Response(`${streamText()[0]}data: {"type\n\n`, EVENTS), /malformed/],
    ["is binary", () => new Response(new Uint8Array([0xff, 0xfe, 10, 10]), EVENTS), /malformed/],
    [
      "says that it failed",
      () => {
        const failure = {
          type: "error",
          error: { type: "overloaded_error", message: "Overloaded" },
        };
        const text = `${streamText()[0]}event: error\ndata: ${JSON.stringify(failure)}\n\n`;
        return new Response(text, EVENTS);
      },
      /^Overloaded$/,
    ],
  ];

  test.each(broken)(
    "because it %s ends in an error and costs the worst",
    async (_, answer, why) => {
      const { url } = provider(answer);
      const models = modelsOf({ url });
      const { client, session } = await inside(models, 2_000);
      const [, text] = await errorOf(client.messages.stream(asks("hi")).finalMessage());
      expect(text).toMatch(why);
      const { calls, providerFailed } = await session.close();
      expect(providerFailed).toMatch(/^mind: /);
      const [call] = calls;
      expect(call?.failed).toBe(true);
      // A hundred tokens of output, and as many of input as the request has bytes.
      expect(call?.milliTokens).toBeGreaterThan(100_000);
      expect(models.costs()).toMatchObject([{ calls: 1, milliTokens: call?.milliTokens }]);
    },
  );

  test("because the agent goes away is stopped at the provider, and nobody failed", async () => {
    const cancelled = Promise.withResolvers<void>();
    const texts = streamText({ pieces: [] });
    const delta = {
      type: "content_block_delta",
      index: 0,
      delta: { type: "text_delta", text: "x" },
    };
    const piece = `event: content_block_delta\ndata: ${JSON.stringify(delta)}\n\n`;
    const { url } = provider(() =>
      endless((n) => texts.slice(0, 2)[n] ?? piece, cancelled.resolve),
    );
    const models = modelsOf({ url });
    const { client, session } = await inside(models, 20_000);
    const stream = client.messages.stream(asks("hi", { max_tokens: 8_192 }));
    const seen = Promise.withResolvers<void>();
    stream.on("text", () => seen.resolve());
    const ended = stream.finalMessage().catch((error: Error) => error.name);
    await seen.promise;
    stream.abort();
    await ended;
    await cancelled.promise;
    const { calls, providerFailed } = await session.close();
    expect(providerFailed).toBeNull();
    expect(calls).toMatchObject([{ failed: false, usage: { output: 8_192 } }]);
  });

  test("because the run is over is stopped as well", async () => {
    const cancelled = Promise.withResolvers<void>();
    const [start = ""] = streamText();
    const ping = 'event: ping\ndata: {"type":"ping"}\n\n';
    const { url } = provider(() => endless((n) => (n === 0 ? start : ping), cancelled.resolve));
    const { session, url: gateway } = await inside(modelsOf({ url }), 2_000);
    const body = JSON.stringify(asks("hi", { stream: true }));
    const answer = await fetch(`${gateway}/v1/messages`, { method: "POST", body });
    const reader = answer.body?.getReader();
    await reader?.read();
    const { calls, providerFailed } = await session.close();
    await cancelled.promise;
    expect([calls.length, calls[0]?.failed, providerFailed]).toEqual([1, false, null]);
  });
});

const EVENTS = { headers: { "content-type": "text/event-stream" } };

test("an agent that does not wait for its answer is not waited for", async () => {
  const [asked, aborted] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { url } = provider(async ({ signal }) => {
    signal.addEventListener("abort", () => aborted.resolve());
    asked.resolve();
    await aborted.promise;
    return message();
  });
  const { client, session } = await inside(modelsOf({ url }), 2_000);
  const leaving = new AbortController();
  const call = client.messages.create(asks("hi"), { signal: leaving.signal });
  const ended = call.catch((reason: Error) => reason.name);
  await asked.promise;
  leaving.abort();
  await ended;
  await aborted.promise;
  const { calls, providerFailed } = await session.close();
  expect(providerFailed).toBeNull();
  // Nobody knows what it took.
  expect(calls).toMatchObject([{ failed: false, usage: { output: 100 } }]);
});

describe("a provider that takes longer than a call may stay open", () => {
  const late = { callMs: 300 };
  const why = "it took longer than 0.3 s";

  test("to begin", async () => {
    const { url, seen } = provider(({ signal }) => {
      const { promise, resolve } = Promise.withResolvers<Response>();
      signal.addEventListener("abort", () => resolve(message()));
      return promise;
    });
    const { client, session } = await inside(modelsOf({ url, ...late }), 2_000);
    expect(await errorOf(client.messages.create(asks("hi")))).toEqual([504, `no answer: ${why}`]);
    const { calls, providerFailed } = await session.close();
    expect([calls[0]?.usage?.output, providerFailed]).toEqual([100, `mind: no answer: ${why}`]);
    expect(seen).toHaveLength(1);
  });

  test("to end", async () => {
    const [start = ""] = streamText();
    const ping = 'event: ping\ndata: {"type":"ping"}\n\n';
    const { url } = provider(() =>
      endless(
        (n) => (n === 0 ? start : ping),
        () => {},
      ),
    );
    const { client, session } = await inside(modelsOf({ url, ...late }), 2_000);
    const call = client.messages.stream(asks("hi")).finalMessage();
    expect((await errorOf(call))[1]).toBe(why);
    const { calls, providerFailed } = await session.close();
    expect([calls[0]?.usage?.output, providerFailed]).toEqual([100, `mind: ${why}`]);
    expect(calls[0]?.body).toEndWith(`"message":"${why}"}}\n\n`);
  });

  test("in one piece", async () => {
    const { url } = provider(() =>
      endless(
        () => " ",
        () => {},
      ),
    );
    const { client, session } = await inside(modelsOf({ url, ...late }), 2_000);
    expect((await errorOf(client.messages.create(asks("hi"))))[0]).toBe(502);
    expect((await session.close()).calls).toMatchObject([{ failed: true, usage: { output: 100 } }]);
  });
});

test("a provider that failed five times in a run is not asked again in it", async () => {
  const { url, seen } = provider(() => error(500, "api_error", "broken"));
  const { client, session } = await inside(modelsOf({ url }), 2_000);
  for (let n = 0; n < 5; n++) await errorOf(client.messages.create(asks("hi")));
  const [status, text] = await errorOf(client.messages.create(asks("hi")));
  expect([status, text]).toEqual([529, "the provider failed too often in this run"]);
  expect(seen).toHaveLength(5);
  expect((await session.close()).calls.map(({ failed }) => failed)).toEqual(Array(6).fill(true));
});

test("through all that a provider can do wrong, the books hold what each call took", async () => {
  const mock = await LLMock.create({ port: 0 });
  later(() => mock.stop());
  mock.onMessage(/.*/, { content: "Well.", usage: { input_tokens: 15, output_tokens: 4 } });
  mock.setChaos({ dropRate: 0.2, malformedRate: 0.2, disconnectRate: 0.2, rateLimitRate: 0.2 });
  const models = modelsOf({ url: mock.url });
  const { client, session } = await inside(models, 20_000);
  for (let n = 0; n < 40; n++) {
    const request = asks(`question ${n}`);
    const call =
      n % 2 ? client.messages.create(request) : client.messages.stream(request).finalMessage();
    await call.catch((error) => expect(error).toBeInstanceOf(Error));
  }
  const { calls } = await session.close();
  expect(calls).toHaveLength(40);
  const sum = (pick: (call: (typeof calls)[0]) => number) =>
    calls.reduce((so, call) => so + pick(call), 0);
  const [costs] = models.costs();
  expect(costs?.milliTokens ?? 0).toBe(sum(({ milliTokens }) => milliTokens));
  expect(costs?.dollars ?? 0).toBe(sum(({ dollars }) => dollars));
  expect(calls.every(({ status, failed }) => failed || status === 200)).toBe(true);
});
