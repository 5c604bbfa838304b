import { replayView } from "../view/replay.ts";
import { countFrom, defineCommand, JSON_OPTION } from "./command.ts";
import { type Context, EXIT, failWith, inWorld, kernel, printJson } from "./context.ts";
import { untilInterrupted } from "./interrupt.ts";
import { progressOn } from "./progress.ts";

type Options = { last?: number; json?: true };

export const replay = defineCommand<Options>({
  name: "replay",
  summary: "run history again and compare",
  about:
    "Runs past cycles again in a private copy of the world: the same clearing, the same " +
    "programs in the sandbox, the models' answers as they were recorded. No network, no key, no " +
    "cost, and the world is not touched. Each cycle must come out as the same commit; the first " +
    "that does not is shown, with the file, the line and what is known of why. Exit code 0 if " +
    "history is identical, 1 if not.",
  examples: [
    ["econ replay", "all of this branch's history"],
    ["econ replay --last 10", "the last ten cycles"],
    ["econ replay main~20..main", "a range of commits"],
  ],
  arguments: [{ name: "[range]", about: "A..B, A.. or a revision: all up to it (usually HEAD)" }],
  options: [
    { flags: "--last <count>", about: "only so many of the newest cycles", parse: countFrom(1) },
    JSON_OPTION,
  ],
  run: (context, [range], options) =>
    inWorld(context, (root) => run(context, root, range, options)),
});

async function run(
  context: Context,
  root: string,
  range: string | undefined,
  { last, json }: Options,
): Promise<number> {
  const { replayHistory } = await kernel();
  const interrupt = untilInterrupted();
  const progress = progressOn(context);
  try {
    const replayed = await replayHistory(root, {
      signal: interrupt.signal,
      onCycle: (done, total, cycle) =>
        progress.show(`cycle ${cycle}: ${done} of ${total} replayed`),
      ...(range === undefined ? {} : { range }),
      ...(last === undefined ? {} : { last }),
    });
    progress.clear();
    if (interrupt.signal.aborted) return EXIT.interrupted;
    if (!replayed.ok) return failWith(context, replayed.problems);
    const { difference } = replayed.value;
    if (json) printJson(context, { identical: difference === null, ...replayed.value });
    else context.out(replayView(replayed.value, context.look.paint));
    return difference === null ? EXIT.ok : EXIT.refused;
  } finally {
    progress.clear();
    interrupt.release();
  }
}
