import { afterAll, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bookCosts } from "../../src/economy/spending.ts";
import { transfer } from "../../src/economy/state.ts";
import { diskOf } from "../../src/world/read.ts";
import { verifyWorld } from "../../src/world/verify.ts";
import { changesOf } from "../../src/world/write.ts";
import { apply, put, removeTempFolders, smallWorld } from "./fixture.ts";

afterAll(removeTempFolders);

/** ada and bo were born in cycle 0; in cycle 1 ada paid a market, and bo. */
function tradedWorld(): string {
  const { root, economy } = smallWorld();
  economy.cycle = 1;
  const ada = { from: "agent:ada", memo: "" };
  transfer(economy, { ...ada, kind: "execution", to: "market:tokens", amount: 12_500_000 });
  transfer(economy, { ...ada, kind: "payment", to: "agent:bo", amount: 1_000_000 });
  apply(root, changesOf(economy, { disk: diskOf(root) }));
  return root;
}

function edit(root: string, file: string, from: string | RegExp, to: string): void {
  const text = readFileSync(join(root, file), "utf8");
  expect(text).toMatch(from);
  writeFileSync(join(root, file), text.replace(from, to));
}

const BALANCES = "ledger/balances.json";
const JOURNAL = "ledger/0/1.jsonl";

test("a world that the economy wrote is sound", async () => {
  expect(await verifyWorld(tradedWorld())).toEqual([]);
});

test("a forged balance is found with its file and line", async () => {
  const root = tradedWorld();
  edit(root, BALANCES, '"agent:bo": "1001"', '"agent:bo": "2001"');
  expect(await verifyWorld(root)).toContainEqual({
    file: BALANCES,
    line: 4,
    message: 'agent:bo: the journal gives "1001" credit, got "2001"',
  });
});

test("two forged balances that sum to zero are both found", async () => {
  const root = tradedWorld();
  edit(root, BALANCES, '"agent:bo": "1001"', '"agent:bo": "1002"');
  edit(root, BALANCES, '"agent:ada": "986.5"', '"agent:ada": "985.5"');
  const problems = await verifyWorld(root);
  expect(problems.map(({ file, line }) => [file, line])).toEqual([
    [BALANCES, 3],
    [BALANCES, 4],
  ]);
});

test("a balance left out is found", async () => {
  const root = tradedWorld();
  edit(root, BALANCES, /,\n {4}"market:tokens": "12.5"/, "");
  expect(await verifyWorld(root)).toContainEqual({
    file: BALANCES,
    line: 2,
    message: 'market:tokens: the journal gives "12.5" credit, but it is missing',
  });
});

/** A change of the second line of a journal → the line and a part of what is said of it. */
const FORGED: Record<string, [from: string | RegExp, to: string, line: number, reason: RegExp]> = {
  "an award that an agent pays": [
    '"kind":"payment"',
    '"kind":"award"',
    2,
    /agent:ada cannot pay a transfer of kind "award" \(only issuance\)/,
  ],
  "a market that pays": [
    '"from":"agent:ada","kind":"payment"',
    '"from":"market:tokens","kind":"payment"',
    2,
    /market:tokens cannot pay/,
  ],
  "new credits by payment": [
    '"from":"agent:ada","kind":"payment"',
    '"from":"issuance","kind":"payment"',
    2,
    /issuance cannot pay a transfer of kind "payment"/,
  ],
  "a burn that pays": [
    '"from":"agent:ada","kind":"payment"',
    '"from":"burn","kind":"estate"',
    2,
    /burn cannot pay/,
  ],
  "an execution paid to an agent": [
    '"kind":"payment"',
    '"kind":"execution"',
    2,
    /agent:bo cannot receive/,
  ],
  "more than there is": ['"amount":"1"', '"amount":"1000"', 2, /has only 987.5/],
  "an amount of nothing": ['"amount":"1"', '"amount":"0"', 2, /must be more than 0/],
  "a negative amount": ['"amount":"1"', '"amount":"-1"', 2, /cannot be negative/],
  "an amount as a number": ['"amount":"1"', '"amount":1', 2, /expected an amount like/],
  "a number twice": ['"n":2', '"n":1', 2, /n: expected 2/],
  "a number left out": ['"n":2', '"n":3', 2, /without a gap/],
  "another cycle": [/"cycle":1(,[^\n]*"n":2)/, '"cycle":2$1', 2, /cycle: expected 1/],
  "a payment to oneself": ['"to":"agent:bo"', '"to":"agent:ada"', 2, /pays itself/],
  "a kind there is not": ['"kind":"payment"', '"kind":"gift"', 2, /kind: expected one of/],
  "an unknown key": ['"n":2', '"n":2,"note":""', 2, /unknown key "note"/],
  "a key given twice": ['"n":2', '"n":2,"n":2', 2, /"n" is there twice/],
  "a line cut off": [/"to":"agent:bo"}\n$/, '"to', 2, /cut off/],
  "an empty line": [/\n$/, "\n\n", 3, /empty/],
  "an account of nobody's": ['"to":"agent:bo"', '"to":"mallory"', 2, /expected an account/],
};

