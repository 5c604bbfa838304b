import { describe, expect, test } from "bun:test";
import { fitted } from "../../src/commands/serve-run.ts";
import { die } from "../../src/economy/agents.ts";
import { NO_PAINT, paintFor } from "../../src/view/color.ts";
import { dashboard } from "../../src/view/dashboard.ts";
import { trendOf } from "../../src/view/outlook.ts";
import { PLAIN } from "../../src/view/tables.ts";
import { born, emptyEconomy, market, sampleChapters, sampleEconomy } from "./small-economy.ts";

const at = (width: number) => ({ width, paint: NO_PAINT });

describe("the dashboard", () => {
  test("of a busy economy in 80 columns", () => {
    expect(dashboard(sampleEconomy(), sampleChapters, at(80))).toMatchInlineSnapshot(`
      "EVOLUTIONARY AGENT ECONOMY                    cycle 42 · 2026-11-21 12:00:00 UTC

      Resources
        CPU        [█████████░]   85% utilized   5.2     credits/sec     ↑
        Memory     [███░░░░░░░]   30% utilized   0.0108  credits/MB      →
        Tokens     [█░░░░░░░░░]   12% utilized   0.0875  credits/token   ↓
        Attention  [██████████]  100% utilized  56.25    credits/prompt  ↑

      Population
        Agents                  5 alive, 1 dead
        Credits in circulation  3,450 (agents 3,450, people 0)
        Bids pending            5

      Recent activity
        [12:34:50] teacher spawned pupil (cost: 534.5 credits)
        [12:34:50] scribe bid 120 for attention
        [12:34:50] scribe's prompt scribe-3-p1 is before the human
        [12:35:00] genesis executed (cost: 5.96 credits)
        [12:35:00] merchant paid teacher 12.5: a lesson in ␛[2Jprices

      Attention queue
        1.  scribe    120     credits  ACTIVE  since cycle 41
        2.  merchant   85     credits
        3.  teacher    60.25  credits
        Read and score it with \`econ attend\`."
    `);
  });

  test("of a new world teaches what to do", () => {
    expect(dashboard(emptyEconomy(), [], at(80))).toMatchInlineSnapshot(`
      "EVOLUTIONARY AGENT ECONOMY                                before the first cycle

      Resources
        CPU        [░░░░░░░░░░]  0% utilized   5     credits/sec     →
        Memory     [░░░░░░░░░░]  0% utilized   0.01  credits/MB      →
        Tokens     [░░░░░░░░░░]  0% utilized   0.1   credits/token   →
        Attention  [░░░░░░░░░░]  0% utilized  50     credits/prompt  →

      Population
        Agents                  0 alive
        Credits in circulation  0
        Bids pending            0
        No agent is alive. Make a folder agents/<name>/ and run \`econ tick\`.

      Recent activity
        Nothing has happened yet. Run a cycle with \`econ tick\`.

      Attention queue
        Nobody bids for your attention now."
    `);
  });

  test("in 40 columns keeps the numbers and drops the bars", () => {
    expect(dashboard(sampleEconomy(), sampleChapters, at(40))).toMatchInlineSnapshot(`
      "EVOLUTIONARY AGENT ECONOMY
      cycle 42 · 2026-11-21 12:00:00 UTC

      Resources
        CPU         85% utilized   5.2     cr…
        Memory      30% utilized   0.0108  cr…
        Tokens      12% utilized   0.0875  cr…
        Attention  100% utilized  56.25    cr…

      Population
        Agents                  5 alive, 1 de…
        Credits in circulation  3,450 (agents…
        Bids pending            5

      Recent activity
        [12:34:50] teacher spawned pupil (cos…
        [12:34:50] scribe bid 120 for attenti…
        [12:34:50] scribe's prompt scribe-3-p…
        [12:35:00] genesis executed (cost: 5.…
        [12:35:00] merchant paid teacher 12.5…

      Attention queue
        1.  scribe    120     credits  ACTIVE
        2.  merchant   85     credits
        3.  teacher    60.25  credits
        Read and score it with \`econ attend\`."
    `);
  });

  test("never draws beyond the terminal", () => {
    for (let width = 20; width <= 130; width += 5)
      for (const line of dashboard(sampleEconomy(), sampleChapters, at(width)).split("\n"))
        expect([width, Bun.stringWidth(line) <= Math.max(width, 36)]).toEqual([width, true]);
  });

  test("in a pipe has no escapes and cuts nothing; in colour it says the same", () => {
    const plain = dashboard(sampleEconomy(), sampleChapters, PLAIN);
    expect(plain).not.toMatch(/[\u001b…]/u);
    const coloured = dashboard(sampleEconomy(), sampleChapters, {
      width: null,
      paint: paintFor(true),
    });
    expect(coloured).toMatch(/\u001b\[1m/u);
    expect(Bun.stripANSI(coloured)).toBe(plain);
  });

  test("tells of quiet cycles, and of a person's commits by their subject", () => {
    const quiet = {
      cycle: 3,
      time: "2026-11-21T12:00:10.000Z",
      subject: "cycle 3: 0 ran",
      events: [],
    };
    const byHand = { ...quiet, cycle: Number.NaN, subject: "by hand: modified econ.yaml" };
    expect(dashboard(sampleEconomy(), [quiet], PLAIN)).toContain(
      "Nothing happened in the last 1 cycle.",
    );
    expect(dashboard(sampleEconomy(), [quiet, byHand], PLAIN)).toContain(
      "[12:00:10] by hand: modified econ.yaml",
    );
  });

  test("names whom to revive when everyone is dead", () => {
    const economy = emptyEconomy();
    born(economy, "last", 100);
    die(economy, "last", "no bid");
    expect(dashboard(economy, [], PLAIN)).toContain(
      "No agent is alive. Revive one with `econ revive last`",
    );
  });

  test("shows a market that was closed while it runs, not one that never opened", () => {
    const economy = sampleEconomy();
    const tokens = economy.markets.get("tokens");
    if (tokens) tokens.supply = 0;
    const shown = dashboard(economy, [], PLAIN);
    expect(shown).toContain("closed (supply 0)");
    expect(shown).not.toContain("GPU");
  });
});

describe("trends", () => {
  test("follow the world's own price rule: under eip1559 half sold is the middle", () => {
    const economy = emptyEconomy();
    economy.cycle = 1;
    economy.rules = {
      ...economy.rules,
      allocation: { ...economy.rules.allocation, pricing: "eip1559" },
    };
    const at = (utilization: number) => {
      market(economy, "cpu_seconds", 5, utilization);
      return trendOf(economy, economy.markets.get("cpu_seconds")!) as string;
    };
    expect([51, 50, 49].map(at)).toEqual(["up", "flat", "down"]);
  });

  test("follow the moving average, whatever the last clearing sold", () => {
    const economy = emptyEconomy();
    economy.cycle = 1;
    market(economy, "cpu_seconds", 5, 100);
    const cpu = economy.markets.get("cpu_seconds")!;
    cpu.averageUtilization = 10;
    expect(trendOf(economy, cpu) as string).toBe("down");
  });

  const cases: [price: number, utilization: number, trend: string][] = [
    [5, 81, "up"],
    [5, 80, "flat"],
    [5, 20, "flat"],
    [5, 19, "down"],
    [0.5, 0, "flat"],
    [500, 100, "flat"],
  ];
  for (const [price, utilization, expected] of cases)
    test(`CPU at ${price}, ${utilization}% sold: ${expected}`, () => {
      const economy = emptyEconomy();
      economy.cycle = 1;
      market(economy, "cpu_seconds", price, utilization);
      expect(trendOf(economy, economy.markets.get("cpu_seconds")!) as string).toBe(expected);
    });
});

test("what is drawn has no more rows than the terminal, however few there are", () => {
  const drawn = Array.from({ length: 40 }, (_, n) => `line ${n} ${"x".repeat(n)}`).join("\n");
  const foot = ["  a cycle every 10 s", "  · econ attend in", "  another terminal", "  · Ctrl-C"];
  for (const columns of [20, 80])
    for (let rows = 1; rows <= 40; rows++) {
      const lines = fitted(drawn, foot.join("\n"), { columns, rows }).split("\n");
      const used = lines.map((line) => Math.max(1, Math.ceil(line.length / columns)));
      // The last line's end takes one more.
      expect(used.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(Math.max(1, rows - 1));
      expect(lines).toContain(foot[0] as string);
    }
});
