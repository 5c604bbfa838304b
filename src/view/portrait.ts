// What a folder tells of the agent it is, in lines: how it thinks or runs, what it knows.
import { cyclesOf } from "../agent/heartbeat.ts";
import type { Rules } from "../economy/rules.ts";
import type { Portrait } from "../world/portrait.ts";
import { counted } from "./amounts.ts";
import type { Cell } from "./tables.ts";

const SKILLS_NAMED = 8;

/** What makes its decisions: a program, or one of the world's models; or why there is none. */
export function mindOf({ model, program }: Portrait, rules: Rules): Mind {
  if (program) return ["program", program];
  return ["model", modelText(model, rules)];
}

type Mind = ["program" | "model", string];

function modelText(model: string | null, { models }: Rules): string {
  const names = Object.keys(models);
  const [first] = names;
  if (!first) return "none, this world has no models";
  if (model === null) return `${first} (the world's first: AGENTS.md names none)`;
  if (names.includes(model)) return model;
  const id = model.split("/").at(-1);
  const same = names.find((name) => models[name]?.id === id);
  const shown = JSON.stringify(model);
  if (same) return `${shown}, which is called ${same} here: write model: ${same}`;
  return `${shown}, which this world does not have; it has ${names.join(", ")}`;
}

/** One line each for what a page shows of a folder. */
export function portraitFacts(portrait: Portrait, rules: Rules): [string, Cell][] {
  const { soul, heartbeat, memory, skills } = portrait;
  const pairs: [string, Cell][] = [mindOf(portrait, rules)];
  if (soul) pairs.push(["soul", soul]);
  if (heartbeat) pairs.push(["heartbeat", heartbeatText(heartbeat, rules)]);
  if (memory.length > 0) pairs.push(["memory", memoryText(memory)]);
  if (skills.length > 0) pairs.push(["skills", skillNames(portrait)]);
  return pairs;
}

function heartbeatText({ path, ...rhythm }: Heartbeat, { allocation }: Rules): string {
  const cycles = cyclesOf(rhythm, allocation.schedule_seconds);
  if (cycles === null) return path;
  const inTime = `${path}, every ${rhythm.every}`;
  return rhythm.seconds === null ? inTime : `${inTime}: ${counted(cycles, "cycle")} of this world`;
}

type Heartbeat = NonNullable<Portrait["heartbeat"]>;

function memoryText(paths: string[]): string {
  const below = paths.filter((path) => path !== "MEMORY.md").length;
  const parts = [
    ...(below < paths.length ? ["MEMORY.md"] : []),
    ...(below > 0 ? [`${counted(below, "file")} in memory/`] : []),
  ];
  return parts.join(" and ");
}

function skillNames({ skills }: Portrait): string {
  const names = skills.slice(0, SKILLS_NAMED).map(({ name }) => name);
  const rest = skills.length - names.length;
  return names.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
