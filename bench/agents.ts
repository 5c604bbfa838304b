// How many decisions of agents a second in the lab, and how much memory an agent takes, by the size of
// the population; against the same small economy of plain arrays, and of the library flocc.
// Usage: bun bench/agents.ts [--agents 1000,10000] [--cycles N] [--rounds N]
//   --flocc    fetches flocc from npm into a temporary folder (it is no dependency) and measures it too
//   --long     instead: the crowd of docs/economics.md, 1,000 cycles, where each hundred took how long
// Times are of the processor, not of the clock, so that other work on the machine falls out of them;
// the rates on one core and on two are of the clock.
import { heapStats } from "bun:jsc";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { rulesSchema } from "../src/economy/rules.ts";
import { MUTATION } from "../src/lab/forager.ts";
import { USUAL } from "../src/lab/human.ts";
import type { Row } from "../src/lab/measures.ts";
import { type RunSpec, runOnce } from "../src/lab/run.ts";
import { simulate } from "../src/lab/simulate.ts";
import { runQuietly } from "./measure.ts";
import {
  asInWorlds,
  cheap,
  type Outcome,
  sleepers,
  type Toy,
  toyRules,
  withArrays,
  withRules,
} from "./toy-economy.ts";
import { type Flocc, withFlocc } from "./toy-flocc.ts";

const { values } = parseArgs({
  options: {
    agents: { type: "string", default: "1000,10000,100000" },
    cycles: { type: "string", default: "40" },
    rounds: { type: "string", default: "3" },
    flocc: { type: "boolean", default: false },
    long: { type: "boolean", default: false },
    "memory-of": { type: "string" },
  },
});
const POPULATIONS = values.agents.split(",").map(Number);
const CYCLES = Number(values.cycles);

type Way = { name: string; run: (toy: Toy) => Outcome | Promise<Outcome> };

const FLOCC = "flocc@0.7.0";

