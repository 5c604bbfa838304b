import { afterEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { logicOf } from "../../src/agent/logic.ts";
import { TestEconomy, type Trial } from "../../src/agent/trial.ts";
import { readFolder } from "../../src/agent/workspace.ts";
import { type RunOutcome, runCycle } from "../../src/economy/cycle.ts";
import { type Environment, environmentOf } from "../../src/economy/environment.ts";
import { agentAccount, balanceOf } from "../../src/economy/ledger.ts";
import { deliver } from "../../src/economy/messages.ts";
import { toCredits } from "../../src/economy/money.ts";
import { type Economy, noChanges, notify } from "../../src/economy/state.ts";
import { decide as idler } from "../../templates/agents/idler/decide.ts";
import { decide as saver } from "../../templates/agents/saver/decide.ts";
import { living, script, worldOf } from "../e2e/helpers.ts";
import {
  bun,
  firstEnvironment,
  inRun,
  makeHome,
  NOTHING,
  removeHomes,
  root,
  tinyEconomy,
} from "./help.ts";
import { CHILD, request } from "./requests.ts";

afterEach(removeHomes);

const BUNDLE = { cpu_seconds: 1, memory_mb: 96 };
const PAYLOAD = ["bun", "main.ts"];
const again = { action: "bid", resources: BUNDLE, payload: PAYLOAD };
const later = { ...again, notBefore: 900 };

type Lines = (environment: Environment) => unknown[];

/** A cycle of a world in which each agent asks for what its lines say; what each run was told. */
async function live(economy: Economy, lines: Record<string, Lines>): Promise<Environment[]> {
  const told: Environment[] = [];
  economy.changes = noChanges();
  const time = new Date(Date.parse(economy.time) + 10_000).toISOString();
  const tieSeed = `tie-${economy.cycle}`;
  await runCycle(economy, { ...NOTHING, time, tieSeed }, async (runs) =>
    runs.map((run): RunOutcome => {
      const { bid } = run;
      const environment = environmentOf(run);
      told.push(JSON.parse(JSON.stringify(environment)));
      const wishes = lines[bid.agent]?.(environment) ?? [again];
      return {
        ending: { kind: "finished" },
        lines: wishes.map((value) => ({ ok: true, value })),
        logicOf: (source) => logicOf(source, () => new Map()),
        notes: [],
      };
    }),
  );
  return told;
}

/** What one agent is told in such a cycle. */
async function liveAs(id: string, economy: Economy, lines: Record<string, Lines>) {
  const told = (await live(economy, lines)).find(({ self }) => self.id === id);
  if (!told) throw new Error(`${id} did not run`);
  return told;
}

/** What ada is told in the third cycle of a world in which some sleep, ask, pay and write. */
async function busyWorld(rules: object = {}): Promise<Environment> {
  const economy = tinyEconomy(["ada", "bob", "cyd", "dan"], rules);
  const ada: Lines = ({ cycle }) =>
    cycle === 7
      ? [again, { action: "prompt", content: "mine", amount: 55 }, { action: "withdraw", id: "no" }]
      : [again, { ...later, amount: 20, upTo: 90 }];
  const bob: Lines = () => [later, { action: "prompt", content: "his", amount: 60 }];
  const cyd: Lines = () => [again, { action: "transfer", to: "ada", amount: 5, memo: "for you" }];
  await live(economy, { ada, bob, cyd });
  await live(economy, { ada, bob, cyd });
  deliver(economy, { from: "cyd", to: "ada", content: "hello" });
  notify(economy, "ada", "a notice");
  return liveAs("ada", economy, { ada, bob, cyd });
}

const play = (told: Environment, trial: Trial) =>
  new TestEconomy(told).play({ cycles: 30, balances: 1_000, ...trial });

test.each(["closed", "open"])(
  "in a %s world the first sight of a trial is what the run was told",
  async (visibility) => {
    const told = await busyWorld({ visibility });
    const { state, ...seen } = await new Promise<Environment & { state: unknown }>((resolve) => {
      const me = (wake: Environment & { state: unknown }) => {
        resolve(structuredClone(wake));
        return { actions: [], state: null };
      };
      void play(told, { me });
    });
    expect(state).toBeNull();
    expect(seen).toEqual(told);
  },
);

test("a trial changes neither the environment, nor the workspace, nor what is asked for", async () => {
  const told = await firstEnvironment();
  const home = makeHome(told, { ...CHILD, "state.json": '{"wakes":3}' });
  const code = `
    const { TestEconomy, getPendingBids } = await import(${JSON.stringify(join(root, "src/agent/index.ts"))});
    const me = (wake) => ({
      actions: [
        { action: "bid", resources: ${JSON.stringify(BUNDLE)}, payload: ["bun", "main.ts"] },
        { action: "spawn", logic: "child", credits: 50 },
        { action: "transfer", to: "bob", amount: 5 },
      ],
      state: { wakes: (wake.state?.wakes ?? 0) + 1 },
      files: { "MEMORY.md": "never written" },
    });
    const { executions, stopped } = await new TestEconomy().play({ me, cycles: 3 });
    console.log(JSON.stringify({ actions: executions.map((run) => run.actions), stopped }));
    console.log(JSON.stringify(getPendingBids()));`;
  const { out, err } = await inRun(home, [...bun, "-e", code]);
  expect({ out, err }).toEqual({
    out: '{"actions":[3,3,3,3],"stopped":"played"}\n[]\n',
    err: "",
  });
  expect(readFileSync(home.actions, "utf8")).toBe("");
  const files = [...readFolder(home.workspace)];
  expect(files.map(([path, { bytes }]) => [path, Buffer.from(bytes).toString()])).toEqual([
    ...Object.entries(CHILD),
    ["state.json", '{"wakes":3}'],
  ]);
  const environment = JSON.parse(readFileSync(join(home.home, "environment.json"), "utf8"));
  expect(environment).toEqual(JSON.parse(JSON.stringify(told)));
});

const RULES = {
  economy: { initial_credit_budget: 400, spawn_cost: 20 },
  allocation: { max_bids_per_agent: 3 },
  execution: { max_actions: 12 },
};

/** Names of the dead are not told to a run, so a trial does not know them. */
const knowsTheDead = (wish: object) => JSON.stringify(wish).includes("ghost");

test("what the world refuses, a trial refuses with the same reason", async () => {
  const wishes = fc.array(
    request.filter((wish) => !knowsTheDead(wish)),
    { maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(wishes, async (actions) => {
      const economy = tinyEconomy(undefined, RULES);
      const told = await liveAs("ada", economy, { ada: () => actions });
      const refused = economy.changes.events.filter(
        ({ kind, agent }) => kind === "refused" && agent === "ada",
      );
      const me = () => ({ actions, state: null });
      const report = await play(told, { me, cycles: 1 });
      const first = report.refusals.filter(({ cycle }) => cycle === 7);
      const reasons = refused.map(({ text }) => text.replace(/^ada: .*? refused: /s, ""));
      expect(first.map(({ reason }) => reason)).toEqual(reasons);
    }),
    { numRuns: 100 },
  );
});

test("where what it assumes is true, a trial foretells the world", async () => {
  const rules = { resources: { cpu_seconds: { supply: 3, initial_price: 1 } } };
  const economy = tinyEconomy(["ada", "bob", "cyd", "dan"], rules);
  const lines = { ada: () => [again], dan: () => [later] };
  await live(economy, lines);
  const told = await liveAs("ada", economy, lines);
  const world = [];
  for (let n = 0; n <= 30; n++) {
    const balance = toCredits(balanceOf(economy.ledger, agentAccount("ada")));
    const price = toCredits(economy.markets.get("cpu_seconds")?.price ?? 0);
    world.push({ cycle: economy.cycle, balance, price, agents: economy.agents.size });
    await live(economy, lines);
  }
  const report = await play(told, { me: () => ({ actions: [again as never], state: null }) });
  expect(
    report.cycles.map(({ cycle, balance, prices, agents }) => ({
      cycle,
      balance,
      price: prices.cpu_seconds,
      agents,
    })),
  ).toEqual(world);
  expect(world.at(-1)?.price).toBeGreaterThan(1);
});

test("the same trial gives the same report", async () => {
  const told = await busyWorld();
  const trial: Trial = {
    me: idler,
    others: { bob: saver, cyd: idler },
    human: ({ content }) => ({ interesting: content.length % 11, useful: 1, understandable: 2 }),
    cycles: 60,
  };
  expect(await play(told, trial)).toEqual(await play(told, trial));
});

test("a strategy that saves outlives one that burns", async () => {
  const rules = {
    economy: { initial_credit_budget: 100 },
    resources: { cpu_seconds: { supply: 4, initial_price: 5 } },
  };
  const told = await firstEnvironment("ada", tinyEconomy(undefined, rules));
  const [saves, burns] = [
    await play(told, { me: saver, balances: 100, cycles: 100 }),
    await play(told, { me: idler, balances: 100, cycles: 100 }),
  ];
  expect(saves).toMatchObject({ alive: true, stopped: "played", death: null });
  expect(burns).toMatchObject({ alive: false, stopped: "died" });
  expect(burns.death?.cause).toContain("left no bid");
  expect(burns.outcome).toContain(`dead in cycle ${burns.death?.cycle}`);
  expect(burns.cycles.at(-1)?.balance).toBe(0);
});

test("a prompt earns what the human of the trial gives it, by the world's rates", async () => {
  const told = await firstEnvironment();
  const asked: string[] = [];
  const report = await play(told, {
    me: ({ cycle }) => ({
      actions: [
        again as never,
        ...(cycle === 7 ? [{ action: "prompt" as const, content: "look", amount: 60 }] : []),
      ],
      state: null,
    }),
    human: ({ agent, content, amount }) => {
      asked.push(`${agent}: ${content} for ${amount}`);
      return { interesting: 1, useful: 2, understandable: 3 };
    },
    cycles: 3,
  });
  expect(asked).toEqual(["ada: look for 60"]);
  expect(report.awards).toEqual([{ cycle: 8, prompt: "ada-1-p2", paid: 60, award: 18 }]);
  const silent = await play(told, { me: idler });
  expect(silent.assumed).toContain("nobody answers prompts");
});

test("a strategy that throws crashes its runs, and dies at the fourth", async () => {
  const report = await play(await firstEnvironment(), {
    me: () => {
      throw new Error("oh no");
    },
  });
  expect(report.executions.map(({ crashed }) => crashed)).toEqual(Array(4).fill("it threw: oh no"));
  expect(report.death).toEqual({ cycle: 10, cause: "crashed 4 times running (it threw: oh no)" });
});

test("a strategy that meddles with what it is shown changes nothing but its own copy", async () => {
  const told = await busyWorld();
  const meddler: Trial["me"] = (wake) => {
    for (const market of Object.values(wake.markets)) market.currentMarketPrice = 0;
    Object.assign(wake.self, { balance: 1e9 });
    wake.config.economy.spawn_cost = 0;
    wake.bids.length = 0;
    wake.agents.length = 0;
    return { actions: [again as never], state: wake };
  };
  const honest: Trial["me"] = () => ({ actions: [again as never], state: null });
  const [meddled, plain] = [await play(told, { me: meddler }), await play(told, { me: honest })];
  expect(meddled).toEqual(plain);
});

test("what a strategy returns may be anything: the trial goes on or it is a crash", async () => {
  const told = await firstEnvironment();
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  const odd: unknown[] = [
    null,
    5,
    "bid",
    {},
    { actions: 7 },
    { actions: [null] },
    { actions: [cyclic] },
  ];
  for (const decision of odd) {
    const report = await play(told, { me: (() => decision) as never, cycles: 5 });
    expect(report.alive).toBe(false);
  }
  const state = { me: state_of_cycles } as never;
  expect((await play(told, state)).executions[0]?.crashed).toStartWith("it threw: ");
  const many = Array(5_000).fill({ action: "transfer", to: "nobody", amount: 1 });
  const report = await play(told, {
    me: () => ({ actions: [again, ...many] as never, state: 0 }),
    cycles: 3,
  });
  expect(report.alive).toBe(true);
  expect(report.refusals).toHaveLength(100);
  expect(report.moreRefusals).toBe(4 * 999 - 100);
});

function state_of_cycles() {
  const state: Record<string, unknown> = {};
  state.state = state;
  return { actions: [], state };
}

test("a trial stops when its own time is used, and says so", async () => {
  const report = await play(await firstEnvironment(), { me: idler, cpuSeconds: 0 });
  expect(report).toMatchObject({ stopped: "time", alive: true });
  expect(report.cycles).toHaveLength(1);
  expect(report.outcome).toContain("0 cpu seconds were used after 0 cycles");
});

test("a trial has 1 to 1,000 cycles, of agents that there are", async () => {
  const told = await firstEnvironment();
  for (const cycles of [0, -1, 1.5, 1_001, Number.NaN])
    expect(play(told, { me: idler, cycles })).rejects.toThrow("1 to 1000 cycles");
  const others = { nobody: idler };
  expect(play(told, { me: idler, others })).rejects.toThrow("there is no agent nobody");
});

test("the report says what was assumed of everything that is private", async () => {
  const closed = (await play(await busyWorld(), { me: idler, balances: 123 })).assumed.join("\n");
  expect(closed).toContain("each other agent holds 123 credits");
  expect(closed).toContain(
    "whoever has a bid pending runs on it when it wins, and then repeats it",
  );
  expect(closed).toContain("running now on the bundle last bought: cyd, dan");
  const open = await play(await busyWorld({ visibility: "open" }), { me: idler });
  expect(open.assumed.join("\n")).not.toContain("holds");
});

test("the command tells a trial in lines, or why there is none", async () => {
  const home = makeHome(await firstEnvironment(), {
    "decide.ts": readFileSync(join(root, "templates/agents/spammer/decide.ts"), "utf8"),
    "empty.ts": "export const answer = 42;",
    "loud.ts": 'export const decide = () => { throw new Error("oh no"); };',
  });
  const econ = (...words: string[]) =>
    inRun(home, [...bun, join(root, "src/agent/command.ts"), "try", ...words]);
  const { code, out, err } = await econ("decide.ts", "--cycles", "6", "--score", "1");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toStartWith("alive in cycle 13, after 6 cycles\n");
  expect(out).toMatch(/^7 runs for [\d.]+; \d awards of \d+$/m);
  expect(out).toMatch(/^ +cycle +balance +agents +cpu_seconds +memory_mb +attention$/m);
  expect(out).toContain("assumed:\n  each other agent holds 1000 credits\n");
  const same = ["decide.ts", "--cycles", "6", "--score", "1", "--json"];
  expect((await econ(...same)).out).toBe((await econ(...same)).out);
  expect((await econ("loud.ts")).out).toContain("crashed:\n  cycle 7: it threw: oh no");
  const wrong: [words: string[], reason: string][] = [
    [[], "name the file of a strategy"],
    [["empty.ts"], "empty.ts exports no strategy"],
    [["missing.ts"], "missing.ts"],
    [["decide.ts", "more.ts"], 'what is "more.ts"?'],
    [["decide.ts", "--cycles", "2000"], '"2000" is not a number up to 1000'],
    [["decide.ts", "--cycles", "0"], "1 to 1000 cycles, not 0"],
    [["decide.ts", "--score", "eleven"], '"eleven" is not a number up to 10'],
    [["decide.ts", "--fast"], "--fast"],
  ];
  for (const [words, reason] of wrong) {
    const said = await econ(...words);
    expect([said.code, said.out]).toEqual([2, ""]);
    expect(said.err).toStartWith("econ try: ");
    expect(said.err).toContain(reason);
  }
  expect(readFileSync(home.actions, "utf8")).toBe("");
});

living("a trial inside the sandbox", () => {
  test("agents try strategies, as a module and by the command, and the world sees their bids only", async () => {
    const bid = { cpu_seconds: 4, memory_mb: 200, upTo: 100 };
    const front = `---\nbid: ${JSON.stringify(bid)}\n---\n`;
    const burns = `export default ({ execution: { payload } }) => ({
      actions: [{ action: "bid", resources: { cpu_seconds: 1, memory_mb: 96 }, payload }], state: null });`;
    const inSandbox = `import { placeBid, TestEconomy } from "econ";
      import me from "./burns.ts";
      const report = await new TestEconomy().play({ me, cycles: 40 });
      await Bun.write("report.json", JSON.stringify(report));
      placeBid({ cpu_seconds: 1, memory_mb: 96 }, undefined, { notBefore: 500 });`;
    const world = await worldOf(
      {
        coder: { "AGENTS.md": front, "main.ts": inSandbox, "burns.ts": burns },
        sheller: {
          "AGENTS.md": front,
          ...script(
            "econ try burns.ts --cycles 40 --json >report.json",
            "econ try burns.ts >told.txt",
          ),
          "burns.ts": burns,
        },
      },
      { credits: { coder: 60, sheller: 60 }, rules: { "resources.cpu_seconds.supply": 16 } },
    );
    const { runs } = await world.tick();
    expect(runs.map(({ ending }) => ending.kind)).toEqual(["finished", "finished"]);
    for (const id of ["coder", "sheller"]) {
      const report = JSON.parse(world.read(`agents/${id}/workspace/report.json`));
      expect(report).toMatchObject({ agent: id, alive: false, stopped: "died" });
      expect(runs.find(({ run }) => run.bid.agent === id)?.fates).toHaveLength(1);
    }
    expect(world.read("agents/sheller/workspace/told.txt")).toMatch(/^dead in cycle \d+, after /);
    expect(world.list("agents")).toEqual(["coder", "sheller"]);
    expect(await world.wrong()).toEqual([]);
  }, 60_000);
});
