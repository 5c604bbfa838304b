// A folder → how it wants to run. Pure, and shared: the kernel decides births with it, the agent's
// side gives the same answer at once.
import { bundle, type LogicSource, maybeAmount } from "../economy/actions.ts";
import type { Logic } from "../economy/agents.ts";
import { quote } from "../economy/ids.ts";
import { accept, type Result, refuse } from "../economy/result.ts";
import type { Folder, Payload } from "../economy/state.ts";

/** Programs by name, the first that is there counts. */
const PROGRAMS: [file: string, payload: Payload][] = [
  ["main.ts", ["bun", "main.ts"]],
  ["main.js", ["bun", "main.js"]],
  ["main.sh", ["bash", "main.sh"]],
  ["main.py", ["python3", "main.py"]],
];

const INSTRUCTIONS = "AGENTS.md";

/** A folder without a program needs a model; the command says so until there are models. */
const MODEL_PAYLOAD: Payload = ["econ", "model"];

export function logicOfFolder(folder: Folder): Result<Logic> {
  const program = PROGRAMS.find(([file]) => folder.has(file));
  const instructions = folder.get(INSTRUCTIONS);
  if (!program && !instructions) {
    const names = PROGRAMS.map(([file]) => file).join(", ");
    return refuse(`nothing to run: no ${names} and no ${INSTRUCTIONS}`);
  }
  const bid = instructions ? bidOf(instructions.bytes) : accept(null);
  if (!bid.ok) return refuse(`${INSTRUCTIONS}: ${bid.reason}`);
  return accept({
    folder,
    kind: program ? "code" : "model",
    payload: [...(program ? program[1] : MODEL_PAYLOAD)],
    bid: bid.value,
  });
}

/** The `logic` of a spawn, by the parent's workspace. */
export function logicOf(source: LogicSource, workspace: () => Folder): Result<Logic> {
  const folder =
    typeof source === "string" ? subfolder(workspace(), source) : folderOfFiles(source);
  return folder.ok ? logicOfFolder(folder.value) : folder;
}

/** What stands below a name ("children/scout"), by paths from there. "." is the folder itself. */
export function subfolder(folder: Folder, name: string): Result<Folder> {
  const path = name.replace(/\/+$/, "").replace(/^\.\//, "");
  if (path === ".") return accept(new Map(folder));
  const wrong = refusePath(path);
  if (wrong) return refuse(`${quote(name)}: ${wrong}`);
  const below = `${path}/`;
  const inside = [...folder].filter(([file]) => file.startsWith(below));
  if (inside.length === 0) return refuse(`there is no folder ${quote(name)} in the workspace`);
  return accept(new Map(inside.map(([file, found]) => [file.slice(below.length), found])));
}

/** { path: text } → a folder of plain files. */
export function folderOfFiles(files: Record<string, string>): Result<Folder> {
  const folder: Folder = new Map();
  const encoder = new TextEncoder();
  for (const [path, text] of Object.entries(files)) {
    const wrong = refusePath(path);
    if (wrong) return refuse(`${quote(path)}: ${wrong}`);
    folder.set(path, { bytes: encoder.encode(text), executable: false });
  }
  const clash = clashIn([...folder.keys()]);
  return clash ? refuse(clash) : accept(folder);
}

/** Two names that some file system takes for one, or a file that is also a folder. */
function clashIn(paths: string[]): string | null {
  const places = new Map<string, { path: string; file: boolean }>();
  for (const path of paths)
    for (const step of stepsOf(path)) {
      const place = { path: step, file: step === path };
      const folded = step.normalize("NFC").toUpperCase().toLowerCase();
      const before = places.get(folded) ?? place;
      places.set(folded, before);
      if (before.path !== step) return `${quote(step)} and ${quote(before.path)} are too alike`;
      if (before.file !== place.file) return `${quote(step)} is both a file and a folder`;
    }
  const parent = (step: string) => step.slice(0, -"head".length);
  for (const step of places.keys())
    if (/(^|\/)head$/.test(step))
      if (places.has(`${parent(step)}objects`) && places.has(`${parent(step)}refs`))
        return "git would take a folder with HEAD, objects and refs for a repository";
  return null;
}

/** "a/b/c" → "a", "a/b", "a/b/c". */
function stepsOf(path: string): string[] {
  const names = path.split("/");
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}

const PATH_CHARS_MAX = 200;
const NAME_CHARS_MAX = 80;
const DEPTH_MAX = 8;

/** Names that a program on the host would obey when it meets them in an agent's folder. */
const OBEYED = new Set([
  "node_modules",
  "bunfig.toml",
  "package.json",
  "tsconfig.json",
  "jsconfig.json",
  ".econ",
]);

/** Why a path cannot be a file that an agent names; null: it can. */
export function refusePath(path: string): string | null {
  if (path === "") return "the path is empty";
  if (path.length > PATH_CHARS_MAX) return `longer than ${PATH_CHARS_MAX} characters`;
  if (path.startsWith("/")) return "the path must be relative";
  if (!path.isWellFormed() || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\\]/u.test(path))
    return "invisible characters and \\ have no place in a path";
  const names = path.split("/");
  if (names.length > DEPTH_MAX) return `more than ${DEPTH_MAX} levels deep`;
  for (const name of names) {
    if (name === "") return "a name in the path is empty";
    if (name === "." || name === "..") return `a path may not hold "${name}"`;
    if (name.length > NAME_CHARS_MAX) return `a name is longer than ${NAME_CHARS_MAX} characters`;
    if (/[. ]$/.test(name)) return "a name ends in a dot or a space";
    if (/^(\.git|git~\d)/i.test(name)) return "names like .git belong to git";
    if (/^\.env/i.test(name) || OBEYED.has(name.toLowerCase()))
      return `${name} would be obeyed by a program on the host`;
  }
  return null;
}

