// One cycle of the large world in a process of its own, for bench/cycle.ts: what it took, and the
// paths that it changed, as JSON. The start of the process is not in it.
import { aCycle } from "./a-cycle.ts";
import { allProcessorTime } from "./measure.ts";

const before = allProcessorTime();
const { phases, base, changes } = await aCycle(process.argv[2] ?? "");
const processor = allProcessorTime() - before;
console.log(JSON.stringify({ phases, base, processor, paths: changes.map(({ path }) => path) }));
