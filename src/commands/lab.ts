import { nearest } from "../world/schema.ts";
import { countFrom, defineCommand, JSON_OPTION } from "./command.ts";
import { type Context, misused } from "./context.ts";

export type LabOptions = {
  json?: true;
  out?: string;
  seeds?: number;
  cycles?: number;
  workers?: number;
  commit?: string;
  parquet?: true;
};

type LabWord = (context: Context, name: string | undefined, options: LabOptions) => Promise<number>;

/** What may stand after `econ lab`. Loaded one at a time, like the commands themselves. */
const WORDS: Record<string, () => Promise<LabWord>> = {
  list: async () => (await import("./lab-run.ts")).list,
  run: async () => (await import("./lab-run.ts")).run,
  reproduce: async () => (await import("./lab-reproduce.ts")).reproduce,
};

export const lab = defineCommand<LabOptions>({
  name: "lab",
  summary: "economies in memory: experiments, and published results repeated",
  about:
    "Runs economies in memory, by the same rules as a world and without needing one. `run` takes " +
    "an experiment, a file or a shipped one (`list` shows them): populations of strategies, " +
    "treatments beside controls, many seeds, a simulated human. It leaves tables and a report in " +
    "a folder and goes on where it was stopped; the same seed gives the same bytes. `reproduce` " +
    "repeats results that others have published, ours beside theirs; exit code 1 if one differs.",
  examples: [
    ["econ lab list", "the experiments that come with the toolkit"],
    ["econ lab run genesis-gains", "one of them, into ./lab-genesis-gains"],
    ["econ lab run my.yaml --seeds 5 --cycles 100", "your own, but smaller"],
    ["econ lab run genesis-gains --commit genesis", "and its first run as a world"],
    ["econ lab reproduce", "all published results"],
    ["econ lab reproduce base-fee --seeds 20", "one of them, with less noise"],
  ],
  arguments: [
    { name: "<what>", about: Object.keys(WORDS).join(", "), complete: Object.keys(WORDS) },
    { name: "[name]", about: "an experiment's file or name, or a result's (else all)" },
  ],
  options: [
    JSON_OPTION,
    { flags: "--seeds <count>", about: "how many seeds (else what it says)", parse: countFrom(1) },
    { flags: "--cycles <count>", about: "run: how many (else what it says)", parse: countFrom(1) },
    { flags: "--workers <count>", about: "run: at once (else one per core)", parse: countFrom(1) },
    { flags: "--commit <treatment>", about: "run: its first run as a world too, to walk through" },
    { flags: "--parquet", about: "run: the tables as Parquet too" },
    { flags: "--out <folder>", about: "run: where results go (else ./lab-<name>)" },
  ],
  run: async (context, [what = "", name], options) => {
    const load = Object.hasOwn(WORDS, what) ? WORDS[what] : undefined;
    if (load) return (await load())(context, name, options);
    const near = nearest(what, Object.keys(WORDS));
    const hint = near ? `did you mean ${near}?` : Object.keys(WORDS).join(", ");
    return misused(context, `nothing in the lab is called ${JSON.stringify(what)}: ${hint}`);
  },
});
