// An agent's archive, as it is reported when it is made and when it is opened.
import { toCredits } from "../economy/money.ts";
import type { Economy, Folder } from "../economy/state.ts";
import type { Manifest } from "../world/manifest.ts";
import { portraitOf } from "../world/portrait.ts";
import { bytesText, counted, creditsText } from "./amounts.ts";
import { portraitFacts } from "./portrait.ts";
import { safeLine } from "./safe-text.ts";
import { type Cell, facts, type Look, section, table } from "./tables.ts";

/** What an archive says of who comes with it; nobody vouches for it. */
export function parcelView(
  { manifest, folder, history }: { manifest: Manifest; folder: Folder; history: number },
  { rules }: Economy,
  look: Look,
): string {
  const { id, world, record, lineage, workspace } = manifest;
  const { created, executions, earned, spent, death } = record;
  const pairs: [string, Cell][] = [
    ["from", `world ${world.id}, cycle ${world.cycle}`],
    ["lineage", [id, ...lineage].join(" ← ")],
    ["born", `cycle ${created.cycle} there`],
    ["ran", `${counted(executions, "time")}, earned ${creditsText(earned)}`],
    ["spent", creditsText(spent)],
    ...(death ? [["died", `cycle ${death.cycle}: ${death.cause}`] as [string, Cell]] : []),
    ...portraitFacts(portraitOf(folder), rules),
    ["workspace", `${counted(workspace.files, "file")}, ${bytesText(workspace.bytes)}`],
  ];
  if (history > 0)
    pairs.push([
      "history",
      `${counted(history, "file")}, left in the archive for who wants to read`,
    ]);
  return `${section(`What the archive says of ${id}`, facts(pairs, look), look)}\n`;
}

/** Amounts as numbers of credits, as in all of --json. */
export function manifestJson({ record, ...rest }: Manifest): object {
  const { earned, spent } = record;
  return { ...rest, record: { ...record, earned: toCredits(earned), spent: toCredits(spent) } };
}

/** Where the archive is, what is in it and what stayed at home. */
export function packedView(
  path: string,
  packed: { bytes: Uint8Array; manifest: Manifest; left: { path: string; reason: string }[] },
  look: Look,
): string {
  const { manifest, bytes, left } = packed;
  const size = `${counted(manifest.workspace.files, "file")}, ${bytesText(bytes.length)}`;
  const done = `Packed ${manifest.id} as of cycle ${manifest.world.cycle} into ${path} (${size}).`;
  const lines = [safeLine(done), `In another world: econ agent import ${safeLine(path)}`];
  if (left.length === 0) return lines.join("\n");
  const columns = [
    { title: "", flexible: true },
    { title: "", flexible: true },
  ];
  const rows = left.map(({ path: file, reason }): Cell[] => [file, reason]);
  return [...lines, "", section("Left at home", table(columns, rows, look), look)].join("\n");
}
