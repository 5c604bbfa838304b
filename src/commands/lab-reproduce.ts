// Published results, repeated: the table as each comes in, and whether all of them hold.
import { REPRODUCTIONS } from "../lab/reproduce/index.ts";
import {
  type Figure,
  isWithin,
  type Reproduction,
  seedsOf,
} from "../lab/reproduce/reproduction.ts";
import { reproductionView } from "../view/reproductions.ts";
import { nearest } from "../world/schema.ts";
import { type Context, EXIT, misused, printJson } from "./context.ts";
import type { LabOptions } from "./lab.ts";

export async function reproduce(
  context: Context,
  name: string | undefined,
  options: LabOptions,
): Promise<number> {
  const wanted = REPRODUCTIONS.filter((each) => name === undefined || each.name === name);
  if (wanted.length === 0) return misused(context, unknownResult(name ?? ""));
  return repeat(context, wanted, options);
}

export async function repeat(
  context: Context,
  wanted: Reproduction[],
  { json, seeds = 1 }: LabOptions,
): Promise<number> {
  const done: { reproduction: Reproduction; figures: Figure[] }[] = [];
  for (const reproduction of wanted) {
    const figures = await reproduction.run(seedsOf(seeds));
    done.push({ reproduction, figures });
    if (!json) context.out(`${reproductionView(reproduction, figures, context.look)}\n`);
  }
  const all = done.flatMap(({ figures }) => figures);
  const held = all.filter(isWithin).length;
  if (json) printJson(context, done.map(asJson));
  else context.out(`${held} of ${all.length} figures hold.`);
  return held === all.length ? EXIT.ok : EXIT.refused;
}

function asJson({ reproduction, figures }: { reproduction: Reproduction; figures: Figure[] }) {
  const { name, source, protocol } = reproduction;
  const judged = figures.map(({ theirs, ...figure }) => ({
    ...figure,
    published: theirs,
    holds: isWithin({ ...figure, theirs }),
  }));
  return { name, source, protocol, figures: judged };
}

function unknownResult(name: string): string {
  const names = REPRODUCTIONS.map((each) => each.name);
  const near = nearest(name, names);
  const advice = near ? `did you mean ${near}?` : `there is ${names.join(", ")}`;
  return `no result ${JSON.stringify(name)}; ${advice}`;
}
