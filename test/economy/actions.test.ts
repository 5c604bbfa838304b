import { describe, expect, test } from "bun:test";
import { parseAction } from "../../src/economy/actions.ts";
import {
  act,
  bid,
  bidsBy,
  canonical,
  cycle,
  fatesOf,
  reasonOf,
  substance,
  worldOf,
} from "./helpers.ts";

function nested(depth: number): unknown {
  let value: unknown = "core";
  for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { in: value };
  return value;
}

const pay = (more: object = {}) => ({ action: "transfer", to: "b", amount: 1, ...more });
const ask = (more: object = {}) => ({ action: "prompt", content: "news", amount: 50, ...more });
const post = (more: object = {}) => ({ action: "message", to: "b", content: "hi", ...more });
const birth = (more: object = {}) => ({ action: "spawn", logic: "logic", credits: 50, ...more });

const BAD_MONEY: [string, unknown, string][] = [
  ["NaN", Number.NaN, "finite"],
  ["Infinity", Number.POSITIVE_INFINITY, "finite"],
  ["minus Infinity", Number.NEGATIVE_INFINITY, "finite"],
  ["a negative amount", -5, "negative"],
  ["minus zero", -0, "negative"],
  ["zero", 0, "more than 0"],
  ["1e308", 1e308, "more than anyone can hold"],
  ["more than the safe range", Number.MAX_SAFE_INTEGER, "more than anyone can hold"],
  ["a fraction of a micro-credit", 0.0000001, "finer than a millionth"],
  ["one and a bit of a micro-credit", 1.0000005, "finer than a millionth"],
  ["the smallest double", 5e-324, "finer than a millionth"],
  ["text", "5", 'got the text "5"'],
  ["text of 10 kB", "9".repeat(10_000), "got the text"],
  ["true", true, "got boolean"],
  ["a list", [5], "got a list"],
  ["an object", { valueOf: 5 }, "got an object"],
];

describe("money from outside", () => {
  test.each(BAD_MONEY)("%s is no amount to pay", (_name, amount, reason) => {
    const world = worldOf({ agents: { a: 100, b: 100 } });
    const before = substance(world);
    const lines = [pay({ amount }), ask({ amount }), birth({ credits: amount }), bid({ amount })];
    for (const line of [...lines, bid({ upTo: amount })])
      expect(reasonOf(act(world, "a", line))).toContain(reason);
    expect(substance(world)).toBe(before);
  });

  test("null is a missing amount for a bid and no amount at all for a payment", () => {
    const world = worldOf({ agents: { a: 100, b: 100 } });
    expect(act(world, "a", bid({ amount: null, upTo: null })).ok).toBe(true);
    expect(reasonOf(act(world, "a", pay({ amount: null })))).toContain("got null");
  });
});

const BAD_IDS: [string, unknown][] = [
  ["a path", "../b"],
  ["an absolute path", "/b"],
  ["a Cyrillic look-alike of b", "\u042c"],
  ["a full-width b", "\uff42"],
  ["an accent made of two characters", "b\u0301"],
  ["a name in capitals", "B"],
  ["a name with a space", "b "],
  ["a name with a line break", "b\n"],
  ["a name with a NUL", "b\u0000"],
  ["an account", "agent:b"],
  ["the empty name", ""],
  ["a name of 10 kB", "b".repeat(10_000)],
  ["a number", 7],
  ["null", null],
  ["a list", ["b"]],
  ["__proto__", "__proto__"],
  ["constructor", "constructor"],
];

describe("names from outside", () => {
  test.each(BAD_IDS)("%s names nobody to pay, to write to or to be born", (_name, id) => {
    const world = worldOf({ agents: { a: 1000, b: 100 } });
    const before = substance(world);
    expect(act(world, "a", pay({ to: id })).ok).toBe(false);
    expect(act(world, "a", post({ to: id })).ok).toBe(false);
    if (id !== null && id !== "constructor")
      expect(act(world, "a", birth({ name: id })).ok).toBe(false);
    expect(substance(world)).toBe(before);
  });

  test.each(["human", "market", "issuance", "burn", "system", "kernel", "econ"])(
    "%s is a part of the economy and no name for a child",
    (name) => {
      const world = worldOf({ agents: { a: 1000 } });
      expect(reasonOf(act(world, "a", birth({ name })))).toContain("reserved");
    },
  );
});

