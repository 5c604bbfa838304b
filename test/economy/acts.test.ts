import { describe, expect, test } from "bun:test";
import {
  admitAgent,
  grantCredits,
  killAgent,
  pausedText,
  pauseWorld,
  resumeWorld,
  reviveAgent,
  tellAgent,
} from "../../src/economy/acts.ts";
import { die } from "../../src/economy/agents.ts";
import { auditBalances, balanceOf, personAccount } from "../../src/economy/ledger.ts";
import { credits } from "../../src/economy/money.ts";
import { type Economy, noChanges, purseOf } from "../../src/economy/state.ts";
import { born, emptyEconomy, logic, prompt } from "../view/small-economy.ts";

function pair(): Economy {
  const economy = emptyEconomy();
  economy.people.add("ada");
  economy.cycle = 7;
  born(economy, "scribe", 100);
  born(economy, "doomed", 100, ["scribe"]);
  const doomed = economy.agents.get("doomed")!;
  Object.assign(doomed, { executions: 5, children: 2, letters: 3 });
  die(economy, "doomed", "it left no bid");
  economy.changes = noChanges();
  return economy;
}

const why = (result: { ok: boolean; reason?: string }) => (result.ok ? null : result.reason);

describe("a grant", () => {
  test("is new money, in the journal with its memo, and the agent is told", () => {
    const economy = pair();
    const done = grantCredits(economy, { to: "scribe", amount: credits(12.5), memo: "essay" });
    expect(done).toEqual({ ok: true, value: "scribe was granted 12.5 credits: essay" });
    expect(purseOf(economy, "scribe")).toBe(credits(112.5));
    expect(economy.changes.transfers).toMatchObject([{ kind: "grant", from: "issuance" }]);
    expect(economy.agents.get("scribe")?.notices.at(-1)?.text).toContain("granted 12.5");
    expect(auditBalances(economy.ledger)).toEqual([]);
  });

  test("can go to a person", () => {
    const economy = pair();
    grantCredits(economy, { to: "ada", amount: credits(1), memo: "hello" });
    expect(balanceOf(economy.ledger, personAccount("ada"))).toBe(credits(1));
  });

  test("to the dead or to nobody is refused and changes nothing", () => {
    const economy = pair();
    const amount = credits(1);
    expect(why(grantCredits(economy, { to: "doomed", amount, memo: "" }))).toBe("doomed is dead");
    expect(why(grantCredits(economy, { to: "who", amount, memo: "" }))).toBe(
      'there is no agent "who"',
    );
    expect(why(grantCredits(economy, { to: "scribe", amount: 0, memo: "" }))).toBe(
      "an amount must be more than 0",
    );
    expect(economy.changes).toEqual(noChanges());
  });
});

describe("a person's message", () => {
  test("is free and waits in the inbox", () => {
    const economy = pair();
    expect(tellAgent(economy, { to: "scribe", content: "Hi" }).ok).toBe(true);
    expect(economy.agents.get("scribe")?.inbox).toMatchObject([
      { from: "human", content: "Hi", n: 1 },
    ]);
    expect(purseOf(economy, "scribe")).toBe(credits(100));
  });

  test("to the dead, empty or too long is refused", () => {
    const economy = pair();
    expect(why(tellAgent(economy, { to: "doomed", content: "Hi" }))).toBe("doomed is dead");
    expect(why(tellAgent(economy, { to: "scribe", content: " \n" }))).toBe("the message is empty");
    const long = "ä".repeat(40_000);
    expect(why(tellAgent(economy, { to: "scribe", content: long }))).toContain(
      "the limit is 65536",
    );
    expect(economy.changes).toEqual(noChanges());
  });
});

