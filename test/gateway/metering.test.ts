import { afterEach, describe, expect, test } from "bun:test";
import {
  asks,
  cleanUp,
  endless,
  errorOf,
  inside,
  message,
  modelsOf,
  NONE,
  provider,
  type Seen,
  streamed,
  streamText,
} from "./help.ts";

afterEach(cleanUp);

/** A provider that counts tokens as it is told, and answers with what a call allows. */
function counting(tokens: number, answer = () => message()) {
  return provider(({ path }) =>
    path.endsWith("count_tokens") ? Response.json({ input_tokens: tokens }) : answer(),
  );
}

const made = (seen: Seen[]) => seen.filter(({ path }) => path === "/v1/messages");

describe("a call fits the bought tokens before it is made", () => {
  test("what plainly fits is not counted first", async () => {
    const { url, seen } = counting(20);
    const { client } = await inside(modelsOf({ url }), 2_000);
    await client.messages.create(asks("hi"));
    expect(seen.map(({ path }) => path)).toEqual(["/v1/messages"]);
  });

  test("max_tokens is clamped to what the model may write", async () => {
    const { url, seen } = counting(20);
    const { client } = await inside(modelsOf({ url, model: { max_output: 50 } }), 2_000);
    await client.messages.create(asks("hi"));
    expect(seen[0]?.body.max_tokens).toBe(50);
  });

  test("max_tokens is clamped to what is left beside the counted input", async () => {
    const { url, seen } = counting(1_000);
    const { client } = await inside(modelsOf({ url }), 500);
    await client.messages.create(asks("x".repeat(10_000), { max_tokens: 4_096 }));
    // 1,000 counted + 5 % + 64, at the dearest kind of input: 0.25.
    expect(made(seen)[0]?.body.max_tokens).toBe(500 - Math.ceil(1_114 * 0.25));
  });

  test("what does not fit is refused, and the provider is never asked for it", async () => {
    const { url, seen } = counting(9_000);
    const models = modelsOf({ url });
    const { client, session } = await inside(models, 500);
    const [status, text] = await errorOf(client.messages.create(asks("x".repeat(10_000))));
    expect([status, text]).toEqual([
      402,
      "this call needs up to 2478.5 tokens; 500 of the 500 you bought are left",
    ]);
    expect(made(seen)).toEqual([]);
    const { calls, providerFailed } = await session.close();
    expect([calls[0]?.status, calls[0]?.usage, providerFailed]).toEqual([402, null, null]);
    expect(models.costs()).toEqual([]);
  });

  test("where the provider counts nothing, the size of a text is bound enough", async () => {
    const { url, seen } = provider(({ path }) =>
      path.endsWith("count_tokens") ? new Response("", { status: 404 }) : message(),
    );
    const { client, session } = await inside(modelsOf({ url }), 200);
    await client.messages.create(asks("hi", { max_tokens: 4_096 }));
    await client.messages.create(asks("hi", { max_tokens: 4_096 }));
    expect(seen.map(({ path }) => path)).toEqual([
      "/v1/messages/count_tokens",
      "/v1/messages",
      "/v1/messages",
    ]);
    const asked = made(seen).map(({ body }) => Number(body.max_tokens));
    expect(asked[0]).toBeLessThan(200);
    expect((await session.close()).providerFailed).toBeNull();
  });

  test("or reckoned by bytes_per_token, and charged in full where it was denser", async () => {
    const usage = { input_tokens: 3_000, output_tokens: 3 };
    for (const [bytes_per_token, dense, status] of [
      [1, false, 402],
      [4, false, 200],
      [4, true, 200],
    ] as const) {
      const { url } = provider(({ path }) =>
        path.endsWith("count_tokens")
          ? new Response("", { status: 404 })
          : message({ usage: dense ? usage : { ...usage, input_tokens: 900 } }),
      );
      const model = { bytes_per_token };
      const models = modelsOf({ url, model });
      const { session, url: gateway } = await inside(models, 600);
      const call = async () => {
        const body = JSON.stringify(asks("word ".repeat(700), { max_tokens: 20 }));
        return (await fetch(`${gateway}/v1/messages`, { method: "POST", body })).status;
      };
      expect(await call()).toBe(status);
      // What was denser than reckoned is paid out of what was bought, to the last of it.
      expect(await call()).toBe(dense ? 402 : status);
      const [cost] = models.costs();
      expect(cost?.input).toBe(status === 402 ? undefined : dense ? 3_000 : 1_800);
      expect((await session.close()).calls[0]?.worst).toBeUndefined();
    }
  });

  test.each([
    [404, null, 400],
    [500, /^mind: /, 500],
  ])("an image needs a count: after a %d there is no call", async (status, failure, refused) => {
    const { url, seen } = provider(({ path }) =>
      path.endsWith("count_tokens")
        ? Response.json({ type: "error", error: { type: "x", message: "no" } }, { status })
        : message(),
    );
    const { client, session } = await inside(modelsOf({ url }), 2_000);
    const source = { type: "base64" as const, media_type: "image/png" as const, data: "AAAA" };
    const content = [{ type: "image" as const, source }];
    const call = client.messages.create(asks("", { messages: [{ role: "user", content }] }));
    expect((await errorOf(call))[0]).toBe(refused);
    expect(made(seen)).toEqual([]);
    const { providerFailed } = await session.close();
    if (failure) expect(providerFailed).toMatch(failure);
    else expect(providerFailed).toBeNull();
  });

  test("thinking has to stay below what may be written", async () => {
    const { url, seen } = counting(20);
    const { client } = await inside(modelsOf({ url }), 3_000);
    const thinking = { type: "enabled" as const, budget_tokens: 2_048 };
    const wide = { max_tokens: 4_096, thinking };
    const equal = await errorOf(client.messages.create(asks("hi", { ...wide, max_tokens: 2_048 })));
    expect(equal).toEqual([400, "thinking.budget_tokens: must be less than max_tokens"]);
    await client.messages.create(asks("hi", wide));
    expect(made(seen)[0]?.body).toMatchObject({ thinking, max_tokens: 2_978 });
    const { client: poor } = await inside(modelsOf({ url }), 2_000);
    const [status, text] = await errorOf(poor.messages.create(asks("hi", wide)));
    expect([status, text]).toEqual([
      402,
      "thinking.budget_tokens: what you bought allows 1978 tokens of output, and thinking must " +
        "need less",
    ]);
    expect(made(seen)).toHaveLength(1);
  });

  test("thinking is cut with the output it is part of", async () => {
    const { url, seen } = counting(20);
    const { client } = await inside(modelsOf({ url }), 3_000);
    const thinking = { type: "enabled" as const, budget_tokens: 9_999 };
    await client.messages.create(asks("hi", { max_tokens: 10_000, thinking }));
    expect(made(seen)[0]?.body).toMatchObject({
      max_tokens: 2_978,
      thinking: { type: "enabled", budget_tokens: 1_954 },
    });
  });

  test("calls at once never pass what was bought, and none is refused for what another holds", async () => {
    const { url, seen } = counting(20);
    const { client, session } = await inside(modelsOf({ url }), 1_000);
    const calls = Array.from({ length: 20 }, (_, n) =>
      client.messages.create(asks(`hi ${n}`, { max_tokens: 900 })),
    );
    await Promise.all(calls);
    const kept = (await session.close()).calls;
    expect(kept.map(({ milliTokens }) => milliTokens)).toEqual(Array(20).fill(7_000));
    expect(made(seen)).toHaveLength(20);
  });
});

