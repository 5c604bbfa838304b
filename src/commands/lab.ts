import { countFrom, defineCommand, JSON_OPTION } from "./command.ts";
import { type Context, misused } from "./context.ts";

export type LabOptions = { json?: true; seeds?: number };

type LabWord = (context: Context, name: string | undefined, options: LabOptions) => Promise<number>;

/** What may stand after `econ lab`. Loaded one at a time, like the commands themselves. */
const WORDS: Record<string, () => Promise<LabWord>> = {
  reproduce: async () => (await import("./lab-reproduce.ts")).reproduce,
};

export const lab = defineCommand<LabOptions>({
  name: "lab",
  summary: "economies in memory: published results, repeated",
  about:
    "Runs economies in memory, by the same rules as a world and without needing one. " +
    "`reproduce` repeats results that others have published and shows our figures beside " +
    "theirs, with the tolerance and whether they agree; if one does not, the exit code is 1.",
  examples: [
    ["econ lab reproduce", "all published results"],
    ["econ lab reproduce base-fee", "one of them"],
    ["econ lab reproduce --seeds 20", "more trials, less noise"],
    ["econ lab reproduce --json | jq .[].name", "for a script"],
  ],
  arguments: [
    { name: "<what>", about: Object.keys(WORDS).join(", "), complete: Object.keys(WORDS) },
    { name: "[name]", about: "one published result (else all of them)" },
  ],
  options: [
    JSON_OPTION,
    {
      flags: "--seeds <count>",
      about: "how many times to repeat what rests on chance (else 1)",
      parse: countFrom(1),
    },
  ],
  run: async (context, [what = "", name], options) => {
    const load = Object.hasOwn(WORDS, what) ? WORDS[what] : undefined;
    if (load) return (await load())(context, name, options);
    const known = Object.keys(WORDS).join(", ");
    return misused(context, `nothing in the lab is called ${JSON.stringify(what)}: ${known}`);
  },
});
