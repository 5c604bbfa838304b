import { afterEach, describe, expect, test } from "bun:test";
import { appendFileSync, cpSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Models } from "../../src/gateway/contract.ts";
import {
  asks,
  cleanUp,
  errorOf,
  freshFolder,
  type Inside,
  inside,
  message,
  modelsOf,
  provider,
  streamed,
} from "./help.ts";

afterEach(cleanUp);

/** Each answer is another one, so that one that is used again can be told. */
function numbered() {
  let n = 0;
  return provider(({ body }) => {
    n += 1;
    return body.stream ? streamed({ pieces: [`answer ${n}`] }) : message({ text: `answer ${n}` });
  });
}

async function texts(run: Inside, questions: string[]): Promise<string[]> {
  const answers: string[] = [];
  for (const question of questions) {
    const isStream = question.startsWith("stream");
    const answer = isStream
      ? await run.client.messages.stream(asks(question)).finalMessage()
      : await run.client.messages.create(asks(question));
    const [block] = answer.content;
    answers.push(block?.type === "text" ? block.text : "");
  }
  return answers;
}

describe("what was paid before a crash is not paid again", () => {
  const questions = ["first", "stream this", "first", "last"];

  test("the same run gets the same answers from the store, at no new dollars", async () => {
    const { url, seen } = numbered();
    const folder = freshFolder();
    const before = modelsOf({ url, folder });
    const run = await inside(before, 2_000);
    expect(await texts(run, questions)).toEqual(["answer 1", "answer 2", "answer 3", "answer 4"]);
    const record = await run.session.close();
    const after = modelsOf({ url, folder });
    expect(after.costs()).toEqual(before.costs());
    const again = await inside(after, 2_000);
    expect(await texts(again, questions)).toEqual(["answer 1", "answer 2", "answer 3", "answer 4"]);
    expect(seen).toHaveLength(4);
    expect(await again.session.close()).toEqual(record);
    expect(after.costs()).toEqual(before.costs());
  });

  test("what is asked more often, otherwise or by another run goes to the provider", async () => {
    const { url, seen } = numbered();
    const folder = freshFolder();
    await texts(await inside(modelsOf({ url, folder }), 2_000), ["first", "first"]);
    const models = modelsOf({ url, folder });
    const again = await inside(models, 2_000);
    expect(await texts(again, ["first", "first", "first"])).toEqual([
      "answer 1",
      "answer 2",
      "answer 3",
    ]);
    expect(await texts(again, ["first!"])).toEqual(["answer 4"]);
    expect(await texts(await inside(models, 2_000, "ada-2-1"), ["first"])).toEqual(["answer 5"]);
    expect(seen).toHaveLength(5);
    expect(models.costs()).toMatchObject([{ agent: "ada", calls: 5 }]);
  });

  test("its tokens count as they did", async () => {
    const { url, seen } = numbered();
    const folder = freshFolder();
    await texts(await inside(modelsOf({ url, folder }), 140), ["first"]);
    const again = await inside(modelsOf({ url, folder }), 140);
    await texts(again, ["first"]);
    const [status, text] = await errorOf(
      again.client.messages.create(asks("x".repeat(1_000), { max_tokens: 5 })),
    );
    expect(status).toBe(402);
    expect(text).toEndWith("133 of the 140 you bought are left");
    expect(seen.map(({ path }) => path)).toEqual(["/v1/messages", "/v1/messages/count_tokens"]);
  });

  test("an answer of the provider's failure is asked for again, and its cost stays", async () => {
    let isBroken = true;
    const { url } = provider(() => {
      const answer = streamed({ cut: isBroken });
      isBroken = false;
      return answer;
    });
    const folder = freshFolder();
    const before = modelsOf({ url, folder });
    const run = await inside(before, 2_000);
    expect((await errorOf(texts(run, ["stream"])))[1]).toMatch(/cut/);
    await run.session.close();
    const after = modelsOf({ url, folder });
    expect(await texts(await inside(after, 2_000), ["stream"])).toEqual(["Yes."]);
    const [cost] = after.costs();
    expect(cost?.calls).toBe(2);
    expect(cost?.dollars).toBeGreaterThan(before.costs()[0]?.dollars ?? 0);
  });

  test("it counts below the spending ceiling until it is in the books", async () => {
    const { url } = numbered();
    const folder = freshFolder();
    const dear = { price: { input: 0, cached_input: 0, cache_write: 0, output: 10_000 } };
    // One call may cost a dollar (100 tokens) and costs three cents (3 tokens).
    const spending = { dollars_per_day: 1.01, dollars_per_world: 5 };
    const parts = { url, folder, model: dear, spending };
    expect(await texts(await inside(modelsOf(parts), 2_000), ["first"])).toEqual(["answer 1"]);
    const crashed = await inside(modelsOf(parts), 2_000, "bob-1-1");
    expect((await errorOf(texts(crashed, ["first"])))[0]).toBe(402);
    const models = modelsOf(parts);
    models.committed();
    const booked = await inside(modelsOf({ ...parts, spent: { today: 0, total: 30_000 } }), 2_000);
    expect(await texts(booked, ["first"])).toEqual(["answer 2"]);
  });
});

