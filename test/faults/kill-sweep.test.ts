// Law 8 at every call to the system: killed, or failed by the disk, at the n-th that writes, in econ
// or in a git that it starts, a command leaves the world before it or after it. Some points in the
// suite, each time the same; all of them with ECON_SWEEP=all (docs/testing.md).
import { afterAll, describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { SANDBOXED } from "../e2e/helpers.ts";
import { type Fault, TRACED, type Where } from "./strace.ts";
import { newSweep, pointsOf, SCENARIOS, type Scenario, type Sweep, trial } from "./sweep.ts";

const ALL = process.env.ECON_SWEEP === "all";
/** Points of a command in the suite: in econ, and in each git. */
const SAMPLES = { econ: 2, git: 1 };

const GITS = ["fast-import", "update-ref", "update-index"].map((git) => ({ git }));
const PLACES: Where[] = ["econ", ...GITS];
const INIT: Where[] = ["econ", { git: "init" }, { git: "fast-import" }];
/** econ with its git, as when the machine runs out of memory. */
const both = (where: Where): Where => (where === "econ" ? where : { ...where, both: true });

const able = TRACED && SANDBOXED ? describe : describe.skip;

able("at any call that writes,", () => {
  let sweep: Sweep | null = null;
  afterAll(() => rmSync(sweep?.folder ?? "", { recursive: true, force: true }));

  const law =
    (effect: Fault["effect"], places: (scenario: Scenario) => Where[]) =>
    async (name: string, scenario: Scenario) => {
      sweep ??= await newSweep();
      const ground = sweep;
      const faults = await faultsOf(ground, scenario, effect, places(scenario));
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
    const places = placesOf(scenario);
    return ALL ? [...places, ...places.slice(1).map(both)] : places.map(both);
  });
  // A grant after an edit is a grant as well.
  const killed = table.filter(([name]) => ALL || name !== "grant");
  test.each(killed)("%s may be killed", kill, 7_200_000);

  const failing = table.filter(([name]) => ALL || ["tick", "init"].includes(name));
  test.each(failing)("%s may find a disk that fails", law("error=EIO", placesOf), 7_200_000);
});

/** `attend` writes without git. */
function placesOf({ words }: Scenario): Where[] {
  if (words[0] === "init") return INIT;
  return words[0] === "attend" ? ["econ"] : PLACES;
}

async function faultsOf(
  sweep: Sweep,
  scenario: Scenario,
  effect: Fault["effect"],
  places: Where[],
): Promise<Fault[]> {
  const faults: Fault[] = [];
  for (const where of places) {
    const points = await pointsOf(sweep, scenario, where);
    const count = where === "econ" ? SAMPLES.econ : SAMPLES.git;
    const chosen = ALL ? points : spread(points, count, effect === "signal=KILL" ? 0.6 : 0.3);
    for (const { call, at } of chosen) faults.push({ where, call, at, effect });
  }
  return faults;
}

/** So many, from all over the list; `offset` of a step from its start. */
function spread<T>(list: T[], count: number, offset: number): T[] {
  const step = list.length / count;
  const places = Array.from({ length: count }, (_, n) => Math.floor((n + offset) * step));
  return places.flatMap((place) => list[place] ?? []);
}

/** Two at a time, as there is a core for it. */
async function eachOf<T>(list: T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...list];
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all([worker(), worker()]);
}
