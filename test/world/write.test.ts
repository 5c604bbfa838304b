import { afterAll, expect, test } from "bun:test";
import fc from "fast-check";
import { reviveAgent } from "../../src/economy/acts.ts";
import { die, type Logic } from "../../src/economy/agents.ts";
import { rulesSchema } from "../../src/economy/rules.ts";
import {
  type Agent,
  type AnsweredPrompt,
  type Economy,
  noChanges,
  transfer,
} from "../../src/economy/state.ts";
import { simulate } from "../../src/lab/simulate.ts";
import type { Change } from "../../src/world/change.ts";
import { diskOf, readWorld } from "../../src/world/read.ts";
import { verifyWorld } from "../../src/world/verify.ts";
import { changesOf, type Extra, initialWorld, RUNS_KEPT } from "../../src/world/write.ts";
import { decide as genesis } from "../../templates/agents/genesis/decide.ts";
import { decide as spammer } from "../../templates/agents/spammer/decide.ts";
import { decide as specialist } from "../../templates/agents/specialist/decide.ts";
import { economies } from "./economies.ts";
import * as fixture from "./fixture.ts";
import { apply, folderOf, smallWorld } from "./fixture.ts";

afterAll(fixture.removeTempFolders);

const paths = (changes: Change[]) => changes.map(({ path, file }) => (file ? path : `- ${path}`));
const textOf = (changes: Change[], path: string) => {
  const file = changes.find((change) => change.path === path)?.file;
  return file ? new TextDecoder().decode(file.bytes) : null;
};

/** Commit the changes of an economy to its folder, and forget them. */
function write(root: string, economy: Economy, extra: Partial<Extra> = {}): Change[] {
  const changes = changesOf(economy, { disk: diskOf(root), ...extra });
  apply(root, changes);
  economy.changes = noChanges();
  return changes;
}