const BAD_ACTIONS: [string, unknown, string][] = [
  ["null", null, "an action is a JSON object"],
  ["a number", 5, "an action is a JSON object"],
  ["text", "bid", "an action is a JSON object"],
  ["a list", [pay()], "an action is a JSON object"],
  ["an empty object", {}, "action must be one of"],
  ["an unknown kind", { action: "mint", amount: 5 }, 'unknown action "mint"'],
  ["a kind of every object", { action: "constructor" }, "unknown action"],
  ["__proto__ as a kind", { action: "__proto__" }, "unknown action"],
  ["a list as a kind", { action: ["bid"] }, "action must be one of"],
  ["a kind that is not text and cannot be", { action: { toString: null } }, "action must be"],
  ["a kind nested 100,000 deep", { action: nested(100_000) }, "nested more than"],
  ["a message nested 100,000 deep", post({ content: nested(100_000) }), "nested more than"],
  ["a prompt nested 100,000 deep", ask({ content: nested(100_000) }), "nested more than"],
  ["a key too many", pay({ note: "x" }), 'unknown key "note"'],
  ["a forged sender", pay({ from: "b" }), "the sender is always the agent that runs"],
  ["__proto__ as a key", JSON.parse('{"action":"transfer","__proto__":{"to":"b"}}'), "__proto__"],
  ["a recipient inherited", Object.create({ to: "b" }, {}), "action must be one of"],
  ["a missing key", { action: "transfer", to: "b" }, "amount is missing"],
  ["a memo of another type", pay({ memo: { a: 1 } }), "memo: expected text"],
  ["a memo with a line break", pay({ memo: "a\nb" }), "control characters"],
  ["a memo with a terminal's escape", pay({ memo: "\u001b[2J" }), "control characters"],
  ["a memo that turns the text around", pay({ memo: "\u202egnp.exe" }), "control characters"],
  ["a memo with another kind of line break", pay({ memo: "a\u2028b" }), "control characters"],
  ["a memo with half a character", pay({ memo: "\ud83d" }), "half a character"],
  ["a message with half a character", post({ content: "\ud83d" }), "half a character"],
  ["a payload with half a character", bid({ payload: ["\ud83d"] }), "half a character"],
  ["a memo of 10 kB", pay({ memo: "x".repeat(10_000) }), "longer than 200"],
  ["a message over 64 KB", post({ content: "x".repeat(65_537) }), "longer than 65536 bytes"],
  ["a message over 64 KB in bytes", post({ content: "é".repeat(32_769) }), "longer than 65536"],
  ["a message of nothing", post({ content: null }), "is empty"],
  ["a prompt over 64 KB", ask({ content: "x".repeat(65_537) }), "longer than 65536 bytes"],
  ["a prompt of blanks", ask({ content: " \n" }), "an empty prompt"],
  ["no resources", bid({ resources: {} }), "names no resource"],
  ["a list of resources", bid({ resources: [1] }), "expected quantities"],
  ["an unknown resource", bid({ resources: { gold: 1 } }), 'unknown resource "gold"'],
  ["attention in a bundle", bid({ resources: { attention: 1 } }), "unknown resource"],
  ["__proto__ as a resource", bid({ resources: JSON.parse('{"__proto__":1}') }), "__proto__"],
  ["no quantity", bid({ resources: { cpu_seconds: 0 } }), "not a quantity above 0"],
  ["a negative quantity", bid({ resources: { cpu_seconds: -1 } }), "not a quantity above 0"],
  ["a quantity in words", bid({ resources: { cpu_seconds: "1" } }), "expected a number"],
  ["NaN of a resource", bid({ resources: { cpu_seconds: Number.NaN } }), "expected a number"],
  ["a payload that is text", bid({ payload: "rm -rf /" }), "expected a command"],
  ["an empty payload", bid({ payload: [] }), "expected a command"],
  ["a payload without a name", bid({ payload: ["", "x"] }), "no name"],
  ["a payload with a number", bid({ payload: ["bun", 1] }), "must be text"],
  ["a payload with a NUL", bid({ payload: ["a\u0000b"] }), "NUL"],
  ["a payload over 4 KB", bid({ payload: ["x".repeat(4096)] }), "over 4096 bytes"],
  ["a payload of 4,097 nothings", bid({ payload: ["a", ...Array(4096).fill("")] }), "over 4096"],
  ["a cycle before the first", bid({ notBefore: -1 }), "number of a cycle"],
  ["half a cycle", bid({ notBefore: 1.5 }), "number of a cycle"],
  ["a cycle in words", bid({ notBefore: "5" }), "number of a cycle"],
  ["an unsafe cycle", bid({ notBefore: 2 ** 60 }), "number of a cycle"],
  ["no such bid to raise", { action: "raise", id: "a-9-9", amount: 9 }, "no pending bid"],
  ["no such bid to withdraw", { action: "withdraw", id: "a-9-9" }, "no pending bid"],
  ["another's bid to withdraw", { action: "withdraw", id: "b-0-1" }, "no pending bid"],
  ["another's bid to raise", { action: "raise", id: "b-0-1", amount: 90 }, "no pending bid"],
  ["logic that is not there", birth({ logic: "elsewhere" }), "logic: no such folder"],
  ["logic of no files", birth({ logic: {} }), "expected 1 to 200 files"],
  ["logic with a file that is no text", birth({ logic: { "main.ts": 1 } }), "expected text"],
  ["logic of 201 files", birth({ logic: files(201) }), "expected 1 to 200 files"],
];

