// What an agent's folder says of itself: the files that make up a mind, with what was set at their
// top. All of it is bounded: what stands in the prompt is paid for at every run.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { cyclesOf, rhythmOf } from "../heartbeat.ts";
import { decode, head, oneLine } from "./clip.ts";
import { frontOf, wholeNumber } from "./front.ts";
import { type Roots, readStart } from "./paths.ts";

/** Files that are in the prompt at every run, with the most bytes of each. */
const FILES = [
  ["AGENTS.md", 12_000],
  ["SOUL.md", 6_000],
  ["HEARTBEAT.md", 4_000],
  ["MEMORY.md", 12_000],
] as const;

const SKILLS_MAX = 20;
const SKILL_CHARS = 240;
/** Front matter is looked for in so many bytes more than a file shows. */
const FRONT_BYTES = 8_000;
const TURNS = { usual: 20, most: 200 };
const PAUSE = { usual: 10, most: 1_000 };

export type Section = { name: string; text: string };

export type Self = {
  /** In the order of the prompt; what is not there or empty has none. */
  sections: Section[];
  /** `model:` of AGENTS.md, as it stands there. */
  model: string | null;
  turns: number;
  /** Cycles to sleep that are proposed: what HEARTBEAT.md says. */
  pause: number;
  heartbeat: string;
};

/** `scheduleSeconds`: of a cycle in this world. */
export function readSelf(roots: Roots, scheduleSeconds: number): Self {
  const sections: Section[] = [];
  const fronts = new Map<string, Map<string, string>>();
  for (const [name, bytes] of FILES) {
    const { fields, body } = fileOf(roots, name, bytes);
    fronts.set(name, fields);
    if (body !== "") sections.push({ name, text: body });
  }
  const skills = listSkills(roots);
  if (skills !== "") sections.push({ name: "skills", text: skills });
  const agents = fronts.get("AGENTS.md");
  const beat = fronts.get("HEARTBEAT.md");
  const heartbeat = sections.find(({ name }) => name === "HEARTBEAT.md")?.text ?? "";
  const rhythm = rhythmOf(beat?.get("every") ?? beat?.get("interval"), heartbeat);
  const pause = cyclesOf(rhythm, scheduleSeconds) ?? PAUSE.usual;
  return {
    sections,
    model: agents?.get("model") || null,
    turns: wholeNumber(agents?.get("max_turns"), TURNS.most) ?? TURNS.usual,
    pause: Math.min(pause, PAUSE.most),
    heartbeat,
  };
}

function fileOf({ workspace }: Roots, name: string, bytes: number) {
  const found = readStart(join(workspace, name), bytes + FRONT_BYTES);
  if (!found.ok) return { fields: new Map<string, string>(), body: "" };
  const { fields, body } = frontOf(decode(found.value.bytes));
  const unread = found.value.size - found.value.bytes.length;
  const note = (more: number) => `cut: ${more} bytes more in ${name}`;
  return { fields, body: head(body.trim(), bytes, note, unread) };
}

/** One line for each skill: where it is, and when it helps. */
function listSkills({ workspace }: Roots): string {
  const names = foldersIn(join(workspace, "skills"));
  const lines = names.flatMap((name) => {
    const found = readStart(join(workspace, "skills", name, "SKILL.md"), FRONT_BYTES);
    if (!found.ok) return [];
    const { fields } = frontOf(decode(found.value.bytes));
    const about = oneLine(fields.get("description") || "(no description)", SKILL_CHARS);
    return [`- skills/${oneLine(name, 60)}/SKILL.md: ${about}`];
  });
  const more = lines.length - SKILLS_MAX;
  return [...lines.slice(0, SKILLS_MAX), ...(more > 0 ? [`- ${more} more in skills/`] : [])].join(
    "\n",
  );
}

function foldersIn(path: string): string[] {
  try {
    const found = readdirSync(path, { withFileTypes: true });
    return found.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
  } catch {
    return [];
  }
}
