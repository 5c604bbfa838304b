// A handful of simulated lives; nights run thousands (docs/testing.md). A seed that once failed is
// kept here when it is short.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";

const BENCH = join(import.meta.dir, "../../bench/simulator.ts");

/** A life in a process of its own, as the bench runs it: its clock and its disk are not real. */
async function lifeOf(seed: string, steps: number): Promise<string[]> {
  const words = ["--seed", seed, "--steps", String(steps)];
  const child = Bun.spawn([process.execPath, "--config=/dev/null", BENCH, ...words]);
  const told = await new Response(child.stdout).text();
  return told.trim().split("\n");
}

describe("a simulated life", () => {
  test("keeps every law, and the same seed gives the same history", async () => {
    // Between them: every kind of death, a daemon, a replay, an init that was killed.
    const seeds = ["suite-4", "suite-4", "suite-5", "suite-6"];
    const lives = await Promise.all(seeds.map((seed) => lifeOf(seed, 25)));
    for (const life of lives) expect(life.slice(-3).join("\n")).toContain("all laws held");
    expect(lives[1]).toEqual(lives[0] ?? []);
  }, 180_000);

  test("goes on when a person leaves a link with an agent that dies meanwhile", async () => {
    const life = await lifeOf("9024", 39);
    const told = expect.stringContaining("tick, meanwhile breakFile agents/n12/workspace/link");
    expect(life.slice(-2)).toEqual([told, expect.stringContaining("all laws held")]);
  }, 180_000);
});
