// Whose failure it is, where that can be mistaken: what an agent has brought about itself is never
// the provider's, or its run would be undone and paid back.
import { afterEach, describe, expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Anthropic } from "@anthropic-ai/sdk";
import {
  asks,
  cleanUp,
  endless,
  errorOf,
  freshFolder,
  inside,
  message,
  modelsOf,
  provider,
  streamed,
  streamText,
} from "./help.ts";

afterEach(cleanUp);

const error = (status: number, type: string, message: string) =>
  Response.json({ type: "error", error: { type, message } }, { status });

describe("nobody failed where the agent itself has", () => {
  /** Counts nothing before its asker has gone away. */
  function slowToCount() {
    const [asked, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { url } = provider(async ({ signal }) => {
      signal.addEventListener("abort", () => gone.resolve());
      asked.resolve();
      await gone.promise;
      return Response.json({ input_tokens: 5 });
    });
    return { url, asked: asked.promise, gone: gone.promise };
  }

  test.each<[string, string, number]>([
    ["what it wanted to know", "/v1/messages/count_tokens", 2_000],
    ["what its call would take", "/v1/messages", 101],
  ])("gone away while the provider counts %s", async (_, path, tokens) => {
    const { url, asked, gone } = slowToCount();
    const { session, url: gateway } = await inside(modelsOf({ url }), tokens);
    const leaving = new AbortController();
    const body = JSON.stringify(asks("hi ".repeat(300)));
    const { signal } = leaving;
    const call = fetch(`${gateway}${path}`, { method: "POST", body, signal }).catch(() => null);
    await asked;
    leaving.abort();
    await Promise.all([call, gone]);
    expect((await session.close()).providerFailed).toBeNull();
  });

  test("ended its run while the provider counts", async () => {
    const { url, asked } = slowToCount();
    const { client, session } = await inside(modelsOf({ url }), 2_000);
    const call = client.messages.countTokens({ model: "mind", messages: [] }).catch(() => null);
    await asked;
    const { providerFailed } = await session.close();
    await call;
    expect(providerFailed).toBeNull();
  });

  test("let a provider count that cannot", async () => {
    const { url } = provider(() => error(404, "not_found_error", "no such place"));
    const { client, session } = await inside(modelsOf({ url }), 2_000);
    for (let n = 0; n < 6; n++) {
      const call = client.messages.countTokens({ model: "mind", messages: [] });
      expect((await errorOf(call))[0]).toBe(404);
    }
    expect((await session.close()).providerFailed).toBeNull();
  });
});

test("a count that the provider owes is its failure, whoever wanted it", async () => {
  const broken = [
    () => error(500, "api_error", "broken"),
    () => Response.json({ input_tokens: -1 }),
  ];
  for (const answer of broken)
    for (const [path, tokens] of [
      ["/v1/messages/count_tokens", 2_000],
      ["/v1/messages", 101],
    ] as const) {
      const { url } = provider(answer);
      const { session, url: gateway } = await inside(modelsOf({ url }), tokens);
      const body = JSON.stringify(asks("hi ".repeat(300)));
      await (await fetch(`${gateway}${path}`, { method: "POST", body })).text();
      expect((await session.close()).providerFailed).toStartWith("mind: ");
    }
});

describe("a disk that takes nothing is the host's failure", () => {
  test("and what could not be kept is not asked for", async () => {
    const { url, seen } = provider(() => message());
    const folder = freshFolder();
    const models = modelsOf({ url, folder: join(folder, "file") });
    writeFileSync(join(folder, "file"), "no folder");
    const { client, session } = await inside(models, 2_000);
    // The second waits for nothing that the first has set aside.
    for (const max_tokens of [1_500, 1_500])
      expect((await errorOf(client.messages.create(asks("hi", { max_tokens }))))[0]).toBe(500);
    const { calls, providerFailed } = await session.close();
    expect([calls.length, providerFailed?.slice(0, 6)]).toEqual([2, "EEXIST"]);
    expect([seen, models.costs()]).toEqual([[], []]);
  });

  test("and what was paid meanwhile is known all the same", async () => {
    const folder = freshFolder();
    const { url } = provider(({ body }) => {
      rmSync(join(folder, "store"), { recursive: true, force: true });
      writeFileSync(join(folder, "store"), "no folder");
      return body.stream ? streamed() : message();
    });
    for (const ask of ["create", "stream"] as const) {
      rmSync(join(folder, "store"), { recursive: true, force: true });
      const models = modelsOf({ url, folder: join(folder, "store") });
      const { client, session } = await inside(models, 2_000);
      await (ask === "create"
        ? client.messages.create(asks("hi"))
        : client.messages.stream(asks("hi")).finalMessage());
      const { calls, providerFailed } = await session.close();
      expect([calls.length, providerFailed?.slice(0, 6)]).toEqual([1, "EEXIST"]);
      expect(models.costs()).toMatchObject([{ calls: 1 }]);
    }
  });
});

describe("no run is undone for what its agent can have at will", () => {
  /** All of these at once, each to its end. */
  const together = (client: Anthropic, times: number) =>
    Promise.all(
      Array.from({ length: times }, () => client.messages.create(asks("hi")).catch(() => null)),
    );

  test.each([
    ["several requests under way are too many for", 2, null],
    ["one request at a time is too many for", 1, "mind: slowly"],
  ])("that %s the provider", async (_, atOnce, excuse) => {
    const { url } = provider(() => error(429, "rate_limit_error", "slowly"));
    const { client, session } = await inside(modelsOf({ url }), 20_000);
    await together(client, atOnce);
    expect((await session.close()).providerFailed).toBe(excuse);
  });

  test("of one run four requests are at the provider at once, and the rest come in turn", async () => {
    let [now, most] = [0, 0];
    const { url, seen } = provider(async ({ body }) => {
      now += 1;
      most = Math.max(most, now);
      await Bun.sleep(5);
      now -= 1;
      return body.stream ? streamed() : message();
    });
    const { client, session } = await inside(modelsOf({ url }), 20_000);
    const streams = Array.from({ length: 10 }, () =>
      client.messages.stream(asks("hi")).finalMessage(),
    );
    await Promise.all([together(client, 10), ...streams]);
    expect([seen.length, most]).toEqual([20, 4]);
    expect((await session.close()).calls.map(({ status }) => status)).toEqual(Array(20).fill(200));
  });

  test("who waits for its turn when the run ends is let go, and nothing is asked for it", async () => {
    const { url, seen } = provider(({ signal }) => {
      const { promise, resolve } = Promise.withResolvers<Response>();
      signal.addEventListener("abort", () => resolve(message()));
      return promise;
    });
    const { client, session } = await inside(modelsOf({ url }), 20_000);
    const all = together(client, 12);
    while (seen.length < 4) await Bun.sleep(1);
    const { calls, providerFailed } = await session.close();
    await all;
    expect([seen.length, calls.length, providerFailed]).toEqual([4, 12, null]);
  });

  test.each([401, 403, 404])("a model that says %i, beside one that answers", async (status) => {
    for (const isAnswered of [true, false]) {
      let asked = 0;
      const { url } = provider(() =>
        isAnswered && asked++ > 0 ? message() : error(status, "x", "not for you"),
      );
      const { client, session } = await inside(modelsOf({ url }), 2_000);
      await errorOf(client.messages.create(asks("hi")));
      if (isAnswered) await client.messages.create(asks("hi"));
      const { providerFailed } = await session.close();
      expect(providerFailed).toBe(isAnswered ? null : "mind: not for you");
    }
  });

  test.each([
    [20_000, null],
    [100, "mind: it took longer than 0.3 s"],
  ])("a stream of at most %i tokens that still goes on when time is up", async (most, excuse) => {
    const [start = "", block = ""] = streamText();
    const delta = { index: 0, delta: { type: "text_delta", text: "x" } };
    const data = JSON.stringify({ type: "content_block_delta", ...delta });
    const piece = `event: content_block_delta\ndata: ${data}\n\n`;
    const { url } = provider(() =>
      endless(
        (n) => [start, block][n] ?? piece,
        () => {},
      ),
    );
    const { client, session } = await inside(modelsOf({ url, callMs: 300 }), 50_000);
    const call = client.messages.stream(asks("hi", { max_tokens: most })).finalMessage();
    expect((await call.catch((reason: Error) => reason)) instanceof Error).toBe(true);
    expect((await session.close()).providerFailed).toBe(excuse);
  });

  test("an answer in one piece is not let ask for more than there is time for", async () => {
    const { url, seen } = provider(({ body }) => (body.stream ? streamed() : message()));
    const { session, url: gateway } = await inside(modelsOf({ url }), 50_000);
    for (const stream of [false, true]) {
      const body = JSON.stringify(asks("hi", { max_tokens: 30_000, stream }));
      await (await fetch(`${gateway}/v1/messages`, { method: "POST", body })).text();
    }
    expect(seen.map(({ body }) => body.max_tokens)).toEqual([10_000, 30_000]);
    expect((await session.close()).providerFailed).toBeNull();
  });
});
