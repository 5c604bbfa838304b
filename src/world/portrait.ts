// What a folder tells of the agent it is: the files that people who keep agents as files have
// agreed on (AGENTS.md, SOUL.md, HEARTBEAT.md, MEMORY.md, memory/, skills/), understood as far as
// they say something. Nothing here decides how it runs; agent/logic.ts does.
import { PROGRAMS } from "../agent/logic.ts";
import type { Folder } from "../economy/state.ts";
import { parseFrontMatter } from "./front-matter.ts";

export type Skill = { name: string; description: string; path: string };

/** Paths are relative to the workspace; null: the folder has none. */
export type Portrait = {
  program: string | null;
  instructions: string | null;
  soul: string | null;
  heartbeat: { path: string; every: string | null; seconds: number | null } | null;
  memory: string[];
  skills: Skill[];
  /** What `model:` in the front matter of AGENTS.md says. */
  model: string | null;
};

const TEXT_BYTES_MAX = 64 * 1024;
const DESCRIPTION_CHARS_MAX = 300;

export function portraitOf(folder: Folder): Portrait {
  const place = (path: string) => (folder.has(path) ? path : null);
  const paths = [...folder.keys()];
  const heartbeat = place("HEARTBEAT.md");
  const { model } = read(folder, "AGENTS.md").data;
  return {
    program: PROGRAMS.find(([file]) => folder.has(file))?.[0] ?? null,
    instructions: place("AGENTS.md"),
    soul: place("SOUL.md"),
    heartbeat:
      heartbeat === null ? null : { path: heartbeat, ...intervalOf(read(folder, heartbeat)) },
    memory: paths.filter((path) => path === "MEMORY.md" || path.startsWith("memory/")),
    skills: paths.filter((path) => /^skills\/[^/]+\/SKILL\.md$/.test(path)).map(skillAt(folder)),
    model: typeof model === "string" && model.trim() !== "" ? model.trim() : null,
  };
}

type Page = { data: Record<string, unknown>; body: string };

/** A file that a stranger wrote, in two parts; front matter that is none is text. */
function read(folder: Folder, path: string): Page {
  const bytes = folder.get(path)?.bytes.subarray(0, TEXT_BYTES_MAX) ?? new Uint8Array();
  const text = new TextDecoder().decode(bytes).replaceAll("\r\n", "\n");
  const parsed = parseFrontMatter(text);
  return parsed.ok ? parsed.value : { data: {}, body: text };
}

function skillAt(folder: Folder): (path: string) => Skill {
  return (path) => {
    const { data, body } = read(folder, path);
    const name = typeof data.name === "string" ? data.name : (path.split("/")[1] ?? "");
    const first = body.split("\n").find((line) => /^[^#\s-]/.test(line)) ?? "";
    const description = typeof data.description === "string" ? data.description : first;
    return { name, description: description.trim().slice(0, DESCRIPTION_CHARS_MAX), path };
  };
}

const UNITS: Record<string, [name: string, seconds: number]> = {
  s: ["s", 1],
  m: ["min", 60],
  h: ["h", 3_600],
  d: ["d", 86_400],
};
const SPAN = String.raw`(\d{1,6}(?:\.\d{1,3})?) ?(s|m|h|d|sec|min|second|minute|hour|day)s?\b`;

/** "every: 30m", "interval: 1h", "Every 30 minutes": the first that the file says. */
function intervalOf({ data, body }: Page): { every: string | null; seconds: number | null } {
  const stated = data.every ?? data.interval;
  const found =
    new RegExp(`^${SPAN}$`, "i").exec(typeof stated === "string" ? stated.trim() : "") ??
    new RegExp(`\\b(?:every|interval):? +${SPAN}`, "i").exec(body);
  const [, count = "0", word = ""] = found ?? [];
  const [unit, length] = UNITS[word.charAt(0).toLowerCase()] ?? ["", 0];
  const seconds = Number(count) * length;
  return seconds > 0 ? { every: `${count} ${unit}`, seconds } : { every: null, seconds: null };
}
