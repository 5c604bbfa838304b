// A person's stops, from the command line: pause, resume, kill; and what models have cost.
import { afterEach, expect, test } from "bun:test";
import { verifyWorld } from "../../src/kernel.ts";
import { serve } from "../../src/serve/serve.ts";
import { cleanUp, providerOf, BID as THINK, worldWith } from "../kernel/thinker.ts";
import { econ, living, must, script, until, worldOf } from "./helpers.ts";

afterEach(cleanUp);

const RULES = { "allocation.schedule_seconds": 1 };

living("a paused world", () => {
  test("runs no cycle until it is resumed; both are commits of the person's", async () => {
    const world = await worldOf({ ada: script() });
    await world.tick();
    const paused = await world.econ("pause", "--reason", "too dear");
    expect([paused.code, paused.err]).toEqual([0, ""]);
    expect(paused.out).toBe("the world is paused: too dear; go on with `econ resume`\n");
    const line = "econ: the world is paused by Pat: too dear; go on with `econ resume`\n";
    for (const words of [["tick"], ["tick", "-n", "5"], ["tick", "--dry-run"]]) {
      const said = await world.econ(...words);
      expect([said.code, said.err]).toEqual([1, line]);
    }
    expect((await world.econ("status")).out).toContain("the world is paused by Pat: too dear");
    expect(JSON.parse((await world.econ("status", "--json")).out).paused.by).toBe("Pat");
    const granted = await world.econ("grant", "ada", "5");
    expect([granted.code, granted.err]).toEqual([0, ""]);
    const again = await world.econ("pause");
    expect([again.code, again.err]).toEqual([1, line]);
    expect((await world.econ("resume")).code).toBe(0);
    expect((await world.econ("resume")).err).toBe("econ: the world is not paused\n");
    await world.tick();
    expect((await world.economy()).cycle).toBe(2);
    expect(world.git("log", "--format=%an: %s", "-3", "--skip=1")).toBe(
      "Pat: resume the world\nPat: grant 5 credits to ada\nPat: pause the world\n",
    );
    expect(await world.wrong()).toEqual([]);
  });

  test("is served idly, told of once, and goes on when it is resumed", async () => {
    const world = await worldOf({ ada: script() }, { rules: RULES });
    const stop = new AbortController();
    const problems: string[] = [];
    let cycles = 0;
    const quiet = () => {};
    const serving = serve(world.root, {
      ...{ signal: stop.signal, durable: false, onStart: quiet, onWait: quiet },
      ...{ onPause: quiet, onResume: quiet },
      onCycle: () => {
        cycles += 1;
      },
      onProblems: (found) => void problems.push(...found.map(({ message }) => message)),
    });
    await until(() => cycles > 0, { what: "a cycle" });
    expect((await world.econ("pause")).code).toBe(0);
    const before = (await world.economy()).cycle;
    await until(() => problems.length > 0, { what: "the line" });
    await Bun.sleep(2_200);
    expect((await world.economy()).cycle).toBe(before);
    expect(problems).toEqual([expect.stringContaining("the world is paused by")]);
    expect((await world.econ("resume")).code).toBe(0);
    await until(async () => (await world.economy()).cycle > before, { what: "going on" });
    stop.abort();
    must(await serving);
    expect(problems).toHaveLength(1);
  }, 30_000);
});

living("an agent that a person kills", () => {
  test("lies in the graveyard with who and why, and can be brought back", async () => {
    const world = await worldOf({ ada: script(), bob: script() });
    await world.tick();
    const killed = await world.econ("kill", "bob", "--reason", "eats the attention");
    expect([killed.code, killed.err]).toEqual([0, ""]);
    expect(world.record("bob").death).toMatchObject({
      cause: "killed by Pat: eats the attention",
    });
    expect(world.list("bids").filter((name) => name.startsWith("bob"))).toEqual([]);
    expect(world.git("log", "-1", "--format=%an: %s").trim()).toBe("Pat: kill bob");
    expect(await world.wrong()).toEqual([]);
    await world.tick();
    const again = await world.econ("kill", "bob");
    expect([again.code, again.err]).toEqual([1, "econ: bob is dead\n"]);
    expect((await world.econ("revive", "bob")).code).toBe(0);
    await world.tick();
    expect((await world.economy()).agents.get("bob")?.executions).toBe(2);
    expect(await world.wrong()).toEqual([]);
  });
});

test("econ cost tells what a real call cost, and what is to come", async () => {
  const provider = providerOf();
  const { root, tick } = await worldWith(provider, async ({ call }) => {
    await call?.("What now?");
    return THINK;
  });
  for (let n = 0; n < 2; n++) await tick();
  const cost = async (...words: string[]) => econ(["--world", root, "cost", ...words]);
  const table = await cost();
  expect([table.code, table.err]).toEqual([0, ""]);
  expect(table.out).toContain("today   $0.0003 of $5.00");
  expect(table.out).toMatch(/ada +\$0\.0003 +2 +40 +0 +0 +60 +68/);
  const json = async (...words: string[]) => JSON.parse((await cost(...words, "--json")).out);
  expect(await json("--by", "cycle", "--last", "1")).toMatchObject({
    total: 0.00034,
    rows: [{ cycle: 2, calls: 1, dollars: 0.00017 }],
  });
  expect((await json("--model", "opus")).rows).toEqual([]);
  expect((await json("--estimate", "10")).estimate).toEqual({
    ...{ cycles: 10, atMost: 1, likely: 0.0017, basis: "history" },
  });
  const nobody = await cost("--agent", "who");
  expect([nobody.code, nobody.err]).toEqual([1, expect.stringContaining('no agent "who"')]);
  expect((await cost("--estimate", "--agent", "ada")).code).toBe(2);
  const page = await econ(["--world", root, "agent", "ada"]);
  expect(page.out).toContain("haiku: $0.0002, 34 tokens; 20 in, 30 out");
  const paged = JSON.parse((await econ(["--world", root, "agent", "ada", "--json"])).out);
  expect(paged.runs[0].calls).toMatchObject([{ model: "haiku", tokens: 34, dollars: 0.00017 }]);
  expect((await econ(["--world", root, "markets"])).out).toContain("Tokens");
  expect(await verifyWorld(root)).toEqual([]);
});
