import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { RISKS, riskRow, risksOf } from "../../src/lab/alarms.ts";
import { csvLines } from "../../src/lab/csv.ts";
import { estimate, gini, topShare, volatility } from "../../src/lab/measures.ts";
import { admit, newTally } from "../../src/lab/tally.ts";

const wealth = fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), {
  minLength: 1,
  maxLength: 30,
});

describe("figures of distributions", () => {
  test("gini is 0 where all have the same and 1 − 1/n where one has everything", () => {
    expect(gini([5, 5, 5, 5])).toBeCloseTo(0, 12);
    expect(gini([0, 0, 0, 8])).toBeCloseTo(0.75, 12);
    // Half the mean absolute difference over the mean, by hand.
    expect(gini([1, 2, 3])).toBeCloseTo(2 / 9, 12);
    expect(gini([])).toBe(0);
  });

  test("gini lies from 0 to 1 and does not change with the unit or the order", () => {
    fc.assert(
      fc.property(wealth, fc.double({ min: 0.1, max: 100, noNaN: true }), (values, unit) => {
        const figure = gini(values);
        expect(figure).toBeGreaterThan(-1e-9);
        expect(figure).toBeLessThan(1);
        expect(gini(values.map((value) => value * unit).reverse())).toBeCloseTo(figure, 6);
      }),
    );
  });

  test("the top share is what the richest tenth has, one at least", () => {
    expect(topShare([1, 1, 1, 7])).toBeCloseTo(0.7, 12);
    expect(topShare(Array.from({ length: 20 }, (_, i) => (i < 2 ? 41 : 1)))).toBeCloseTo(0.82, 12);
  });

  test("a price that does not move has no volatility, nor has one that grows evenly", () => {
    expect(volatility([2, 2, 2])).toBe(0);
    expect(volatility([1, 2, 4, 8])).toBeCloseTo(0, 12);
    expect(volatility([1, 2, 1, 2, 1])).toBeGreaterThan(0.7);
  });
});

describe("confidence", () => {
  test("an interval is Student's: 4 observations 1, 2, 3, 4 give 2.5 ± 2.054", () => {
    const figure = estimate([1, 2, 3, 4, null]);
    expect(figure?.mean).toBeCloseTo(2.5, 12);
    expect(figure?.half).toBeCloseTo(2.0543, 3);
    expect(figure?.n).toBe(4);
  });

  test("no figure is no estimate, and one figure has no interval", () => {
    expect(estimate([null, null])).toBeNull();
    expect(estimate([7])).toEqual({ mean: 7, half: 0, n: 1 });
  });

  test("an interval never grows narrower as the table ends", () => {
    const halves = [30, 31, 32, 41, 42, 61, 62, 121, 122].map((n) => {
      const values = Array.from({ length: n }, (_, i) => (i % 2 === 0 ? -1 : 1));
      return ((estimate(values)?.half ?? 0) * Math.sqrt(n - 1)) as number;
    });
    for (const [i, half] of halves.entries())
      expect(half).toBeLessThan((halves[i - 1] ?? 3) + 0.02);
  });
});

