import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rulesSchema } from "../../src/economy/rules.ts";
import { describeConfig, readConfig, setConfig } from "../../src/world/config.ts";

const PRICE = "price: { input: 1, cached_input: 0.1, cache_write: 1.25, output: 5 }";
const model = (line: string) => `models:\n  haiku:\n    id: x\n    ${line}\n`;

/** A broken econ.yaml → where and what `readConfig` says of it. */
const BROKEN: Record<string, [text: string, line: number, message: string | RegExp]> = {
  "an empty file": ["", 1, /empty/],
  "a word for a number": [
    "resources:\n  tokens:\n    supply: two\n    initial_price: 1\n",
    3,
    'resources.tokens.supply: expected a number, got "two"',
  ],
  "a negative supply": [
    "resources:\n  tokens:\n    initial_price: 1\n    supply: -1\n",
    4,
    "resources.tokens.supply: expected at least 0, got -1",
  ],
  "a negative amount": [
    "economy:\n  spawn_cost: -1\n",
    2,
    "economy.spawn_cost: an amount cannot be negative (-1)",
  ],
  infinity: [
    "economy:\n  spawn_cost: .inf\n",
    2,
    "economy.spawn_cost: expected a finite number, got Infinity",
  ],
  "more than a double": [
    "# a comment\n\neconomy:\n  message_cost: 1e999\n",
    4,
    "economy.message_cost: expected a finite number, got Infinity",
  ],
  "not a number": [
    "pricing:\n  max_step_percent: .nan\n",
    2,
    "pricing.max_step_percent: expected a finite number, got NaN",
  ],
  "a misspelt rule": [
    "economy:\n  spwan_cost: 1\n",
    2,
    'economy: unknown key "spwan_cost"; did you mean "spawn_cost"?',
  ],
  "a misspelt heading": ["econmy: {}\n", 1, 'unknown key "econmy"; did you mean "economy"?'],
  "a rule of nobody": ["xyzzy: 1\n", 1, /unknown key "xyzzy"; expected one of clock, unattended/],
  "a market in part": [
    "resources:\n  tokens:\n    supply: 5\n",
    2,
    "resources.tokens.initial_price: expected a number, but it is missing",
  ],
  "a choice there is not": [
    "clock: sundial\n",
    1,
    'clock: expected one of "wall", "logical", got "sundial"',
  ],
  "a list for a heading": ["economy: [1]\n", 1, "economy: expected a mapping, got [1]"],
  "an alias": ["clock: &c wall\nvisibility: *c\n", 1, /anchors and aliases/],
  "a rule given twice": ["clock: wall\nclock: wall\n", 2, /unique/],
  "the key __proto__": ["__proto__:\n  clock: wall\n", 1, /"__proto__" is not allowed/],
  "two documents": ["clock: wall\n---\nclock: wall\n", 2, /multiple documents/],
  "a brace left open": ["economy: {\n", 2, /./],
  "a model without a price": [
    "models:\n  haiku:\n    id: x\n",
    2,
    "models.haiku.price: expected a mapping, but it is missing",
  ],
  "a model with half a price": [
    model("price: { input: 1, output: 5 }"),
    4,
    "models.haiku.price.cached_input: expected a number, but it is missing",
  ],
  "a misspelt part of a model": [
    model(`${PRICE}\n    count_as: {}`),
    5,
    'models.haiku: unknown key "count_as"; did you mean "counts_as"?',
  ],
  "a model's name that no agent could write": [
    model(PRICE).replace("haiku", "My Model"),
    2,
    "models.My Model: expected a name like haiku",
  ],
  "a weight finer than a thousandth": [
    model(`${PRICE}\n    counts_as: { input: 0.0001 }`),
    5,
    "models.haiku.counts_as.input: expected a multiple of 0.001, got 0.0001",
  ],
  "a provider that is no address": [
    model(`${PRICE}\n    base_url: provider.example`),
    5,
    "models.haiku.base_url: expected http:// or https:// and a host, without a key in it",
  ],
  "one host that is no list": [
    "execution:\n  hosts: example.org\n",
    2,
    'execution.hosts: expected a list, got "example.org"',
  ],
  "an address for a host": [
    "execution:\n  hosts: [http://example.org]\n",
    2,
    'execution.hosts.0: expected host or host:port, got "http://example.org"',
  ],
};

for (const [name, [text, line, message]] of Object.entries(BROKEN))
  test(`econ.yaml with ${name} is a problem with file, line and what was expected`, () => {
    const read = readConfig(text);
    expect(read.ok).toBe(false);
    if (read.ok) return;
    expect(read.problems[0]).toMatchObject({ file: "econ.yaml", line });
    if (typeof message === "string") expect(read.problems[0]?.message).toBe(message);
    else expect(read.problems[0]?.message).toMatch(message);
  });

test("every problem is told, not only the first", () => {
  const read = readConfig("clock: x\neconomy:\n  spawn_cost: a\n  estate: b\n");
  expect(read.ok ? [] : read.problems.map(({ line }) => line)).toEqual([1, 3, 4]);
});

test("a file of comments is the defaults", () => {
  const read = readConfig("# nothing decided yet\n");
  expect(read).toEqual({ ok: true, value: rulesSchema.parse({}) });
});

test("the templates' rules are valid", () => {
  for (const name of ["default", "spec"]) {
    const file = join(import.meta.dir, "../../templates/worlds", name, "econ.yaml");
    expect(readConfig(readFileSync(file, "utf8"))).toMatchObject({ ok: true });
  }
});

