// What models cost, as people and scripts read it.
import { describe, expect, test } from "bun:test";
import type { CycleCosts } from "../../src/economy/estimate.ts";
import type { ModelCost } from "../../src/economy/models.ts";
import { bookCosts } from "../../src/economy/spending.ts";
import type { Economy } from "../../src/economy/state.ts";
import { agentView } from "../../src/view/agent.ts";
import { NO_PAINT } from "../../src/view/color.ts";
import { costJson, costRows, costView, dollarsText, estimateView } from "../../src/view/costs.ts";
import { dashboard } from "../../src/view/dashboard.ts";
import { statusJson } from "../../src/view/json.ts";
import { marketsView } from "../../src/view/markets.ts";
import { trendOf } from "../../src/view/outlook.ts";
import { PLAIN } from "../../src/view/tables.ts";
import { portraitOf } from "../../src/world/portrait.ts";
import { sampleEconomy } from "./small-economy.ts";

const look = { width: 80, paint: NO_PAINT };

function cost(agent: string, model: string, dollars: number, more: Partial<ModelCost> = {}) {
  const usage = { input: 1_200, cachedInput: 800, cacheWrite: 0, output: 95 };
  return { agent, model, calls: 2, ...usage, milliTokens: 351_500, dollars, ...more };
}

const HISTORY: CycleCosts[] = [
  { cycle: 41, costs: [cost("scribe", "haiku", 1_755), cost("genesis", "opus", 1_250_000)] },
  {
    cycle: 42,
    costs: [
      cost("scribe", "haiku", 12, { calls: 1 }),
      cost("scribe", "", 0, { calls: 3, input: 0, cachedInput: 0, output: 0, milliTokens: 0 }),
    ],
  },
];

/** It has spent what the history says. */
function spender(spending: object = {}): Economy {
  const economy = sampleEconomy();
  Object.assign(economy.rules.spending, spending);
  for (const { costs } of HISTORY) bookCosts(economy, costs);
  return economy;
}

describe("econ cost", () => {
  test("by agent, the dearest first, with what is left below both ceilings", () => {
    const view = costView(spender(), costRows(HISTORY, "agent"), "agent", look);
    expect(view).toMatchInlineSnapshot(`
      "Spent on models
        today   $1.25 of $5.00; $3.75 left
        in all  $1.25 of $50.00; $48.75 left

      By agent
        AGENT       COST  CALLS  INPUT  CACHED  WRITTEN  OUTPUT  BOUGHT
        genesis    $1.25      2  1,200     800        0      95   351.5
        scribe   $0.0018      6  2,400   1,600        0     190     703
        2 agents, $1.25 in all"
    `);
  });

  test("by model; a call that named none has no model", () => {
    const view = costView(spender(), costRows(HISTORY, "model"), "model", look);
    expect(view.slice(view.indexOf("By model"))).toMatchInlineSnapshot(`
      "By model
        MODEL                      COST  CALLS  INPUT  CACHED  WRITTEN  OUTPUT  BOUGHT
        opus                      $1.25      2  1,200     800        0      95   351.5
        haiku                   $0.0018      3  2,400   1,600        0     190     703
        no model of this world    $0.00      3      0       0        0       0       0
        3 models, $1.25 in all"
    `);
  });

  test("by cycle, the newest first", () => {
    expect(costRows(HISTORY, "cycle").map(({ name }) => name)).toEqual(["42", "41"]);
  });

  test("where no model was called says so", () => {
    expect(costView(sampleEconomy(), [], "agent", PLAIN)).toContain("No model was called.");
  });

  test("as JSON has exact numbers of dollars and of bought tokens", () => {
    const json = costJson(spender(), "cycle", costRows(HISTORY, "cycle"));
    expect(json).toMatchObject({
      today: 1.251767,
      total: 1.251767,
      left: { day: 3.748233, world: 48.748233 },
      closed: null,
      rows: [
        { cycle: 42, calls: 4, dollars: 0.000012 },
        { cycle: 41, calls: 4, tokens: 703, dollars: 1.251755 },
      ],
    });
  });

  test("estimated says at most, likely, and why", () => {
    const estimate = { cycles: 500, atMost: 25e6, likely: 15_000, basis: "history" as const };
    expect(estimateView(spender(), estimate, look)).toMatchInlineSnapshot(`
      "What 500 cycles may cost
        at most  $25.00, $5.00 a day
        likely   $0.0150 (as the last 100 cycles went)
        today    $1.25 of $5.00; $3.75 left
        in all   $1.25 of $50.00; $48.75 left"
    `);
  });

  test("what an agent's name could do to a terminal, it does not do", () => {
    const rows = costRows([{ cycle: 1, costs: [cost("\u001b[2Jx", "haiku", 1)] }], "agent");
    expect(costView(sampleEconomy(), rows, "agent", look)).not.toContain("\u001b");
  });
});