describe("a call that was open when econ was killed", () => {
  /** What another econ finds while the provider still works on a call of this one. */
  async function killedWhileAsked(dollars_per_day: number) {
    const [asked, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let isOpen = true;
    const { url } = provider(async () => {
      asked.resolve();
      if (isOpen) await over.promise;
      return message();
    });
    const folder = freshFolder();
    const parts = { url, folder, spending: { dollars_per_day, dollars_per_world: 5 } };
    const run = await inside(modelsOf(parts), 2_000);
    const call = texts(run, ["first"]);
    await asked.promise;
    const survivor = freshFolder();
    cpSync(folder, survivor, { recursive: true });
    isOpen = false;
    over.resolve();
    await call;
    return { ...parts, folder: survivor, whole: folder };
  }

  test("is booked at its worst, and asked again", async () => {
    const parts = await killedWhileAsked(5);
    const models = modelsOf(parts);
    const [lost] = models.costs();
    expect(lost).toMatchObject({ agent: "ada", model: "mind", calls: 1, output: 100 });
    expect(lost?.dollars).toBeGreaterThan(500);
    expect(await texts(await inside(models, 2_000), ["first"])).toEqual(["Yes."]);
    expect(models.costs()).toMatchObject([{ calls: 2, dollars: (lost?.dollars ?? 0) + 35 }]);
    // The same again: what was open then is neither forgotten nor counted twice.
    expect(modelsOf(parts).costs()).toEqual(models.costs());
  });

  test("counts below the ceiling, so that no row of crashes passes it", async () => {
    const parts = await killedWhileAsked(0.001);
    const again = await inside(modelsOf(parts), 2_000);
    expect((await errorOf(texts(again, ["first"])))[0]).toBe(402);
  });

  test("and has ended well is booked as it was counted", async () => {
    const { whole, ...parts } = await killedWhileAsked(5);
    expect(modelsOf({ ...parts, folder: whole }).costs()).toMatchObject([
      { calls: 1, dollars: 35 },
    ]);
  });
});

describe("the store", () => {
  const file = (folder: string) => join(folder, "answers.jsonl");

  async function filled(): Promise<{ folder: string; url: string; models: Models }> {
    const { url } = numbered();
    const folder = freshFolder();
    const models = modelsOf({ url, folder });
    await texts(await inside(models, 2_000), ["first", "second"]);
    return { folder, url, models };
  }

  test("holds an answer before the agent has its end, for this user alone", async () => {
    const { url } = provider(() => streamed());
    const folder = freshFolder();
    const { url: gateway } = await inside(modelsOf({ url, folder }), 2_000);
    const body = JSON.stringify(asks("hi", { stream: true }));
    const answer = await fetch(`${gateway}/v1/messages`, { method: "POST", body });
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of answer.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.includes("message_stop")) break;
    }
    const last = readFileSync(file(folder), "utf8").trimEnd().split("\n").at(-1) ?? "";
    expect(JSON.parse(last).paid.call.body).toContain("message_stop");
    expect(statSync(file(folder)).mode & 0o777).toBe(0o600);
  });

  test("is empty after the commit", async () => {
    const { folder, models } = await filled();
    models.committed();
    expect([existsSync(file(folder)), models.costs()]).toEqual([false, []]);
  });

  test.each(["{", '{"bid":"ada-1-1","agent":"a', "\0\0\0\0"])(
    "drops a last line that the power cut tore: %p",
    async (torn) => {
      const { folder, url, models } = await filled();
      appendFileSync(file(folder), torn);
      const after = modelsOf({ url, folder });
      expect(after.costs()).toEqual(models.costs());
      const run = await inside(after, 2_000);
      expect(await texts(run, ["first", "second", "third"])).toEqual([
        "answer 1",
        "answer 2",
        "answer 3",
      ]);
      expect(modelsOf({ url, folder }).costs()).toMatchObject([{ calls: 3 }]);
    },
  );

  test("passes over what is none of its lines", async () => {
    const { folder, url, models } = await filled();
    const text = readFileSync(file(folder), "utf8");
    const bad = { ended: 0, paid: { bid: "ada-1-1", agent: "ada", call: { dollars: -5 } } };
    writeFileSync(file(folder), `[]\nhello\n${JSON.stringify(bad)}\n${text}`);
    expect(modelsOf({ url, folder }).costs()).toEqual(models.costs());
  });
});
