// How specific the alarms of the lab are: in how many seeds each sounds where nothing provokes it, in
// the control of every shipped experiment. Usage: bun bench/alarms.ts [--seeds N] [--from N]; prints
// the table of docs/economics.md. Seeds begin at 301, which no experiment uses.
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { RISKS } from "../src/lab/alarms.ts";
import { readExperiment } from "../src/lab/experiment.ts";
import type { RunSpec } from "../src/lab/run.ts";
import { runAll } from "../src/lab/workers.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "5" },
    from: { type: "string", default: "301" },
    only: { type: "string" },
  },
});

/** The treatments in which nobody does what an alarm is for; of most experiments, the control. */
const QUIET: Record<string, string[]> = {
  "attention-spam": ["alone"],
  collusion: ["honest"],
  crowds: ["four", "twenty"],
  extinction: ["answered"],
  gaming: ["alone"],
  "genes-move": ["uninherited"],
  "genesis-gains": ["genesis"],
  hoarding: ["poor"],
  "labour-divided": ["no-orders"],
  "long-run": ["scarce"],
  "many-generations": ["copied"],
  monoculture: ["childless", "twins"],
  "new-words": ["alone", "honest"],
  "price-spiral": ["enough, max_step_percent=12.5"],
  "prices-settle": ["few"],
  "settle-by-default": ["default"],
  "skills-spread": ["kept"],
  "specialist-lives": ["no-orders"],
  "specialists-outlive": ["no-orders"],
  "taking-turns": ["rivals"],
  useless: ["restless"],
  "wasteful-die": ["kinds"],
  "words-move": ["random"],
};

/** In how many of the runs each alarm sounds. */
async function soundsIn(specs: RunSpec[]): Promise<number[]> {
  const sounds = names.map(() => 0);
  await runAll(specs, { workers: availableParallelism() }, (_, { figures }) => {
    for (const [n, risk] of names.entries())
      sounds[n] = (sounds[n] ?? 0) + (figures[`alarm_${risk}`] ?? 0);
  });
  return sounds;
}

const FOLDER = join(import.meta.dir, "../templates/experiments");
const names = RISKS.map(({ name }) => name);
console.log(
  `| experiment | treatment | ${names.join(" | ")} |\n|${"---|".repeat(names.length + 2)}`,
);
const seeds = Array.from({ length: Number(values.seeds) }, (_, n) => Number(values.from) + n);
for (const [name, quiet] of Object.entries(QUIET)) {
  if (values.only && values.only !== name) continue;
  const text = readFileSync(join(FOLDER, `${name}.yaml`), "utf8");
  const read = await readExperiment(text.replace(/^seeds: .*$/m, `seeds: [${seeds}]`), name);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  for (const treatment of quiet) {
    const specs = read.value.runs.filter((spec) => spec.treatment === treatment);
    if (specs.length === 0) throw new Error(`${name} has no treatment ${treatment}`);
    const sounds = await soundsIn(specs);
    const cells = sounds.map((count) => (count === 0 ? "" : String(count)));
    console.log(`| ${[name, treatment, ...cells].join(" | ")} |`);
  }
}
