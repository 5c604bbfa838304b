// A mind in a world: markets, sandbox, gateway, books and git, with a provider that fails at times.
import { afterEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { verifyWorld } from "../../../src/kernel.ts";
import { sandboxForTests } from "../../execution/ground.ts";
import { cleanUp, worldWith } from "../../kernel/thinker.ts";
import { provider, type Script } from "./help.ts";

afterEach(cleanUp);

const sandbox = await sandboxForTests("bubblewrap");

const BID = "econ bid --tokens 4000 --cpu 4 --memory 128 --not-before +1 && echo awake >>MEMORY.md";

test.if(sandbox !== null)(
  "a folder with only AGENTS.md lives, and no outage costs it",
  async () => {
    let down = false;
    const script: Script = ({ messages }) => {
      if (down) return { status: 500 };
      const isAnswered = JSON.stringify(messages.at(-1)).includes("turns left");
      return isAnswered || messages.length > 2
        ? { say: "Good night." }
        : { use: [["shell", { command: BID }]] };
    };
    const mock = await provider(script);
    try {
      const asks = { url: mock.url, asked: () => 0, answer: () => {} };
      const world = await worldWith(asks, async () => "", {
        "resources.tokens.initial_price": "0.01",
      });
      const ada = async () => (await world.economy()).agents.get("ada");
      const purse = async () =>
        (await world.economy()).ledger.balances.get("credit")?.get("agent:ada");
      const live = () => world.tick({ sandbox: sandbox! });
      for (let cycle = 0; cycle < 3; cycle++) await live();
      expect(await ada()).toMatchObject({ executions: 3, providerFailures: 0 });
      const before = await purse();
      down = true;
      for (let cycle = 0; cycle < 4; cycle++) await live();
      expect(await ada()).toMatchObject({ executions: 3 });
      expect((await ada())?.providerFailures).toBeGreaterThan(1);
      expect(await purse()).toBe(before);
      down = false;
      for (let cycle = 0; cycle < 5; cycle++) await live();
      expect((await ada())?.executions).toBeGreaterThan(3);
      const memory = readFileSync(join(world.root, "agents/ada/workspace/MEMORY.md"), "utf8");
      expect(memory.trim().split("\n")).toHaveLength((await ada())!.executions);
      expect(await verifyWorld(world.root)).toEqual([]);
    } finally {
      await mock.stop();
    }
  },
);
