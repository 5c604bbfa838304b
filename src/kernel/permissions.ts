// What the rules of a world ask of this machine beyond holding its agents: to run them without a
// fence, to send a key somewhere, to let them reach a host. Whoever made a world here, or edited
// its rules here, has said so. Rules that came with a clone or a pull are somebody else's words:
// they wait for a person's yes, which stays on this machine, in .econ, that no clone carries.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Rules } from "../economy/rules.ts";
import { replaceFile } from "../world/durable.ts";
import { readText } from "../world/files.ts";
import { PRIVATE } from "../world/layout.ts";

const FILE = `${PRIVATE}/permitted.json`;
const BYTES_MAX = 64 * 1024;

/** Each in words that complete "this world asks to …". */
export function permissionsAsked({ execution, models }: Rules): string[] {
  const unfenced = execution.sandbox === "worker";
  const worker = "run agents without a sandbox (execution.sandbox: worker)";
  const keys = Object.values(models).flatMap(({ key, base_url }) => {
    const { origin, hostname } = new URL(base_url);
    return isUsual(key, origin) || isLoopback(hostname) ? [] : [`send ${key} to ${origin}`];
  });
  const hosts = execution.hosts.map((host) => `let agents reach ${host}`);
  return [...new Set([...(unfenced ? [worker] : []), ...keys, ...hosts])].sort();
}

const isUsual = (key: string, origin: string) =>
  key === "ANTHROPIC_API_KEY" && origin === "https://api.anthropic.com";

const isLoopback = (host: string) =>
  host === "localhost" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host);

/** What the rules ask for that nobody here has permitted yet. */
export function permissionsMissing(root: string, rules: Rules): string[] {
  const asked = permissionsAsked(rules);
  if (asked.length === 0) return [];
  const known = new Set(permitted(root));
  return asked.filter((permission) => !known.has(permission));
}

/** A person here means what the rules ask for. What they no longer ask for is forgotten. */
export function permit(root: string, rules: Rules): void {
  const asked = permissionsAsked(rules);
  const known = permitted(root);
  if (asked.length === 0 && known.length === 0) return;
  mkdirSync(join(root, PRIVATE), { recursive: true });
  replaceFile(join(root, FILE), `${JSON.stringify(asked, null, 2)}\n`, false);
}

function permitted(root: string): string[] {
  const text = readText(join(root, FILE), BYTES_MAX);
  if (!text.ok) return [];
  try {
    const value: unknown = JSON.parse(text.value);
    return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}

export function missingText(missing: string[]): string {
  return `this world asks to ${missing.join(", to ")}: if you mean that, run econ permit`;
}
