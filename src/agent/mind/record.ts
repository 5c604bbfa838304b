// mind.json: what the harness remembers of an agent's last run, in the agent's own folder. It is
// the agent's to read and to spoil: what cannot be understood counts as nothing remembered.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Usage } from "../../economy/models.ts";
import { oneLine } from "./clip.ts";
import { type Roots, readStart } from "./paths.ts";

export type Remembered = Usage & {
  cycle: number;
  model: string;
  /** Tokens. */
  bought: number;
  spent: number;
  calls: number;
  /** How it ended, in words. */
  ended: string;
  /** Runs in a row in which no model could be asked. */
  failures: number;
};

const FILE = "mind.json";
const COUNTS = [
  "cycle",
  "bought",
  "spent",
  "calls",
  "failures",
  "input",
  "cachedInput",
  "cacheWrite",
  "output",
] as const;

export function recall({ workspace }: Roots): Remembered | null {
  const found = readStart(join(workspace, FILE), 4_096);
  if (!found.ok) return null;
  try {
    const value = JSON.parse(new TextDecoder().decode(found.value.bytes));
    const { model, ended } = value;
    if (typeof model !== "string" || typeof ended !== "string") return null;
    const counts = COUNTS.map((name) => [name, value[name]] as const);
    if (!counts.every(([, n]) => Number.isFinite(n) && n >= 0 && n < 1e12)) return null;
    const numbers = Object.fromEntries(counts) as Record<(typeof COUNTS)[number], number>;
    return { ...numbers, model: oneLine(model, 64), ended: oneLine(ended, 300) };
  } catch {
    return null;
  }
}

export function remember({ workspace }: Roots, record: Remembered): void {
  const sorted = Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
  const file = join(workspace, FILE);
  try {
    // Whatever the agent put in its place, a link included.
    rmSync(file, { recursive: true, force: true });
    writeFileSync(file, `${JSON.stringify(sorted, null, 2)}\n`);
  } catch (error) {
    console.log(`${FILE} could not be written: ${(error as Error).message}`);
  }
}
