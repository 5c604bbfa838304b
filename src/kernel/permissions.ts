// What the rules of a world ask of this machine beyond holding its agents: to run them without a
// fence, to send a key somewhere, to let them reach a host. Whoever made a world here, or edited
// its rules here, has said so. Rules that came with a clone or a pull are somebody else's words:
// they wait for a person's yes. It is kept inside the git directory, which no clone or pull writes
// to: a repository can carry a file of any other name, one in .econ as well.
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Rules } from "../economy/rules.ts";
import { replaceFile } from "../world/durable.ts";
import { readText } from "../world/files.ts";
import type { Repository } from "../world/git.ts";

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
export function permissionsMissing(repo: Repository, rules: Rules): string[] {
  const asked = permissionsAsked(rules);
  if (asked.length === 0) return [];
  const known = new Set(permitted(repo) ?? []);
  return asked.filter((permission) => !known.has(permission));
}

/** A person here means what the rules ask for. What they no longer ask for is forgotten. */
export function permit(repo: Repository, rules: Rules): void {
  note(repo, permissionsAsked(rules));
}

/**
 * A person here edited the rules, or else this is the first look at a copy, whose rules git may
 * have written differently from what its commit says (.gitattributes): that permits nothing.
 */
export function permitEdited(repo: Repository, rules: Rules): void {
  if (permitted(repo) !== null) permit(repo, rules);
}

/** From now on an edit of the rules is known to be one. */
export function meet(repo: Repository): void {
  if (permitted(repo) === null) note(repo, []);
}

const fileOf = ({ commonDir, prefix }: Repository) =>
  join(commonDir, "econ", prefix, "permitted.json");

function note(repo: Repository, permissions: string[]): void {
  const file = fileOf(repo);
  mkdirSync(dirname(file), { recursive: true });
  replaceFile(file, `${JSON.stringify(permissions, null, 2)}\n`, false);
}

/** Null: econ has not been in this copy of the world yet. */
function permitted(repo: Repository): string[] | null {
  const text = readText(fileOf(repo), BYTES_MAX);
  if (!text.ok) return null;
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
