// Model calls from run to books: what was paid is in the world's files once, whatever happens.
import { afterEach, expect, test } from "bun:test";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { verifyWorld } from "../../src/kernel.ts";
import { readTrace } from "../../src/world/trace.ts";
import { readCalls } from "../../src/world/trace-calls.ts";
import { type Asks, BID, cleanUp, providerOf, type Thinker, worldWith } from "./thinker.ts";

afterEach(cleanUp);

/** One call of a model costs this by the default prices. */
const CALL = { dollars: "0.00017", milliTokens: 34_000 };

const thinkAndBid = async ({ call }: Asks) => {
  await call?.("What now?");
  return BID;
};

const costsOf = ({ root }: Thinker, cycle: number) => {
  const file = join(root, `costs/0/${cycle}.jsonl`);
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
};

const spentIn = ({ root }: Thinker) =>
  JSON.parse(readFileSync(join(root, "world.json"), "utf8")).spent?.total ?? "0";

test("a call is in the trace, its cost in the books, and nothing of it is left beside them", async () => {
  const provider = providerOf();
  const world = await worldWith(provider, thinkAndBid);
  const { economy } = await world.tick();
  expect(economy.spent).toEqual({ day: "2026-01-01", today: 170, total: 170 });
  expect(costsOf(world, 1)).toMatchObject([
    { agent: "ada", model: "haiku", calls: 1, input: 20, output: 30, ...CALL },
  ]);
  const trace = readFileSync(join(world.root, "agents/ada/runs/1.jsonl"), "utf8");
  expect(readCalls(trace)).toMatchObject([
    { status: 200, request: { messages: [{ content: "What now?" }] }, dollars: 170, failed: false },
  ]);
  expect(world.git("log", "-1", "--format=%(trailers:key=Econ-Dollars,valueonly)").trim()).toBe(
    CALL.dollars,
  );
  expect(existsSync(join(world.root, ".econ/answers.jsonl"))).toBe(false);
  expect(existsSync(join(world.root, ".econ/answers-due"))).toBe(false);
  expect(await verifyWorld(world.root)).toEqual([]);
  await world.tick();
  expect([provider.asked(), spentIn(world)]).toEqual([2, "0.00034"]);
});

test("where nobody wins tokens, no provider hears of it and no dollar is booked", async () => {
  const provider = providerOf();
  const plain = JSON.parse(BID);
  const asked: unknown[] = [];
  const world = await worldWith(provider, async ({ call }) => {
    asked.push(call);
    return JSON.stringify({ ...plain, resources: { cpu_seconds: 1, memory_mb: 96 } });
  });
  for (let n = 0; n < 3; n++) await world.tick();
  expect(asked.map((call) => call !== null)).toEqual([true, false, false]);
  expect([provider.asked(), spentIn(world)]).toEqual([0, "0"]);
  expect(existsSync(join(world.root, "costs"))).toBe(false);
});

test("a cycle that is given up keeps its answers: the next is answered from them, and pays once", async () => {
  const provider = providerOf();
  const stop = new AbortController();
  let runs = 0;
  const world = await worldWith(provider, async (asks) => {
    const actions = await thinkAndBid(asks);
    runs += 1;
    if (runs === 1) stop.abort();
    return actions;
  });
  expect(await world.tryTick({ signal: stop.signal })).toMatchObject({ ok: false });
  expect(await verifyWorld(world.root)).toEqual([]);
  await world.tick();
  expect([runs, provider.asked()]).toEqual([2, 1]);
  expect(costsOf(world, 1)).toMatchObject([{ calls: 1, ...CALL }]);
  expect(spentIn(world)).toBe(CALL.dollars);
});

test("what an attempt paid that then ran otherwise is booked as well", async () => {
  const provider = providerOf();
  const stop = new AbortController();
  let runs = 0;
  const world = await worldWith(provider, async ({ call }) => {
    runs += 1;
    await call?.(`attempt ${runs}`);
    if (runs === 1) stop.abort();
    return BID;
  });
  await world.tryTick({ signal: stop.signal });
  await world.tick();
  expect(costsOf(world, 1)).toMatchObject([{ calls: 2, dollars: "0.00034" }]);
  const trace = readFileSync(join(world.root, "agents/ada/runs/1.jsonl"), "utf8");
  expect(readCalls(trace)).toHaveLength(1);
});