describe("a birth by command", () => {
  const wish = { id: "bob", logic, credits: credits(50), how: "was made for a test" };

  test("is an endowment, a first bid, and a line of the chronicle", () => {
    const economy = pair();
    expect(admitAgent(economy, wish)).toMatchObject({ ok: true, value: { id: "bob" } });
    expect(purseOf(economy, "bob")).toBe(credits(50));
    expect([...economy.bids.keys()]).toContain("bob-0-1");
    expect(economy.changes.transfers).toMatchObject([{ kind: "endowment", from: "issuance" }]);
    expect(economy.changes.events.at(-1)).toMatchObject({
      kind: "born",
      text: "bob was made for a test, with 50 credits",
    });
    expect(auditBalances(economy.ledger)).toEqual([]);
  });

  test("of a copy counts as a child of the living, and names the dead as well", () => {
    const economy = pair();
    const scribe = economy.agents.get("scribe")!;
    const doomed = economy.changes.died[0] ?? { ...scribe, id: "doomed", lineage: ["scribe"] };
    admitAgent(economy, { ...wish, parent: scribe });
    admitAgent(economy, { ...wish, id: "cleo", parent: doomed });
    expect(scribe.children).toBe(1);
    expect(economy.changes.agents).toContain("scribe");
    expect(economy.agents.get("cleo")?.lineage).toEqual(["doomed", "scribe"]);
  });

  test("under a name that is no name or another's changes nothing", () => {
    const economy = pair();
    const names: [id: string, why: string][] = [
      ["scribe", "an agent lives under it"],
      ["doomed", "a dead agent bears it"],
      ["ada", "a person bears it"],
      ["human", "is a reserved name"],
      ["a/b", "is not a name"],
    ];
    for (const [id, reason] of names)
      expect(why(admitAgent(economy, { ...wish, id }))).toContain(reason);
    expect(why(admitAgent(economy, { ...wish, credits: 0 }))).toContain("bob cannot be born");
    expect(economy.changes).toEqual(noChanges());
  });
});

test("a full world takes in nobody by any act of a person's, and issues nothing", () => {
  const economy = pair();
  economy.rules.population.max_alive = 1;
  const full = "the world is full (1 agents)";
  // The one door of `new`, `adopt`, `fork` and `import`.
  const wish = { id: "bob", logic, credits: credits(50), how: "was imported" };
  expect(why(admitAgent(economy, wish))).toBe(`bob cannot be born: ${full}`);
  const grave = deadOne(economy);
  expect(why(reviveAgent(economy, { grave, logic, credits: credits(50) }))).toContain(full);
  expect(economy.changes).toEqual(noChanges());
});

describe("a revival", () => {
  test("brings back the same agent: name, lineage, counters; new credits and one bid", () => {
    const economy = pair();
    const grave = deadOne(economy);
    expect(reviveAgent(economy, { grave, logic, credits: credits(50) })).toEqual({
      ok: true,
      value: "doomed was revived with 50 credits",
    });
    expect(economy.dead.has("doomed")).toBe(false);
    expect(economy.agents.get("doomed")).toMatchObject({
      lineage: ["scribe"],
      executions: 5,
      children: 2,
      letters: 3,
      earned: credits(100),
      death: null,
    });
    expect([...economy.bids.values()].filter(({ agent }) => agent === "doomed")).toHaveLength(1);
    expect(economy.changes.born).toMatchObject([{ agent: "doomed" }]);
    expect(auditBalances(economy.ledger)).toEqual([]);
  });

  test("that cannot pay its first bid is refused and leaves it dead", () => {
    const economy = pair();
    const refused = reviveAgent(economy, { grave: deadOne(economy), logic, credits: 1 });
    expect(why(refused)).toContain("cannot be revived: its first bid would be refused");
    expect(economy.dead.has("doomed")).toBe(true);
    expect(economy.changes).toEqual(noChanges());
  });

  test("of the living or of nobody is refused", () => {
    const economy = pair();
    const alive = economy.agents.get("scribe")!;
    const amount = credits(50);
    expect(why(reviveAgent(economy, { grave: alive, logic, credits: amount }))).toBe(
      "scribe is alive",
    );
    const nobody = { ...alive, id: "who" };
    expect(why(reviveAgent(economy, { grave: nobody, logic, credits: amount }))).toContain(
      "no dead agent",
    );
  });
});

