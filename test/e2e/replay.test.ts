// Law 6: the same world and the same inputs give the same commit, however many runs go on at once.
import { expect, test } from "bun:test";
import { scoreActive } from "../../src/kernel.ts";
import { ask, BID, living, MAIL, must, script, worldOf } from "./helpers.ts";

const CHILD = { "main.sh": `${BID}\necho alive >>log.txt\n` };

/** Agents that end their runs at different times and want the same things. */
const CAST = {
  quick: script(ask({ action: "prompt", content: "# Quick\n\n12 facts", amount: 60 })),
  slow: script("sleep 0.1", ask({ action: "prompt", content: "# Slow", amount: 60 }), MAIL),
  payer: script(ask({ action: "transfer", to: "quick", amount: 1.25, memo: "thanks" })),
  mother: script(ask({ action: "spawn", logic: CHILD, credits: 60, name: "child" })),
  writer: script(ask({ action: "message", to: "slow", content: "hello" }), "date -u +%Y >year.txt"),
  crasher: script("sleep 0.05", "exit 3"),
};

living("the same seed twice", () => {
  test("gives the same HEAD after the same cycles, whatever runs at once", async () => {
    const heads: string[] = [];
    for (const parallel of [1, 2, 8]) heads.push(await liveOnce(parallel, "a seed"));
    expect(new Set(heads).size).toBe(1);
    // Nor is it because nothing depends on the seed.
    expect(heads).not.toContain(await liveOnce(2, "another seed"));
  }, 60_000);
});

/**
 * The commit that a short history ends at. econ.yaml is in the tree and says "one run per core", so
 * the number of cores is what differs.
 */
async function liveOnce(cores: number, seed: string): Promise<string> {
  const own = Object.getOwnPropertyDescriptor(navigator, "hardwareConcurrency");
  Object.defineProperty(navigator, "hardwareConcurrency", { value: cores, configurable: true });
  try {
    const world = await worldOf(CAST, { seed, rules: { "resources.cpu_seconds.supply": 5 } });
    for (let cycle = 0; cycle < 5; cycle++) {
      await world.tick();
      const { active } = await world.economy();
      const scores = { interesting: 5, useful: 6, understandable: 7 };
      if (active) must(await scoreActive(world.root, { scores, reason: "fixed" }));
    }
    await world.tick();
    expect(await world.wrong()).toEqual([]);
    return world.head();
  } finally {
    if (own) Object.defineProperty(navigator, "hardwareConcurrency", own);
    else Reflect.deleteProperty(navigator, "hardwareConcurrency");
  }
}
