// Too much of what an agent may ask for, while an honest neighbour lives on. What it may not ask for
// at all is in test/security/asked-for.ts.
import { expect, test } from "bun:test";
import { ask, BID, living, script, type World, worldOf } from "./helpers.ts";

const FLOOD = `yes '{"action":"withdraw","id":"x"}'`;

living("bad amounts of actions", () => {
  test("a torn last line loses itself only, and is named", async () => {
    const torn = `printf '{"action":"transfer","to":"honest","am' >>"$ECON_HOME/actions.jsonl"`;
    const world = await neighbours({ culprit: script(torn) });
    await world.tick();
    expect(world.notices("culprit")).toContain("the last line is torn");
    expect((await world.economy()).agents.size).toBe(2);
    expect(await world.wrong()).toEqual([]);
  });

  test("of 100,000 lines the first that may be are read, and the agent is told", async () => {
    const lines = `${FLOOD} | head -n 100000 >>"$ECON_HOME/actions.jsonl"`;
    const world = await neighbours({ culprit: script(lines) });
    await world.tick();
    expect(world.notices("culprit")).toMatch(/withdraw was refused/);
    expect(world.notices("culprit")).toMatch(/only the first 1000 of \d+ actions were read/);
    expect(world.notices("culprit")).toContain("the rest was dropped");
    expect(world.has("agents/culprit")).toBe(true);
    expect(world.record("culprit").notices.length).toBeLessThanOrEqual(50);
    await soundAndAlive(world);
  });

  test("100 MB of actions stop at what may be written, and harm nobody", async () => {
    const flood = `${FLOOD} | head -c 100000000 >>"$ECON_HOME/actions.jsonl"`;
    const world = await neighbours({ culprit: script(flood) });
    await world.tick();
    expect(world.notices("culprit")).toMatch(/MB|more than can be read/);
    await soundAndAlive(world);
  });

  test("two spends of the same credit: the first counts, the second is refused", async () => {
    const spend = ask({ action: "transfer", to: "honest", amount: 60 });
    const world = await neighbours({ culprit: script(spend, spend) }, { culprit: 100 });
    const before = await world.balance("honest");
    await world.tick();
    expect(world.notices("culprit")).toMatch(/transfer was refused: .*has/);
    const { recent } = await world.economy();
    expect(recent.filter(({ kind }) => kind === "payment")).toHaveLength(1);
    expect(await world.balance("honest")).toBeGreaterThan(before);
    await soundAndAlive(world);
  });

  test("an empty account pays nothing", async () => {
    const first = ask({ action: "transfer", to: "honest", amount: 90 });
    const free = { action: "bid", resources: { cpu_seconds: 0.001 }, payload: ["true"] };
    const pay = ask({ action: "transfer", to: "honest", amount: 10 });
    const culprit = { "main.sh": [ask(free), first, pay, pay].join("\n") };
    const world = await neighbours({ culprit }, { culprit: 100 });
    await world.tick();
    expect(world.notices("culprit")).toContain("transfer was refused");
    await soundAndAlive(world);
  });

  test("a crash undoes what was asked for, keeps its price and gives the bid back", async () => {
    const spend = ask({ action: "transfer", to: "honest", amount: 60 });
    const world = await neighbours({ culprit: { "main.sh": `${spend}\necho x >f.txt\nexit 7\n` } });
    const before = await world.balance("culprit");
    await world.tick();
    expect(world.notices("culprit")).toContain("exit code 7");
    expect(before - (await world.balance("culprit"))).toBeLessThan(20);
    expect(world.has("agents/culprit/workspace/f.txt")).toBe(false);
    expect(world.list("bids").some((name) => name.startsWith("culprit"))).toBe(true);
    await world.tick(3);
    expect(JSON.stringify(world.record("culprit").death)).toContain("crashed 4 times");
    await soundAndAlive(world);
  });
});

function neighbours(
  cast: Record<string, Record<string, string>>,
  credits: Record<string, number> = {},
): Promise<World> {
  const honest = { "main.sh": `${BID}\necho ran >>log.txt\n` };
  return worldOf({ ...cast, honest }, { credits });
}

async function soundAndAlive(world: World): Promise<void> {
  expect(world.read("agents/honest/workspace/log.txt")).toStartWith("ran\n");
  expect(await world.wrong()).toEqual([]);
}