function files(count: number) {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`f${n}`, ""]));
}

describe("actions from outside", () => {
  test.each(BAD_ACTIONS)("%s is refused and changes nothing", (_name, line, reason) => {
    const world = worldOf({ agents: { a: 1000, b: 100 } });
    const before = substance(world);
    expect(reasonOf(act(world, "a", line))).toContain(reason);
    expect(substance(world)).toBe(before);
  });

  test.each(BAD_ACTIONS)(
    "a cycle goes on around %s as if it were not there",
    async (_name, bad) => {
      const agents = { a: 1000, b: 100 };
      const [world, control] = [worldOf({ agents }), worldOf({ agents })];
      const report = await cycle(world, { a: [bid(), bad, pay()] });
      await cycle(control, { a: [bid(), pay()] });
      const fates = fatesOf(report, "a");
      expect(fates.map(({ ok }) => ok)).toEqual([true, false, true]);
      expect(substance(world)).toBe(substance(control));
      expect(world.agents.get("a")?.notices).toHaveLength(1);
      expect(() => canonical(fates)).not.toThrow();
    },
  );

  test("only the first lines up to the limit are read, and the agent is told", async () => {
    const world = worldOf({ agents: { a: 100 }, rules: { execution: { max_actions: 2 } } });
    const report = await cycle(world, { a: [bid(), bid(), bid()] });
    expect(fatesOf(report, "a")).toHaveLength(2);
    expect(bidsBy(world, "a")).toHaveLength(2);
    expect(world.agents.get("a")?.notices.at(-1)?.text).toContain("only the first 2 of 3");
  });

  test("cycle minus zero is cycle zero, before it is written and after", () => {
    const parsed = parseAction(bid({ notBefore: -0 }));
    expect(parsed.ok && "notBefore" in parsed.value && parsed.value.notBefore).toBe(0);
  });

  test("text is markdown, and any other value is JSON", () => {
    const parsed = [ask(), ask({ content: { a: 1 } })].map((line) => parseAction(line));
    expect(parsed).toMatchObject([
      { value: { format: "markdown", content: "news" } },
      { value: { format: "json", content: '{\n  "a": 1\n}' } },
    ]);
  });
});
