import { basename, resolve } from "node:path";
import { counted } from "../view/amounts.ts";
import { payloadText } from "../view/outlook.ts";
import { type ActOptions, defineAct } from "./command.ts";
import { EXIT, failWith, kernel, misused, printJson } from "./context.ts";

type Options = ActOptions & {
  preset?: string;
  seed?: string;
  clock?: string;
  inside?: true;
  bare?: true;
};

export const init = defineAct<Options>({
  name: "init",
  summary: "make a new world",
  about:
    "Makes a world: a folder with the rules (econ.yaml), empty markets and one citizen, " +
    "genesis, in a git repository of its own. With --inside the folder joins the repository " +
    "around it instead.",
  examples: [
    ["econ init my-world", "then: cd my-world, econ tick"],
    ["econ init study --preset spec", "with the specification's own starting values"],
    ["econ init twin --clock logical --seed 7", "the same inputs give the same commit hashes"],
  ],
  arguments: [{ name: "<folder>", about: "a new or empty folder" }],
  options: [
    { flags: "--preset <name>", about: "which rules to start from: default, ample or spec" },
    { flags: "--seed <text>", about: "seed of the world (usually random)" },
    {
      flags: "--clock <clock>",
      about: "wall: real time; logical: time follows from the cycle",
      choices: ["wall", "logical"],
    },
    { flags: "--inside", about: "commit into the repository around the folder" },
    { flags: "--bare", about: "without genesis: nobody lives there yet" },
  ],
  run: async (context, [folder = ""], { preset = "default", seed, clock, inside, bare, json }) => {
    const { createWorld, presetNames } = await kernel();
    if (!presetNames().includes(preset))
      return misused(context, `there is no preset ${preset}; one of ${presetNames().join(", ")}`);
    if (folder === "") return misused(context, "the folder has no name");
    const root = resolve(context.cwd, folder);
    const made = await createWorld(root, {
      preset,
      ...(seed === undefined ? {} : { seed }),
      ...(clock === undefined ? {} : { settings: [["clock", clock]] }),
      ...(inside ? { inside } : {}),
      ...(bare ? { cast: {} } : {}),
    });
    if (!made.ok) return failWith(context, made.problems);
    const { agents, commit } = made.value;
    if (json) return printJson(context, { world: made.value.root, agents, commit });
    const who = agents.length === 0 ? "Nobody lives there yet" : `${agents.join(", ")} lives there`;
    context.out(`Made ${basename(root)}, a world with ${counted(agents.length, "agent")}. ${who}.`);
    context.out(
      [
        "",
        "Next:",
        `  cd ${payloadText([folder])}`,
        "  econ tick      run a cycle",
        "  econ status    look at it",
        "  econ serve     a cycle every 10 seconds; and in another terminal:",
        "  econ attend    score what the agents show you",
      ].join("\n"),
    );
    return EXIT.ok;
  },
});
