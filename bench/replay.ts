// Replaying history against living it: the same world, the same cycles. Run it:
// sh bin/bun bench/replay.ts [cycles]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWorld, type Outcome, replayHistory, tick } from "../src/kernel.ts";

const cycles = Number(process.argv[2] ?? 40);
const folder = mkdtempSync(join(tmpdir(), "econ-bench-replay-"));
const root = join(folder, "world");

function must<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Error(outcome.problems.map(({ message }) => message).join("; "));
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

try {
  const cast = Object.fromEntries(
    ["ann", "bob", "cid", "dan", "eve"].map((name) => [name, { template: "specialist" }]),
  );
  const settings: [string, string][] = [["clock", "logical"]];
  must(await createWorld(root, { preset: "default", seed: "bench", settings, cast, person: "p" }));
  let runs = 0;
  const lived = await seconds(async () => {
    for (let n = 0; n < cycles; n++)
      runs += must(await tick(root, { command: "bench", durable: false })).runs.length;
  });
  const replayed = await seconds(async () => {
    const { difference } = must(await replayHistory(root));
    if (difference) throw new Error(`different: ${JSON.stringify(difference)}`);
  });
  const rate = (time: number) => `${(cycles / time).toFixed(1)} cycles/s`;
  console.log(`${cycles} cycles, ${runs} runs`);
  console.log(`lived     ${rate(lived)}`);
  console.log(
    `replayed  ${rate(replayed)}  (${(replayed / lived).toFixed(2)} × the time of living)`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