test.each([
  [0, "$0.00"],
  [1, "<$0.0001"],
  [1_755, "$0.0018"],
  [800_000, "$0.80"],
  [1_250_000, "$1.25"],
])("%d millionths of a dollar read as %s", (dollars, text) => {
  expect(dollarsText(dollars)).toBe(text);
});

describe("closed tokens", () => {
  const closed = "tokens are closed: today's $1 are spent";

  test("are said by the dashboard, the markets and the JSON", () => {
    const economy = spender({ dollars_per_day: 1 });
    expect(dashboard(economy, [], look)).toContain(`  ${closed}`);
    expect(dashboard(economy, [], look)).toContain("$1.25 today, $1.25 in all");
    expect(marketsView(economy, look)).toContain(closed);
    expect(statusJson(economy, []).spent).toMatchObject({ closed, left: { day: 0 } });
  });

  test("have no trend: their price stands still", () => {
    const economy = spender();
    const tokens = economy.markets.get("tokens")!;
    expect(trendOf(economy, tokens)).toBe("down");
    economy.rules.spending.dollars_per_day = 1;
    expect(trendOf(economy, tokens)).toBe("flat");
  });

  test("and dollars are not spoken of in a world that never spent one", () => {
    expect(dashboard(sampleEconomy(), [], look)).not.toContain("$");
  });
});

test("a paused world says so at the top of its dashboard, in safe letters", () => {
  const economy = sampleEconomy();
  economy.paused = { by: "Ada", at: economy.time, reason: "look \u001b[2Jinto it" };
  const [, line = ""] = dashboard(economy, [], look).split("\n\n");
  expect(line).toBe("the world is paused by Ada: look ␛[2Jinto it; go on with `econ resume`");
  expect(statusJson(economy, []).paused).toEqual(economy.paused);
});

test("the calls of a run are a line each: what they used, or what became of them", () => {
  const economy = sampleEconomy();
  const used = { input: 1_200, cachedInput: 800, cacheWrite: 5, output: 95 };
  const call = { model: "haiku", status: 200, failed: false, times: 1, usage: used, worst: false };
  const cost = { milliTokens: 351_500, dollars: 1_755 };
  const free = { ...call, usage: null, milliTokens: 0, dollars: 0 };
  const calls = [
    { ...call, ...cost },
    { ...free, model: "", status: 404, times: 12 },
    { ...free, status: 529, failed: true },
    { ...call, ...cost, status: 502, failed: true, worst: true },
    { ...call, ...cost, worst: true },
    free,
  ];
  const agent = economy.agents.get("scribe")!;
  const own = { agent, bids: [], children: [] };
  const page = { ...own, files: [], portrait: portraitOf(new Map()), edits: [] };
  const run = {
    cycle: 41,
    ending: "finished",
    detail: "",
    done: 3,
    refused: [],
    providerFailed: null,
    output: "",
  };
  const viewOf = (asked: typeof calls) =>
    agentView(economy, { ...page, runs: [{ ...run, calls: asked }] }, look);
  const view = viewOf(calls);
  const lines = view.slice(view.indexOf("Last runs"), view.indexOf("Workspace"));
  expect(lines).toMatchInlineSnapshot(`
    "Last runs
      cycle 41  finished  3 actions
                          haiku: $0.0018, 351.5 tokens; 1,200 in, 800 cached, 5 wri…
                          a call (12 times): refused (404)
                          haiku: the provider failed (529)
                          haiku: the provider failed (502); charged at its worst ca…
                          haiku: charged at its worst case; $0.0018, 351.5 tokens; …
                          haiku: no tokens used

    "
  `);
  const many = Array(30).fill(free);
  expect(viewOf(many)).toContain("10 calls before");
});
