// The shipped experiments on few seeds and cycles: enough to see that what docs/economics.md claims
// of them still points the same way. The figures there are from twenty seeds.
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { RISKS } from "../../src/lab/alarms.ts";
import { readExperiment } from "../../src/lab/experiment.ts";
import { drawGenes, GENE_NAMES, GENES, mutate } from "../../src/lab/forager.ts";
import { mean } from "../../src/lab/measures.ts";
import { type RunResult, runOnce } from "../../src/lab/run.ts";

const FOLDER = join(import.meta.dir, "../../templates/experiments");
const files = readdirSync(FOLDER).sort();
const textOf = (file: string) => readFileSync(join(FOLDER, file), "utf8");

type Size = { seeds: number; cycles: number; only?: (treatment: string) => boolean };

/** A figure of every seed, by treatment. */
async function figures(name: string, { seeds, cycles, only = () => true }: Size) {
  const read = await readExperiment(textOf(`${name}.yaml`), name, { seeds, cycles });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const results: RunResult[] = [];
  for (const spec of read.value.runs) if (only(spec.treatment)) results.push(await runOnce(spec));
  return (treatment: string, measure: string) =>
    results
      .filter((result) => result.treatment === treatment)
      .map((result) => result.figures[measure] ?? Number.NaN);
}

const least = (values: number[]) => Math.min(...values);
const most = (values: number[]) => Math.max(...values);

