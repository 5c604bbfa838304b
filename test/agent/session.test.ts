import { afterEach, expect, test } from "bun:test";
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { logicOf } from "../../src/agent/logic.ts";
import { act, catchUp, openSession, type Session } from "../../src/agent/session.ts";
import type { ActionRequest } from "../../src/agent/strategy.ts";
import { readFolder } from "../../src/agent/workspace.ts";
import { parseAction } from "../../src/economy/actions.ts";
import { type Fate, type RunOutcome, runCycle } from "../../src/economy/cycle.ts";
import { environmentOf } from "../../src/economy/environment.ts";
import { actionLines } from "../../src/economy/lines.ts";
import { toCredits } from "../../src/economy/money.ts";
import { purseOf } from "../../src/economy/state.ts";
import {
  bun,
  firstEnvironment,
  inRun,
  makeHome,
  NOTHING,
  removeHomes,
  root,
  TIME,
  tinyEconomy,
} from "./help.ts";
import { CHILD, request } from "./requests.ts";

afterEach(removeHomes);

const RULES = {
  economy: { initial_credit_budget: 400, spawn_cost: 20 },
  allocation: { max_bids_per_agent: 3 },
  execution: { max_actions: 12 },
};
type Script = Record<string, ActionRequest[]>;
type Told = { request: ActionRequest; ok: boolean; answer: string | true };

/** One cycle in which agents ask through the SDK; `keep` chooses the lines the kernel gets. */
async function cycle(script: Script, keep: "accepted" | "all") {
  const economy = tinyEconomy(["ada", "bob", "cyd"], RULES);
  const told: Record<string, Told[]> = {};
  const report = await runCycle(economy, { ...NOTHING, time: TIME }, async (runs) =>
    runs.map((run): RunOutcome => {
      const { bid } = run;
      const home = makeHome(environmentOf(run), CHILD);
      const session = openSession(home.home, home.workspace);
      const requests = script[bid.agent] ?? [];
      told[bid.agent] = requests.map((request) => {
        const answer = act(session, request);
        return { request, ok: answer.ok, answer: answer.ok ? answer.value : answer.reason };
      });
      const lines =
        keep === "all"
          ? requests.map((value) => ({ ok: true as const, value }))
          : actionLines(readFileSync(home.actions));
      return {
        ending: { kind: "finished" },
        lines: JSON.parse(JSON.stringify(lines)),
        logicOf: (source) => logicOf(source, () => readFolder(home.workspace)),
        notes: [],
      };
    }),
  );
  const fates = (id: string): Fate[] =>
    report.runs.find(({ run }) => run.bid.agent === id)?.fates ?? [];
  return { economy, told, fates };
}

const plain = ({ ok, answer }: { ok: boolean; answer: string | true }) => ({
  ok,
  answer: ok ? answer : null,
});

test("what the session answers is what the kernel decides, yes and no alike", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 12 }), async (requests) => {
      const { told, fates } = await cycle({ ada: requests }, "all");
      expect(told.ada?.map(plain)).toEqual(fates("ada").map(plain));
    }),
    { numRuns: 150 },
  );
});

test("every yes stands when others act in the same cycle", async () => {
  const script = fc.record({
    ada: fc.array(request, { maxLength: 15 }),
    bob: fc.array(request, { maxLength: 15 }),
    cyd: fc.array(request, { maxLength: 15 }),
  });
  await fc.assert(
    fc.asyncProperty(script, async (requests) => {
      const { told, fates } = await cycle(requests, "accepted");
      for (const id of ["ada", "bob", "cyd"]) {
        const accepted = told[id]?.filter(({ ok }) => ok) ?? [];
        expect(fates(id).map(({ ok }) => ok)).toEqual(accepted.map(() => true));
      }
    }),
    { numRuns: 100 },
  );
});

test("a child named like a dead agent is paid under the name its parent was told", async () => {
  const spawn = { action: "spawn" as const, logic: "child", credits: 50, name: "ghost" };
  const pay = { action: "transfer" as const, to: "ghost", amount: 5 };
  const { economy, told, fates } = await cycle({ ada: [spawn, spawn, pay] }, "accepted");
  expect(told.ada?.map(({ ok }) => ok)).toEqual([true, true, true]);
  expect(fates("ada").map(({ ok }) => ok)).toEqual([true, true, true]);
  const first = String(fates("ada")[0]?.answer);
  expect(first).toMatch(/^ghost-/);
  expect(toCredits(purseOf(economy, first))).toBe(55);
});

async function open(files: Record<string, string> = {}) {
  const home = makeHome(await firstEnvironment(), files);
  return { home, session: openSession(home.home, home.workspace) };
}

const pay = (to: string, amount: number): ActionRequest => ({ action: "transfer", to, amount });
const purse = (session: Session) => toCredits(purseOf(session.economy, "ada"));

test("a refusal leaves no line, an acceptance leaves one", async () => {
  const { home, session } = await open();
  expect(act(session, pay("bob", 5000)).ok).toBe(false);
  expect(readFileSync(home.actions, "utf8")).toBe("");
  expect(act(session, pay("bob", 5)).ok).toBe(true);
  const line = readFileSync(home.actions, "utf8");
  expect(line).toBe('{"action":"transfer","to":"bob","amount":5}\n');
});