describe("a pause", () => {
  test("says who, when and why, until it is ended", () => {
    const economy = pair();
    expect(pauseWorld(economy, { by: "Ada", reason: "too dear" }).ok).toBe(true);
    expect(economy.paused).toEqual({ by: "Ada", at: economy.time, reason: "too dear" });
    expect(economy.paused && pausedText(economy.paused)).toBe(
      "the world is paused by Ada: too dear; go on with `econ resume`",
    );
    expect(resumeWorld(economy).ok).toBe(true);
    expect(economy.paused).toBeNull();
  });

  test("of a paused world, or with a reason that is no line, is refused", () => {
    const economy = pair();
    expect(why(resumeWorld(economy))).toBe("the world is not paused");
    expect(why(pauseWorld(economy, { by: "Ada", reason: "a\u001b[2J" }))).toContain("control");
    expect(economy.paused).toBeNull();
    pauseWorld(economy, { by: "Ada", reason: "" });
    expect(why(pauseWorld(economy, { by: "Bob", reason: "" }))).toContain("paused by Ada;");
  });
});

describe("an agent that a person ends", () => {
  const by = { by: "Ada", reason: "eats the attention" };

  test("dies with who and why in its grave, and leaves what any dead one leaves", () => {
    const economy = pair();
    expect(killAgent(economy, { id: "scribe", ...by })).toEqual({
      ok: true,
      value: "scribe was killed by Ada: eats the attention; undo it with `econ revive scribe`",
    });
    expect(economy.changes.died).toMatchObject([
      { id: "scribe", death: { cycle: 7, cause: "killed by Ada: eats the attention" } },
    ]);
    expect([...economy.bids.values()].filter(({ agent }) => agent === "scribe")).toEqual([]);
    expect(economy.changes.transfers).toMatchObject([{ kind: "estate", to: "burn" }]);
    expect(auditBalances(economy.ledger)).toEqual([]);
  });

  test("whose prompt is before the human clears the slot", () => {
    const economy = pair();
    prompt(economy, "scribe", 60);
    economy.active = { ...[...economy.queue.values()][0]!, shown: 7 };
    economy.queue.clear();
    killAgent(economy, { id: "scribe", ...by });
    expect(economy.active).toBeNull();
    expect(economy.changes.answered).toMatchObject([{ outcome: "withdrawn" }]);
  });

  test("can be brought back", () => {
    const economy = pair();
    killAgent(economy, { id: "scribe", ...by });
    const [grave] = economy.changes.died;
    economy.changes = noChanges();
    const revived = reviveAgent(economy, { grave: grave!, logic, credits: credits(50) });
    expect(why(revived)).toBeNull();
    expect(economy.agents.get("scribe")?.notices.at(-1)?.text).toContain("killed by Ada");
  });

  test("must be alive, and the reason a line", () => {
    const economy = pair();
    expect(why(killAgent(economy, { id: "doomed", ...by }))).toBe("doomed is dead");
    expect(why(killAgent(economy, { id: "who", ...by }))).toBe('there is no agent "who"');
    const refused = killAgent(economy, { id: "scribe", by: "Ada", reason: "x".repeat(9_999) });
    expect(why(refused)).toContain("reason: longer than");
    expect(economy.changes).toEqual(noChanges());
  });
});

/** The record as it lies in the graveyard. */
function deadOne(economy: Economy) {
  const scribe = economy.agents.get("scribe")!;
  return {
    ...scribe,
    ...{ id: "doomed", lineage: ["scribe"], executions: 5, children: 2, letters: 3 },
    earned: credits(100),
    death: { cycle: 7, at: economy.time, cause: "it left no bid" },
  };
}
