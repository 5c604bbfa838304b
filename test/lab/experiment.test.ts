import { describe, expect, test } from "bun:test";
import { toCredits } from "../../src/economy/money.ts";
import { curvesOf } from "../../src/lab/charts.ts";
import { type Plan, readExperiment } from "../../src/lab/experiment.ts";
import { chartedOf, reportHtml } from "../../src/lab/report.ts";
import { type RunResult, runOnce, summaryOf } from "../../src/lab/run.ts";

const SMALL = `name: small
about: "<b>bold</b> & more"
cycles: 12
seeds: 2
cast:
  genesis: { credits: 500 }
  idler: { credits: 20, count: 2 }
treatments:
  control:
  dear:
    settings: { resources.cpu_seconds.initial_price: 3 }
    cast: { idler: null, saver: { credits: 100 } }
    human: { taste: none }
`;

async function planOf(text: string): Promise<Plan> {
  const read = await readExperiment(text, "small.yaml");
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}

async function complaints(text: string): Promise<string[]> {
  const read = await readExperiment(text, "small.yaml");
  return read.ok ? [] : read.problems.map(({ line, message }) => `${line}: ${message}`);
}

describe("an experiment file", () => {
  test("is every treatment with every seed, and a treatment changes only what it names", async () => {
    const { runs, treatments } = await planOf(SMALL);
    expect(treatments).toEqual(["control", "dear"]);
    expect(runs.map(({ treatment, seed }) => `${treatment} ${seed}`)).toEqual([
      "control seed-1",
      "control seed-2",
      "dear seed-1",
      "dear seed-2",
    ]);
    const [control, , dear] = runs;
    expect(Object.keys(control?.cast ?? {})).toEqual(["genesis", "idler"]);
    expect(Object.keys(dear?.cast ?? {})).toEqual(["genesis", "saver"]);
    expect(dear?.cast.genesis).toEqual(control?.cast.genesis as never);
    const price = (run = control) => toCredits(run?.rules.resources.cpu_seconds.initial_price ?? 0);
    expect([price(), price(dear)]).toEqual([2, 3]);
    expect([control?.human.taste, dear?.human.taste]).toEqual(["news", "none"]);
  });

  test("sweeps every combination of the listed values", async () => {
    const sweep =
      "sweep: { economy.spawn_cost: [50, 100], pricing.max_step_percent: [5, 10, 20] }\n";
    const { treatments, runs } = await planOf(SMALL + sweep);
    expect(treatments.length).toBe(12);
    expect(treatments[0]).toBe("control, spawn_cost=50, max_step_percent=5");
    expect(runs[0]?.rules.pricing.max_step_percent).toBe(5);
  });

  test("a misspelt word is a problem with its line and the nearest word", async () => {
    const wrong = (from: string, to: string) => complaints(SMALL.replace(from, to));
    expect(await wrong("cycles:", "cycels:")).toContain(
      '3: unknown key "cycels"; did you mean "cycles"?',
    );
    expect((await wrong("initial_price: 3", "inital_price: 3")).join()).toMatch(
      /^11: .*did you mean "resources\.cpu_seconds\.initial_price"/,
    );
    expect((await wrong("idler: { credits: 20", "idelr: { credits: 20")).join()).toMatch(
      /^7: cast\.idelr: unknown strategy "idelr"; did you mean "idler"/,
    );
    expect(await complaints(`${SMALL}measures: [alive, awrads]\n`)).toEqual([
      '14: measures.1: unknown measure "awrads"; did you mean "awards"?',
    ]);
    expect((await complaints(`${SMALL}stop: [{ measure: alvie, below: 2 }]\n`)).join()).toMatch(
      /^14: stop\.0: unknown measure "alvie"; did you mean "alive"/,
    );
  });

  test("a cast that a world would not let be born is a problem, not a crash", async () => {
    const wrong = (to: string) => complaints(SMALL.replace("idler: { credits: 20, count: 2 }", to));
    expect((await wrong("idler: { credits: 1 }")).join()).toMatch(/^7: cast\.idler: its first bid/);
    expect((await wrong("idler: { count: 20000 }")).join()).toMatch(/^7: .*at most 10000/);
    expect((await wrong("idler: { count: 2 }\n  idler-2: { strategy: idler }")).join()).toContain(
      "there would be two called idler-2",
    );
    expect(await wrong("idler: { count: 300 }")).toEqual([]);
  });

  test("a value that the rules refuse is a problem with its line", async () => {
    const text = SMALL.replace("initial_price: 3", "initial_price: -3");
    expect((await complaints(text)).join()).toMatch(/^11: resources.*cannot be negative/);
  });
});

