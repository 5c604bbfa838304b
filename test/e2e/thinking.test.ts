// An agent that thinks in a real sandbox, in a real world: from its call to the books.
import { afterEach, expect, test } from "bun:test";
import { replayHistory } from "../../src/kernel.ts";
import { readCalls } from "../../src/world/trace-calls.ts";
import { cleanUp, providerOf } from "../kernel/thinker.ts";
import { living, must, script, worldOf } from "./helpers.ts";

afterEach(cleanUp);

const BOUGHT = { tokens: 2_000, cpu_seconds: 4, memory_mb: 256 };

/** It asks its model what to say, says it, and bids again; or crashes where it is not answered. */
const THINKER = {
  "AGENTS.md": `---
bid: {"tokens": 2000, "cpu_seconds": 4, "memory_mb": 256}
---
`,
  "main.ts": `import { placeBid } from "econ";
const { ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: key } = process.env;
const messages = [{ role: "user", content: "What now?" }];
const answer = await fetch(url + "/v1/messages", {
  method: "POST",
  headers: { "content-type": "application/json", "x-api-key": key ?? "" },
  body: JSON.stringify({ model: "haiku", max_tokens: 50, messages }),
});
if (!answer.ok) throw new Error(await answer.text());
console.log((await answer.json()).content[0].text);
placeBid(${JSON.stringify(BOUGHT)});
`,
};

const rulesFor = (url: string) => ({
  "resources.cpu_seconds.supply": 8,
  "models.haiku.base_url": url,
  "models.haiku.key": "ECON_TEST_KERNEL_KEY",
});

/** Asks for more than anybody grants, at length; then it is answered or crashes, as a thinker. */
const TALKER = {
  ...THINKER,
  "main.ts": `const wish = { model: "none", max_tokens: 1, messages: [], system: "please ".repeat(2000) };
const refused = await fetch(process.env.ANTHROPIC_BASE_URL + "/v1/messages", {
  method: "POST",
  body: JSON.stringify(wish),
});
console.log(refused.status);
${THINKER["main.ts"]}`,
};

living("an agent that thinks", () => {
  test("and asks at length for what is refused can be replayed, failures of its provider and all", async () => {
    const provider = providerOf();
    const world = await worldOf({ ada: TALKER }, { rules: rulesFor(provider.url) });
    await world.tick();
    provider.answer(500);
    await world.tick();
    provider.answer(200);
    await world.tick(2);
    expect(readCalls(world.read("agents/ada/runs/2.jsonl"))).toMatchObject([
      { status: 404, failed: false },
      { status: 500, failed: true },
    ]);
    expect(must(await replayHistory(world.root))).toEqual({ cycles: 4, difference: null });
  }, 60_000);

  test("is answered, lives, and what it cost is in the books", async () => {
    const provider = providerOf();
    const world = await worldOf({ ada: THINKER }, { rules: rulesFor(provider.url) });
    await world.tick(2);
    expect(world.record("ada")).toMatchObject({ status: "alive", executions: 2 });
    const trace = world.read("agents/ada/runs/2.jsonl");
    expect(readCalls(trace)).toMatchObject([{ status: 200, milliTokens: 34_000 }]);
    expect(trace).toContain("I bid.");
    expect(provider.asked()).toBe(2);
    expect((await world.economy()).spent.total).toBe(340);
    expect(await world.wrong()).toEqual([]);
  });

  test("does not die of a dead provider, pays nothing for it, and goes on when it is back", async () => {
    const provider = providerOf();
    const cast = { ada: THINKER, bob: script() };
    const world = await worldOf(cast, { rules: rulesFor(provider.url) });
    provider.answer(401);
    await world.tick(3);
    expect(world.record("ada")).toMatchObject({ status: "alive", executions: 0, crashes: 0 });
    expect(await world.balance("ada")).toBe(1_000);
    provider.answer(200);
    await world.tick(2);
    // It waited for two cycles, and then ran as before.
    expect(world.record("ada").executions).toBe(2);
    expect(world.notices("ada")).toBe("");
    expect(world.record("bob").executions).toBe(5);
    expect(await world.wrong()).toEqual([]);
  });
});