test("the rules are described with value and default, amounts in credits", () => {
  const read = readConfig("economy:\n  spawn_cost: 12.5\n");
  const entries = new Map(read.ok ? describeConfig(read.value).map((e) => [e.key, e]) : []);
  const entry = (key: string) => entries.get(key);
  expect(entry("economy.spawn_cost")).toMatchObject({ value: 12.5, usual: 100 });
  expect(entry("economy.message_cost")).toMatchObject({ value: 1, usual: 1 });
  expect(entry("resources.attention.initial_price")).toMatchObject({ value: 20 });
  expect(entry("population.first_bid.code.cpu_seconds")).toMatchObject({ value: 1, usual: 1 });
  expect(entry("economy.daily_mint_cap")?.about).toMatch(/one day/);
});

test("setting a rule that is there changes its value and no other byte", () => {
  const text = "# mine\neconomy:   # money\n    spawn_cost:   5   # cheap\n\nclock: wall\n";
  const edited = setConfig(text, "economy.spawn_cost", "7.5");
  expect(edited).toEqual({ ok: true, value: text.replace("  5 ", "  7.5 ") });
});

test("setting a rule that is not there keeps the comments", () => {
  const text = "# mine\neconomy: # money\n  estate: burn # all of it\n";
  const edited = setConfig(text, "allocation.schedule_seconds", "60");
  expect(edited.ok && edited.value).toBe(
    "# mine\neconomy: # money\n  estate: burn # all of it\nallocation:\n  schedule_seconds: 60\n",
  );
});

test("a rule is set under every way of writing its heading", () => {
  const texts = [
    "economy: {}\n",
    "economy: { estate: burn }\n",
    "economy:\n",
    "economy:\n    estate: burn # why",
    "economy:\n  estate: burn\n\n# next\nclock: wall\n",
    "---\nclock: wall\n",
  ];
  for (const text of texts) {
    const edited = setConfig(text, "economy.spawn_cost", "7");
    const read = readConfig(edited.ok ? edited.value : "");
    expect(read.ok && read.value.economy.spawn_cost).toBe(7_000_000);
  }
});

test("setting one half of a market writes the other half too", () => {
  const edited = setConfig("# empty\n", "resources.tokens.supply", "5");
  const read = readConfig(edited.ok ? edited.value : "");
  expect(read.ok && read.value.resources.tokens).toEqual({ supply: 5, initial_price: 5_000 });
  expect(edited.ok && edited.value).toStartWith("# empty\n");
});

test("a rule is not set to what it cannot be", () => {
  const reason = (key: string, value: string) => {
    const edited = setConfig("clock: wall\n", key, value);
    return edited.ok ? null : edited.reason;
  };
  expect(reason("clock", "sundial")).toMatch(/expected one of "wall", "logical"/);
  expect(reason("economy.spawn_cost", "-1")).toMatch(/cannot be negative/);
  expect(reason("economy.spwn_cost", "1")).toMatch(/did you mean "economy.spawn_cost"/);
  expect(reason("economy", "1")).toMatch(/unknown key/);
  expect(reason("clock", "[wall]")).toMatch(/expected one of/);
});

test("a key that stands where its variable's name belongs is not repeated", () => {
  const secrets = ["key: sk-secret", "base_url: https://me:sk-secret@provider.example"];
  for (const line of [...secrets, "base_url: https://provider.example/?key=sk-secret"]) {
    const read = readConfig(model(`${PRICE}\n    ${line}`));
    expect(read).toMatchObject({ ok: false, problems: [{ line: 5 }] });
    expect(JSON.stringify(read)).not.toContain("secret");
  }
});

test("a model's rules go by the name that the person gave it", () => {
  const text = model(`${PRICE} # as of today`).replace("haiku", "local.v2");
  const read = readConfig(text);
  const keys = read.ok ? describeConfig(read.value).map(({ key }) => key) : [];
  expect(keys).toContain("models.local.v2.price.input");
  expect(keys).not.toContain("models.haiku.price.input");
  const edited = setConfig(text, "models.local.v2.price.input", "7");
  expect(edited).toEqual({ ok: true, value: text.replace("input: 1,", "input: 7,") });
});

test("setting one part of the default model states all of it", () => {
  const edited = setConfig("# mine\n", "models.haiku.price.output", "6");
  const read = readConfig(edited.ok ? edited.value : "");
  const { haiku } = rulesSchema.parse({}).models;
  expect(read.ok && read.value.models).toEqual({
    haiku: { ...haiku!, price: { ...haiku!.price, output: 6 } },
  });
});

test("a model that is not there is not set in part: its neighbours are named", () => {
  const edited = setConfig("# mine\n", "models.opus.id", "x");
  expect(edited.ok ? "" : edited.reason).toMatch(/expected one of models\.haiku\.id/);
});

test("a list is set whole, in whatever form it stood there", () => {
  const texts = [
    "# empty\n",
    "execution:\n  hosts: [a.org] # mine\n  parallel: 2\n",
    "execution:\n  hosts:\n    - a.org # the first\n    - b.org\n  parallel: 2\n",
    "execution:\n  hosts:\n    - a.org",
    "execution: { hosts: [] }\n",
  ];
  const given: [string, string[]][] = [
    ["c.org, d.org:80", ["c.org", "d.org:80"]],
    ["[c.org]", ["c.org"]],
    ["", []],
  ];
  for (const text of texts)
    for (const [value, hosts] of given) {
      const edited = setConfig(text, "execution.hosts", value);
      const read = readConfig(edited.ok ? edited.value : "");
      expect(read.ok && read.value.execution.hosts).toEqual(hosts);
      if (text.includes("parallel")) expect(edited.ok && edited.value).toContain("parallel: 2");
    }
});