describe("a run", () => {
  test("is a function of its specification", async () => {
    const { runs } = await planOf(SMALL);
    const [first] = runs;
    if (!first) throw new Error("no run");
    const once = JSON.stringify(await runOnce(first));
    const through = JSON.parse(JSON.stringify(first));
    expect(JSON.stringify(await runOnce(through))).toBe(once);
    expect(JSON.stringify(await runOnce({ ...first, seed: "other" }))).not.toBe(once);
  });

  test("accounts for every credit in every cycle", async () => {
    const { runs } = await planOf(SMALL);
    for (const spec of runs) {
      const { rows, figures } = await runOnce(spec);
      expect(rows.length).toBe(12);
      for (const row of rows)
        expect((row.circulating ?? 0) + (row.burnt ?? 0) + (row.sunk ?? 0)).toBeCloseTo(
          row.issued ?? -1,
          5,
        );
      const causes = ["broke", "no_bid", "crashed", "other"];
      const died = causes.reduce((sum, cause) => sum + (figures[`died_${cause}`] ?? 0), 0);
      expect(died).toBe(figures.died ?? -1);
    }
  });

  test("an agent that cannot pay dies broke, at an age, with nothing", async () => {
    const { runs } = await planOf(SMALL);
    const { figures } = await runOnce(runs[0] as never);
    expect(figures.alive_idler).toBe(0);
    expect(figures.died_broke).toBe(2);
    expect(figures.gain_idler).toBe(-20);
    expect(figures.lifetime_idler).toBeLessThan(12);
  });

  test("ends where a stopping rule says, and when nobody is left", async () => {
    const { runs } = await planOf(`${SMALL}stop: [{ measure: alive, below: 3 }]\n`);
    const stopped = await runOnce({ ...(runs[0] as never as Plan["runs"][0]), cycles: 100 });
    expect(stopped.rows.length).toBeLessThan(20);
    expect(stopped.rows.at(-1)?.alive).toBe(1);
    const alone = SMALL.replace(
      "genesis: { credits: 500 }",
      "idler-too: { strategy: idler, credits: 9 }",
    );
    const { runs: doomed } = await planOf(alone);
    const ended = await runOnce({ ...(doomed[0] as never as Plan["runs"][0]), cycles: 100 });
    expect(ended.rows.at(-1)?.alive).toBe(0);
    expect(ended.rows.length).toBeLessThan(20);
  });
});

test("a report shows strangers' text as text, and is the same for the same results", async () => {
  const plan = await planOf(SMALL);
  const results: RunResult[] = [];
  for (const spec of plan.runs) results.push(await runOnce(spec));
  const runs = results.map(summaryOf);
  const curves = () => curvesOf(runs, results, chartedOf(plan, runs));
  const html = reportHtml(plan, runs, curves());
  expect(html).not.toContain("<b>");
  expect(html).toContain("&#60;b&#62;bold&#60;/b&#62; &#38; more");
  expect(html).toContain("<svg");
  expect(html).not.toMatch(/<script|https?:|NaN|undefined/);
  expect(reportHtml(plan, runs, curves())).toBe(html);
});
