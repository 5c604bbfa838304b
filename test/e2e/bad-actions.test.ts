// Bad input by name: what an agent asks for. One world in which every culprit gets its answer in
// the notices it reads next, while an honest neighbour lives on.
import { beforeAll, expect, test } from "bun:test";
import { append, ask, BID, living, script, type World, worldOf } from "./helpers.ts";

type Case = [name: string, line: string, answer: RegExp];

const pay = (amount: string, to = '"honest"') =>
  append(`{"action":"transfer","to":${to},"amount":${amount}}`);
const named = (name: string) => pay("1", JSON.stringify(name));

const MONEY: Case[] = [
  ["NaN", pay("NaN"), /the line is not JSON/],
  ["Infinity", pay("Infinity"), /the line is not JSON/],
  ["null for a number", pay("null"), /expected a number of credits, got null/],
  ["a negative amount", pay("-5"), /cannot be negative/],
  ["minus zero", pay("-0"), /cannot be negative/],
  ["nothing", pay("0"), /more than 0/],
  ["1e308", pay("1e308"), /more than anyone can hold/],
  ["1e309, which JSON reads as infinite", pay("1e309"), /finite/],
  ["a fraction of a micro-credit", pay("0.0000001"), /finer than a millionth/],
  ["text", pay('"5"'), /expected a number of credits, got the text/],
  ["a list", pay("[5]"), /expected a number of credits/],
  ["2^53", pay("9007199254740993"), /more than anyone can hold/],
  ["more than it has", pay("100000"), /has/],
  ["itself", named("culprit"), /transfer to yourself/],
  ["the dead", named("ghost"), /ghost is dead/],
  ["nobody", named("nobody"), /there is no agent \\"nobody\\"|there is no agent "nobody"/],
];

const IDS: Case[] = [
  ["a path", named("../honest"), /is not a name/],
  ["a look-alike", named("h\u043enest"), /is not a name/],
  ["a case collision", named("Honest"), /is not a name/],
  ["10 kB", named("a".repeat(10_000)), /is not a name/],
  ["a market", named("market:tokens"), /is not a name/],
  ["an account", named("agent:honest"), /is not a name/],
  ["a reserved name", spawn("issuance"), /reserved name/],
  ["a child with a path for a name", spawn("../../x"), /is not a name/],
  ["a file outside", spawn("kid", { "../main.sh": "true" }), /the path has a "\.\."/],
  ["a file of git", spawn("kid", { "main.sh": "true", ".git/config": "" }), /is git.s own/],
];

function spawn(name: string, logic: Record<string, string> = { "main.sh": "true" }): string {
  return ask({ action: "spawn", name, credits: 50, logic });
}

const ACTIONS: Case[] = [
  ["an unknown kind", ask({ action: "mint", amount: 5 }), /unknown action "mint"/],
  ["a kind of Object's own", ask({ action: "constructor" }), /unknown action "constructor"/],
  ["no kind", append("{}"), /action must be one of/],
  ["a list", append("[1,2]"), /an action is a JSON object/],
  ["a number", append("7"), /an action is a JSON object/],
  ["a wrong type", ask({ action: "message", to: 5, content: "x" }), /a name must be text/],
  ["__proto__", append('{"__proto__":{"action":"transfer"},"to":"honest"}'), /action must be/],
  [
    "__proto__ as a key",
    append('{"action":"transfer","to":"honest","amount":1,"__proto__":{"x":1}}'),
    /unknown key "__proto__"/,
  ],
  [
    "a forged sender",
    ask({ action: "transfer", from: "honest", to: "culprit", amount: 500 }),
    /the sender is always the agent that runs/,
  ],
  [
    "a memo of two lines",
    ask({ action: "transfer", to: "honest", amount: 1, memo: "a\nb" }),
    /control/,
  ],
  [
    "depth",
    append(`{"action":"message","to":"honest","content":${"[".repeat(99)}${"]".repeat(99)}}`),
    /levels deep/,
  ],
  [
    "a bid for another's resources",
    ask({ action: "bid", resources: { votes: 1 }, payload: ["x"] }),
    /unknown resource/,
  ],
  ["someone else's bid", ask({ action: "withdraw", id: "honest-0-1" }), /no/],
  [
    "a NUL in a payload",
    append('{"action":"bid","resources":{"cpu_seconds":1},"payload":["a\\u0000"]}'),
    /NUL/,
  ],
  ["bytes that are not UTF-8", `printf '\\377\\376{}\\n' >>"$ECON_HOME/actions.jsonl"`, /not JSON/],
  ["a prompt of nothing", ask({ action: "prompt", content: " ", amount: 60 }), /empty prompt/],
];

const LOOK = 'cp "$ECON_HOME/environment.json" seen.json';

for (const [what, cases] of Object.entries({ money: MONEY, ids: IDS, actions: ACTIONS }))
  living(`bad ${what}, through the whole pipeline`, () => {
    let world: World;
    let told: string[] = [];

    beforeAll(async () => {
      const lines = cases.map(([, line]) => line);
      const culprit = script(`[ -e done ] || { ${lines.join("\n")}\n}`, "touch done", LOOK);
      const cast = { ghost: { "main.sh": "true\n" }, honest: script("echo ran >>log.txt") };
      world = await worldOf(cast);
      await world.tick();
      await world.settle({ culprit }, {});
      await world.tick(2);
      const seen = JSON.parse(world.read("agents/culprit/workspace/seen.json"));
      told = seen.notices.map(({ text }: { text: string }) => text);
    }, 30_000);

    for (const [index, [name, , answer]] of cases.entries())
      test(`${name}: refused, with a reason that the agent reads when it next wakes`, () => {
        expect(told[index]).toMatch(answer);
      });

    test("nothing else happened, the neighbour ran in each cycle, the world is whole", async () => {
      expect(told).toHaveLength(cases.length);
      expect(world.read("agents/honest/workspace/log.txt")).toBe("ran\n".repeat(3));
      const { recent } = await world.economy();
      expect(recent.filter(({ kind }) => kind === "payment")).toEqual([]);
      expect(await world.wrong()).toEqual([]);
    });
  });

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
