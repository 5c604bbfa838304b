// What a folder tells of the agent it is: the files that people who keep agents as files have
// agreed on (AGENTS.md, SOUL.md, HEARTBEAT.md, MEMORY.md, memory/, skills/), understood as far as
// they say something. Nothing here decides how it runs; agent/logic.ts does.
import { type Rhythm, rhythmOf } from "../agent/heartbeat.ts";
import { PROGRAMS } from "../agent/logic.ts";
import { type Front, frontOf } from "../agent/mind/front.ts";
import type { Folder } from "../economy/state.ts";

export type Skill = { name: string; description: string; path: string };

/** Paths are relative to the workspace; null: the folder has none. */
export type Portrait = {
  program: string | null;
  instructions: string | null;
  soul: string | null;
  heartbeat: ({ path: string } & Rhythm) | null;
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
  const model = read(folder, "AGENTS.md").fields.get("model");
  return {
    program: PROGRAMS.find(([file]) => folder.has(file))?.[0] ?? null,
    instructions: place("AGENTS.md"),
    soul: place("SOUL.md"),
    heartbeat:
      heartbeat === null ? null : { path: heartbeat, ...rhythmIn(read(folder, heartbeat)) },
    memory: paths.filter((path) => path === "MEMORY.md" || path.startsWith("memory/")),
    skills: paths.filter((path) => /^skills\/[^/]+\/SKILL\.md$/.test(path)).map(skillAt(folder)),
    model: model || null,
  };
}

/** A file that a stranger wrote, as the mind reads it: what is shown is what will be obeyed. */
function read(folder: Folder, path: string): Front {
  const bytes = folder.get(path)?.bytes.subarray(0, TEXT_BYTES_MAX) ?? new Uint8Array();
  return frontOf(new TextDecoder().decode(bytes).replaceAll("\r\n", "\n"));
}

function skillAt(folder: Folder): (path: string) => Skill {
  return (path) => {
    const { fields, body } = read(folder, path);
    const name = fields.get("name") || (path.split("/")[1] ?? "");
    const first = body.split("\n").find((line) => /^[^#\s-]/.test(line)) ?? "";
    const description = fields.get("description") || first;
    return { name, description: description.trim().slice(0, DESCRIPTION_CHARS_MAX), path };
  };
}

function rhythmIn({ fields, body }: Front): Rhythm {
  return rhythmOf(fields.get("every") ?? fields.get("interval"), body);
}