async function fetchFlocc(): Promise<Flocc> {
  const folder = mkdtempSync(join(tmpdir(), "econ-flocc-"));
  try {
    await runQuietly(["npm", "install", "--ignore-scripts", "--prefix", folder, FLOCC]);
    return await import(join(folder, "node_modules/flocc/dist/flocc.js"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function ways(): Promise<Way[]> {
  const library = values.flocc ? await fetchFlocc() : null;
  return [
    { name: "the rules of worlds", run: withRules },
    { name: "plain arrays, ties by the worlds' hash", run: (toy) => withArrays(toy, asInWorlds) },
    { name: "plain arrays, ties by a cheap hash", run: (toy) => withArrays(toy, cheap) },
    ...(library ? [{ name: FLOCC, run: (toy: Toy) => withFlocc(library, toy, cheap) }] : []),
  ];
}

/** Each way in turn; the least of the rounds, since everything else only adds to it. */
async function compareAt(agents: number, all: Way[]): Promise<void> {
  const toy = { agents, cycles: CYCLES };
  const least = all.map(() => Number.POSITIVE_INFINITY);
  const outcomes: Outcome[] = [];
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [i, { run }] of all.entries()) {
      Bun.gc(true);
      const before = process.cpuUsage();
      outcomes[i] = await run(toy);
      const { user, system } = process.cpuUsage(before);
      least[i] = Math.min(least[i] ?? 0, (user + system) / 1e6);
    }
  const [ours, ...others] = outcomes;
  console.log(`\n${number(agents)} agents, ${CYCLES} cycles, ${number(ours?.runs ?? 0)} decisions`);
  for (const [i, { name }] of all.entries()) {
    const seconds = least[i] ?? 0;
    const rate = number((outcomes[i]?.runs ?? 0) / seconds);
    const times = ((least[0] ?? 0) / seconds).toFixed(2);
    console.log(`  ${name}: ${rate} a second; ours takes ${times} × its time`);
  }
  const same = JSON.stringify(ours) === JSON.stringify(others[0]);
  console.log(same ? "  rules and arrays agree to the micro-credit" : "  RULES AND ARRAYS DIFFER");
  if (!same) process.exitCode = 1;
}

/** What is left on the heap after a few cycles, by agent, in a process that did nothing else. */
async function memoryAt(agents: number): Promise<void> {
  const life = async (count: number) => {
    const cast = sleepers(count);
    const { economy, step } = simulate({ rules: toyRules(count), seed: "memory", cast });
    for (let cycle = 0; cycle < 10; cycle++) await step();
    return economy;
  };
  await life(10);
  Bun.gc(true);
  const before = heapStats().heapSize;
  const economy = await life(agents);
  Bun.gc(true);
  const bytes = (heapStats().heapSize - before) / economy.agents.size;
  console.log(`  memory: ${(bytes / 1024).toFixed(1)} KB an agent`);
}

async function memoryApart(agents: number): Promise<void> {
  const argv = ["--config=/dev/null", import.meta.path, "--memory-of", String(agents)];
  await Bun.spawn([process.execPath, ...argv], { stdout: "inherit", stderr: "inherit" }).exited;
}

/** One worker and two, each with an economy of its own, as `econ lab run` has them. */
async function coresAt(agents: number): Promise<void> {
  for (const count of [1, 2]) {
    const workers = Array.from(
      { length: count },
      () => new Worker(import.meta.resolve("./toy-worker.ts")),
    );
    const ask = (worker: Worker, toy: Toy) =>
      new Promise<Outcome>((resolve) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.postMessage(toy);
      });
    await Promise.all(workers.map((worker) => ask(worker, { agents: 100, cycles: 20 })));
    const start = performance.now();
    const done = await Promise.all(
      workers.map((worker) => ask(worker, { agents, cycles: CYCLES })),
    );
    const seconds = (performance.now() - start) / 1000;
    for (const worker of workers) worker.terminate();
    const runs = done.reduce((sum, outcome) => sum + outcome.runs, 0);
    console.log(`  ${count} at once: ${number(runs / seconds)} decisions a second of the clock`);
  }
}

/** Supply in proportion to the default world's with twenty; ten that read everything there is. */
async function longLife(agents: number): Promise<void> {
  const rules = rulesSchema.parse({
    resources: {
      cpu_seconds: { supply: agents / 5, initial_price: 2 },
      memory_mb: { supply: agents * 20, initial_price: 0.02 },
    },
    population: { max_alive: 2 * agents },
  });
  const kind = (strategy: string, count: number) => ({
    strategy,
    count: Math.round(count),
    heredity: "none" as const,
    writing: "none" as const,
    teaching: "kept" as const,
    skilled: 0,
    mutation: MUTATION,
  });
  const cast = {
    genesis: kind("genesis", Math.min(10, agents / 10)),
    saver: kind("saver", agents * 0.3),
    idler: kind("idler", agents * 0.2),
    forager: { ...kind("forager", agents * 0.4), genes: { pause: 10 } },
  };
  const spec: RunSpec = {
    treatment: "long",
    seed: "1",
    cycles: 1000,
    rules,
    cast,
    human: USUAL,
    payees: "chosen",
    hazard: 0,
    stop: [],
  };
  let since = process.cpuUsage();
  let runs = 0;
  const look = ({ cycle, alive, runs: ran }: Row) => {
    runs += ran ?? 0;
    if ((cycle ?? 0) % 100 !== 0) return;
    const { user, system } = process.cpuUsage(since);
    const perCycle = (user + system) / 1000 / 100;
    const heap = Math.round(heapStats().heapSize / 1e6);
    console.log(
      `${number(agents)} agents, cycle ${cycle}: ${perCycle.toFixed(1)} ms and ` +
        `${(runs / 100).toFixed(1)} decisions a cycle, ${alive} alive, ${heap} MB on the heap`,
    );
    since = process.cpuUsage();
    runs = 0;
  };
  await runOnce(spec, { cycle: look });
}

function number(value: number): string {
  return Math.round(value).toLocaleString("en");
}

if (values.long) for (const agents of POPULATIONS) await longLife(agents);
else if (values["memory-of"]) await memoryAt(Number(values["memory-of"]));
else {
  const all = await ways();
  if (!values.flocc) console.log("flocc is not measured: --flocc fetches it from npm");
  for (const agents of POPULATIONS) {
    await compareAt(agents, all);
    await memoryApart(agents);
    await coresAt(agents);
  }
}
