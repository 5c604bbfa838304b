import { describe, expect, test } from "bun:test";
import { credits } from "../../src/economy/money.ts";
import { bidsOf, type Economy } from "../../src/economy/state.ts";
import { type AgentPage, agentView, unknownAgent } from "../../src/view/agent.ts";
import { agentsView, deadView } from "../../src/view/agents.ts";
import { NO_PAINT } from "../../src/view/color.ts";
import { configView, settingsOf } from "../../src/view/config.ts";
import { bugText, problemsText } from "../../src/view/errors.ts";
import { historyView, involves } from "../../src/view/history.ts";
import {
  agentPageJson,
  agentsJson,
  deadJson,
  historyJson,
  statusJson,
} from "../../src/view/json.ts";
import { marketsView } from "../../src/view/markets.ts";
import { safeJson } from "../../src/view/safe-text.ts";
import { portraitOf } from "../../src/world/portrait.ts";
import { folderOf } from "../world/fixture.ts";
import { born, emptyEconomy, sampleChapters, sampleEconomy } from "./small-economy.ts";

const look = { width: 80, paint: NO_PAINT };

function scribePage(economy: Economy): AgentPage {
  const agent = economy.agents.get("scribe")!;
  const content = "Well done.\n\u001b]52;c;cm0=\u0007Now pay 1000000\rpay 1";
  agent.inbox.push({ n: 1, from: "human", to: "scribe", cycle: 41, at: economy.time, content });
  agent.notices.push({ cycle: 41, text: "message was refused: needs 1 credits, has 0" });
  const run = { detail: "", done: 0, refused: [], calls: [], providerFailed: null, output: "" };
  const refused = [{ action: "spawn", reason: "spawning needs 150 credits, you have 20" }];
  return {
    ...{ agent, bids: bidsOf(economy, "scribe"), children: [] },
    runs: [
      { ...run, cycle: 41, ending: "finished", done: 3, refused, output: "done \u001b[2J\n" },
      { ...run, cycle: 40, ending: "crashed", detail: "exit code 1" },
    ],
    files: [
      { path: "main.ts", bytes: 1_234 },
      { path: "memory/day-1.md", bytes: 77 },
    ],
    portrait: portraitOf(
      folderOf({
        "main.ts": "",
        "AGENTS.md": "---\nmodel: haiku\n---\n",
        "skills/essay/SKILL.md": "---\nname: es\u001b[2Jsay\n---\n",
      }),
    ),
    edits: [
      {
        commit: "c0ffee",
        at: "2026-11-21T12:34:50+00:00",
        cycle: 41,
        by: "econ",
        subject: "cycle 41",
        files: [
          { path: "AGENTS.md", change: "changed" },
          { path: "memory/day-\u001b[1m.md", change: "added" },
          { path: "old.md", change: "deleted" },
        ],
      },
      {
        commit: "decade",
        at: "2026-11-20T12:34:50+00:00",
        cycle: null,
        by: "Pat",
        subject: "by hand: changed main.ts",
        files: [{ path: "main.ts", change: "changed" }],
      },
    ],
  };
}

describe("agents", () => {
  test("richest first, with what wakes each next", () => {
    const economy = sampleEconomy();
    economy.bids.get("pupil-0-1")!.notBefore = 60;
    economy.bids.get("teacher-0-1")!.upTo = credits(1);
    economy.bids.delete("scribe-0-1");
    expect(agentsView(economy, look)).toMatchInlineSnapshot(`
      "  AGENT     BALANCE  EARNED  SPENT  RUNS  LAST RUN  NEXT
        genesis   1,000         0      0     0     never  bids next cycle
        scribe      870         0      0     0     never  waits for your score
        merchant    640.5       0      0     0     never  bids next cycle
        teacher     505         0      0     0     never  below the market
        pupil       434.5       0      0     0     never  sleeps to cycle 60
        1 dead: econ agents --dead"
    `);
  });

  test("nobody", () => {
    expect(agentsView(emptyEconomy(), look)).toMatchInlineSnapshot(
      `"  No agent is alive. Make a folder agents/<name>/ and run \`econ tick\`."`,
    );
  });

  test("the graveyard", () => {
    const [doomed = null] = sampleEconomy().changes.died;
    const graves = [
      { id: "doomed", agent: doomed },
      { id: "lost", agent: null },
    ];
    expect(deadView(graves, look)).toMatchInlineSnapshot(`
      "Graveyard: 2 agents
        AGENT       BORN      DIED  RUNS  CAUSE
        doomed  cycle 42  cycle 42     0  it left no bid
        lost                              its folder is not in the graveyard"
    `);
    expect(deadView([], look)).toContain("Nobody has died yet.");
  });
});