for (const [name, [from, to, line, reason]] of Object.entries(FORGED))
  test(`a journal with ${name} is found with its line`, async () => {
    const root = tradedWorld();
    edit(root, JOURNAL, from, to);
    const problems = (await verifyWorld(root)).filter(({ file }) => file === JOURNAL);
    const found = problems.find((problem) => problem.line === line);
    expect(found?.message).toMatch(reason);
  });

test("a journal taken away shows in the balances", async () => {
  const root = tradedWorld();
  apply(root, [{ path: JOURNAL, file: null }]);
  const problems = await verifyWorld(root);
  expect(problems.map(({ message }) => message)).toContain(
    'market:tokens: the journal gives "0" credit, got "12.5"',
  );
});

test("acts of people may stand in the journal of the next cycle, no further", async () => {
  const line = (cycle: number) =>
    `{"amount":"1","asset":"credit","cycle":${cycle},"from":"agent:ada",` +
    `"kind":"payment","memo":"","n":1,"to":"agent:bo"}\n`;
  const root = tradedWorld();
  put(root, { "ledger/0/2.jsonl": line(2) });
  edit(root, BALANCES, '"agent:bo": "1001"', '"agent:bo": "1002"');
  edit(root, BALANCES, '"agent:ada": "986.5"', '"agent:ada": "985.5"');
  expect(await verifyWorld(root)).toEqual([]);
  put(root, { "ledger/0/3.jsonl": line(3) });
  const problems = await verifyWorld(root);
  expect(problems.map(({ message }) => message)).toContain("the world is at cycle 1 only");
});

test("the audit also tells what reading tells", async () => {
  const root = tradedWorld();
  put(root, { "bids/x.txt": "" });
  expect((await verifyWorld(root)).map(({ file }) => file)).toEqual(["bids/x.txt"]);
});

const COSTS = "costs/0/1.jsonl";

/** In cycle 1 two agents called a model, for $1.25 and $0.000001. */
function spendingWorld(): string {
  const { root, economy } = smallWorld();
  economy.cycle = 1;
  const usage = { calls: 2, input: 1, cachedInput: 2, cacheWrite: 3, output: 4, milliTokens: 5 };
  const cost = (agent: string, dollars: number) => ({ agent, model: "haiku", dollars, ...usage });
  bookCosts(economy, [cost("bo", 1), cost("ada", 1_250_000)]);
  apply(root, changesOf(economy, { disk: diskOf(root) }));
  return root;
}

test("costs that sum to what the world has spent are sound, a line for each agent", async () => {
  const root = spendingWorld();
  expect(await verifyWorld(root)).toEqual([]);
  expect(readFileSync(join(root, COSTS), "utf8").split("\n")[0]).toBe(
    '{"agent":"ada","cacheWrite":3,"cachedInput":2,"calls":2,"dollars":"1.25",' +
      '"input":1,"milliTokens":5,"model":"haiku","output":4}',
  );
});

const FORGED_COSTS: [
  what: string,
  file: string,
  from: string | RegExp,
  to: string,
  said: RegExp,
][] = [
  [
    "a line of costs",
    COSTS,
    "1.25",
    "0.25",
    /^world.json:\d+ spent.total: .*"0.250001", got "1.25/,
  ],
  ["the world's total", "world.json", /"total": "[^"]+"/, '"total": "9"', /sum to "1.250001", got/],
  [
    "more today than in all",
    "world.json",
    /"total": "[^"]+"/,
    '"total": "1"',
    /no more today than/,
  ],
  ["a cost below zero", COSTS, '"1.25"', '"-1.25"', /^costs\/0\/1.jsonl:1 dollars: an amount/],
  ["a cost in words", COSTS, '"input":1', '"input":"one"', /input: expected a number, got "one"/],
  ["a line cut off", COSTS, /\n$/, "", /the last line is cut off/],
  ["an unknown key", COSTS, '"calls"', '"call"', /did you mean "calls"/],
];
for (const [what, file, from, to, said] of FORGED_COSTS)
  test(`${what}, forged, is found with its file and line`, async () => {
    const root = spendingWorld();
    edit(root, file, from, to);
    const problems = await verifyWorld(root);
    const lines = problems.map((each) => `${each.file}:${each.line} ${each.message}`);
    expect(lines.some((line) => said.test(line)) ? [] : lines).toEqual([]);
  });

test("costs of a cycle that has not been, or in a place of no cycle, are found", async () => {
  const root = spendingWorld();
  put(root, { "costs/0/7.jsonl": readFileSync(join(root, COSTS), "utf8") });
  expect((await verifyWorld(root)).map(({ file }) => file)).toContain("costs/0/7.jsonl");
  put(root, { "costs/notes.txt": "mine" });
  expect(await verifyWorld(root)).toContainEqual({
    file: "costs/notes.txt",
    line: null,
    message: "expected only folders of a thousand cycles each here",
  });
});
