// What a command costs before it does anything, against `bun -e 0`, and where it goes. Run it:
// sh bin/bun bench/start.ts
import { join } from "node:path";
import { compare, inTurn, runQuietly, show } from "./measure.ts";

const bin = join(import.meta.dir, "../bin");
const source = join(import.meta.dir, "../src");
const bun = [process.execPath, "--config=/dev/null", "--no-env-file"];
const importing = (file: string) => [...bun, "-e", `await import("${join(source, file)}")`];

const WAYS: Record<string, string[]> = {
  "bun -e 0": [...bun, "-e", "0"],
  "econ --version": ["sh", join(bin, "econ"), "--version"],
  "econ --help": ["sh", join(bin, "econ"), "--help"],
  "sh bin/bun -e 0 (finding Bun)": ["sh", join(bin, "bun"), "-e", "0"],
  "importing the command line": importing("commands/program.ts"),
  "importing zod": [...bun, "-e", `await import("zod")`],
  "importing yaml": [...bun, "-e", `await import("yaml")`],
  "importing simple-git": [...bun, "-e", `await import("simple-git")`],
  "importing the kernel": importing("kernel.ts"),
};

const cwd = join(bin, "..");
const ways = Object.entries(WAYS).map(([name, argv]) => ({
  name,
  run: () => runQuietly(argv, { cwd }),
}));
const figures = await inTurn(21, ways);
const [floor, ...others] = figures;
for (const [index, { name }] of ways.entries()) if (figures[index]) show(name, figures[index]);
for (const index of [0, 1])
  if (floor && others[index])
    compare(
      { name: ways[index + 1]?.name ?? "", figures: others[index] },
      { name: "bun -e 0", figures: floor, aim: "10 ×" },
    );