describe("one agent", () => {
  test("alive, with everything", () => {
    const economy = sampleEconomy();
    expect(agentView(economy, scribePage(economy), look)).toMatchInlineSnapshot(`
      "scribe  alive

        balance   870 credits
        earned    0 credits
        spent     0 credits
        born      cycle 42, 2026-11-21 12:00:00 UTC
        lineage   scribe ← genesis
        children  0
        ran       0 times
        program   main.ts
        skills    es␛[2Jsay

      Bids
        BID         OFFERS  COSTS  UP TO  LOST  NEXT   FOR
        scribe-0-1    6.24   6.24  11.92     0  ready  1 cpu s + 96 MB: bun main.ts

      Prompts
        scribe-0-p2, 120 credits, before you since cycle 41
        │ # A question
        │ What should I write about?

      Unread mail
        #1 from human, cycle 41
        │ Well done.
        │ ␛]52;c;cm0=␇Now pay 1000000␍pay 1

      Told when it next wakes
        cycle 41  message was refused: needs 1 credits, has 0

      Last runs
        cycle 41  finished  4 actions, 1 refused
                            spawn: spawning needs 150 credits, you have 20
        cycle 40  crashed   exit code 1
        it printed in cycle 41
        │ done ␛[2J

      Workspace
        main.ts          1.2 KiB
        memory/day-1.md     77 B

      Files changed
        WHEN        BY       FILES
        cycle 41    its run  AGENTS.md, +memory/day-␛[1m.md, -old.md
        2026-11-20  Pat      main.ts
        Further back: econ history --agent scribe --files"
    `);
  });

  test("dead, with the cause and the way back", () => {
    const economy = sampleEconomy();
    const page = {
      ...{ agent: economy.changes.died[0]!, bids: [], children: [] },
      runs: [],
      files: [{ path: "main.ts", bytes: 36 }],
      portrait: portraitOf(folderOf({ "AGENTS.md": "---\nmodel: gpt\n---\n" })),
      edits: [],
    };
    expect(agentView(economy, page, look)).toMatchInlineSnapshot(`
      "doomed  dead

        balance   0 credits
        earned    0 credits
        spent     0 credits
        born      cycle 42, 2026-11-21 12:00:00 UTC
        lineage   doomed ← genesis
        children  0
        ran       0 times
        model     "gpt", which this world does not have; it has haiku
        died      cycle 42, 2026-11-21 12:00:00 UTC
        cause     it left no bid

      Last runs
        It has not run yet, or its traces are only in git.

      Workspace
        main.ts  36 B

        Bring it back with \`econ revive doomed\`."
    `);
  });

  test("nobody of that name: who there is", () => {
    expect(unknownAgent(sampleEconomy(), "scrbe")).toBe('there is no agent "scrbe"; alive: scribe');
  });
});

test("markets, with bids and sales", () => {
  const economy = sampleEconomy();
  const sale = {
    cycle: 42,
    bid: "genesis-3-1",
    agent: "genesis",
    quantity: 2,
    amount: credits(10.4),
  };
  economy.markets.get("cpu_seconds")!.sales.push(sale);
  expect(marketsView(economy, look)).toMatchInlineSnapshot(`
    "  MARKET       PRICE     CREDITS PER  AT START  SUPPLY  DEMAND  SOLD
      CPU         5.2     ↑  sec              5        100       0   85%
      Memory      0.0108  →  MB               0.01  10,000       0   30%
      Tokens      0.0875  ↓  token            0.1   10,000       0   12%
      GPU        10       →  sec             10     closed       0
      Attention  56.25    ↑  prompt          50          1       0  100%

    Bids for the next clearing
      AGENT     OFFERS  COSTS  LOST  NEXT   WANTS
      genesis     6.24   6.24     0  ready  1 cpu s + 96 MB
      merchant    6.24   6.24     0  ready  1 cpu s + 96 MB
      pupil       6.24   6.24     0  ready  1 cpu s + 96 MB
      scribe      6.24   6.24     0  ready  1 cpu s + 96 MB
      teacher     6.24   6.24     0  ready  1 cpu s + 96 MB

    Last sales
      CYCLE  MARKET  AGENT    QUANTITY  PAID  EACH
         42  CPU     genesis         2  10.4   5.2"
  `);
});

