// What a command costs before it does anything, against `bun -e 0`, and where it goes. Run it:
// sh bin/bun bench/start.ts
import { join } from "node:path";
import { childrenTime, compare, inTurn, runQuietly, show } from "./measure.ts";

const bin = join(import.meta.dir, "../bin");
const source = join(import.meta.dir, "../src");
const bun = [process.execPath, "--config=/dev/null", "--no-env-file"];
const importing = (file: string) => [...bun, "-e", `await import("${join(source, file)}")`];

const econ = (...words: string[]) => ["sh", join(bin, "econ"), ...words];
const starter = ["--world", join(import.meta.dir, "../world")];

/** Those with an aim, by name, come first; the rest says where it goes. */
const WAYS: Record<string, string[]> = {
  "bun -e 0": [...bun, "-e", "0"],
  "econ --version": econ("--version"),
  "econ tick --help": econ("tick", "--help"),
  "econ --help": econ("--help"),
  "econ status in a small world": econ("status", ...starter),
  "econ agents in a small world": econ("agents", ...starter),
  "sh bin/bun -e 0 (finding Bun)": ["sh", join(bin, "bun"), "-e", "0"],
  "importing the command line": importing("commands/program.ts"),
  "importing zod": [...bun, "-e", `await import("zod")`],
  "importing yaml": [...bun, "-e", `await import("yaml")`],
  "importing simple-git": [...bun, "-e", `await import("simple-git")`],
  "importing what a glance reads with": importing("world/glance.ts"),
  "importing the kernel": importing("kernel.ts"),
};
const AIMED = 4;

const cwd = join(bin, "..");
const ways = Object.entries(WAYS).map(([name, argv]) => ({
  name,
  run: () => runQuietly(argv, { cwd }),
}));
for (const [clock, read] of Object.entries({ processor: childrenTime, clock: performance.now })) {
  const figures = await inTurn(15, ways, () => read.call(performance));
  const [floor, ...others] = figures;
  for (const [index, { name }] of ways.entries())
    if (figures[index]) show(`${clock}: ${name}`, figures[index]);
  for (const [index, ours] of others.slice(0, AIMED - 1).entries())
    if (floor)
      compare(
        { name: `${clock}: ${ways[index + 1]?.name}`, figures: ours },
        { name: "bun -e 0", figures: floor, aim: "10 ×" },
      );
}
