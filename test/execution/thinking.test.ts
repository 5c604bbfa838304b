// Runs that think: the rules, a real sandbox, the gateway and an HTTP server as the provider. What
// the agent's program is given is the official client and nothing of econ's.
import { afterEach, describe, expect, test } from "bun:test";
import { runCycle } from "../../src/economy/cycle.ts";
import { noChanges } from "../../src/economy/state.ts";
import { executorFor } from "../../src/execution/execute.ts";
import type { Sandbox } from "../../src/execution/sandbox.ts";
import { purse, worldOf } from "../economy/helpers.ts";
import { cleanUp, KEY, message, modelsOf, provider, rulesOf, streamed } from "../gateway/help.ts";
import { folder, sandboxForTests } from "./ground.ts";

afterEach(cleanUp);

const SDK = `const { Anthropic } = await import(
  process.env.ECON_HOME + "/source/node_modules/@anthropic-ai/sdk/index.mjs");
const client = new Anthropic({ maxRetries: 0 });
const asked = { model: "mind", max_tokens: 100, messages: [{ role: "user", content: "hi" }] };
`;

/** One cycle in which ada runs this program, with what it bought. */
async function life(sandbox: Sandbox, url: string, program: string, tokens = 2_000) {
  const bought = { cpu_seconds: 4, memory_mb: 256, ...(tokens > 0 ? { tokens } : {}) };
  const { models: named } = rulesOf({ url });
  const rules = { models: named, population: { first_bid: { code: bought, model: bought } } };
  const economy = worldOf({ agents: { ada: 1_000 }, rules });
  economy.changes = noChanges();
  const models = modelsOf({ url });
  const before = purse(economy, "ada");
  const workspace = folder({ "main.ts": program });
  const { execute, harvests } = executorFor({
    sandbox,
    rules: { ...economy.rules, execution: { ...economy.rules.execution, sandbox: sandbox.name } },
    commons: new Map(),
    workspaceOf: async () => ({ ok: true, value: workspace }),
    models,
  });
  const input = { time: "2026-01-01T00:00:10.000Z", tieSeed: "x", answers: [] };
  const report = await runCycle(economy, { ...input, newborn: [], removed: [] }, execute);
  const [run] = report.runs;
  const paid = before - purse(economy, "ada");
  return { economy, ending: run?.ending, kept: harvests.get("ada"), paid, models };
}

for (const sandbox of [await sandboxForTests("bubblewrap"), await sandboxForTests("worker")].filter(
  (one) => one !== null,
))
  describe(`in the ${sandbox.name}`, () => {
    test("an unmodified client asks and is answered, in one piece and as a stream", async () => {
      const { url } = provider(({ body }) => (body.stream ? streamed() : message()));
      const program = `${SDK}
        const { content } = await client.messages.create(asked);
        const stream = await client.messages.stream(asked).finalMessage();
        console.log(content[0].text + stream.content[0].text);
        console.log(Object.values(process.env).join(" "));`;
      const { ending, kept, models } = await life(sandbox, url, program);
      expect([ending, kept?.output.split("\n")[0]]).toEqual([{ kind: "finished" }, "Yes.Yes."]);
      expect(kept?.output).not.toContain(KEY);
      expect(kept?.calls).toMatchObject([{ status: 200 }, { status: 200 }]);
      expect(models.costs()).toMatchObject([{ agent: "ada", calls: 2 }]);
    });

    test("a run that bought no tokens has no way to a model at all", async () => {
      const { url, seen } = provider(() => message());
      const program = 'console.log(process.env.ANTHROPIC_BASE_URL ?? "nowhere")';
      const { kept } = await life(sandbox, url, program, 0);
      expect([kept?.output, kept?.calls, seen]).toEqual(["nowhere\n", [], []]);
    });

    test("a run that its provider's failure ends is undone, paid by nobody and no death", async () => {
      const { url } = provider(() => new Response("{}", { status: 500 }));
      const { ending, economy, paid } = await life(
        sandbox,
        url,
        `${SDK} await client.messages.create(asked)`,
      );
      expect(ending?.kind).toBe("host");
      expect(ending?.kind === "host" && ending.detail).toStartWith(
        "the provider of its model failed: mind: ",
      );
      expect([paid, economy.agents.has("ada")]).toEqual([0, true]);
    });

    test("a run that crashes by itself is the agent's, whatever its models did", async () => {
      const { url } = provider(() => message());
      const program = `${SDK} await client.messages.create(asked); process.exit(3)`;
      const { ending, paid } = await life(sandbox, url, program);
      expect(ending).toEqual({ kind: "crashed", detail: "exit code 3" });
      expect(paid).toBeGreaterThan(0);
    });
  });
