// What chance alone makes of a figure: division of labour, lives at the same turnover, payments that
// go to anybody, deaths by lot; and what is known again in other words or in order.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { rulesSchema } from "../../src/economy/rules.ts";
import { division, neutral } from "../../src/lab/division.ts";
import { chance } from "../../src/lab/forager.ts";
import { byLot, giver } from "../../src/lab/nulls.ts";
import { hear, newSayings } from "../../src/lab/sayings.ts";
import { simulate } from "../../src/lab/simulate.ts";
import { strategyNamed } from "../../src/lab/strategies.ts";
import { newWishes, noteWishes, turnTaking } from "../../src/lab/turns.ts";

const credits = fc.nat(1_000);
const incomes = fc.array(fc.record({ awards: credits, payments: credits }), { maxLength: 9 });

describe("division of labour", () => {
  test("is whole where each lives on one source and none where all live on the same mixture", () => {
    const apart = [
      { awards: 90, payments: 0 },
      { awards: 0, payments: 7 },
    ];
    expect(division(apart)).toBeCloseTo(1, 12);
    const alike = [
      { awards: 90, payments: 30 },
      { awards: 3, payments: 1 },
    ];
    expect(division(alike)).toBeCloseTo(0, 12);
    // Half of one bit is known: the first is sure to earn awards, of the others one in three are.
    const half = [
      { awards: 1, payments: 0 },
      { awards: 1, payments: 2 },
    ];
    const open = 0.75 * (-(1 / 3) * Math.log2(1 / 3) - (2 / 3) * Math.log2(2 / 3));
    expect(division(half)).toBeCloseTo(1 - open, 12);
  });

  test("lies from 0 to 1, and nobody can say what it is where there is one source", () => {
    fc.assert(
      fc.property(incomes, (all) => {
        const figure = division(all);
        const sources = [all.some((own) => own.awards), all.some((own) => own.payments)];
        expect(figure === null).toBe(sources.includes(false));
        if (figure !== null) expect(figure).toBeWithin(-1e-9, 1 + 1e-9);
      }),
    );
  });
});

describe("lives at the same turnover", () => {
  const span = fc.record({
    kind: fc.constantFrom("a", "b"),
    born: fc.nat(50),
    age: fc.nat(60),
  });

  test("are as long in all as the lives that they are drawn from", () => {
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 12 }), fc.string(), (spans, seed) => {
        const cycles = 80;
        const lives = spans.map(({ kind, born, age }) => ({
          kind,
          born,
          died: born + age < cycles ? born + age : null,
        }));
        const { lifetime, luck } = neutral(lives, cycles, seed);
        let [drawn, lived] = [0, 0];
        for (const [kind, mean] of lifetime)
          drawn += mean * lives.filter((life) => life.kind === kind).length;
        for (const { born, died } of lives) lived += (died ?? cycles) - born;
        expect(drawn).toBeCloseTo(lived, 6);
        for (const share of luck.values()) expect(share).toBeWithin(0, 1 + 1e-9);
        expect(luck.size === 0).toBe(lives.every(({ died }) => died === null));
      }),
      { numRuns: 30 },
    );
  });

  test("tell a kind that only dies from one that never does", () => {
    const dies = Array.from({ length: 10 }, (_, n) => ({ kind: "frail", born: 0, died: n + 1 }));
    const lives = [...dies, ...dies.map(({ born }) => ({ kind: "hardy", born, died: null }))];
    const { luck } = neutral(lives, 100, "seed");
    expect(luck.get("frail")).toBeCloseTo(1, 9);
    expect(luck.get("hardy")).toBeLessThan(0.05);
  });
});

