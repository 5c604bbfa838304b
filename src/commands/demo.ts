import { countFrom, defineCommand, misuse } from "./command.ts";
import type { Options } from "./demo-run.ts";

export const demo = defineCommand<Options>({
  name: "demo",
  summary: "watch a small economy live, with a simulated human",
  about:
    "Makes a world (demo-world, replaced each time), and runs it for sixty cycles: real " +
    "sandboxes, a real git history, no model, no key, no network. The scores come from a " +
    "simulated human, a rule that likes news with figures in them; everything it does is marked " +
    "as simulated. Afterwards the world is yours to look at and to go on with.",
  examples: [
    ["econ demo", "in ./demo-world"],
    ["econ demo --cycles 100 elsewhere", "longer, in another folder"],
  ],
  arguments: [{ name: "[folder]", about: "where the world is made (usually demo-world)" }],
  options: [
    { flags: "--cycles <count>", about: `how many (usually 60)`, parse: countFrom(1) },
    { flags: "--seed <text>", about: "another seed, another story", parse: seedText },
  ],
  run: async (...asked) => (await import("./demo-run.ts")).run(...asked),
});

function seedText(text: string): string {
  return text || misuse("Expected a seed.");
}
