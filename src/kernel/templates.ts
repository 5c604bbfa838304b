// The toolkit's own templates, as folders.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { accept, type Result, refuse } from "../economy/result.ts";
import type { Folder } from "../economy/state.ts";
import { TOOLKIT } from "../execution/toolkit.ts";
import { setConfig } from "../world/config.ts";

const TEMPLATES = join(TOOLKIT, "templates");

export function presetNames(): string[] {
  return readdirSync(join(TEMPLATES, "worlds")).sort();
}

export function agentTemplateNames(): string[] {
  return readdirSync(join(TEMPLATES, "agents")).sort();
}

/** The templates of agents, each with the first sentence that its AGENTS.md says of it. */
export function agentTemplates(): { name: string; about: string }[] {
  return agentTemplateNames().map((name) => {
    const text = readFileSync(join(TEMPLATES, "agents", name, "AGENTS.md"), "utf8");
    const body = text.replace(/^---\n[\s\S]*?\n---\n/, "").replace(/^#.*\n/gm, "");
    const [sentence = ""] = body
      .trim()
      .replace(/\s+/g, " ")
      .split(/(?<=[.;])\s/);
    return { name, about: sentence };
  });
}

/** The text of a preset's econ.yaml, with some values replaced and its comments kept. */
export function presetConfig(preset: string, settings: [string, string][]): Result<string> {
  if (!presetNames().includes(preset))
    return refuse(`there is no preset ${preset}; one of ${presetNames().join(", ")}`);
  let text = readFileSync(join(TEMPLATES, "worlds", preset, "econ.yaml"), "utf8");
  for (const [key, value] of settings) {
    const changed = setConfig(text, key, value);
    if (!changed.ok) return changed;
    text = changed.value;
  }
  return accept(text);
}

export function rulesText(): string {
  return readFileSync(join(TEMPLATES, "RULES.md"), "utf8");
}

/** A template of an agent, links followed: genesis carries the specialist that it may spawn. */
export function agentTemplate(name: string): Result<Folder> {
  if (!agentTemplateNames().includes(name))
    return refuse(`there is no template ${name}; one of ${agentTemplateNames().join(", ")}`);
  const folder: Folder = new Map();
  collect(join(TEMPLATES, "agents", name), "", folder);
  return accept(folder);
}

function collect(root: string, below: string, folder: Folder): void {
  for (const name of readdirSync(join(root, below)).sort()) {
    const path = below ? `${below}/${name}` : name;
    const stat = statSync(join(root, path));
    if (stat.isDirectory()) collect(root, path, folder);
    else
      folder.set(path, {
        bytes: readFileSync(join(root, path)),
        executable: (stat.mode & 0o100) !== 0,
      });
  }
}
