// Law 8 at every call to the system: killed at the n-th that writes, in econ or in a git that it
// starts, a command leaves the world before it or after it. Some points in the suite, each time the
// same; all of them with ECON_SWEEP=all (docs/testing.md).
import { afterAll, describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { SANDBOXED } from "../e2e/helpers.ts";
import { type Fault, TRACED, type Where } from "./strace.ts";
import { newSweep, pointsOf, SCENARIOS, type Scenario, trial } from "./sweep.ts";

const ALL = process.env.ECON_SWEEP === "all";
/** Points of each place in the suite. */
const SAMPLES = 3;

const GITS = ["fast-import", "update-ref", "update-index"].map((git) => ({ git }));
const PLACES: Where[] = ["econ", ...GITS, ...GITS.map((where) => ({ ...where, both: true }))];
const INIT: Where[] = ["econ", { git: "init" }, { git: "fast-import", both: true }];

const able = TRACED && SANDBOXED ? describe : describe.skip;

able("kill -9 at any call of", () => {
  const sweep = newSweep();
  afterAll(async () => rmSync((await sweep).folder, { recursive: true }));

  test.each(Object.entries(SCENARIOS))(
    "%s, leaves it whole",
    async (name, scenario) => {
      const base = await sweep;
      const faults = await faultsOf(base, scenario);
      const wrong: string[] = [];
      const one = async (fault: Fault) => {
        const found = await trial(base, scenario, fault);
        wrong.push(...found.map((what) => `${JSON.stringify(fault)}: ${what}`));
      };
      await eachOf(faults, one);
      if (ALL) console.log(`${name}: ${faults.length} points, ${wrong.length} complaints`);
      expect(wrong).toEqual([]);
    },
    3_600_000,
  );
});

async function faultsOf(base: Awaited<ReturnType<typeof newSweep>>, scenario: Scenario) {
  const faults: Fault[] = [];
  for (const where of scenario.words[0] === "init" ? INIT : placesOf(scenario)) {
    const points = await pointsOf(base, scenario, where);
    const chosen = ALL ? points : spread(points, where === "econ" ? SAMPLES : 1);
    for (const { call, at } of chosen) faults.push({ where, call, at, effect: "signal=KILL" });
  }
  return faults;
}

/** `attend` writes without git. */
const placesOf = ({ words }: Scenario) => (words[0] === "attend" ? PLACES.slice(0, 1) : PLACES);

/** So many, from all over the list. */
function spread<T>(list: T[], count: number): T[] {
  const step = list.length / count;
  return Array.from(
    { length: Math.min(count, list.length) },
    (_, n) => list[Math.floor((n + 0.6) * step)] as T,
  );
}

/** Two at a time, as there is a core for it. */
async function eachOf<T>(list: T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...list];
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all([worker(), worker()]);
}
