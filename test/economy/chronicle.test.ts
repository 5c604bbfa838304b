import { expect, test } from "bun:test";
import { condensed, weightiest } from "../../src/economy/chronicle.ts";
import type { Event } from "../../src/economy/state.ts";

const refusal = (n: number): Event => ({ kind: "refused", agent: "eve", text: `eve: no ${n}` });
const death: Event = { kind: "died", agent: "ada", text: "ada died" };

test("a thousand refusals of one agent are told in a few lines, and others' news stays", () => {
  const events = [...Array.from({ length: 1000 }, (_, n) => refusal(n)), death];
  expect(condensed(events).map(({ text }) => text)).toEqual([
    ...[0, 1, 2, 3, 4].map((n) => `eve: no ${n}`),
    "eve: 995 more like that",
    "ada died",
  ]);
});

test("few events are told as they are", () => {
  const events = [0, 1, 2, 3, 4, 5].map(refusal);
  expect(condensed(events)).toEqual(events);
  expect(condensed([])).toEqual([]);
});

test("where there is no room for all, routine gives way, in the order of events", () => {
  const events = [refusal(0), refusal(1), death, refusal(2)];
  expect(weightiest(events, 2)).toEqual(
    [refusal(0), death].map((event) => expect.objectContaining(event)),
  );
  expect(weightiest(events, 1)).toEqual([death]);
  expect(weightiest(events, 9)).toEqual(events);
});
