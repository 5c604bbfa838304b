import { afterEach, expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as econ from "../../src/agent/index.ts";
import { readWithin } from "../../src/agent/workspace.ts";
import { askHuman } from "../../src/economy/attention.ts";
import { deliver } from "../../src/economy/messages.ts";
import { type Economy, notify } from "../../src/economy/state.ts";
import {
  bun,
  firstEnvironment,
  type Home,
  inRun,
  makeHome,
  removeHomes,
  root,
  tinyEconomy,
  writeFiles,
} from "./help.ts";

afterEach(removeHomes);

/** The specification's methods (§5.1) and sensors (§2), with what is ours below them. */
const METHODS = [
  ..."transferCredits getBalance getTransactionHistory placeBid withdrawBid getMarketState".split(
    " ",
  ),
  ..."getAllMarkets spawnAgent sendMessage getInbox promptHuman getAgentDirectory".split(" "),
  ..."getConfig getCurrentTime getExecutionContext".split(" "),
  ..."observeMarkets observeAgents observeWorkspace readFile observeSystemFile".split(" "),
  ..."raiseBid getPendingBids getExecutionStats getNotices getEnvironment run TestEconomy".split(
    " ",
  ),
];

test("every method of the specification exists, and nothing undocumented", () => {
  expect(Object.keys(econ).sort()).toEqual([...METHODS].sort());
});

test("the SDK and the command load no third-party module", async () => {
  const transpiler = new Bun.Transpiler({ loader: "ts" });
  const seen = new Set<string>();
  const outside = new Set<string>();
  const pending = ["index.ts", "command.ts"].map((file) => join(root, "src/agent", file));
  for (let file = pending.pop(); file; file = pending.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    // What is imported when it is needed, a mind, is not loaded for a question.
    for (const { path, kind } of transpiler.scanImports(await Bun.file(file).text()))
      if (kind === "dynamic-import") continue;
      else if (path.startsWith(".")) pending.push(join(dirname(file), path));
      else outside.add(path);
  }
  expect([...outside].sort()).toEqual(["node:fs", "node:path", "node:util"]);
  expect(seen.has(join(root, "src/economy/perform.ts"))).toBe(true);
  expect(seen.has(join(root, "src/economy/rules.ts"))).toBe(false);
  expect(seen.has(join(root, "src/agent/mind/live.ts"))).toBe(false);
});

function lively(): Economy {
  const economy = tinyEconomy();
  deliver(economy, { from: "bob", to: "ada", content: "hello" });
  notify(economy, "ada", "something was refused");
  askHuman(economy, "bob", { content: "look", format: "markdown", amount: 60_000_000 });
  return economy;
}

const library = `export * from ${JSON.stringify(join(root, "src/agent/index.ts"))};`;

async function homeWith(program: string, economy = lively()): Promise<Home> {
  const home = makeHome(await firstEnvironment("ada", economy), {
    "main.ts": program,
    "notes/a.txt": "mine",
    "node_modules/econ/package.json": '{"exports":"./index.ts"}',
    "node_modules/econ/index.ts": library,
  });
  writeFiles(home.home, { "source/src/x.ts": "their source", "secret.txt": "no" });
  return home;
}

/** The JSON that a program printed in a run. */
async function evaluate(expression: string): Promise<unknown> {
  const home = await homeWith(
    `import * as econ from "econ";\nconsole.log(JSON.stringify(${expression}));\n`,
  );
  const { code, out, err } = await inRun(home, [...bun, "main.ts"]);
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out);
}

