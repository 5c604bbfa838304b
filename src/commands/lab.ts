import { nearest } from "../world/schema.ts";
import { countFrom, defineCommand } from "./command.ts";
import { type Context, misused } from "./context.ts";

export type LabOptions = {
  out?: string;
  seeds?: number;
  cycles?: number;
  workers?: number;
};

type LabCommand = (context: Context, words: string[], options: LabOptions) => Promise<number>;

/** What the lab can do, loaded when it is wanted. */
const LAB: Record<string, () => Promise<LabCommand>> = {
  list: async () => (await import("./lab-run.ts")).list,
  run: async () => (await import("./lab-run.ts")).run,
};

export const lab = defineCommand<LabOptions>({
  name: "lab",
  summary: "experiments with whole economies, in process",
  about:
    "Runs whole economies by the rules of a world, many at a time, without sandboxes and without " +
    "git: populations of strategies, treatments beside controls, over many seeds, with a " +
    "simulated human. It needs no world. `run` takes an experiment file or the name of a shipped " +
    "one (`list` shows them), leaves tables and a report in a folder, and goes on where it was " +
    "stopped. The same seed gives the same bytes.",
  examples: [
    ["econ lab list", "the experiments that come with the toolkit"],
    ["econ lab run genesis-gains", "one of them, into ./lab-genesis-gains"],
    ["econ lab run my.yaml --seeds 5 --cycles 100", "your own, but smaller"],
  ],
  arguments: [
    { name: "<what>", about: "list or run", complete: Object.keys(LAB) },
    { name: "[words...]", about: "run: an experiment's file or name" },
  ],
  options: [
    { flags: "--out <folder>", about: "where results go (usually ./lab-<name>)" },
    { flags: "--seeds <count>", about: "instead of the experiment's own", parse: countFrom(1) },
    { flags: "--cycles <count>", about: "instead of the experiment's own", parse: countFrom(1) },
    {
      flags: "--workers <count>",
      about: "runs at once (usually one per core)",
      parse: countFrom(1),
    },
  ],
  run: async (context, [what = "", ...words], options) => {
    const load = Object.hasOwn(LAB, what) ? LAB[what] : undefined;
    if (load) return (await load())(context, words, options);
    const near = nearest(what, Object.keys(LAB));
    const hint = near ? `did you mean ${near}?` : `it can ${Object.keys(LAB).join(", ")}`;
    return misused(context, `the lab has no ${JSON.stringify(what)}; ${hint}`);
  },
});
