// Every command by name, in the order of the help. Loaded one at a time, so that a command starts
// without what the others need.
import type { CommandSpec } from "./command.ts";

export const CATALOGUE: Record<string, () => Promise<CommandSpec>> = {
  init: async () => (await import("./init.ts")).init,
  tick: async () => (await import("./tick.ts")).tick,
  serve: async () => (await import("./serve.ts")).serve,
  attend: async () => (await import("./attend.ts")).attend,
  status: async () => (await import("./status.ts")).status,
  agents: async () => (await import("./agents.ts")).agents,
  agent: async () => (await import("./agent.ts")).agent,
  markets: async () => (await import("./markets.ts")).markets,
  history: async () => (await import("./history.ts")).history,
  cost: async () => (await import("./cost.ts")).cost,
  config: async () => (await import("./config.ts")).config,
  grant: async () => (await import("./grant.ts")).grant,
  tell: async () => (await import("./tell.ts")).tell,
  kill: async () => (await import("./kill.ts")).kill,
  revive: async () => (await import("./revive.ts")).revive,
  pause: async () => (await import("./pause.ts")).pause,
  resume: async () => (await import("./resume.ts")).resume,
  permit: async () => (await import("./permit.ts")).permit,
  doctor: async () => (await import("./doctor.ts")).doctor,
  image: async () => (await import("./image.ts")).image,
  verify: async () => (await import("./verify.ts")).verify,
  replay: async () => (await import("./replay.ts")).replay,
  shell: async () => (await import("./shell.ts")).shell,
  demo: async () => (await import("./demo.ts")).demo,
  lab: async () => (await import("./lab.ts")).lab,
  completion: async () => (await import("./completion.ts")).completion,
};

/** All of them: for help, suggestions and completion. */
export async function allCommands(): Promise<CommandSpec[]> {
  return Promise.all(Object.values(CATALOGUE).map((load) => load()));
}

/** Only the one that a command line names, if it names one; none to say the version. */
export async function commandsFor(argv: string[]): Promise<CommandSpec[]> {
  const name = firstOperand(argv);
  if (name === undefined && argv.some((word) => VERSION_FLAGS.includes(word))) return [];
  const load = name && Object.hasOwn(CATALOGUE, name) ? CATALOGUE[name] : undefined;
  return load ? [await load()] : allCommands();
}

const VERSION_FLAGS = ["-V", "--version"];

function firstOperand(argv: string[]): string | undefined {
  return argv.find((word, i) => !word.startsWith("-") && argv[i - 1] !== "--world");
}
