// The host's side of one run: a folder below the scratch root that is written before, read after
// and removed. Nothing in it outlives the run, so the root may be deleted whole at any start.
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  writeFileSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { assert } from "../economy/result.ts";
import type { Folder } from "../economy/state.ts";
import { ACTIONS_BYTES_MAX, type Ending, type RunRequest, type RunResult } from "./sandbox.ts";

export function makeScratch(root: string, id: string): string {
  mkdirSync(root, { recursive: true });
  return mkdtempSync(join(root, `${id.replace(/[^A-Za-z0-9-]/g, "_").slice(0, 60)}-`));
}

/** Beside other work: a disk may take its time over it, and the other runs need not wait. */
export async function removeScratch(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}

export function writeFolder(directory: string, folder: Folder): void {
  mkdirSync(directory, { recursive: true });
  const made = new Set<string>();
  for (const [path, { bytes, executable }] of folder) {
    assert(!path.startsWith("/") && !path.split("/").includes(".."), `${path} leads elsewhere`);
    const parent = dirname(path);
    if (parent !== "." && !made.has(parent))
      mkdirSync(join(directory, parent), { recursive: true });
    made.add(parent);
    writeFileSync(join(directory, path), bytes, { mode: executable ? 0o755 : 0o644 });
  }
}

/** Reads what an agent left at a path, without following or waiting for anything it put there. */
export function readActions(path: string): { actions: Uint8Array; actionsCut: boolean } {
  const nothing = { actions: new Uint8Array(), actionsCut: false };
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return nothing;
  }
  try {
    const found = fstatSync(file);
    if (!found.isFile()) return nothing;
    const bytes = new Uint8Array(Math.min(found.size, ACTIONS_BYTES_MAX));
    const read = bytes.length === 0 ? 0 : readSync(file, bytes, 0, bytes.length, 0);
    return { actions: bytes.subarray(0, read), actionsCut: found.size > ACTIONS_BYTES_MAX };
  } finally {
    closeSync(file);
  }
}

/** The result of a run of which nothing is taken over. */
export function nothingTaken(request: RunRequest, ending: Ending, output = ""): RunResult {
  return {
    ending,
    actions: new Uint8Array(),
    actionsCut: false,
    workspace: request.workspace,
    refused: [],
    output,
  };
}

const ARGV_BYTES_MAX = 64 * 1024;

/** What no program can be started with. An agent chose it, so it is a crash of the agent. */
export function argvRefusal(argv: string[]): string | null {
  if (argv.length === 0 || argv[0] === "") return "the payload is empty";
  if (argv.some((word) => word.includes("\0"))) return "the payload has a NUL character";
  if (Buffer.byteLength(argv.join(" ")) > ARGV_BYTES_MAX) return "the payload is too long";
  return null;
}