test("a person who commits meanwhile makes the cycle run again, and nobody pay again", async () => {
  const provider = providerOf();
  let runs = 0;
  const world = await worldWith(provider, async (asks) => {
    const actions = await thinkAndBid(asks);
    runs += 1;
    if (runs > 1) return actions;
    writeFileSync(join(world.root, "notes.md"), "mine\n");
    world.git("add", "notes.md");
    const person = ["-c", "user.name=Pat", "-c", "user.email=pat@example.org"];
    world.git(...person, "commit", "-qm", "notes", "--", "notes.md");
    return actions;
  });
  await world.tick();
  expect([runs, provider.asked(), spentIn(world)]).toEqual([2, 1, CALL.dollars]);
  expect(await verifyWorld(world.root)).toEqual([]);
});

const PRIVATE = ["answers.jsonl", "answers-due"];

/** Ticks, and puts back what econ cleared away after the commit: as if it had been killed there. */
async function tickAndDie(world: Thinker, keep: string): Promise<void> {
  await world.tick();
  for (const name of PRIVATE) cpSync(join(keep, name), join(world.root, ".econ", name));
}

test("what a crash just after the commit leaves is not booked twice, nor answered from", async () => {
  const provider = providerOf();
  const world: Thinker = await worldWith(provider, async (asks) => {
    const actions = await thinkAndBid(asks);
    for (const name of PRIVATE)
      cpSync(join(world.root, ".econ", name), join(world.root, ".econ/scratch", name));
    return actions;
  });
  await tickAndDie(world, join(world.root, ".econ/scratch"));
  expect(spentIn(world)).toBe(CALL.dollars);
  await world.tick();
  expect([provider.asked(), spentIn(world)]).toEqual([2, "0.00034"]);
  expect(await verifyWorld(world.root)).toEqual([]);
});

test("what was paid on another branch is still to be booked there, whatever this one's cycle", async () => {
  const provider = providerOf();
  const stop = new AbortController();
  let isStopped = false;
  const world = await worldWith(provider, async (asks) => {
    const actions = await thinkAndBid(asks);
    if (isStopped) stop.abort();
    return actions;
  });
  await world.tick();
  world.git("switch", "-qc", "other");
  isStopped = true;
  await world.tryTick({ signal: stop.signal });
  world.git("switch", "-q", "main");
  isStopped = false;
  const { economy } = await world.tick();
  expect([provider.asked(), economy.spent.total]).toEqual([2, 340]);
});

test("a dead provider is nobody's death: the run did not happen, and it is asked more rarely", async () => {
  const provider = providerOf();
  provider.answer(500);
  const world = await worldWith(provider, async ({ call }) => {
    // Its mind is gone: it cannot think of a bid.
    await call?.("What now?");
    return "";
  });
  for (let n = 0; n < 8; n++) await world.tick();
  const economy = await world.economy();
  const ada = economy.agents.get("ada");
  expect(ada).toMatchObject({ executions: 0, providerFailures: 4 });
  expect([economy.spent.total, provider.asked()]).toEqual([0, 4]);
  expect(economy.ledger.balances.get("credit")?.get("agent:ada")).toBe(1_000_000_000);
  const trace = readFileSync(join(world.root, "agents/ada/runs/1.jsonl"), "utf8");
  expect(readTrace(trace, 1)).toMatchObject({ ending: "host", done: 0 });
  expect(ada?.notices.at(-1)?.text).toContain("the provider of its model failed");
});

test("at the day's ceiling no run buys tokens, and the next day they are sold again", async () => {
  const provider = providerOf();
  const world = await worldWith(provider, thinkAndBid, {
    "spending.dollars_per_day": "0.0101",
    "population.first_bid.model.tokens": "2000",
  });
  const time = (day: number) => `2026-02-0${day}T00:00:00.000Z`;
  await world.tick({ time: time(1) });
  // What is left no longer pays for the 2,000 tokens of its bid: none are sold that cannot be used.
  await world.tick({ time: time(1) });
  expect([provider.asked(), spentIn(world)]).toEqual([1, CALL.dollars]);
  await world.tick({ time: time(2) });
  await world.tick({ time: time(2) });
  expect([provider.asked(), spentIn(world)]).toEqual([2, "0.00034"]);
  expect((await world.economy()).agents.has("ada")).toBe(true);
});
