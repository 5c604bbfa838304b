import { describe, expect, test } from "bun:test";
import { credits } from "../../src/economy/money.ts";
import { NO_PAINT } from "../../src/view/color.ts";
import { planView, tickLine, tickLines, tickView } from "../../src/view/tick.ts";
import { sampleEconomy } from "./small-economy.ts";

const look = { width: 80, paint: NO_PAINT };

describe("a cycle", () => {
  const economy = sampleEconomy();
  const events = [
    { kind: "ran" as const, agent: "genesis", text: "genesis executed (cost: 5.96 credits)" },
    { kind: "refused" as const, agent: "x", text: "x: message refused: \u001b[2Jno" },
  ];
  const subject = "cycle 43: 1 ran, 0 born, 0 died; tokens 0.0875 (-13%)";
  const done = { cycle: 43, commit: "abc", subject };
  const report = { ...done, absorbed: ["econ.yaml"], events, runs: [], economy };

  test("one, with what happened", () => {
    expect(tickView(report, look)).toMatchInlineSnapshot(`
      "Took in your edits: econ.yaml
      cycle 43: 1 ran, 0 born, 0 died; tokens 0.0875 (-13%); 5 alive
        genesis executed (cost: 5.96 credits)
        x: message refused: ␛[2Jno
        A prompt waits for your score: \`econ attend\`."
    `);
  });

  test("one after many edits", () => {
    const absorbed = ["a", "b", "c", "d", "e"];
    expect(tickView({ ...report, absorbed }, look)).toContain(
      "Took in your edits: a, b, c and 2 more",
    );
  });

  test("one of many, on a line", () => {
    expect(tickLine(report, NO_PAINT)).toMatchInlineSnapshot(
      `"cycle 43: 1 ran, 0 born, 0 died; tokens 0.0875 (-13%); 5 alive"`,
    );
  });

  test("one of many, and below it what a person may have to mend", () => {
    const undone = {
      kind: "host" as const,
      agent: "ada",
      text: "ada's run was undone: no \u001b[2Jkey",
    };
    expect(tickLines({ ...report, events: [...events, undone] }, NO_PAINT)).toBe(
      `${tickLine(report, NO_PAINT)}\n  ada's run was undone: no ␛[2Jkey`,
    );
  });

  test("a quiet one says when a ceiling in dollars keeps bids waiting", () => {
    const quiet = sampleEconomy();
    quiet.rules.spending.dollars_per_day = 0.01;
    const view = tickView({ ...report, events: [], economy: quiet }, look);
    expect(view.replaceAll(/\s+/g, " ")).toContain(
      "tokens are sold: today's $0.01 pay for no more (econ.yaml: spending).",
    );
    expect(tickView({ ...report, events: [] }, look)).toContain("nobody ran.");
  });

  test("one that has not happened", () => {
    const [first, second, third] = [...economy.bids.values()];
    third!.notBefore = 50;
    const [offer, cost, pays] = [credits(6.24), credits(6.24), credits(6.24)];
    const winners = [{ bid: first!, offer, cost, pays }];
    const plan = { economy, winners, waiting: [second!, third!], edits: ["econ.yaml"] };
    expect(planView(plan, look)).toMatchInlineSnapshot(`
      "Would run
        AGENT    PAYS  FOR              RUNS
        genesis  6.24  1 cpu s + 96 MB  bun main.ts

      Would wait
        AGENT     BECAUSE
        scribe    outbid
        merchant  sleeps to cycle 50

      Your edits, taken in first
        econ.yaml

        Nothing was changed. Run it with \`econ tick\`."
    `);
  });
});