type FirstBid = NonNullable<Logic["bid"]>;

/** The front matter is looked for in so many bytes. */
const FRONT_BYTES_MAX = 64 * 1024;

function bidOf(bytes: Uint8Array): Result<FirstBid | null> {
  const text = new TextDecoder().decode(bytes.subarray(0, FRONT_BYTES_MAX));
  const lines = text.split(/\r?\n/);
  if (lines[0]?.trimEnd() !== "---") return accept(null);
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === "---");
  const start = lines.findIndex((line) => /^bid\s*:/.test(line));
  // A text may open with a rule; and only the front matter is ours to read.
  if (end < 0 || start < 0 || start > end) return accept(null);
  const fields = bidFields(lines.slice(start, end), start + 1);
  return fields.ok ? checkBidFields(fields.value, start + 1) : fields;
}

type Fields = Record<string, unknown>;

/** The two forms a `bid:` may have: one line of JSON, or indented `key: number` lines. */
function bidFields([head = "", ...rest]: string[], number: number): Result<Fields> {
  const inline = head.replace(/^bid\s*:/, "").trim();
  if (inline !== "" && !inline.startsWith("#")) return jsonFields(inline, number);
  const fields: Fields = Object.create(null);
  for (const [index, line] of rest.entries()) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    if (!/^\s/.test(line)) break;
    const match = /^\s+([a-zA-Z_]+)\s*:\s*(\d+(?:\.\d+)?)\s*(?:\s#.*)?$/.exec(line);
    const where = `line ${number + index + 1} (${quote(line.trim())})`;
    if (!match) return refuse(`${where}: expected "key: number" below "bid:"`);
    if (match[1]! in fields) return refuse(`${where}: stands there twice`);
    fields[match[1]!] = Number(match[2]);
  }
  return accept(fields);
}

function jsonFields(text: string, number: number): Result<Fields> {
  const where = `line ${number} (${quote(text)})`;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return accept(value as Fields);
  } catch {
    // Refused below: no JSON and no object read the same to the author.
  }
  return refuse(`${where}: expected bid: {"cpu_seconds": 1, "memory_mb": 96} on one line`);
}

function checkBidFields(fields: Fields, number: number): Result<FirstBid> {
  const { amount, upTo, ...quantities } = fields;
  const resources = bundle(quantities);
  if (!resources.ok) return refuse(`bid (line ${number}): ${resources.reason}`);
  const offered = maybeAmount(amount);
  if (!offered.ok) return refuse(`bid (line ${number}): amount: ${offered.reason}`);
  const limit = maybeAmount(upTo);
  if (!limit.ok) return refuse(`bid (line ${number}): upTo: ${limit.reason}`);
  return accept({ resources: resources.value, amount: offered.value, upTo: limit.value });
}
