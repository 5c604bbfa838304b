// What holds whatever agents and providers do: no run passes what it bought, all runs together do not
// pass the ceiling in dollars, and what is booked is the sum of the calls.
import { afterEach, expect, test } from "bun:test";
import fc from "fast-check";
import { dollarsOf, type ModelCost, milliTokensOf } from "../../src/economy/models.ts";
import { capOf, outputThatFits } from "../../src/gateway/estimate.ts";
import { purseOf } from "../../src/gateway/purse.ts";
import { believable } from "../../src/gateway/usage.ts";
import { asks, cleanUp, inside, message, modelsOf, provider, rulesOf, streamed } from "./help.ts";

afterEach(cleanUp);

const weight = fc.integer({ min: 0, max: 3_000 }).map((thousandths) => thousandths / 1_000);
const dollars = fc.integer({ min: 0, max: 200_000 }).map((millis) => millis / 1_000);
const kinds = <T>(each: fc.Arbitrary<T>) =>
  fc.record({ input: each, cached_input: each, cache_write: each, output: each });
const count = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.constantFrom(-1, 1e18, 1.5, Number.NaN, "12", null),
);

/** What a provider does with one call. */
const fate = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("answers" as const), usage: usageParts() }),
  },
  fc.record({ kind: fc.constantFrom("breaks" as const, "cuts" as const, "is too busy" as const) }),
);

function usageParts() {
  return fc.record(
    {
      input_tokens: count,
      output_tokens: count,
      cache_read_input_tokens: count,
      cache_creation_input_tokens: count,
    },
    { requiredKeys: [] },
  );
}

const call = fc.record({
  run: fc.nat(2),
  chars: fc.nat(600),
  max_tokens: fc.integer({ min: 1, max: 400 }),
  stream: fc.boolean(),
  fate,
});

