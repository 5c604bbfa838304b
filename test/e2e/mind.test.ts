// A genesis with a mind, as a person would have it: a folder from the template, a model behind the
// gateway that fails now and then, a sandbox, a person who scores.
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { replayHistory, scoreActive, verifyWorld } from "../../src/kernel.ts";
import { aModel, KEY, KEY_VARIABLE } from "./a-model.ts";
import { econ, living, must, temporaryFolder, worldOf } from "./helpers.ts";

const SCORES = { interesting: 6, useful: 6, understandable: 6 };
const CHAOS = { dropRate: 0.05, malformedRate: 0.05, disconnectRate: 0.05, rateLimitRate: 0.05 };

living("a genesis with a mind", () => {
  test("lives thirty cycles with a provider that fails, and all of it can be replayed", async () => {
    const model = await aModel();
    const rules = { "models.haiku.base_url": model.url, "models.haiku.key": KEY_VARIABLE };
    const world = await worldOf({}, { rules });
    expect((await world.econ("agent", "new", "ada", "--template", "mind")).code).toBe(0);
    model.mock.setChaos(CHAOS);
    for (let cycle = 0; cycle < 30; cycle++) {
      await world.tick();
      const { active } = await world.economy();
      if (active) must(await scoreActive(world.root, { scores: SCORES, reason: "good" }));
    }
    expect(await world.wrong()).toEqual([]);
    expect(world.record("ada").death).toBeFalsy();
    expect(world.record("ada").executions).toBeGreaterThan(5);
    expect(world.read("agents/ada/workspace/MEMORY.md")).toContain("cycle");
    expect((await world.economy()).spent.total).toBeGreaterThan(0);
    expect(world.git("log", "-p", "--all")).not.toContain(KEY);
    // Nobody is asked again.
    await model.stop();
    expect(must(await replayHistory(world.root))).toEqual({ cycles: 30, difference: null });
  }, 240_000);

  test("burns no token in a world in which it does not win", async () => {
    const model = await aModel();
    const rules = { "models.haiku.base_url": model.url, "models.haiku.key": KEY_VARIABLE };
    const world = await worldOf(
      { ada: { "AGENTS.md": "You want more than there is.\n" } },
      { rules },
    );
    await world.edit("econ.yaml", (text) => text.replace("supply: 1024", "supply: 64"));
    await world.tick(10);
    expect(world.record("ada").executions).toBe(0);
    expect((await world.economy()).spent.total).toBe(0);
    expect(model.mock.getRequests()).toEqual([]);
  }, 60_000);
});

living("econ demo --model", () => {
  test("says what it may cost and goes on with a yes only", async () => {
    const folder = temporaryFolder();
    const model = await aModel();
    const demo = (words: string[], env: Record<string, string>) =>
      econ(["demo", "--model", "--base-url", model.url, "--cycles", "3", ...words], {
        cwd: folder,
        env,
      });
    const keyless = await demo(["--yes"], {});
    expect(keyless).toMatchObject({ code: 1, out: "" });
    expect(keyless.err).toContain("ANTHROPIC_API_KEY");
    expect(existsSync(join(folder, "demo-world"))).toBe(false);
    const env = { ANTHROPIC_API_KEY: KEY };
    const asked = await demo([], env);
    expect(asked.code).toBe(1);
    expect(asked.out).toContain("at most $0.30");
    expect(asked.err).toContain("--yes");
    expect(existsSync(join(folder, "demo-world"))).toBe(false);
    expect(model.mock.getRequests()).toEqual([]);
    const played = await demo(["--yes", "--dollars", "0.25"], env);
    expect(played).toMatchObject({ code: 0, err: "" });
    expect(played.out).toContain("at most $0.25");
    expect(played.out).toContain("ada executed");
    expect(model.mock.getRequests().length).toBeGreaterThan(0);
    expect(await verifyWorld(join(folder, "demo-world"))).toEqual([]);
    expect(`${played.out}${asked.out}`).not.toContain(KEY);
  }, 60_000);
});
