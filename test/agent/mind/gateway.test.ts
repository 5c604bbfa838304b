// A mind in its sandbox, with the gateway between it and a provider.
import { expect, test } from "bun:test";
import type { LLMock } from "@copilotkit/aimock";
import { rulesSchema } from "../../../src/economy/rules.ts";
import type { Folder } from "../../../src/economy/state.ts";
import { liveModels } from "../../../src/gateway/live.ts";
import { agentTemplate } from "../../../src/kernel/templates.ts";
import {
  file,
  LIMITS,
  request,
  sandboxForTests,
  temporaryFolder,
  text,
} from "../../execution/ground.ts";
import { BUNDLE, provider, type Script, wake } from "./help.ts";

const sandbox = await sandboxForTests("bubblewrap");
const KEY = "ECON_TEST_MIND_KEY";

async function livesInside(script: Script, limits = {}, tokens = 4_000) {
  const mock: LLMock = await provider(script);
  process.env[KEY] = "sk-of-this-test";
  try {
    const template = agentTemplate("mind");
    if (!template.ok) throw new Error(template.reason);
    const { haiku } = rulesSchema.parse({}).models;
    const model = { ...haiku!, base_url: mock.url, key: KEY };
    const rules = rulesSchema.parse({ models: { haiku: model } });
    const folder = temporaryFolder();
    const spent = { today: 0, total: 0 };
    const models = liveModels({ rules, folder, spent, durable: false, pauseMs: 1 });
    const { execution, ...environment } = await wake({ bundle: { ...BUNDLE, tokens } });
    const shown = { ...environment, execution };
    const session = models.open({ id: "ada-1", agent: "ada", tokens });
    const briefing: Folder = new Map([["environment.json", file(JSON.stringify(shown))]]);
    const { gateway } = session;
    const more = { workspace: template.value, briefing, gateway, limits: { ...LIMITS, ...limits } };
    const result = await sandbox!.run(request(["econ", "model"], more));
    return { ...result, record: await session.close() };
  } finally {
    delete process.env[KEY];
    await mock.stop();
  }
}

const BID = "econ bid --tokens 4000 --cpu 4 --memory 128 --not-before +20 && echo $(econ balance)";
test.if(sandbox !== null)("it counts its tokens as the gateway does", async () => {
  const { ending, workspace, record } = await livesInside([
    { use: [["shell", { command: BID }]] },
    { use: [["read", { path: "MEMORY.md" }]] },
    { say: "I am alive." },
  ]);
  expect(ending).toEqual({ kind: "finished" });
  expect(record.calls).toHaveLength(3);
  expect(JSON.parse(text(workspace, "mind.json")!)).toMatchObject({
    calls: 3,
    spent: Math.ceil(countedBy(record) / 1_000),
  });
});

test.if(sandbox !== null)(
  "what is kept back for the last word is enough at the gateway",
  async () => {
    for (const bought of [3_000, 4_000, 7_000]) {
      const { actions, record, output } = await livesInside(
        ({ max_tokens, messages }) => {
          const input_tokens = Math.ceil(JSON.stringify(messages).length / 4) + 346;
          const usage = { input_tokens, output_tokens: Math.ceil(max_tokens / 2) };
          const isLast = JSON.stringify(messages).includes("you die.\\n");
          return { use: [["shell", { command: isLast ? BID : "seq 200" }]], usage };
        },
        {},
        bought,
      );
      expect(output).toContain("it is told once");
      expect(Buffer.from(actions).toString()).toContain('"action":"bid"');
      expect(countedBy(record)).toBeLessThanOrEqual(bought * 1_000);
    }
  },
  60_000,
);

function countedBy({ calls }: { calls: { milliTokens: number }[] }): number {
  return calls.reduce((sum, { milliTokens }) => sum + milliTokens, 0);
}
