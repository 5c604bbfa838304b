// Law 8 at every call to the system: killed, or failed by the disk, at the n-th that writes, in econ
// or in a git that it starts, a command leaves the world before it or after it. Some points in the
// suite, each time the same; all of them with ECON_SWEEP=all (docs/testing.md).
import { afterAll, describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { SANDBOXED } from "../e2e/helpers.ts";
import { type Fault, TRACED, type Where } from "./strace.ts";
import {
  newSweep,
  placesOf,
  pointsOf,
  SCENARIOS,
  type Scenario,
  type Sweep,
  sampled,
  trial,
} from "./sweep.ts";

const ALL = process.env.ECON_SWEEP === "all";
/** Points of a command in the suite: in econ, and in each git. */
const SAMPLES = { econ: 2, git: 1 };

const able = TRACED && SANDBOXED ? describe : describe.skip;

able("at any call that writes,", () => {
  let sweep: Sweep | null = null;
  afterAll(() => rmSync(sweep?.folder ?? "", { recursive: true, force: true }));

  const law =
    (effect: Fault["effect"], places: (scenario: Scenario) => Where[]) =>
    async (name: string, scenario: Scenario) => {
      sweep ??= await newSweep();
      const ground = sweep;
      const points = await pointsOf(ground, scenario, places(scenario));
      const offset = effect === "signal=KILL" ? 0.6 : 0.3;
      const chosen = ALL ? points : sampled(points, SAMPLES, offset);
      const faults = chosen.map((point) => ({ ...point, effect }));
      const wrong: string[] = [];
      let tried = 0;
      await eachOf(faults, async (fault) => {
        const found = await trial(ground, scenario, fault);
        wrong.push(...found.map((what) => `${JSON.stringify(fault)}: ${what}`));
        tried += 1;
        if (ALL && (tried % 25 === 0 || found.length > 0 || tried === faults.length))
          console.log([`${name}, ${effect}: ${tried} of ${faults.length}`, ...found].join("; "));
      });
      expect(wrong).toEqual([]);
    };

  const table = Object.entries(SCENARIOS);
  const kill = law("signal=KILL", (scenario) => {
    const together = placesOf(scenario, { both: true });
    return ALL ? [...placesOf(scenario), ...together.slice(1)] : together;
  });
  // A grant after an edit is a grant as well; the others are killed in power-sweep.test.ts.
  const killed = table.filter(([name]) => ALL || /attend|edit/.test(name));
  test.each(killed)("%s may be killed", kill, 7_200_000);

  test("git may be kept from removing a lock, and calls it success", async () => {
    sweep ??= await newSweep();
    const where = { git: "update-ref" };
    const fault: Fault = { where, call: "unlink", at: 5, effect: "error=EIO" };
    expect(await trial(sweep, SCENARIOS["grant after an edit"]!, fault)).toEqual([]);
  }, 60_000);

  const failing = table.filter(([name]) => ALL || ["tick", "init"].includes(name));
  test.each(failing)(
    "%s may find a disk that fails",
    law("error=EIO", (scenario) => placesOf(scenario)),
    7_200_000,
  );
});

/** Two at a time, as there is a core for it. */
async function eachOf<T>(list: T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...list];
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all([worker(), worker()]);
}
