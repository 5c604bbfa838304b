import { afterEach, describe, expect, test } from "bun:test";
import type { SessionRecord } from "../../src/gateway/contract.ts";
import { replaying } from "../../src/gateway/replaying.ts";
import {
  asks,
  cleanUp,
  errorOf,
  type Inside,
  inside,
  message,
  modelsOf,
  provider,
  streamed,
} from "./help.ts";

afterEach(cleanUp);

/** A short life with models: a list, a message, a stream, a refusal, a failure. */
async function live(run: Inside): Promise<unknown[]> {
  const { client } = run;
  return [
    await client.models.list().then(({ data }) => data),
    await client.messages.create(asks("first")),
    await client.messages.stream(asks("second")).finalMessage(),
    await errorOf(client.messages.create(asks("hi", { model: "gpt" }))),
    await errorOf(client.messages.create(asks("fail"))),
    await client.messages
      .create(asks("later"))
      .catch(({ status, headers }) => [status, headers.get("retry-after")]),
  ];
}

async function recorded(): Promise<{ record: SessionRecord; answers: unknown[] }> {
  let n = 0;
  const { url, stop } = provider(({ body }) => {
    n += 1;
    if (JSON.stringify(body).includes("fail")) return new Response("", { status: 500 });
    if (JSON.stringify(body).includes("later"))
      return new Response("", { status: 429, headers: { "retry-after": "3600" } });
    return body.stream ? streamed({ pieces: [`${n}`] }) : message({ text: `${n}` });
  });
  const run = await inside(modelsOf({ url }), 2_000);
  const answers = await live(run);
  const record = await run.session.close();
  stop();
  return { record, answers };
}

describe("a run is played again from its recorded calls", () => {
  test("to the same answers, without provider, key or cost", async () => {
    const { record, answers } = await recorded();
    const models = replaying(new Map([["ada", record]]));
    const run = await inside(models, 2_000);
    expect(await live(run)).toEqual(answers);
    expect(answers.at(-1)).toEqual([429, "3600"]);
    expect(await run.session.close()).toEqual(record);
    expect(record.providerFailed).toStartWith("mind: ");
    expect([models.costs(), models.difference()]).toEqual([[], null]);
  });

  test("and the first call that was not made then is the difference", async () => {
    const { record } = await recorded();
    const models = replaying(new Map([["ada", record]]));
    const { client } = await inside(models, 2_000);
    await client.models.list();
    const [status, text] = await errorOf(client.messages.create(asks("fist")));
    const differs = 'request.messages.0.content is "fist"; it was "first"';
    expect([status, text]).toEqual([404, `this call was not recorded: ${differs}`]);
    await errorOf(client.messages.create(asks("another")));
    expect(models.difference()).toMatchObject({ agent: "ada", bid: "ada-1-1", differs });
    expect(models.difference()?.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  test("each recorded call answers once", async () => {
    const { record } = await recorded();
    const models = replaying(new Map([["ada", record]]));
    const { client } = await inside(models, 2_000);
    await client.messages.create(asks("first"));
    await errorOf(client.messages.create(asks("first")));
    expect(models.difference()?.differs).toStartWith("request");
  });

  test("an agent of which nothing was recorded has nothing to ask", async () => {
    const models = replaying(new Map());
    const { client } = await inside(models, 2_000);
    await errorOf(client.messages.create(asks("first")));
    expect(models.difference()?.differs).toBe("nothing more was asked then");
  });
});