describe("by lot", () => {
  const rules = rulesSchema.parse({});
  const ring = Object.fromEntries(
    ["a-1", "a-2", "a-3"].map((id) => [id, { strategy: byLot(strategyNamed("ring")) }]),
  );

  async function payments(cast: Parameters<typeof simulate>[0]["cast"]) {
    const { economy, step } = simulate({ rules, seed: "1", cast });
    const pairs = new Set<string>();
    for (let cycle = 0; cycle < 60; cycle++) {
      await step();
      for (const { kind, from, to } of economy.changes.transfers)
        if (kind === "payment") pairs.add(`${from} ${to}`);
    }
    return pairs;
  }

  test("payments go to anybody alive but the payer", async () => {
    const pairs = await payments({ ...ring, saver: { strategy: strategyNamed("saver") } });
    for (const id of ["a-1", "a-2", "a-3"])
      for (const to of ["a-1", "a-2", "a-3", "saver"])
        expect(pairs.has(`agent:${id} agent:${to}`)).toBe(id !== to);
  });

  test("a giver gives to everybody, and to nobody when it is alone", async () => {
    expect((await payments({ one: { strategy: giver }, two: { strategy: giver } })).size).toBe(2);
    expect((await payments({ one: { strategy: giver } })).size).toBe(0);
  });

  test("deaths come as often as the hazard says, whatever an agent does", async () => {
    const cast = Object.fromEntries(
      Array.from({ length: 60 }, (_, n) => [`saver-${n}`, { strategy: strategyNamed("saver") }]),
    );
    const { economy, step } = simulate({ rules, seed: "1", cast, hazard: 0.05 });
    for (let cycle = 0; cycle < 20; cycle++) await step();
    // 60 × 0.95²⁰ = 21.5, and four standard deviations of it.
    expect(economy.agents.size).toBeWithin(7, 37);
  });
});

describe("what is said again", () => {
  const heard = (...prompts: string[]) => {
    const said = newSayings();
    return prompts.map((prompt) => hear(said, prompt));
  };
  const news = { repeated: false, reworded: false };

  test("word for word is a repetition under any headline, in other words by its figures", () => {
    const line = "- cpu rose 24% to 2.48; 75% of it is sold";
    expect(heard(`# 1\n\n${line}`, `# 2\n\n${line}`)).toEqual([
      news,
      { repeated: true, reworded: false },
    ]);
    const other = "- 75% of compute is taken, and at 2.48 it is 24% dearer";
    expect(heard(line, other)).toEqual([news, { repeated: false, reworded: true }]);
  });

  test("is news if a line of it tells other figures, or figures enough to mean anything are none", () => {
    const line = "- cpu rose 24% to 2.48";
    expect(heard(line, "- up to 2.48, by 24%\n- memory fell 13% to 2")).toEqual([news, news]);
    expect(heard("- we are 4 now", "- 4 are alive")).toEqual([news, news]);
  });
});

describe("those who want the slot", () => {
  const taking = (cycles: number, who: (cycle: number) => string[]) => {
    const wishes = newWishes();
    for (let cycle = 0; cycle < cycles; cycle++) noteWishes(wishes, who(cycle));
    return turnTaking(wishes);
  };

  test("take turns if they never meet though they come often", () => {
    expect(taking(200, (cycle) => [`a-${cycle % 4}`])).toBeCloseTo(1, 12);
  });

  test("do not if all come together, or each by itself", () => {
    const all = ["a", "b", "c"];
    expect(taking(200, (cycle) => (cycle % 2 === 0 ? all : []))).toBe(0);
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const wakes = (id: string, cycle: number) => chance(seed, `${id} ${cycle}`) < 0.4;
        const figure = taking(400, (cycle) => all.filter((id) => wakes(id, cycle)));
        expect(figure ?? 1).toBeLessThan(0.5);
      }),
      { numRuns: 20 },
    );
  });

  test("are too few to tell of if there is one, or hardly any wish", () => {
    expect(taking(200, () => ["alone"])).toBeNull();
    expect(taking(20, (cycle) => [`a-${cycle % 4}`])).toBeNull();
  });
});
