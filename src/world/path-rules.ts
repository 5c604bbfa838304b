// Which paths may stand in a world, in two layers: what git and every file system can hold, and,
// stricter, what an agent may make. git's fast-import takes "..", ".GIT" and worse without a word,
// so every path is judged here before git sees it; and a world has to survive being cloned to a
// file system with other habits (folded case, ignored characters, "\" as a separator).
// The agent's side answers by the same rules, so this loads no library.
import { PRIVATE, TEMPORARY } from "./layout.ts";

/** Characters that some file systems ignore in names, so that ".g<one of them>it" is ".git". */
const IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

const PATH_BYTES_MAX = 4000;
const NAME_BYTES_MAX = 255;

/** The largest file of a world: more is read and compared nowhere. */
export const FILE_BYTES_MAX = 16 * 1024 * 1024;

/** Why a path (relative to the world, "/" between names) cannot be committed; null: it can. */
export function refuseInWorld(path: string): string | null {
  if (path === "") return "the path is empty";
  if (!path.isWellFormed() || path.includes("\ufffd")) return "the name is not UTF-8";
  if (/[\x00-\x1f\x7f-\x9f]/.test(path)) return "the name has a control character";
  if (path.includes("\\")) return 'the name has a "\\"';
  if (path.startsWith("/")) return "the path is absolute";
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) return "the path is too long";
  const names = path.split("/");
  if (names[0]!.toLowerCase() === PRIVATE) return "that folder is econ's own, not of the world";
  return firstReason(names, refuseName);
}

function refuseName(name: string): string | null {
  if (name === "") return "a name in the path is empty";
  if (name === "." || name === "..") return `the path has a "${name}" in it`;
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) return "a name in the path is too long";
  const plain = plainly(name);
  if (/^(\.git|git~\d+)[ .]*(:.*)?$/.test(plain)) return "that name is git's own";
  if (/^(\.gitmodules|gitmod~\d+)[ .]*(:.*)?$/.test(plain)) return "a world has no submodules";
  return null;
}

const AGENT_PATH_BYTES_MAX = 1024;
const AGENT_DEPTH_MAX = 16;

/** Names that a program on the host would obey when it meets them in an agent's folder. */
const OBEYED = new Map([
  ["node_modules", "Bun would load code from it"],
  ["bunfig.toml", "Bun would run what it names"],
  ["package.json", "Bun would run and resolve what it names"],
  ["tsconfig.json", "Bun would resolve imports by it"],
  ["jsconfig.json", "Bun would resolve imports by it"],
]);

/** Why an agent may not make a file at a path (relative to its workspace); null: it may. */
export function refuseInWorkspace(path: string): string | null {
  const reason = refuseInWorld(path);
  if (reason) return reason;
  if (/[\p{Cf}\p{Zl}\p{Zp}]/u.test(path)) return "the name has invisible characters";
  if (Buffer.byteLength(path) > AGENT_PATH_BYTES_MAX)
    return `the path is longer than ${AGENT_PATH_BYTES_MAX} bytes`;
  const names = path.split("/");
  if (names.length > AGENT_DEPTH_MAX) return `deeper than ${AGENT_DEPTH_MAX} folders`;
  return firstReason(names, refuseAgentName);
}

/** One such file, and a clone of the whole world stops on Windows. */
const NOT_ON_WINDOWS = /[<>:"|?*]|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/;

function refuseAgentName(name: string): string | null {
  const folded = name.toLowerCase();
  if (NOT_ON_WINDOWS.test(folded)) return "Windows cannot hold that name";
  if (/[. ]$/.test(name)) return "a name ends in a dot or a space";
  if (/^git~\d/.test(folded)) return "git would read it as .git";
  if (isGitsName(name)) return "git would obey it";
  // Taken already, it would stop every commit; left by a crash, it would be removed.
  if (folded.startsWith(TEMPORARY)) return "econ writes its files under such names";
  if (folded.startsWith(".env")) return "Bun would take the environment from it";
  return OBEYED.get(folded) ?? null;
}

function firstReason(names: string[], refuse: (name: string) => string | null): string | null {
  for (const name of names) {
    const reason = refuse(name);
    if (reason) return reason;
  }
  return null;
}

/** Names that git gives a meaning to, and that a person therefore commits knowingly, by hand. */
export function isGitsOwn(path: string): boolean {
  return path.split("/").some(isGitsName);
}

function isGitsName(name: string): boolean {
  return plainly(name).startsWith(".git") && name !== ".gitignore" && name !== ".gitkeep";
}

function plainly(name: string): string {
  return name.replace(IGNORED, "").toLowerCase();
}

/** The places that the files of a folder take, by their names in one case and form. */
export type Places = Map<string, { path: string; file: boolean }>;

/** Why a file, or a folder, cannot stand beside what is there; null: it can. */
export function clashWith(places: Places, path: string, isFile: boolean): string | null {
  for (const step of stepsOf(path)) {
    const earlier = places.get(folded(step));
    if (!earlier) continue;
    const name = JSON.stringify(earlier.path);
    // Some file systems cannot tell the two apart.
    if (earlier.path !== step) return `differs from ${name} only in case or accents`;
    if (earlier.file || (step === path && isFile)) return `${name} is there already`;
  }
  return null;
}

export function takePlace(places: Places, path: string, isFile: boolean): void {
  for (const step of stepsOf(path))
    if (!places.has(folded(step)))
      places.set(folded(step), { path: step, file: step === path && isFile });
}

/** Folders that git would open as bare repositories, in lower case; of the root, its parts. */
export function bareRepositories(paths: string[]): string[] {
  const all = new Set(paths.flatMap(stepsOf).map((path) => path.toLowerCase()));
  const found: string[] = [];
  for (const path of all) {
    if (!/(^|\/)head$/.test(path)) continue;
    const folder = path.slice(0, -"head".length);
    if (!all.has(`${folder}objects`) || !all.has(`${folder}refs`)) continue;
    if (folder === "") found.push("head", "objects", "refs");
    else found.push(folder.slice(0, -1));
  }
  return found;
}

/** "a/b/c" → "a", "a/b", "a/b/c". */
function stepsOf(path: string): string[] {
  const names = path.split("/");
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}

function folded(path: string): string {
  return path.normalize("NFC").toUpperCase().toLowerCase();
}