describe("what is counted", () => {
  const usage = {
    input_tokens: 100,
    cache_read_input_tokens: 1_000,
    cache_creation_input_tokens: 10,
    output_tokens: 20,
  };
  const counted = { input: 100, cachedInput: 1_000, cacheWrite: 10, output: 20 };
  const big = asks("x".repeat(3_000));

  test("input, cached input, what is put into the cache, and output, each at its weight", async () => {
    const { url } = counting(1_110, () => message({ usage }));
    const { client, session } = await inside(modelsOf({ url }), 2_000);
    await client.messages.create(big);
    const milliTokens = 100 * 200 + 1_000 * 20 + 10 * 250 + 20 * 1_000;
    const dollars = Math.ceil(100 * 1 + 1_000 * 0.1 + 10 * 1.25 + 20 * 5);
    expect((await session.close()).calls).toMatchObject([{ usage: counted, milliTokens, dollars }]);
  });

  test("the same of a stream, whichever event says it", async () => {
    const { output_tokens, ...input } = usage;
    for (const [start, end] of [
      [{ ...input, output_tokens: 1 }, { output_tokens }],
      [{ input_tokens: 0, output_tokens: 0 }, usage],
    ]) {
      const { url } = counting(1_110, () => streamed({ start, end }));
      const { client, session } = await inside(modelsOf({ url }), 2_000);
      await client.messages.stream(big).finalMessage();
      expect((await session.close()).calls).toMatchObject([{ usage: counted }]);
    }
  });

  test("a model at price 0 costs no dollars, and its tokens all the same", async () => {
    const price = { input: 0, cached_input: 0, cache_write: 0, output: 0 };
    const { url } = counting(20);
    const spending = { dollars_per_day: 0, dollars_per_world: 0 };
    const models = modelsOf({ url, model: { price }, spending });
    const { client } = await inside(models, 2_000);
    await client.messages.create(asks("hi"));
    expect(models.costs()).toMatchObject([{ dollars: 0, milliTokens: 7_000 }]);
  });

  test.each([
    ["is missing", NONE],
    ["is null", null],
    ["is no object", 7],
    ["is negative", { input_tokens: -5, output_tokens: 3 }],
    ["is beyond all", { input_tokens: 1e18, output_tokens: 3 }],
    ["is no number", { input_tokens: "20", output_tokens: 3 }],
    ["is broken", { input_tokens: 20.5, output_tokens: 3 }],
    ["has no output", { input_tokens: 20 }],
    ["has more output than was allowed", { input_tokens: 20, output_tokens: 101 }],
    ["has more input than was sent", { input_tokens: 2_000, output_tokens: 3 }],
    ["has less input than was plainly sent", { input_tokens: 1, output_tokens: 3 }],
    ["has less output than was plainly got", { input_tokens: 20, output_tokens: 0 }],
  ])("usage that %s is charged at the worst", async (_, usage) => {
    const { url } = counting(20, () => message({ usage }));
    const models = modelsOf({ url });
    const { client, session } = await inside(models, 2_000);
    await client.messages.create(asks("x".repeat(300)));
    const { calls, providerFailed } = await session.close();
    expect(providerFailed).toBeNull();
    expect([calls[0]?.usage?.output, calls[0]?.worst]).toEqual([100, true]);
    expect(calls[0]?.milliTokens).toBeGreaterThan(100_000 + 300 * 200);
    expect(calls[0]?.milliTokens).toBeLessThan(2_000_000);
  });
});