test("what an agent reads", async () => {
  const seen = (await evaluate(`{
    balance: econ.getBalance(),
    history: econ.getTransactionHistory(1),
    attention: econ.getMarketState("attention"),
    markets: Object.keys(econ.getAllMarkets()),
    observed: Object.keys(econ.observeMarkets()),
    agents: [econ.getAgentDirectory(), econ.observeAgents()],
    inbox: econ.getInbox().map(({ from, content }) => [from, content]),
    notices: econ.getNotices().map(({ text }) => text),
    spawnCost: econ.getConfig().economy.spawn_cost,
    time: econ.getCurrentTime(),
    context: econ.getExecutionContext(),
    stats: econ.getExecutionStats(),
    pending: econ.getPendingBids(),
    cycle: econ.getEnvironment().cycle,
  }`)) as { context: econ.ExecutionContext; stats: { used: econ.ExecutionUse } };
  const resources = ["tokens", "cpu_seconds", "memory_mb", "gpu_seconds", "attention"];
  expect(seen).toMatchObject({
    balance: 994.04,
    history: [{ kind: "endowment", from: "issuance", to: "agent:ada", amount: 1000 }],
    attention: { currentMarketPrice: 50, availableSupply: 1, activeBids: [{ agent: "bob" }] },
    markets: resources,
    observed: resources,
    agents: Array(2).fill(["ada", "bob", "cyd"]),
    inbox: [["bob", "hello"]],
    notices: ["something was refused"],
    spawnCost: 100,
    time: "2026-01-01T00:00:10.000Z",
    context: { bid: "ada-0-1", paid: 5.96, resources: { cpu_seconds: 1, memory_mb: 96 } },
    stats: { id: "ada", executionCount: 0, status: "alive", lineage: [] },
    pending: [],
    cycle: 7,
  });
  const { wallSeconds, cpuSeconds, tokens } = seen.context.remaining;
  expect(wallSeconds).toBeGreaterThan(20);
  expect(wallSeconds).toBeLessThan(30);
  expect(cpuSeconds).toBeGreaterThan(0);
  expect(cpuSeconds).toBeLessThan(1);
  expect(tokens).toBe(0);
  const { used } = seen.stats;
  expect(used.cpuSeconds).toBeGreaterThan(0);
  expect(used.cpuSeconds).toBeLessThan(1);
  expect(used.memoryMb).toBeGreaterThan(1);
});

test("what an agent does is seen in what it reads next", async () => {
  const seen = await evaluate(`{
    bid: econ.placeBid({ cpu_seconds: 1, memory_mb: 96 }, undefined, { notBefore: 20 }),
    raised: econ.raiseBid("ada-1-1", 8, 30),
    pending: econ.getPendingBids(),
    market: econ.getMarketState("cpu_seconds").activeBids.map(({ id, upTo }) => [id, upTo]),
    other: econ.placeBid({ cpu_seconds: 0.5 }, ["bash", "x.sh"], { amount: 9 }),
    withdrawn: econ.withdrawBid("ada-1-2"),
    paid: econ.transferCredits("kim", 4, "thanks"),
    wrote: econ.sendMessage("bob", { a: 1 }),
    child: econ.spawnAgent({ "main.sh": "" }, 100, "kid"),
    agents: econ.getAgentDirectory(),
    prompt: econ.promptHuman("look", 70),
    queue: econ.getMarketState("attention").activeBids.map(({ id }) => id),
    refused: econ.transferCredits("bob", 5000),
    balance: econ.getBalance(),
    stats: econ.getExecutionStats(),
    history: econ.getTransactionHistory(3).map(({ kind, amount }) => [kind, amount]),
  }`);
  expect(seen).toMatchObject({
    bid: { ok: true, id: "ada-1-1" },
    raised: { ok: true, id: "ada-1-1" },
    pending: [{ id: "ada-1-1", amount: 8, upTo: 30, notBefore: 20, payload: ["bun", "main.ts"] }],
    market: [["ada-1-1", 30]],
    other: { ok: true, id: "ada-1-2" },
    withdrawn: { ok: true, id: "ada-1-2" },
    paid: { ok: true },
    wrote: { ok: true },
    child: { ok: true, id: "kid" },
    agents: ["ada", "bob", "cyd", "kid"],
    prompt: { ok: true, id: "ada-1-p3" },
    queue: ["bob-0-p2", "ada-1-p3"],
    refused: { ok: false, reason: "needs 5000 credits, has 789.04" },
    balance: 789.04,
    stats: { balance: 789.04, children: 1, totalCreditsSpent: 205 },
    history: [
      ["endowment", 100],
      ["spawn", 100],
      ["message", 1],
    ],
  });
});