describe("every shipped experiment", () => {
  test.each(files)("%s can be read and states its control and its prediction", async (file) => {
    const text = textOf(file);
    const read = await readExperiment(text, file, { seeds: 1, cycles: 1 });
    expect(read).toMatchObject({ ok: true });
    if (!read.ok) return;
    expect(`${read.value.name}.yaml`).toBe(file);
    expect(read.value.treatments.length).toBeGreaterThan(1);
    expect(read.value.about).toEndWith(".");
    expect(text).toMatch(/^# .*Control/m);
    expect(text).toMatch(/^# .*Prediction: /m);
  });
});

test("the example in docs/economics.md can be run as it stands", async () => {
  const page = readFileSync(join(import.meta.dir, "../../docs/economics.md"), "utf8");
  const [, example = ""] = /```yaml\n(name: my-question\n[^`]+)```/.exec(page) ?? [];
  const read = await readExperiment(example, "my.yaml", { seeds: 1, cycles: 2 });
  expect(read).toMatchObject({ ok: true });
  if (read.ok) expect(read.value.runs.length).toBe(4);
});

describe("the specification's claims", () => {
  test("genesis gains in every seed, and more than one that decides at random", async () => {
    const of = await figures("genesis-gains", { seeds: 2, cycles: 250 });
    expect(least(of("genesis", "gain_genesis"))).toBeGreaterThan(0);
    expect(most(of("random-bidder", "gain_genesis"))).toBeLessThan(
      least(of("genesis", "gain_genesis")),
    );
  });

  test("under the default rules a specialist lives on what others pay it, and unasked dies", async () => {
    const of = await figures("specialist-lives", { seeds: 1, cycles: 1_300 });
    expect(least(of("customers", "paid_by_others_specialist"))).toBeGreaterThan(0.5);
    expect(least(of("customers", "alive_specialist"))).toBe(3);
    expect([of("no-orders", "payments"), of("no-orders", "alive_unasked")]).toEqual([[0], [0]]);
    expect(least(of("customers", "gain_genesis"))).toBeGreaterThan(0);
  });

  test("the wasteful die young, unless their name says nothing about what they do", async () => {
    const of = await figures("wasteful-die", { seeds: 2, cycles: 150 });
    expect(most(of("kinds", "lifetime_wasteful"))).toBeLessThan(
      least(of("kinds", "lifetime_careful")) / 2,
    );
    expect(most(of("by-lot", "lifetime_wasteful"))).toBeGreaterThan(
      least(of("by-lot", "lifetime_careful")) / 2,
    );
  });

  test("compute stays inside its band where agents wait, and spirals where nobody does", async () => {
    const of = await figures("prices-settle", {
      seeds: 1,
      cycles: 200,
      only: (name) => name !== "few",
    });
    expect([
      most(of("crowd", "at_ceiling_cpu_seconds")),
      most(of("crowd", "alarm_spiral")),
    ]).toEqual([0, 0]);
    expect(least(of("nobody-waits", "alarm_spiral"))).toBe(1);
    expect(most(of("small-steps", "swing_late_cpu_seconds"))).toBeLessThan(
      least(of("crowd", "swing_late_cpu_seconds")),
    );
  });
});

test("under the first rules prices die within 1,000 cycles, under the scarce ones they live", async () => {
  const only = (treatment: string) => treatment !== "random-bidder";
  const of = await figures("long-run", { seeds: 1, cycles: 1_000, only });
  expect([of("ample", "at_floor_cpu_seconds"), of("ample", "alarm_useless")]).toEqual([[1], [1]]);
  expect([of("scarce", "at_floor_cpu_seconds"), of("scarce", "alarm_useless")]).toEqual([[0], [0]]);
  for (const treatment of ["ample", "scarce"]) {
    expect(least(of(treatment, "gain_genesis"))).toBeGreaterThan(0);
    expect(most(of(treatment, "lifetime_spammer"))).toBeLessThan(100);
    expect(most(of(treatment, "alarm_spiral"))).toBe(0);
  }
});

test("under the default rules the good live, the wasteful die, and compute is neither dead nor dear", async () => {
  const casts = ["four", "twenty", "one", "rivals", "careful"];
  const of = await figures("crowds", {
    seeds: 2,
    cycles: 1_000,
    only: (treatment) => casts.includes(treatment),
  });
  for (const cast of casts) {
    const half = cast === "twenty" || cast === "rivals" ? 2 : 1;
    expect(least(of(cast, "alive_genesis"))).toBeGreaterThanOrEqual(half);
    expect([most(of(cast, "alive_spammer")), most(of(cast, "alive_idler"))]).toEqual([0, 0]);
    expect(most(of(cast, "risk_spiral"))).toBeLessThanOrEqual(20);
    expect(most(of(cast, "at_floor_cpu_seconds"))).toBeLessThan(0.5);
    expect(most(of(cast, "swing_late_cpu_seconds"))).toBeLessThan(0.02);
  }
  expect(least(of("four", "gain_genesis"))).toBeGreaterThan(0);
  expect(most(of("four", "alarm_useless"))).toBe(0);
});

test("specialists with customers outlive generalists and ruin nobody; unasked they do not", async () => {
  const only = (treatment: string) => treatment === "customers" || treatment === "no-orders";
  const of = await figures("specialists-outlive", { seeds: 4, cycles: 1_500, only });
  // From seed to seed luck decides who of the generalists is first.
  expect(mean(of("customers", "lifetime_specialist"))).toBeGreaterThan(
    mean(of("customers", "lifetime_generalist")),
  );
  expect(least(of("customers", "payment_share"))).toBeGreaterThan(0.01);
  expect(least(of("customers", "paid_by_others_specialist"))).toBeGreaterThan(0.5);
  expect(least(of("customers", "gain_genesis"))).toBeGreaterThan(-500);
  expect(of("no-orders", "payment_share")).toEqual([0, 0, 0, 0]);
  expect(mean(of("no-orders", "lifetime_unasked"))).toBeLessThan(
    mean(of("no-orders", "lifetime_generalist")),
  );
});

test("under the default rules the price of compute comes to rest, and by the last clearing alone not", async () => {
  const only = (treatment: string) => treatment === "default" || treatment === "last-cycle";
  const of = await figures("settle-by-default", { seeds: 1, cycles: 1_000, only });
  const swing = (treatment: string, when: string) =>
    of(treatment, `swing_${when}_cpu_seconds`)[0] ?? 0;
  expect(swing("default", "late")).toBeLessThan(swing("default", "early") / 2);
  expect(swing("last-cycle", "late")).toBeGreaterThan(swing("last-cycle", "early") / 2);
  for (const end of ["floor", "ceiling"])
    expect(of("default", `at_${end}_cpu_seconds`)).toEqual([0]);
});

test("customers divide labour, gifts look like it, and payments to anybody end it", async () => {
  const of = await figures("labour-divided", { seeds: 1, cycles: 700 });
  const share = (treatment: string) => of(treatment, "payment_share")[0] ?? 0;
  expect(of("customers", "division")).toEqual([1]);
  expect(most(of("customers", "division_by_lot"))).toBeLessThan(0.9);
  expect(most(of("gifts", "division"))).toBeLessThan(0.5);
  expect(share("gifts")).toBeGreaterThan(share("customers"));
  expect(share("any-payee")).toBeLessThan(share("customers") / 3);
  // Where compute is cheap who sleeps lives, asked or not.
  expect([of("customers", "alive_specialist"), of("no-orders", "alive_unasked")]).toEqual([
    [3],
    [3],
  ]);
});

describe("risks can be provoked, and their controls are quiet", () => {
  test("ten spammers raise the alarm of spam; genesis alone does not", async () => {
    const of = await figures("attention-spam", { seeds: 1, cycles: 80 });
    expect([of("alone", "alarm_spam"), of("spammers", "alarm_spam")]).toEqual([[0], [1]]);
  });

  test("a crowd that never waits bids compute up until it is dead", async () => {
    const only = (treatment: string) => treatment.endsWith("=12.5");
    const of = await figures("price-spiral", { seeds: 1, cycles: 80, only });
    const alarms = (treatment: string) =>
      ["spiral", "extinction"].map((risk) =>
        of(`${treatment}, max_step_percent=12.5`, `alarm_${risk}`),
      );
    expect(alarms("crowd")).toEqual([[1], [1]]);
    expect(alarms("enough")).toEqual([[0], [0]]);
  });

  /** [experiment, risk, cycles, where it sounds, where it does not] */
  const PROVOKED: [string, string, number, string[], string[]][] = [
    ["extinction", "extinction", 600, ["silent"], ["answered"]],
    ["useless", "useless", 600, ["sleepers"], ["restless"]],
    ["hoarding", "hoarding", 300, ["rich", "default"], ["poor"]],
    ["gaming", "gaming", 150, ["parrot", "tireless"], ["alone"]],
    ["new-words", "rewording", 150, ["paraphraser"], ["alone", "honest"]],
    ["collusion", "collusion", 150, ["ring", "pair"], ["honest"]],
    ["taking-turns", "turns", 120, ["cartel"], ["rivals", "random"]],
    ["monoculture", "monoculture", 500, ["breeding"], ["childless", "twins"]],
  ];

  test.each(PROVOKED)(
    "%s: the alarm of %s sounds where it should, and only there",
    async (...row) => {
      const [name, risk, cycles, provoked, quiet] = row;
      const of = await figures(name, {
        seeds: 1,
        cycles,
        only: (each) => [...provoked, ...quiet].includes(each),
      });
      const sounds = (treatments: string[]) =>
        treatments.map((treatment) => [treatment, ...of(treatment, `alarm_${risk}`)]);
      expect(sounds(provoked)).toEqual(provoked.map((treatment) => [treatment, 1]));
      expect(sounds(quiet)).toEqual(quiet.map((treatment) => [treatment, 0]));
    },
  );

  test("a ring makes the useless look useful, so its own alarm has to sound", async () => {
    const of = await figures("collusion", { seeds: 1, cycles: 150 });
    expect(least(of("honest", "risk_useless"))).toBeCloseTo(0.6, 9);
    expect([of("ring", "risk_useless"), of("pair", "risk_useless")]).toEqual([[0], [0]]);
  });

  test("what nobody said before and is not so is heard by no alarm of scores", async () => {
    const only = (treatment: string) => treatment === "liar";
    const of = await figures("new-words", { seeds: 1, cycles: 150, only });
    expect([of("liar", "alarm_gaming"), of("liar", "alarm_rewording")]).toEqual([[0], [0]]);
    expect(least(of("liar", "gain_speaker"))).toBeGreaterThan(0);
  });

  test("every risk has a shipped experiment", () => {
    const provoked = new Set(["spam", "spiral", ...PROVOKED.map(([, risk]) => risk)]);
    expect([...provoked].sort()).toEqual(RISKS.map(({ name }) => name).sort());
  });
});

test("a skill reaches more of the living where it is inherited, and most where it is sold too", async () => {
  const of = await figures("skills-spread", { seeds: 1, cycles: 400 });
  const [kept = 1] = of("kept", "skilled_scribe");
  const [inherited = 0] = of("inherited", "skilled_scribe");
  const [sold = 0] = of("sold", "skilled_scribe");
  expect([inherited > kept, sold > inherited]).toEqual([true, true]);
  expect(of("kept", "payments")).toEqual([0]);
  expect(least(of("sold", "payments"))).toBeGreaterThan(0);
});

test("instructions differ from the founders' only where something is written", async () => {
  const of = await figures("words-move", { seeds: 1, cycles: 250 });
  expect(least(of("copied", "born"))).toBeGreaterThan(0);
  expect(of("rewritten", "moved_margin")).not.toEqual(of("copied", "moved_margin"));
});

test("where agents are removed by lot generations pass, and copied instructions stay as they were", async () => {
  const only = (treatment: string) => ["rewritten", "copied"].includes(treatment);
  const of = await figures("many-generations", { seeds: 1, cycles: 400, only });
  for (const treatment of ["rewritten", "copied"])
    expect(least(of(treatment, "generation"))).toBeGreaterThan(1);
  expect([of("copied", "moved_pause"), of("copied", "moved_marker")]).toEqual([[0], [0]]);
  expect(of("rewritten", "moved_pause")).not.toEqual([0]);
});

describe("genes", () => {
  const seed = fc.string({ maxLength: 8 });

  test("stay in their range and move a tenth of it at most", () => {
    fc.assert(
      fc.property(seed, seed, (world, who) => {
        const genes = drawGenes(world, who);
        const child = mutate(genes, world, `${who}/child`);
        for (const gene of GENE_NAMES) {
          const { least: low, most: high } = GENES[gene];
          expect(child[gene]).toBeWithin(low, high + 1e-9);
          expect(Math.abs(child[gene] - genes[gene])).toBeLessThan((high - low) * 0.1 + 1e-3);
        }
      }),
    );
  });

  test("drift has no direction: a marker that only mutates stays in the middle on the whole", () => {
    let sum = 0;
    for (let line = 0; line < 200; line++) {
      let genes = drawGenes("drift", `${line}`);
      for (let n = 0; n < 50; n++) genes = mutate(genes, "drift", `${line}/${n}`);
      sum += genes.marker;
    }
    // The mean of 200 uniform numbers: 0.5 ± 0.02.
    expect(Math.abs(sum / 200 - 0.5)).toBeLessThan(0.07);
  });

  test("are the same for the founders of both treatments, and nobody else's after the first births", async () => {
    const of = await figures("genes-move", { seeds: 1, cycles: 250 });
    expect(of("inherited", "born")[0]).toBeGreaterThan(0);
    for (const gene of GENE_NAMES) {
      const start = (treatment: string) => {
        const { least: low, most: high } = GENES[gene];
        const end = of(treatment, `gene_${gene}`)[0] ?? 0;
        return end - (of(treatment, `moved_${gene}`)[0] ?? 0) * (high - low);
      };
      expect(start("inherited")).toBeCloseTo(start("uninherited"), 6);
    }
    expect(of("inherited", "moved_margin")).not.toEqual(of("uninherited", "moved_margin"));
  });
});
