// A mind where it lives: in the sandbox, with a byte stream as its only way to a provider.
import { expect, test } from "bun:test";
import type { Folder } from "../../../src/economy/state.ts";
import { isToolkitAgent } from "../../../src/execution/trust.ts";
import { agentTemplate } from "../../../src/kernel/templates.ts";
import { farSide } from "../../execution/far-side.ts";
import { file, LIMITS, request, sandboxForTests, text } from "../../execution/ground.ts";
import { provider, type Scripted, wake } from "./help.ts";

const sandbox = await sandboxForTests("bubblewrap");

/** The template, with what it bids for itself. */
async function livesInside(script: Scripted[]) {
  const mock = await provider(script);
  try {
    const template = agentTemplate("mind");
    if (!template.ok) throw new Error(template.reason);
    const briefing: Folder = new Map([["environment.json", file(JSON.stringify(await wake()))]]);
    const gateway = {
      ...farSide(mock.port),
      environment: (port: number) => ({ ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}` }),
    };
    const limits = { ...LIMITS, cpuSeconds: 2, memoryMb: 128 };
    const run = { workspace: template.value, briefing, gateway, limits };
    return await sandbox!.run(request(["econ", "model"], run));
  } finally {
    await mock.stop();
  }
}

const BID = "econ bid --tokens 4000 --cpu 4 --memory 128 --not-before +20 && econ balance";
const SCRIPT: Scripted[] = [
  {
    use: [
      ["shell", { command: BID }],
      ["read", { path: "/econ/source/src/economy/bids.ts" }],
    ],
  },
  { use: [["edit", { path: "MEMORY.md", old: "(nothing learned yet)", new: "- cycle 7: born" }]] },
  { say: "I am alive." },
];

test.if(sandbox !== null)("from waking to its bid, in the sandbox", async () => {
  const { ending, actions, workspace, refused, output } = await livesInside(SCRIPT);
  expect([ending, output]).toEqual([{ kind: "finished" }, expect.stringContaining("I am alive.")]);
  expect(JSON.parse(Buffer.from(actions).toString())).toMatchObject({
    action: "bid",
    payload: ["econ", "model"],
    notBefore: 27,
  });
  expect(text(workspace, "MEMORY.md")).toContain("- cycle 7: born");
  expect(JSON.parse(text(workspace, "mind.json")!)).toMatchObject({ calls: 3, failures: 0 });
  expect(refused).toEqual([]);
});

test.if(sandbox !== null)("a provider that goes down: the run ends well, with a bid", async () => {
  const { ending, actions } = await livesInside([{ use: [["read", {}]] }, { status: 500 }]);
  expect(ending).toEqual({ kind: "finished" });
  expect(JSON.parse(Buffer.from(actions).toString())).toMatchObject({ notBefore: 17 });
});

test("its code is not known beforehand, so it runs only where it is really held", () => {
  const template = agentTemplate("mind");
  expect(template.ok && isToolkitAgent(template.value, ["econ", "model"])).toBe(false);
});
