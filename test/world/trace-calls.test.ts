// The model calls in a trace: nothing is lost, little is said twice, and nobody fills a repository.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { ModelCall } from "../../src/gateway/contract.ts";
import { callLines, readCalls, summariesOf } from "../../src/world/trace-calls.ts";

/** What a request is by the time it is recorded: parsed from JSON. */
const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)));

const message = fc.record({ role: fc.constantFrom("user", "assistant"), content: json });
const keys = fc.constantFrom("model", "system", "tools", "messages", "__proto__", "7", "stream");
/** Drawn from few values, so that calls often share a part. */
const part = fc.oneof(fc.constantFrom("haiku", true, 5, null, [], "long ".repeat(50)), json);
const request = fc.oneof(
  { weight: 1, arbitrary: json },
  {
    weight: 5,
    arbitrary: fc
      .tuple(
        fc.array(fc.tuple(keys, part), { maxLength: 5 }),
        fc.option(fc.array(message, { maxLength: 4 })),
      )
      .map(([pairs, messages]) => ({
        ...Object.fromEntries(pairs),
        ...(messages ? { messages } : {}),
      })),
  },
);

const count = fc.nat(100_000);
const call = (asked: fc.Arbitrary<unknown>): fc.Arbitrary<ModelCall> =>
  fc.record({
    digest: fc.constantFrom("a1", "b2"),
    model: fc.constantFrom("", "haiku"),
    request: asked,
    status: fc.constantFrom(200, 400, 529),
    type: fc.constantFrom("application/json", "text/event-stream"),
    body: fc.oneof(fc.string({ unit: "binary" }), fc.constant('data: {"call":1}\n\n')),
    usage: fc.option(
      fc.record({ input: count, cachedInput: count, cacheWrite: count, output: count }),
    ),
    milliTokens: count,
    dollars: count,
    failed: fc.boolean(),
  });

/** Calls as a conversation makes them: each has what the one before had, and something new. */
const conversation = fc
  .array(fc.tuple(call(request), fc.array(message, { maxLength: 3 }), fc.nat(5)), { maxLength: 6 })
  .map((turns) => {
    const said: unknown[] = [];
    return turns.map(([one, fresh, times]): ModelCall[] => {
      said.push(...fresh);
      const talk = { model: "haiku", system: "be brief", messages: [...said] };
      const asked = { ...one, request: one.failed ? one.request : talk };
      return Array(1 + (times === 5 ? 3 : 0)).fill(asked);
    });
  })
  .map((calls) => calls.flat());

const requestsOf = (calls: ModelCall[]) => JSON.stringify(calls.map(({ request }) => request));

describe("the calls of a trace", () => {
  for (const [name, calls] of [
    ["any", fc.array(call(request), { maxLength: 8 })],
    ["those of a conversation", conversation],
  ] as const)
    test(`are read exactly as they were made, with keys in their order: ${name}`, () => {
      fc.assert(
        fc.property(calls, (made) => {
          const around = `{"bid":"a-1-1"}\n${callLines(made)}{"action":{"call":{}},"ok":true}\n`;
          const read = readCalls(around);
          expect(read).toEqual(made);
          expect(requestsOf(read)).toBe(requestsOf(made));
          expect(callLines(read)).toBe(callLines(made));
          const shown = summariesOf(around);
          expect(shown.reduce((sum, { times }) => sum + times, 0)).toBe(made.length);
        }),
        { numRuns: 300 },
      );
    });
});

const USED = { input: 10, cachedInput: 0, cacheWrite: 0, output: 5 };
const answered = (asked: unknown, more: Partial<ModelCall> = {}): ModelCall => ({
  ...{ digest: "d", model: "haiku", request: asked, status: 200, type: "application/json" },
  ...{ body: "{}", usage: USED, milliTokens: 7_000, dollars: 1_234, failed: false },
  ...more,
});
const talk = (turns: number) => ({
  model: "haiku",
  system: "long ".repeat(1_000),
  messages: Array.from({ length: turns }, (_, n) => ({ role: "user", content: `turn ${n}` })),
});

test("what a call repeats of the one before stands there once", () => {
  const calls = Array.from({ length: 50 }, (_, n) => answered(talk(n + 1)));
  const text = callLines(calls);
  expect(text.split("long ").length).toBe(1_001);
  expect(text.split("turn 0").length).toBe(2);
  expect(readCalls(text)).toEqual(calls);
});

test.each([
  [400, false],
  [529, true],
])(
  "a request that used nothing (%d) is left out when it is long; what answers it stays",
  (status, failed) => {
    const refused = { status, failed, usage: null, milliTokens: 0, dollars: 0, body: "no" };
    const calls = Array.from({ length: 50 }, (_, n) =>
      answered({ junk: `${n}`.repeat(20_000) }, { ...refused, digest: `${n}` }),
    );
    const text = callLines(calls);
    expect(text.length).toBeLessThan(20_000);
    expect(readCalls(text)).toEqual(calls.map((one) => ({ ...one, request: undefined })));
    expect(callLines(readCalls(text))).toBe(text);
    expect(readCalls(callLines([answered("x".repeat(9_000))]))[0]?.request).toHaveLength(9_000);
  },
);

test("the same refusal any number of times running is a line", () => {
  const refused = answered(null, { status: 402, usage: null });
  const text = callLines(Array(1_000).fill(refused));
  expect(text.trimEnd().split("\n")).toHaveLength(1);
  expect(readCalls(text)).toHaveLength(1_000);
});

test("nesting without end is no reason to fall over", () => {
  const deep = JSON.parse(`${"[".repeat(5_000)}${"]".repeat(5_000)}`);
  const text = callLines([answered(deep)]);
  const [read] = readCalls(text);
  expect([read?.request, read?.dollars]).toEqual([undefined, 1_234]);
  expect(callLines(readCalls(text))).toBe(text);
});

const EDITED: Record<string, string> = {
  "no JSON": '{"call":',
  "no call": '{"call":7}',
  "a call without an answer": '{"call":{"digest":"d"},"request":{}}',
  "keys that are no list": '{"keys":7,"call":{},"request":{}}',
  "a call that cost less than nothing": callLines([answered({ a: 1 })]).replace(
    /"milliTokens":/,
    '"milliTokens":-',
  ),
};
for (const [name, line] of Object.entries(EDITED))
  test(`a line that a person has left as ${name} is passed over`, () => {
    const good = callLines([answered({ a: 1 })]);
    expect(readCalls(`${line}\n${good}`)).toEqual([answered({ a: 1 })]);
    expect(summariesOf(`${good}${line}`)).toHaveLength(1);
  });

test("a number of times that no run could make is bounded", () => {
  const line = callLines([answered({})]).replace("{", '{"times":1e15,');
  expect(readCalls(line.repeat(500))).toHaveLength(1_000);
});
