// Whole lives of worlds, each from one seed, with people, crashes and failing disks; the laws are
// checked after every step. docs/testing.md says what is drawn and what is checked.
// Usage: bun bench/simulator.ts [--seeds N] [--first N] [--steps N] [--jobs N] [--minutes N]
//        bun bench/simulator.ts --seed S [--steps N] [--keep]   one life, told step by step
import "../test/simulator/load.ts";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string", default: "20" },
    first: { type: "string", default: "1" },
    steps: { type: "string", default: "60" },
    minutes: { type: "string", default: "Infinity" },
    jobs: { type: "string", default: String(navigator.hardwareConcurrency) },
    keep: { type: "boolean", default: false },
  },
});
const STEPS = Number(values.steps);

/** One life, told as it goes. */
async function tell(seed: string): Promise<boolean> {
  const { play } = await import("../test/simulator/play.ts");
  const told = await play(seed, STEPS, { keep: values.keep, onStep: (line) => console.log(line) });
  if (told.ok) {
    const { cycle, resumed, head } = told;
    const how = `cycle ${cycle}, ${resumed} commands went on from the last`;
    console.log(`seed ${seed}: all laws held; ${how}; HEAD ${head}`);
    return true;
  }
  console.log(`${told.log.at(-1)}\nseed ${seed}: ${told.why}`);
  if (values.keep) console.log(`the world is at ${told.folder}`);
  console.log(`again: sh bin/bun bench/simulator.ts --seed ${seed} --steps ${STEPS}`);
  return false;
}

type Sweep = { done: number; failed: string[]; next: number };

/** Each life in a process of its own, so many at a time; what failed is told whole. */
async function sweep(): Promise<Sweep> {
  const first = Number(values.first);
  const end = first + Number(values.seeds);
  const start = performance.now();
  const minutes = () => (performance.now() - start) / 60_000;
  const so: Sweep = { done: 0, failed: [], next: first };
  const worker = async () => {
    while (so.next < end && minutes() < Number(values.minutes)) {
      const seed = String(so.next++);
      const told = await lifeOf(seed);
      so.done += 1;
      if (told !== null) {
        so.failed.push(seed);
        console.log(told);
      }
      const rest = `${so.failed.length} failed, ${minutes().toFixed(1)} minutes`;
      console.error(`seed ${seed}: ${so.done} of ${end - first} lives, ${rest}`);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
  return so;
}

/** What a life that broke a law has told; null: all held. */
async function lifeOf(seed: string): Promise<string | null> {
  const args = [import.meta.path, "--seed", seed, "--steps", String(STEPS)];
  const life = Bun.spawn([process.execPath, "--config=/dev/null", ...args], { stderr: "pipe" });
  const [said, wrong, code] = await Promise.all([
    new Response(life.stdout).text(),
    new Response(life.stderr).text(),
    life.exited,
  ]);
  return code === 0 ? null : said + wrong;
}

if (values.seed !== undefined) process.exitCode = (await tell(values.seed)) ? 0 : 1;
else {
  const { done, failed, next } = await sweep();
  console.log(
    `${done} lives of ${STEPS} steps, ${failed.length} failed; go on with --first ${next}`,
  );
  if (failed.length > 0) console.log(`failed: ${failed.join(", ")}`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}
