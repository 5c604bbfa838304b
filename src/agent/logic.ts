// A folder → how it wants to run. Pure, and shared: the kernel decides births with it, the agent's
// side gives the same answer at once.
import { bundle, type LogicSource, maybeAmount } from "../economy/actions.ts";
import type { Logic } from "../economy/agents.ts";
import { quote } from "../economy/ids.ts";
import { accept, type Result, refuse } from "../economy/result.ts";
import type { Folder, Payload } from "../economy/state.ts";
import {
  bareRepositories,
  clashWith,
  type Places,
  refuseInWorkspace,
  takePlace,
} from "../world/path-rules.ts";

/** Programs by name, the first that is there counts. */
export const PROGRAMS: [file: string, payload: Payload][] = [
  ["main.ts", ["bun", "main.ts"]],
  ["main.js", ["bun", "main.js"]],
  ["main.sh", ["bash", "main.sh"]],
  ["main.py", ["python3", "main.py"]],
];

const INSTRUCTIONS = "AGENTS.md";

/** A folder without a program is run by a model: see mind/. */
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
  const wrong = refuseInWorkspace(path);
  if (wrong) return refuse(`${quote(name)}: ${wrong}`);
  const below = `${path}/`;
  const inside = [...folder].filter(([file]) => file.startsWith(below));
  if (inside.length === 0) return refuse(`there is no folder ${quote(name)} in the workspace`);
  return accept(new Map(inside.map(([file, found]) => [file.slice(below.length), found])));
}

/** { path: text } → a folder of plain files. */
export function folderOfFiles(files: Record<string, string>): Result<Folder> {
  const folder: Folder = new Map();
  const places: Places = new Map();
  const encoder = new TextEncoder();
  for (const [path, text] of Object.entries(files)) {
    const wrong = refuseInWorkspace(path) ?? clashWith(places, path, true);
    if (wrong) return refuse(`${quote(path)}: ${wrong}`);
    takePlace(places, path, true);
    folder.set(path, { bytes: encoder.encode(text), executable: false });
  }
  if (bareRepositories([...folder.keys()]).length === 0) return accept(folder);
  return refuse("git would take a folder with HEAD, objects and refs for a repository");
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