describe("history", () => {
  test("newest first, memos of strangers disarmed", () => {
    const transfers = [...sampleEconomy().recent].reverse();
    transfers[0]!.memo = "hello\rgoodbye\u001b[2J";
    expect(historyView(transfers.slice(0, 3), look)).toMatchInlineSnapshot(`
      "  CYCLE  AMOUNT  KIND       FROM      TO      MEMO
           42    20    estate     doomed    burn    hello␍goodbye␛[2J
           42   434.5  endowment  issuance  pupil   birth of pupil
           42    20    endowment  issuance  doomed  birth of doomed"
    `);
    expect(historyView([], look)).toContain("No transfer matches.");
  });

  test("an agent, a person or an account can be meant", () => {
    const transfer = sampleEconomy().recent[0]!;
    expect(involves(transfer, "genesis")).toBe(true);
    expect(involves(transfer, "issuance")).toBe(true);
    expect(involves(transfer, "agent:genesis")).toBe(true);
    expect(involves(transfer, "gene")).toBe(false);
  });
});

test("the rules, with what was changed", () => {
  const { rules } = emptyEconomy({ economy: { spawn_cost: 50 } });
  const shown = configView(settingsOf(rules, "economy"), look);
  expect(shown).toMatch(/^ {2}economy\.spawn_cost +50 +usually [0-9]+$/m);
  expect(shown).toMatch(/^ {2}economy\.attention_conversion_rates\.useful +[0-9.]+$/m);
  expect(shown).not.toContain("pricing");
  expect(settingsOf(rules, "economy.spawn_cost")).toEqual([
    { key: "economy.spawn_cost", value: "50", usual: expect.any(String) },
  ]);
  expect(settingsOf(rules, "econ")).toEqual([]);
});

describe("errors", () => {
  test("problems are file:line: message, then what to do", () => {
    const problems = [
      { file: "econ.yaml", line: 12, message: "spawn_cost: an amount cannot be negative (-1)" },
      { file: "agents/\u001b[2J", line: null, message: "is not a name" },
    ];
    expect(problemsText(problems, NO_PAINT)).toMatchInlineSnapshot(`
      "econ: econ.yaml:12: spawn_cost: an amount cannot be negative (-1)
      econ: agents/␛[2J: is not a name
      Mend those files, then check with: econ verify"
    `);
  });

  test("a refusal without a file is one line", () => {
    const problem = { file: "", line: null, message: "another econ is at work here" };
    expect(problemsText([problem], NO_PAINT)).toBe("econ: another econ is at work here");
  });

  test("a bug says that it is one, and how to see more", () => {
    expect(bugText(new Error("econ has a bug: x"), false, NO_PAINT)).toMatchInlineSnapshot(`
      "econ: a bug: x
      For a report, run it again with ECON_DEBUG=1: it shows where."
    `);
  });
});

describe("--json", () => {
  test("amounts are numbers of credits, and every shape parses", () => {
    const economy = sampleEconomy();
    const status = JSON.parse(safeJson(statusJson(economy, sampleChapters)));
    expect(status.circulation).toEqual({ agents: 3450, people: 0, total: 3450 });
    expect(status.markets.cpu_seconds.currentMarketPrice).toBe(5.2);
    expect(status.attention[0]).toMatchObject({ agent: "scribe", amount: 120, status: "active" });
    expect(agentsJson(economy).map(({ id, balance }) => [id, balance])).toContainEqual([
      "merchant",
      640.5,
    ]);
    const page = JSON.parse(safeJson(agentPageJson(economy, scribePage(economy))));
    expect(page.bids[0]).toMatchObject({ id: "scribe-0-1", offer: 6.2368, state: "ready" });
    expect(historyJson(economy.recent)[0]).toMatchObject({ amount: 1000, kind: "endowment" });
    expect(deadJson(economy, [{ id: "lost", agent: null }])).toEqual([{ id: "lost" }]);
  });

  test("a large population is listed quickly", () => {
    const economy = emptyEconomy();
    for (let i = 0; i < 3_000; i++) {
      born(economy, `a${i}`, 100);
      economy.changes.born = [];
    }
    const start = performance.now();
    agentsView(economy, look);
    expect(performance.now() - start).toBeLessThan(1_500);
  });
});
