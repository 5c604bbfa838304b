// Which agents may run where nothing really holds them. Not by who made an agent but by its bytes:
// code that is the toolkit's own does what it says, whatever stands in its notes.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { PROGRAMS } from "../agent/logic.ts";
import { accept, type Result, refuse } from "../economy/result.ts";
import type { Rules } from "../economy/rules.ts";
import type { Folder } from "../economy/state.ts";
import type { Sandbox } from "./sandbox.ts";
import { TOOLKIT } from "./toolkit.ts";

/** What an agent writes to remember; nothing executes it. */
const isData = (path: string): boolean => path.endsWith(".md") || /(^|\/)state\.json$/.test(path);

/** A specialist is a template's agent within the folder of the one that would spawn it. */
const NESTED = "specialist/";

/** True when everything in the folder that could be executed is the toolkit's, byte for byte. */
export function isToolkitAgent(workspace: Folder, argv: string[], toolkit = TOOLKIT): boolean {
  // Started as any folder is: nothing on the command line that could bring other code along.
  const start = PROGRAMS.find(([, words]) => words.join("\0") === argv.join("\0"));
  if (!start || !workspace.has(start[0])) return false;
  const code = [...workspace].filter(([path]) => !isData(path));
  const own = code.filter(([path]) => !path.startsWith(NESTED));
  const nested = code.filter(([path]) => path.startsWith(NESTED));
  const folders = templateFolders(toolkit);
  const matches = (files: typeof code, folder: string, cut: number) =>
    files.every(([path, file]) => sameBytes(join(folder, path.slice(cut)), file.bytes));
  return folders.some((folder) => {
    if (!matches(own, folder, 0)) return false;
    if (matches(nested, folder, 0)) return true;
    return folders.some((other) => matches(nested, other, NESTED.length));
  });
}

function templateFolders(toolkit: string): string[] {
  const root = join(toolkit, "templates/agents");
  try {
    const found = readdirSync(root, { withFileTypes: true });
    return found.filter((entry) => entry.isDirectory()).map((entry) => join(root, entry.name));
  } catch {
    return [];
  }
}

function sameBytes(path: string, bytes: Uint8Array): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile() || found.size !== bytes.length) return false;
  return Buffer.compare(readFileSync(path), bytes) === 0;
}

/** The policy: what runs where something of the fence is missing. */
export function mayRun(
  sandbox: Pick<Sandbox, "name" | "unenforced">,
  requested: Rules["execution"]["sandbox"],
  workspace: Folder,
  argv: string[],
  toolkit = TOOLKIT,
): Result<void> {
  if (sandbox.unenforced.length === 0) return accept(undefined);
  if (requested === sandbox.name) return accept(undefined);
  if (isToolkitAgent(workspace, argv, toolkit)) return accept(undefined);
  const missing = sandbox.unenforced.map(({ limit }) => limit).join(", ");
  return refuse(
    `its code is not the toolkit's own and the ${sandbox.name} sandbox here does not enforce ` +
      `${missing}: see econ doctor, or set execution.sandbox: ${sandbox.name} to run it anyway`,
  );
}
