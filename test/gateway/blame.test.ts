// Whose failure it is, where that can be mistaken: what an agent has brought about itself is never
// the provider's, or its run would be undone and paid back.
import { afterEach, describe, expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  asks,
  cleanUp,
  errorOf,
  freshFolder,
  inside,
  message,
  modelsOf,
  provider,
  streamed,
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
