// Law 8 for the machine, at every call to the system: killed at the n-th that writes, and at that
// instant the power fails. Some points in the suite; all with ECON_SWEEP=all (docs/testing.md).
import { afterAll, describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { SANDBOXED } from "../e2e/helpers.ts";
import { DISKS, type Disk, failPower, newDisk, remove } from "./loop-disk.ts";
import { TRACED } from "./strace.ts";
import { newSweep, placesOf, pointsOf, SCENARIOS, type Sweep, sampled, trial } from "./sweep.ts";

const ALL = process.env.ECON_SWEEP === "all";
const SAMPLES = { econ: 2, git: 1 };
const all = Object.keys(SCENARIOS);

const able = TRACED && SANDBOXED && DISKS ? describe : describe.skip;

able("a power cut at any call that writes leaves the world before the command or after it:", () => {
  let ground: { disk: Disk; sweep: Sweep } | null = null;
  afterAll(() => {
    if (!ground) return;
    remove(ground.disk);
    rmSync(dirname(ground.sweep.base.root), { recursive: true, force: true });
  });

  const law = (torn: boolean) => async (name: string) => {
    ground ??= await newGround();
    const { disk, sweep } = ground;
    const machine = {
      steady: () => void Bun.spawnSync(["sync", "-f", disk.folder]),
      fail: () => failPower(disk, { torn }),
    };
    const scenario = SCENARIOS[name]!;
    const points = await pointsOf(sweep, scenario, placesOf(scenario, { both: true }));
    const chosen = ALL ? points : sampled(points, SAMPLES, torn ? 0.45 : 0.8);
    const wrong: string[] = [];
    for (const [index, point] of chosen.entries()) {
      const fault = { ...point, effect: "signal=KILL" } as const;
      const found = await trial({ ...sweep, machine }, scenario, fault);
      wrong.push(...found.map((what) => `${JSON.stringify(fault)}: ${what}`));
      if (ALL && (index % 25 === 0 || found.length > 0))
        console.log([`${name}${torn ? ", torn" : ""}: ${index} of ${chosen.length}`, ...found]);
    }
    expect(wrong).toEqual([]);
  };

  test.each(ALL ? all : ["tick"])("%s", law(false), 7_200_000);
  const torn = ALL ? all : ["tick", "init"];
  test.each(torn)("%s, when the names had been written and no bytes", law(true), 7_200_000);
});

async function newGround(): Promise<{ disk: Disk; sweep: Sweep }> {
  const disk = newDisk({ megabytes: 48 });
  return { disk, sweep: { ...(await newSweep()), folder: disk.folder } };
}