test("NaN, cycles and bigints are refused, not turned into something else", async () => {
  const { session } = await open();
  const loop: unknown[] = [];
  loop.push(loop);
  const resources = { cpu_seconds: 1 };
  for (const request of [
    { action: "bid", resources, payload: ["x"], amount: Number.NaN },
    { action: "message", to: "bob", content: loop },
    { action: "message", to: "bob", content: 5n },
    { action: "prompt", content: undefined, amount: 50 },
  ] as ActionRequest[]) {
    const answer = act(session, request);
    expect(answer.ok).toBe(false);
    expect(answer.ok ? "" : answer.reason.length).toBeGreaterThan(5);
  }
});

test("hostile lines are skipped, and what follows them counts", async () => {
  const { home, session } = await open();
  const deep = "[".repeat(50_000) + "]".repeat(50_000);
  const hostile = [
    "{not json",
    '{"action":"transfer","to":"bob","amount":1,"__proto__":{"ok":true}}',
    '{"__proto__":{"action":"transfer"},"to":"bob","amount":1}',
    '{"action":{"toString":1,"valueOf":1}}',
    `{"action":"prompt","amount":50,"content":${deep}}`,
    `{"action":"bid","payload":["x"],"resources":{"tokens":${deep}}}`,
    deep,
    "null",
    "\ufeff{}",
    `"${"x".repeat(100_000)}"`,
    "",
    "   ",
    "\r",
  ];
  appendFileSync(home.actions, `${hostile.join("\n")}\n`);
  appendFileSync(home.actions, Buffer.from([0xff, 0xfe, 0x0a]));
  appendFileSync(home.actions, '{"action":"transfer","to":"bob","amount":4}\n');
  const before = purse(session);
  expect(act(session, pay("bob", 10)).ok).toBe(true);
  expect(purse(session)).toBeCloseTo(before - 14, 6);
  expect(session.lines).toBe(13);
});

test("hostile values are refused by the parser itself", () => {
  const deep = (levels: number) => JSON.parse("[".repeat(levels) + "]".repeat(levels));
  const prompt = (content: unknown) => parseAction({ action: "prompt", amount: 50, content });
  expect(prompt(deep(31)).ok).toBe(true);
  expect(prompt(deep(32)).ok).toBe(false);
  expect(prompt(deep(40_000))).toEqual({ ok: false, reason: "nested more than 32 levels deep" });
  expect(parseAction(JSON.parse('{"action":{"toString":1,"valueOf":1}}')).ok).toBe(false);
});

test("a torn last line does not swallow the next one", async () => {
  const { home, session } = await open();
  writeFileSync(home.actions, '{"action":"transfer","to":"bob","amount":4}\n{"action":"tran');
  expect(act(session, pay("bob", 10)).ok).toBe(true);
  const lines = actionLines(readFileSync(home.actions));
  expect(lines.map(({ ok }) => ok)).toEqual([true, false, true]);
});

test("a file that was cut short is read again from its start", async () => {
  const { home, session } = await open();
  const before = purse(session);
  expect(act(session, pay("bob", 10)).ok).toBe(true);
  truncateSync(home.actions, 0);
  catchUp(session);
  expect(purse(session)).toBe(before);
});

test("a run may write so many lines and bytes, and no more", async () => {
  const { home, session } = await open();
  appendFileSync(home.actions, '{"action":"withdraw","id":"x"}\n'.repeat(999));
  expect(act(session, pay("bob", 1)).ok).toBe(true);
  expect(act(session, pay("bob", 1))).toEqual({
    ok: false,
    reason: "a run may do at most 1000 actions",
  });
  const full = await open();
  appendFileSync(full.home.actions, `${"x".repeat(1024 * 1024 - 60)}\n`);
  expect(act(full.session, pay("bob", 1)).ok).toBe(true);
  const over = act(full.session, pay("bob", 1));
  expect(over.ok ? "" : over.reason).toContain("1048576 bytes");
});

test("processes that act at the same moment share one balance", async () => {
  const { home, session } = await open();
  const command = [...bun, `${root}/src/agent/command.ts`, "pay", "bob", "100"];
  const runs = await Promise.all(Array.from({ length: 12 }, () => inRun(home, command)));
  const paid = runs.filter(({ code }) => code === 0).length;
  expect(paid).toBe(9);
  expect(runs.every(({ code }) => code === 0 || code === 1)).toBe(true);
  catchUp(session);
  expect(purse(session)).toBeCloseTo(94.04, 6);
});

test("of processes that ask for the same at once each gets the answer to its own line", async () => {
  const { home } = await open();
  const command = [...bun, `${root}/src/agent/command.ts`, "bid", "--cpu", "1"];
  const runs = await Promise.all(Array.from({ length: 12 }, () => inRun(home, command)));
  const told = runs.flatMap(({ code, out }) => (code === 0 ? [out.trim()] : []));
  const limit = 8;
  expect(told).toHaveLength(limit);
  expect(new Set(told).size).toBe(limit);
});

test("one run of several processes and raw lines is one state", async () => {
  const { home } = await open({
    "step.ts":
      'import { getBalance, transferCredits } from "econ";\n' +
      'console.log(transferCredits("bob", 100).ok, getBalance());\n',
    "node_modules/econ/package.json": '{"exports":"./index.ts"}',
    "node_modules/econ/index.ts": `export * from ${JSON.stringify(`${root}/src/agent/index.ts`)};`,
  });
  const step = [...bun, "step.ts"];
  expect((await inRun(home, step)).out).toBe("true 894.04\n");
  appendFileSync(home.actions, '{"action":"transfer","to":"cyd","amount":4.04}');
  expect((await inRun(home, step)).out).toBe("true 790\n");
  const balance = [...bun, `${root}/src/agent/command.ts`, "balance"];
  expect((await inRun(home, balance)).out).toBe("790\n");
});
