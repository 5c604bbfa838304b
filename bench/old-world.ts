// A cycle in an old world against one in a young world, in turn. Make the worlds first:
// sh bin/bun bench/cycle.ts --age 20 --world YOUNG, and with --age 1000 --world OLD; then
// sh bin/bun bench/old-world.ts YOUNG OLD
import { aCycle } from "./a-cycle.ts";
import { compare, figuresOf } from "./measure.ts";

const ROUNDS = 7;
const [young, old] = process.argv.slice(2);
if (!young || !old) throw new Error("two folders, the young world and the old");

const times: Record<string, number[]> = { [young]: [], [old]: [] };
for (let round = -1; round < ROUNDS; round++)
  for (const root of [young, old]) {
    const { phases } = await aCycle(root);
    const total = Object.values(phases).reduce((sum, time) => sum + time, 0);
    if (round >= 0) times[root]?.push(total);
  }
compare(
  { name: "a cycle in the old world", figures: figuresOf(times[old] ?? []) },
  { name: "one in the young world", figures: figuresOf(times[young] ?? []), aim: "1.1 ×" },
);
