// What of the toolkit stands inside a sandbox: its source to read and to import, Bun, and two
// commands. Everything is public and read-only.
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Folder } from "../economy/state.ts";

/** The toolkit's own folder: the one with package.json, src and templates. */
export const TOOLKIT = join(import.meta.dir, "..", "..");

/** Parts of the toolkit's own folder that an agent may read and import. */
const TOOLKIT_PARTS = ["package.json", "src", "templates"];

/** What the agent's side of the toolkit imports, with what that imports. */
const SDK_PACKAGES = [
  "zod",
  "yaml",
  "gray-matter",
  "js-yaml",
  "argparse",
  "sprintf-js",
  "esprima",
  "kind-of",
  "section-matter",
  "extend-shallow",
  "is-extendable",
  "strip-bom-string",
  "@anthropic-ai/sdk",
  "@opentelemetry/api",
  "standardwebhooks",
  "@stablelib/base64",
  "fast-sha256",
];

type Pair = [host: string, inside: string];

/**
 * Pairs [place on this host, place below the toolkit's folder inside], links resolved. Packages in
 * the toolkit's own node_modules come as one, since each mount costs; where an installer has put
 * them next to it, among those of somebody else's project, they come one by one.
 */
export function toolkitFiles(toolkit: string): Pair[] {
  const own = join(toolkit, "node_modules");
  if (!existsSync(join(own, "zod"))) return imageFiles(toolkit);
  return present([...partsOf(toolkit), [own, "node_modules"]]);
}

/**
 * The same for an image, into which files are copied: each package by itself, and of those only
 * what the agent's side needs.
 */
export function imageFiles(toolkit: string): Pair[] {
  const packages = SDK_PACKAGES.map((name): [string | null, string] => [
    packageFolder(toolkit, name),
    `node_modules/${name}`,
  ]);
  return present([...partsOf(toolkit), ...packages]);
}

const partsOf = (toolkit: string) => TOOLKIT_PARTS.map((part): Pair => [join(toolkit, part), part]);

function present(pairs: [host: string | null, inside: string][]): Pair[] {
  return pairs.flatMap(([host, inside]): Pair[] => {
    return host !== null && existsSync(host) ? [[realpathSync(host), inside]] : [];
  });
}

/** An installer may have put a package next to the toolkit instead of into it. */
function packageFolder(toolkit: string, name: string): string | null {
  for (let at = toolkit; ; at = dirname(at)) {
    const found = join(at, "node_modules", name);
    if (existsSync(found)) return found;
    if (at === dirname(at)) return null;
  }
}

/**
 * The commands `econ` and `bun` for an agent. Bun never reads the configuration, the environment
 * files or the registry for the folder it starts in: an agent writes that folder.
 */
export function commands(bun: string, source: string): Folder {
  // The transpiler's cache would fill the agent's home, which is its workspace.
  const cache = "BUN_RUNTIME_TRANSPILER_CACHE_PATH=0";
  const guarded = `${cache} exec ${quoted(bun)} --config=/dev/null --no-env-file --no-install`;
  const command = quoted(join(source, "src/agent/command.ts"));
  return new Map([
    ["bun", script(`${guarded} "$@"`)],
    ["econ", script(`${guarded} ${command} "$@"`)],
  ]);
}

function script(line: string): { bytes: Uint8Array; executable: boolean } {
  return { bytes: Buffer.from(`#!/bin/sh\n${line}\n`), executable: true };
}

export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