describe("a stream that would pass the bought tokens is cut", () => {
  const long = "word ".repeat(10_000);
  test.each([
    ["by its counts", { end: { output_tokens: 5_000 } }],
    ["by its length", { pieces: [long] }],
  ])("%s", async (_, plan) => {
    const { url } = counting(20, () => streamed(plan));
    const { client, session } = await inside(modelsOf({ url }), 2_000);
    const [, text] = await errorOf(client.messages.stream(asks("hi")).finalMessage());
    expect(text).toBe("the answer was cut: it passed the 100 tokens that it may have");
    const { calls, providerFailed } = await session.close();
    expect(providerFailed).toStartWith("mind: the answer was cut");
    expect(calls[0]?.usage?.output).toBe(100);
    expect(calls[0]?.body).toEndWith("\n\n");
    expect(calls[0]?.body).not.toContain(long);
  });

  test("also when the provider never ends", async () => {
    const stopped = Promise.withResolvers<void>();
    const delta = {
      type: "content_block_delta",
      index: 0,
      delta: { type: "text_delta", text: long },
    };
    const piece = `event: content_block_delta\ndata: ${JSON.stringify(delta)}\n\n`;
    const begin = streamText().slice(0, 2);
    const { url } = counting(20, () => endless((n) => begin[n] ?? piece, stopped.resolve));
    const { client, session } = await inside(modelsOf({ url }), 20_000);
    const call = client.messages.stream(asks("hi", { max_tokens: 8_192 })).finalMessage();
    expect((await errorOf(call))[1]).toStartWith("the answer was cut");
    await stopped.promise;
    expect((await session.close()).calls).toHaveLength(1);
  });
});

describe("the spending ceilings", () => {
  const dear = { price: { input: 1_000, cached_input: 100, cache_write: 1_250, output: 5_000 } };

  test.each([
    ["of a day", { dollars_per_day: 1, dollars_per_world: 50 }, { today: 900_000, total: 900_000 }],
    ["of a world", { dollars_per_day: 5, dollars_per_world: 50 }, { today: 0, total: 49_900_000 }],
  ])("%s refuses what could pass it, and that is nobody's death", async (_, spending, spent) => {
    const { url, seen } = counting(20);
    const { client, session } = await inside(
      modelsOf({ url, model: dear, spending, spent }),
      2_000,
    );
    const [status, text] = await errorOf(client.messages.create(asks("hi")));
    expect([status, text]).toEqual([
      402,
      "the spending ceiling of this economy is reached; see spending in econ.yaml",
    ]);
    expect(seen).toEqual([]);
    expect((await session.close()).providerFailed).toBe(text);
  });

  test("hold for all runs at once", async () => {
    const { url } = counting(20, () =>
      message({ usage: { input_tokens: 20, output_tokens: 100 } }),
    );
    const spending = { dollars_per_day: 2, dollars_per_world: 50 };
    const models = modelsOf({ url, model: dear, spending });
    const runs = await Promise.all(
      ["ada", "bob", "eve"].map((name) => inside(models, 100_000, `${name}-1-1`)),
    );
    const asked = runs.flatMap(({ client }) =>
      Array.from({ length: 5 }, () => client.messages.create(asks("hi")).catch(() => null)),
    );
    const answers = await Promise.all(asked);
    const dollars = models.costs().reduce((sum, cost) => sum + cost.dollars, 0);
    expect(answers.filter((answer) => answer !== null).length).toBeGreaterThan(0);
    expect(answers).toContain(null);
    expect(dollars).toBeLessThanOrEqual(2_000_000);
  });
});