test("what is written is what is read, for any economy; and it passes the audit", async () => {
  await fc.assert(
    fc.asyncProperty(economies, async (economy) => {
      const root = fixture.worldOf(economy);
      const read = await readWorld(root);
      expect(read).toMatchObject({
        problems: [],
        newborn: [],
        removed: [],
        mail: [],
        answer: null,
      });
      expect(fixture.plain(read.economy as Economy)).toEqual(fixture.plain(economy));
      expect(await verifyWorld(root)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test("a simulated economy is the same in memory and on disk after every cycle", async () => {
  const { economy, step } = simulate({
    rules: rulesSchema.parse({}),
    seed: "write",
    cast: {
      genesis: { strategy: genesis, credits: 3_000 },
      spammer: { strategy: spammer },
      worker: { strategy: specialist },
    },
    children: { specialist },
    human: true,
  });
  economy.people.add("pat");
  const root = fixture.worldOf(economy);
  for (let cycle = 1; cycle <= 40; cycle++) {
    await step();
    write(root, economy);
    const read = await readWorld(root);
    expect(read).toMatchObject({ problems: [], removed: [], newborn: [], sheetStale: false });
    expect(fixture.plain(read.economy as Economy)).toEqual(fixture.plain(economy));
  }
  expect(economy.dead.size).toBeGreaterThan(0);
  expect(await verifyWorld(root)).toEqual([]);
});

test("a new world has the template's files, its people, markets and agents", () => {
  const economy = fixture.newEconomy();
  fixture.bear(economy, "ada");
  const template = folderOf({
    ...{ "econ.yaml": "# rules\n", "RULES.md": "# Rules\n" },
    "agents/genesis/main.ts": "",
  });
  const changes = initialWorld(economy, { template, people: [{ id: "pat", display: "Pat" }] });
  expect(paths(changes)).toEqual([
    ".gitignore",
    "RULES.md",
    "agents/ada/agent.json",
    "agents/ada/workspace/main.ts",
    "bids/ada-0-1.json",
    "econ.yaml",
    "humans/pat/human.md",
    "ledger/0/0.jsonl",
    "ledger/balances.json",
    ...["attention", "cpu_seconds", "gpu_seconds", "memory_mb", "tokens"].map(
      (resource) => `markets/${resource}.json`,
    ),
    "world.json",
  ]);
  expect(textOf(changes, ".gitignore")).toBe(".econ/\n");
  expect(textOf(changes, "econ.yaml")).toBe("# rules\n");
});

test("a cycle writes what it changed and nothing else", () => {
  const { root, economy } = smallWorld();
  economy.cycle = 1;
  economy.bids.delete("ada-0-1");
  economy.changes.bids.add("ada-0-1");
  economy.changes.markets.add("tokens");
  transfer(economy, {
    ...{ kind: "execution", from: "agent:ada", to: "market:tokens" },
    ...{ amount: 5, memo: "" },
  });
  expect(paths(write(root, economy))).toEqual([
    "agents/ada/agent.json",
    "- bids/ada-0-1.json",
    "ledger/0/1.jsonl",
    "ledger/balances.json",
    "markets/tokens.json",
    "world.json",
  ]);
});

test("acts of people share the journal of the cycle, which is written whole", async () => {
  const { root, economy } = smallWorld();
  const grant = { kind: "grant", from: "issuance", to: "agent:ada", amount: 1, memo: "" } as const;
  economy.cycle = 1;
  transfer(economy, grant);
  economy.cycle = 0;
  write(root, economy);
  const read = (await readWorld(root)).economy as Economy;
  read.cycle = 1;
  transfer(read, grant);
  const journal = textOf(write(root, read), "ledger/0/1.jsonl");
  expect(journal?.split("\n").map((line) => line && JSON.parse(line).n)).toEqual([1, 2, ""]);
  expect(await verifyWorld(root)).toEqual([]);
});

test("what came and went within one cycle leaves no trace to delete", () => {
  const { root, economy } = smallWorld();
  economy.changes.bids.add("ada-1-1");
  economy.changes.prompts.add("ada-1-p1");
  const message = fixture.newMessage("ada");
  economy.changes.mail.push(message);
  economy.changes.read.push(message);
  expect(paths(write(root, economy))).toEqual(["agents/ada/inbox/read/1-bo.md", "world.json"]);
});

test("mail that a run has read moves to inbox/read/", () => {
  const { root, economy } = smallWorld();
  const message = fixture.newMessage("ada");
  economy.changes.mail.push(message);
  write(root, economy);
  economy.changes.read.push(message);
  expect(paths(write(root, economy))).toEqual([
    "- agents/ada/inbox/1-bo.md",
    "agents/ada/inbox/read/1-bo.md",
    "world.json",
  ]);
});

test("mail that a person dropped gets its number, and read at once moves on", async () => {
  const { root } = smallWorld();
  fixture.put(root, { "agents/ada/inbox/hi.md": "hi\n", "agents/bo/inbox/hi.md": "hi\n" });
  const { economy, mail } = await readWorld(root);
  if (!economy) throw new Error("unreadable");
  economy.changes.read.push(...(economy.agents.get("bo")?.inbox ?? []));
  const changes = write(root, economy, { mail });
  expect(paths(changes)).toEqual([
    "agents/ada/agent.json",
    "agents/ada/inbox/1-human.md",
    "- agents/ada/inbox/hi.md",
    "agents/bo/agent.json",
    "- agents/bo/inbox/hi.md",
    "agents/bo/inbox/read/1-human.md",
    "world.json",
  ]);
  const again = await readWorld(root);
  expect(again).toMatchObject({ problems: [], mail: [] });
  expect(again.economy?.agents.get("ada")?.letters).toBe(1);
});

test("a prompt goes from the queue before the human and to the answered", async () => {
  const { root, economy } = smallWorld();
  const prompt = fixture.newPrompt("ada");
  economy.queue.set(prompt.id, prompt);
  economy.changes.prompts.add(prompt.id);
  expect(paths(write(root, economy))).toEqual([`attention/queue/${prompt.id}.md`, "world.json"]);

  economy.queue.delete(prompt.id);
  economy.active = { ...prompt, shown: 1 };
  economy.changes.prompts.add(prompt.id);
  const shown = ["attention/active.md", `attention/queue/${prompt.id}.md`, "world.json"];
  expect(paths(write(root, economy))).toEqual(shown);

  const answered: AnsweredPrompt = {
    ...economy.active,
    ...{ answered: 1234, scores: null, reason: "", award: 0, outcome: "timed out", by: "" },
  };
  economy.active = null;
  economy.changes.answered.push(answered);
  expect(paths(write(root, economy))).toEqual([
    "- attention/active.md",
    `attention/answered/1/${prompt.id}.md`,
    `- attention/queue/${prompt.id}.md`,
    "world.json",
  ]);
  expect((await readWorld(root)).problems).toEqual([]);
});

test("a score sheet that was overwritten is written anew", async () => {
  const { root, economy } = smallWorld();
  economy.active = fixture.newPrompt("ada", { shown: 1 });
  economy.changes.prompts.add(economy.active.id);
  write(root, economy);
  fixture.put(root, { "attention/active.md": "---\nid: old\n---\n" });
  const read = await readWorld(root);
  const changes = write(root, read.economy as Economy, { sheetStale: read.sheetStale });
  expect(paths(changes)).toEqual(["attention/active.md", "world.json"]);
  expect(await readWorld(root)).toMatchObject({ problems: [], sheetStale: false });
});

test("of a workspace only the changed files are written", () => {
  const { root, economy } = smallWorld();
  const before = folderOf({ "main.ts": "// ada\n", "old.md": "", "same.md": "same" });
  const after = folderOf({ "main.ts": "// new\n", "memory/1.md": "x", "same.md": "same" });
  fixture.put(root, { "agents/ada/workspace/old.md": "" });
  const same = after.get("same.md");
  const workspaces = new Map([["ada", { before, after }]]);
  expect(paths(write(root, economy, { workspaces }))).toEqual([
    "agents/ada/workspace/main.ts",
    "agents/ada/workspace/memory/1.md",
    "- agents/ada/workspace/old.md",
    "world.json",
  ]);
  if (same) same.executable = true;
  expect(paths(changesOf(economy, { disk: diskOf(root), workspaces }))).toContain(
    "agents/ada/workspace/same.md",
  );
});

test("the tree keeps the last traces of an agent's runs", async () => {
  const { root, economy } = smallWorld();
  for (economy.cycle = 1; economy.cycle <= RUNS_KEPT + 5; economy.cycle++)
    write(root, economy, { runs: new Map([["ada", `{"cycle":${economy.cycle}}\n`]]) });
  const kept = diskOf(root).runs("ada");
  expect(kept).toEqual(Array.from({ length: RUNS_KEPT }, (_, index) => index + 6));
});

test("the dead move to the graveyard with all that this cycle left them", async () => {
  const { root, economy } = smallWorld();
  const letter = fixture.newMessage("ada");
  economy.changes.mail.push(letter);
  write(root, economy, { runs: new Map([["ada", "{}\n"]]) });
  economy.cycle = 1;
  die(economy, "ada", "it left no bid");
  const before = folderOf({ "main.ts": "// ada\n" });
  const after = folderOf({ "last-words.md": "bye" });
  const changes = write(root, economy, { workspaces: new Map([["ada", { before, after }]]) });
  expect(paths(changes)).toEqual([
    "- agents/ada/agent.json",
    "- agents/ada/inbox/1-bo.md",
    "- agents/ada/runs/0.jsonl",
    "- agents/ada/workspace/main.ts",
    "- bids/ada-0-1.json",
    "graveyard/ada/agent.json",
    "graveyard/ada/inbox/1-bo.md",
    "graveyard/ada/runs/0.jsonl",
    "graveyard/ada/workspace/last-words.md",
    "ledger/0/1.jsonl",
    "ledger/balances.json",
    "world.json",
  ]);
  expect(textOf(changes, "graveyard/ada/agent.json")).toMatch(/"status": "dead"/);
  const read = await readWorld(root);
  expect(read).toMatchObject({ removed: [] });
  expect(read.economy?.dead).toEqual(new Set(["ada"]));
});

test("a child that dies in the cycle of its birth has only a grave", () => {
  const { root, economy } = smallWorld();
  fixture.bear(economy, "cy");
  die(economy, "cy", "no luck");
  const changes = paths(write(root, economy)).filter((path) => path.includes("cy"));
  expect(changes).toEqual(["graveyard/cy/agent.json", "graveyard/cy/workspace/main.ts"]);
});

test("a revived agent has its folder back, and no grave", async () => {
  const { root, economy } = smallWorld();
  economy.changes.mail.push(fixture.newMessage("ada"));
  write(root, economy, { runs: new Map([["ada", "{}\n"]]) });
  const grave = economy.agents.get("ada") as Agent;
  economy.cycle = 1;
  die(economy, "ada", "it left no bid");
  write(root, economy);
  grave.letters = 1;
  const folder = folderOf({ "main.ts": "// ada\n" });
  const logic: Logic = { folder, kind: "code", payload: ["bun", "main.ts"], bid: null };
  expect(reviveAgent(economy, { grave, logic, credits: 1_000_000_000 }).ok).toBe(true);
  expect(paths(write(root, economy))).toEqual([
    "agents/ada/agent.json",
    "agents/ada/inbox/1-bo.md",
    "agents/ada/runs/0.jsonl",
    "agents/ada/workspace/main.ts",
    "bids/ada-0-1.json",
    "- graveyard/ada/agent.json",
    "- graveyard/ada/inbox/1-bo.md",
    "- graveyard/ada/runs/0.jsonl",
    "- graveyard/ada/workspace/main.ts",
    "ledger/0/1.jsonl",
    "ledger/balances.json",
    "world.json",
  ]);
  const read = await readWorld(root);
  expect(read).toMatchObject({ problems: [], removed: [], newborn: [] });
  expect(read.economy?.agents.get("ada")?.inbox).toHaveLength(1);
  expect(await verifyWorld(root)).toEqual([]);
});
