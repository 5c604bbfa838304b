// What was understood of a folder that comes from elsewhere, and what of it stays behind.
import type { Rules } from "../economy/rules.ts";
import type { Folder } from "../economy/state.ts";
import type { Portrait } from "../world/portrait.ts";
import { bytesText, counted } from "./amounts.ts";
import { portraitFacts } from "./portrait.ts";
import { type Cell, facts, type Look, section, table } from "./tables.ts";

export type Adoption = {
  from: string;
  folder: Folder;
  portrait: Portrait;
  left: { path: string; reason: string }[];
};

export function adoptionView(adoption: Adoption, rules: Rules, look: Look): string {
  const { from, folder, portrait, left } = adoption;
  const { instructions, skills } = portrait;
  const bytes = [...folder.values()].reduce((sum, file) => sum + file.bytes.length, 0);
  const pairs: [string, Cell][] = [
    ["instructions", instructions ?? "none: only its program knows what it is for"],
    ...portraitFacts(portrait, rules),
    ["taken over", `${counted(folder.size, "file")}, ${bytesText(bytes)}, unchanged`],
  ];
  const parts = [section(`Understood of ${from}`, facts(pairs, look), look)];
  const columns = [
    { title: "", flexible: true },
    { title: "", flexible: true },
  ];
  const known = skills.map(({ name, description }): Cell[] => [name, description]);
  if (known.length > 0) parts.push(section("Skills", table(columns, known, look), look));
  const rest = left.map(({ path, reason }): Cell[] => [path, reason]);
  if (rest.length > 0) parts.push(section("Left out", table(columns, rest, look), look));
  return `${parts.join("\n\n")}\n`;
}
