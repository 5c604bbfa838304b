// What it costs that a cycle reported done survives a power cut: cycles that wait for the disk and
// cycles that do not (`durable` in econ.yaml), in turn, without the execution of agents.
// Run it: sh bin/bun bench/durable.ts [--rounds N]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { aCycle } from "./a-cycle.ts";
import { createLargeWorld } from "./large-world.ts";
import { compare, inTurn } from "./measure.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "15" } } });
const scratch = mkdtempSync(join(tmpdir(), "econ-bench-"));

/** Worlds in which so many agents of so many act in every cycle. */
for (const { agents, actors } of [
  { agents: 10, actors: 1 },
  { agents: 1_000, actors: 10 },
  { agents: 1_000, actors: 100 },
]) {
  const ways = [true, false].map((durable) => {
    const root = join(scratch, `${agents}-${actors}-${durable}`);
    return { durable, root, name: String(durable), run: () => aCycle(root, { durable }) };
  });
  for (const { root } of ways) await createLargeWorld(root, { agents, actors });
  const [waits, hurries] = await inTurn(Number(values.rounds), ways);
  compare(
    { name: `${actors} of ${agents} act, durable`, figures: waits! },
    { name: "the same not durable", figures: hurries! },
  );
}
rmSync(scratch, { recursive: true });