test("sensors read their own folder and no other", async () => {
  const home = await homeWith(`
    import { observeSystemFile, observeWorkspace, readFile } from "econ";
    const tries = ["notes/a.txt", "./notes/../notes/a.txt", "../econ/secret.txt", "out",
      "way/secret.txt", "${root}/package.json", "notes", "none", "", "\\0"];
    console.log(JSON.stringify({
      files: observeWorkspace().filter((path) => !path.startsWith("node_modules/")),
      own: tries.map(readFile),
      system: ["src/x.ts", "../secret.txt", "src", "/etc/hostname"].map(observeSystemFile),
    }));`);
  symlinkSync(join(home.home, "secret.txt"), join(home.workspace, "out"));
  symlinkSync(home.home, join(home.workspace, "way"));
  const { out, err } = await inRun(home, [...bun, "main.ts"]);
  expect(err).toBe("");
  expect(JSON.parse(out)).toEqual({
    files: ["main.ts", "notes/a.txt"],
    own: ["mine", "mine", ...Array(8).fill(null)],
    system: ["their source", null, null, null],
  });
});

test("a folder beside the root that begins with its name is outside", () => {
  const { workspace } = makeHome({} as econ.Environment, { "a.txt": "a" });
  mkdirSync(`${workspace}-2`);
  writeFileSync(`${workspace}-2/b.txt`, "b");
  expect(readWithin(workspace, "../workspace-2/b.txt")).toBe(null);
  expect(readWithin(workspace, "..a.txt")).toBe(null);
  expect(readWithin(workspace, "a.txt")).toBe("a");
});

test("outside a run the library says what is wrong", async () => {
  const home = await homeWith('import { getBalance } from "econ"; getBalance();');
  const { code, err } = await inRun({ ...home, home: "/nowhere" }, [...bun, "main.ts"]);
  expect(code).toBe(1);
  expect(err).toContain("this is not an execution: /nowhere/environment.json");
});

test("run() does what a strategy decides, prints each answer and remembers", async () => {
  const home = await homeWith(`
    import { run } from "econ";
    run<{ runs: number }>(({ cycle, self, state }) => ({
      actions: [
        { action: "bid", resources: { cpu_seconds: 1 }, payload: ["bun", "main.ts"] },
        { action: "transfer", to: "bob", amount: self.balance + 1 },
        { action: "message", to: "bob", content: "cycle " + cycle },
      ],
      state: { runs: (state?.runs ?? 0) + 1 },
      files: { "memory/day.md": "quiet", "../escape": "x", ".git/config": "x" },
    }));`);
  const { code, out, err } = await inRun(home, [...bun, "main.ts"]);
  expect([code, err]).toEqual([0, ""]);
  expect(out.split("\n").slice(0, 3)).toEqual([
    "bid: accepted ada-1-1",
    "transfer: refused: needs 995.04 credits, has 994.04",
    "message: accepted",
  ]);
  expect(out).toContain("../escape: not written");
  expect(out).toContain(".git/config: not written");
  const read = (path: string) => readWithin(home.workspace, path);
  expect(read("memory/day.md")).toBe("quiet");
  await inRun(home, [...bun, "main.ts"]);
  expect(JSON.parse(read("state.json")!)).toEqual({ runs: 2 });
  writeFiles(home.workspace, { "state.json": "{torn" });
  expect((await inRun(home, [...bun, "main.ts"])).out).toContain("state.json: not JSON");
  expect(JSON.parse(read("state.json")!)).toEqual({ runs: 1 });
});