describe("alarms", () => {
  const NEW = { cost: 5, award: 30, points: 4, repeated: false, reworded: false };
  const of = (change: (tally: ReturnType<typeof newTally>) => void) => {
    const tally = newTally();
    tally.rows.push({ alive: 10, price_cpu_seconds: 2 });
    change(tally);
    return risksOf(tally, { price_cpu_seconds: 2 });
  };

  test("a quiet world raises none", () => {
    const risks = of(() => {});
    const alarms = Object.entries(risks).filter(([name]) => name.startsWith("alarm_"));
    expect(alarms.length).toBe(RISKS.length);
    expect(alarms.filter(([, sounds]) => sounds !== 0)).toEqual([]);
  });

  test("payments that come back to the payer are collusion, one-way ones are trade", () => {
    const trade = of(({ flows }) => flows.set("agent:a agent:b", 50));
    expect([trade.risk_collusion, trade.alarm_collusion]).toEqual([0, 0]);
    const ring = of(({ flows }) => flows.set("agent:a agent:b", 50).set("agent:b agent:a", 45));
    expect(ring.risk_collusion).toBeCloseTo(90 / 95, 12);
    expect(ring.alarm_collusion).toBe(1);
  });

  test("a ring of any length is collusion, and a chain of customers is trade", () => {
    const names = fc.integer({ min: 3, max: 8 });
    const amount = fc.integer({ min: 10, max: 500 });
    fc.assert(
      fc.property(names, amount, amount, (size, given, spent) => {
        const pays =
          (from: number, to: number, credits: number) =>
          ({ flows }: ReturnType<typeof newTally>) =>
            flows.set(`a-${from} a-${to}`, credits);
        const chain = of((tally) => {
          for (let i = 1; i < size; i++) pays(i, i + 1, given)(tally);
          for (let i = 2; i < size; i++) pays(1, i + 1, spent)(tally);
        });
        expect(chain.risk_collusion).toBe(0);
        const ring = of((tally) => {
          for (let i = 1; i <= size; i++) pays(i, (i % size) + 1, given)(tally);
          pays(1, size + 1, spent)(tally);
        });
        const all = size * given + spent;
        expect(ring.risk_collusion).toBeCloseTo((size * given) / all, 9);
      }),
    );
  });

  test("no more can come back than is received by those who pay", () => {
    const payment = fc.tuple(fc.nat(6), fc.nat(6), fc.integer({ min: 1, max: 99 }));
    fc.assert(
      fc.property(fc.array(payment, { minLength: 1, maxLength: 25 }), (payments) => {
        const paid = new Map<string, number>();
        const got = new Map<string, number>();
        let total = 0;
        const risks = of(({ flows }) => {
          for (const [from, to, credits] of payments) {
            if (from === to || flows.has(`${from} ${to}`)) continue;
            flows.set(`${from} ${to}`, credits);
            paid.set(`${from}`, (paid.get(`${from}`) ?? 0) + credits);
            got.set(`${to}`, (got.get(`${to}`) ?? 0) + credits);
            total += credits;
          }
        });
        if (total < 10) return expect(risks.risk_collusion).toBeNull();
        let most = 0;
        for (const [who, credits] of got) most += Math.min(credits, paid.get(who) ?? 0);
        expect(risks.risk_collusion ?? 2).toBeWithin(0, most / total + 1e-9);
      }),
    );
  });

  test("twenty prompts in a row that bring less than they cost are spam", () => {
    const bad = { ...NEW, cost: 50, award: 3 };
    const good = { ...NEW, cost: 50, award: 60 };
    expect(of(({ prompts }) => prompts.push(...Array(19).fill(bad))).alarm_spam).toBe(0);
    const crowd = of(({ prompts }) =>
      prompts.push(...Array(20).fill(bad), ...Array(200).fill(good)),
    );
    expect([crowd.risk_spam, crowd.alarm_spam]).toEqual([1, 1]);
    const overpaid = of(({ prompts }) => prompts.push(...Array(20).fill({ ...bad, points: 20 })));
    expect(overpaid.risk_spam).toBe(0);
  });

  test("who earns nothing and spends hardly any of its wealth hoards, and who earns does not", () => {
    const tally = newTally();
    const founded = { kind: "a", genes: null, generation: 0, born: 0, endowment: 100 };
    admit(tally, "idle", founded);
    admit(tally, "earner", founded);
    const lives = [...tally.lives.values()];
    for (const life of lives) life.spending = Array.from({ length: 102 }, (_, n) => n / 50);
    expect(riskRow(lives, 150).risk_hoarding).toBe(1);
    const earner = tally.lives.get("earner");
    if (earner) earner.earnedIn = 140;
    expect(riskRow(lives, 150).risk_hoarding).toBe(0.5);
  });

  test("awards for what was shown before word for word are gaming", () => {
    const risks = of(({ prompts }) =>
      prompts.push({ ...NEW, award: 30, repeated: true }, { ...NEW, award: 60 }),
    );
    expect(risks.risk_gaming).toBeCloseTo(1 / 3, 12);
    expect(risks.alarm_gaming).toBe(1);
  });

  test("a share that stands at its threshold all the time is no alarm, however its mean is rounded", () => {
    for (let cycles = 1; cycles <= 600; cycles++) {
      const row = { alive: 5, risk_useless: 0.6, risk_monoculture: 0.8 };
      const risks = of(({ rows }) => rows.push(...Array(cycles).fill(row)));
      expect([risks.alarm_useless, risks.alarm_monoculture]).toEqual([0, 0]);
    }
    const risks = of(({ rows }) => rows.push({ alive: 5, risk_useless: 0.601 }));
    expect(risks.alarm_useless).toBe(1);
  });

  test("a population that is gone and a price twenty times its start are alarms", () => {
    const risks = of(({ rows }) => rows.push({ alive: 1, price_cpu_seconds: 42 }));
    expect([risks.risk_extinction, risks.risk_spiral]).toEqual([0.9, 21]);
    expect([risks.alarm_extinction, risks.alarm_spiral]).toEqual([1, 1]);
  });
});

test("a table's cells survive commas, quotes and line ends, and what is unknown is empty", () => {
  const text = [...csvLines(["a", "b"], [{ a: 'x,"y"', b: null }, { a: "1\n2" }])].join("");
  expect(text).toBe('a,b\n"x,""y""",\n"1\n2",\n');
});
