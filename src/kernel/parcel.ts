// An agent as one archive, to be taken to another world: a manifest, its workspace, and for those
// who want to read it its mail and its traces. The same agent gives the same bytes. What is opened
// here may have been made by an enemy: it is taken whole or not at all.
import { accept, refuse } from "../economy/result.ts";
import type { Rules } from "../economy/rules.ts";
import type { Agent, Folder } from "../economy/state.ts";
import { harvest } from "../execution/harvest.ts";
import { type Entry, packFolder, readTar } from "../execution/tar.ts";
import { decode } from "../world/files.ts";
import {
  MANIFEST,
  type Manifest,
  manifestOf,
  manifestText,
  measureOf,
  readManifest,
} from "../world/manifest.ts";
import { blockedBy, type Outcome } from "./outcome.ts";

const WORKSPACE = "workspace/";
const HISTORY = "history/";
const MB = 1024 * 1024;
/** What mail and traces may add to a workspace. */
const HISTORY_MB_MAX = 64;
const HISTORY_FILES_MAX = 20_000;
const MANIFEST_BYTES_MAX = 1024 * 1024;

/** Where and when an agent is packed. */
type Home = Parameters<typeof manifestOf>[2];

export type Packed = {
  bytes: Uint8Array;
  manifest: Manifest;
  /** Files that stay at home: what no world takes over, and what may hold secrets. */
  left: { path: string; reason: string }[];
};

/** `history`: files to be read beside it, by path ("runs/42.jsonl"). */
export async function packParcel(
  agent: Agent,
  { folder, history, home }: { folder: Folder; history: Folder; home: Home },
): Promise<Packed> {
  const all = [...folder].map(([name, file]): Entry => ({ name, kind: "file", ...file }));
  const unlimited = { diskMb: Number.POSITIVE_INFINITY, files: Number.POSITIVE_INFINITY };
  const judged = harvest(all, new Map(), unlimited);
  const { workspace, refused } =
    judged.kind === "taken" ? judged : { workspace: folder, refused: [] };
  const manifest = manifestOf(agent, workspace, home);
  const bytes = new TextEncoder().encode(manifestText(manifest));
  const files: Folder = new Map([[MANIFEST, { bytes, executable: false }]]);
  for (const [path, file] of workspace) files.set(WORKSPACE + path, file);
  for (const [path, file] of history) files.set(HISTORY + path, file);
  return { bytes: await packFolder(files), manifest, left: refused };
}

/** An archive that can be taken over. */
export type Parcel = { manifest: Manifest; folder: Folder; history: number };

/** The largest archive that a world of these rules opens. */
export function parcelBytesMax({ execution }: Rules): number {
  return Math.ceil((execution.workspace_mb + HISTORY_MB_MAX) * MB);
}

export async function openParcel(bytes: Uint8Array, rules: Rules): Promise<Outcome<Parcel>> {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return no("it is compressed: gunzip it first");
  const { workspace_mb, workspace_files } = rules.execution;
  const filesMax = workspace_files + HISTORY_FILES_MAX + 1;
  const { entries, whole } = await readTar([bytes], filesMax);
  if (!whole) return no("it is cut off, damaged or no archive");
  const parts = partsOf(entries);
  if (typeof parts === "string") return no(parts);
  if (parts.manifest.bytes.length > MANIFEST_BYTES_MAX)
    return no(`${MANIFEST} is longer than ${MANIFEST_BYTES_MAX} bytes`);
  const text = decode(parts.manifest.bytes);
  if (!text.ok) return no(`${MANIFEST}: ${text.reason}`);
  const manifest = readManifest(text.value);
  if (!manifest.ok) return manifest;
  const limits = { diskMb: workspace_mb, files: workspace_files };
  const taken = harvest(parts.workspace, new Map(), limits);
  if (taken.kind === "over") return no(`${taken.detail}, as econ.yaml allows`);
  const [wrong] = taken.refused;
  if (wrong) return no(`${WORKSPACE}${wrong.path}: ${wrong.reason}`);
  const found = measureOf(taken.workspace);
  const stated = manifest.value.workspace;
  if (found.sha256 !== stated.sha256 || found.files !== stated.files)
    return no(`its workspace is not the one that ${MANIFEST} tells of`);
  return accept({
    manifest: manifest.value,
    folder: taken.workspace,
    history: parts.history,
  });
}

type Parts = { manifest: Entry; workspace: Entry[]; history: number };

/** The three things an archive may hold, or why it is none. */
function partsOf(entries: Entry[]): Parts | string {
  const manifests: Entry[] = [];
  const workspace: Entry[] = [];
  let history = 0;
  for (const entry of entries) {
    const name = entry.name.replace(/^(\.\/+)+/, "");
    const isPlain = entry.kind === "file" || entry.kind === "directory";
    if (!isPlain) return `${JSON.stringify(name)} is a ${entry.kind}`;
    if (name === MANIFEST && entry.kind === "file") manifests.push(entry);
    else if (name.startsWith(WORKSPACE))
      workspace.push({ ...entry, name: name.slice(WORKSPACE.length) });
    else if (name.startsWith(HISTORY)) history += entry.kind === "file" ? 1 : 0;
    else if (!(entry.kind === "directory" && ["", ".", "workspace", "history"].includes(name)))
      return `${JSON.stringify(name)} has no place in it`;
  }
  const [manifest, second] = manifests;
  if (!manifest) return `it has no ${MANIFEST}, so it is no agent's`;
  if (second) return `it has ${MANIFEST} twice`;
  return { manifest, workspace, history };
}

function no(reason: string): Outcome<never> {
  return blockedBy(refuse(reason));
}
