// What a person waits for in a world of 10,000 agents, against `git status` there, and the memory
// that it takes. Run it: sh bin/bun bench/commands.ts [--world FOLDER with such a world]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadEconomy } from "../src/kernel/load.ts";
import { createLargeWorld, must, nameOf } from "./large-world.ts";
import { childrenTime, compare, inTurn, runQuietly } from "./measure.ts";

const { values } = parseArgs({ options: { world: { type: "string" } } });
const scratch = mkdtempSync(join(tmpdir(), "econ-bench-"));
const root = values.world ?? join(scratch, "world");
if (!values.world) await createLargeWorld(root);
const bin = join(import.meta.dir, "../bin");

const LINES = [["status"], ["agents"], ["agent", nameOf(7)], ["agents", "--quiet"], ["markets"]];
const command = (words: string[]) => ["sh", join(bin, "econ"), ...words, "--world", root];

/** git writes down what it found, so that the next look is quicker: a person's git does. */
await runQuietly(["git", "status"], { cwd: root });
const ways = [
  { name: "git status", run: () => runQuietly(["git", "status"], { cwd: root }) },
  ...LINES.map((words) => ({ name: words[0] ?? "", run: () => runQuietly(command(words)) })),
];
for (const [clock, read] of Object.entries({ processor: childrenTime, clock: performance.now })) {
  const [git, ...ours] = await inTurn(7, ways, () => read.call(performance));
  for (const [index, figures] of ours.entries())
    if (git)
      compare(
        { name: `${clock}: econ ${LINES[index]?.join(" ")}`, figures },
        { name: "git status", figures: git, aim: "1.5 ×" },
      );
}

async function peakMb(argv: string[]): Promise<number> {
  const child = Bun.spawn(argv, { stdio: ["ignore", "ignore", "ignore"] });
  await child.exited;
  return (child.resourceUsage()?.maxRSS ?? 0) / 1024 / 1024;
}

const empty = await peakMb([process.execPath, "-e", "0"]);
const peak = await peakMb([
  process.execPath,
  join(bin, "../src/cli.ts"),
  ...command(LINES[0]!).slice(2),
]);
console.log(`peak memory: econ status ${peak.toFixed(0)} MB, bun -e 0 ${empty.toFixed(0)} MB`);
Bun.gc(true);
const before = process.memoryUsage().heapUsed;
const loaded = must(await loadEconomy(root));
Bun.gc(true);
const held = (process.memoryUsage().heapUsed - before) / 1024 / 1024;
console.log(`the economy itself: ${held.toFixed(1)} MB for ${loaded.economy.agents.size} agents`);
rmSync(scratch, { recursive: true });