const life = fc.record({
  model: fc.record({
    counts_as: kinds(weight),
    price: kinds(dollars),
    max_output: fc.constant(300),
  }),
  bought: fc.integer({ min: 1, max: 600 }),
  ceiling: fc.integer({ min: 0, max: 200 }).map((cents) => cents / 100),
  counts: fc.boolean(),
  /** Calls of one group are made at once. */
  groups: fc.array(fc.array(call, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
});

type Fate = { kind: string; usage?: object };

function answerOf({ kind, usage = {} }: Fate, isStream: boolean): Response {
  if (kind === "is too busy") return new Response("{}", { status: 529 });
  if (kind === "breaks") return new Response("{}", { status: 500 });
  const isCut = kind === "cuts";
  if (isStream) return streamed({ start: usage, end: usage, cut: isCut });
  return isCut ? new Response('{"type":"message","content":[') : message({ usage });
}

test("no run passes what it bought, nobody the ceiling, and the books are the sum of the calls", async () => {
  await fc.assert(
    fc.asyncProperty(life, async ({ model, bought, ceiling, counts, groups }) => {
      const all = groups.flat();
      const { url } = provider(({ path, body }) => {
        const { messages } = body as { messages: { content: string }[] };
        const text = messages[0]?.content ?? "";
        if (path.endsWith("count_tokens"))
          return counts
            ? Response.json({ input_tokens: Math.ceil(text.length / 4) })
            : new Response("{}", { status: 404 });
        const index = Number(/^\d+/.exec(text)?.[0]);
        return answerOf(all[index]?.fate as Fate, body.stream === true);
      });
      const spending = { dollars_per_day: ceiling, dollars_per_world: 50 };
      const models = modelsOf({ url, model, spending });
      const names = ["ada", "bob", "eve"];
      const runs = await Promise.all(names.map((name) => inside(models, bought, `${name}-1-1`)));
      for (const group of groups) {
        const calls = group.map((one) => {
          const { run, chars, max_tokens, stream } = one;
          const text = `${all.indexOf(one)} ${"x".repeat(chars)}`;
          const asked = asks(text, { max_tokens });
          const { messages } = (runs[run] as (typeof runs)[0]).client;
          const made = stream ? messages.stream(asked).finalMessage() : messages.create(asked);
          return made.catch(() => null);
        });
        await Promise.all(calls);
      }
      const records = await Promise.all(runs.map(({ session }) => session.close()));
      await cleanUp();
      for (const { calls } of records) {
        const used = calls.reduce((sum, { milliTokens }) => sum + milliTokens, 0);
        expect(used).toBeLessThanOrEqual(bought * 1_000);
      }
      const calls = records.flatMap((record) => record.calls);
      const booked = models.costs();
      const sum = (key: "milliTokens" | "dollars", list: Pick<ModelCost, typeof key>[]) =>
        list.reduce((so, each) => so + each[key], 0);
      for (const key of ["milliTokens", "dollars"] as const)
        expect(sum(key, booked)).toBe(sum(key, calls));
      expect(sum("dollars", booked)).toBeLessThanOrEqual(ceiling * 1_000_000);
      expect(calls.every(({ milliTokens }) => Number.isSafeInteger(milliTokens))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("a purse gives no more than it has, whatever is reserved and settled in whatever order", () => {
  const steps = fc.array(
    fc.record({ take: fc.nat(50), use: fc.double({ min: 0, max: 1, noNaN: true }) }),
  );
  fc.assert(
    fc.property(fc.nat(200), steps, fc.array(fc.nat()), (total, wishes, order) => {
      const purse = purseOf(total);
      const open = wishes.filter(({ take }) => purse.reserve(take));
      for (const pick of order) {
        const [one] = open.splice(pick % Math.max(1, open.length), 1);
        if (one) purse.settle(one.take, Math.floor(one.take * one.use));
        expect(purse.used() + purse.left()).toBeLessThanOrEqual(total);
      }
    }),
  );
});

test("what is believed of a provider costs no more than what was reserved for the call", () => {
  const sizes = fc.record({ input: fc.nat(2_000), output: fc.integer({ min: 1, max: 500 }) });
  const tokens = fc.nat(1_000);
  const usages = fc.tuple(tokens, tokens, tokens, tokens);
  fc.assert(
    fc.property(kinds(weight), kinds(dollars), sizes, usages, (counts_as, price, size, parts) => {
      const rules = rulesOf({ url: "http://127.0.0.1:1", model: { counts_as, price } });
      const model = rules.models.mind as (typeof rules.models)[string];
      const cap = capOf(model, size.input, size.output);
      const [input, cachedInput, cacheWrite, output] = parts;
      const counts = { input, cachedInput, cacheWrite, output };
      const usage = believable(counts, { cap, inputMost: size.input, sent: 0, received: 0 });
      if (usage === null) return;
      expect(milliTokensOf(model, usage)).toBeLessThanOrEqual(cap.milliTokens);
      expect(dollarsOf(model, usage)).toBeLessThanOrEqual(cap.dollars);
    }),
    { numRuns: 1_000 },
  );
});

test("what is said to fit does fit, and one token more does not", () => {
  const sizes = fc.record({
    input: fc.nat(5_000),
    asked: fc.integer({ min: 1, max: 5_000 }),
    left: fc.nat(3_000_000),
  });
  fc.assert(
    fc.property(kinds(weight), sizes, (counts_as, size) => {
      const rules = rulesOf({ url: "http://127.0.0.1:1", model: { counts_as } });
      const model = rules.models.mind as (typeof rules.models)[string];
      const fits = outputThatFits(model, size);
      const needs = (output: number) => capOf(model, size.input, output).milliTokens;
      if (fits === null) {
        expect(needs(Math.min(size.asked, 16))).toBeGreaterThan(size.left);
        return;
      }
      expect(needs(fits)).toBeLessThanOrEqual(size.left);
      const isAll = fits === Math.min(size.asked, model.max_output);
      expect(isAll || needs(fits + 1) > size.left).toBe(true);
    }),
  );
});
