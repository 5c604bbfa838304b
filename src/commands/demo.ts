import { countFrom, defineCommand, misuse } from "./command.ts";
import type { Options } from "./demo-run.ts";

export const demo = defineCommand<Options>({
  name: "demo",
  summary: "watch a small economy live, with a simulated human",
  about:
    "Makes a world (demo-world, replaced each time), and runs it for sixty cycles: real " +
    "sandboxes, a real git history, no model, no key, no network. The scores come from a " +
    "simulated human, a rule that likes news with figures in them; everything it does is marked " +
    "as simulated. Afterwards the world is yours to look at and to go on with. With --model an " +
    "agent in it thinks: econ says first what that may cost, asks, and holds the ceiling.",
  examples: [
    ["econ demo", "in ./demo-world"],
    ["econ demo --cycles 100 elsewhere", "longer, in another folder"],
    ["ANTHROPIC_API_KEY=… econ demo --model", "thirty cycles with a model, for a dollar at most"],
  ],
  arguments: [{ name: "[folder]", about: "where the world is made (usually demo-world)" }],
  options: [
    {
      flags: "--cycles <count>",
      about: "how many (usually 60; 30 with --model)",
      parse: countFrom(1),
    },
    { flags: "--seed <text>", about: "another seed, another story", parse: seedText },
    { flags: "--model", about: "with an agent that thinks with a model; this costs money" },
    { flags: "--dollars <amount>", about: "what it may cost at most (usually 1)", parse: dollars },
    {
      flags: "--base-url <url>",
      about: "another endpoint that speaks Anthropic's API",
      parse: url,
    },
    { flags: "--yes", about: "agree to the cost without being asked" },
  ],
  run: async (...asked) => (await import("./demo-run.ts")).run(...asked),
});

function dollars(text: string): number {
  const amount = /^\d{1,6}(\.\d{1,2})?$/.test(text) ? Number(text) : 0;
  return amount > 0 ? amount : misuse("Expected an amount of dollars like 2.50.");
}

function url(text: string): string {
  return URL.canParse(text) ? text : misuse("Expected an address like http://127.0.0.1:8080.");
}

function seedText(text: string): string {
  return text || misuse("Expected a seed.");
}
