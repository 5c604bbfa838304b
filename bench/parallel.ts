// A cycle in which a hundred agents run in bubblewrap on all cores, from the files to the commit,
// against the sum of what their programs take outside, shared among the cores. Run it:
// sh bin/bun bench/parallel.ts
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tick } from "../src/kernel/tick.ts";
import { createLargeWorld, must } from "./large-world.ts";
import { compare, figuresOf, runQuietly, timeOfAll } from "./measure.ts";

const AGENTS = 100;
const ROUNDS = 2;
const WORK_MS = 200;
const scratch = mkdtempSync(join(tmpdir(), "econ-bench-"));

/** So many milliseconds of processor time, then the next bid. */
const PROGRAM = `
import { appendFileSync, existsSync } from "node:fs";
const used = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
let sum = 0;
while (used() < ${WORK_MS}) for (let i = 0; i < 1e5; i++) sum += Math.sqrt(i);
const bid = { action: "bid", resources: { cpu_seconds: 1, memory_mb: 96 }, payload: process.argv };
const text = JSON.stringify({ ...bid, payload: ["bun", "main.ts"] });
if (existsSync("/econ")) appendFileSync("/econ/actions.jsonl", text + "\\n");
`;

const root = join(scratch, "world");
const settings: [string, string][] = [["execution.sandbox", "bubblewrap"]];
await createLargeWorld(root, { agents: AGENTS, actors: AGENTS, program: PROGRAM, settings });
const program = join(scratch, "main.ts");
await Bun.write(program, PROGRAM);

const used = await timeOfAll();
const work: number[] = [];
const cycles: number[] = [];
const shares: number[] = [];
for (let round = -1; round < ROUNDS; round++) {
  const before = used();
  const start = performance.now();
  const { runs } = must(await tick(root, { command: "bench" }));
  const between = performance.now();
  const usedByCycle = used() - before;
  const ended = runs.filter(({ ending }) => ending.kind === "finished").length;
  if (ended !== AGENTS) throw new Error(`${ended} of ${AGENTS} ran to their end`);
  for (let run = 0; run < AGENTS; run++) await runQuietly([process.execPath, program]);
  const alone = performance.now() - between;
  const usedAlone = used() - before - usedByCycle;
  if (round < 0) continue;
  work.push(usedByCycle / usedAlone);
  cycles.push(between - start);
  shares.push(alone / navigator.hardwareConcurrency);
}
compare(
  { name: `a cycle of ${AGENTS} agents in bubblewrap`, figures: figuresOf(cycles) },
  {
    name: `their own run times / ${navigator.hardwareConcurrency} cores`,
    figures: figuresOf(shares),
    aim: "1.3 ×",
  },
);
console.log(
  `processor time of all of it: ${figuresOf(work).p10.toFixed(2)} × that of the programs`,
);
rmSync(scratch, { recursive: true });
