// A sandbox on the ground of this machine, with folders and limits that the tests need.
import { afterAll } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Folder } from "../../src/economy/state.ts";
import { chooseSandbox } from "../../src/execution/choose.ts";
import type { Limits, RunRequest, RunResult, Sandbox } from "../../src/execution/sandbox.ts";

export const TOOLKIT = join(import.meta.dir, "../..");

export const LIMITS: Limits = {
  cpuSeconds: 5,
  memoryMb: 96,
  wallSeconds: 30,
  processes: 32,
  diskMb: 4,
  files: 100,
};

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "econ-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function folder(files: Record<string, string>): Folder {
  const entries = Object.entries(files);
  return new Map(entries.map(([path, text]) => [path, file(text)]));
}

export function file(text: string): { bytes: Uint8Array; executable: boolean } {
  return { bytes: Buffer.from(text), executable: false };
}

export function text(workspace: Folder, path: string): string | null {
  const found = workspace.get(path);
  return found ? Buffer.from(found.bytes).toString() : null;
}

/** Null, with one line said, where it is not there; in CI that is a failure instead. */
export async function sandboxForTests(
  wanted: "bubblewrap" | "worker",
  scratch = temporaryFolder(),
): Promise<Sandbox | null> {
  const chosen = await chooseSandbox(wanted, { scratch, toolkit: TOOLKIT });
  if (chosen.ok) return chosen.value;
  if (process.env.CI) throw new Error(chosen.reason);
  console.log(`skipped: ${chosen.reason}`);
  return null;
}

let runs = 0;

export function request(argv: string[], more: Partial<RunRequest> = {}): RunRequest {
  runs += 1;
  const { limits, ...rest } = more;
  return {
    id: `test-${runs}`,
    argv,
    workspace: folder({ "notes.md": "before" }),
    briefing: folder({ "environment.json": "{}" }),
    limits: { ...LIMITS, ...limits },
    ...rest,
  };
}

export function shell(sandbox: Sandbox, script: string, limits: Partial<Limits> = {}) {
  return sandbox.run(request(["sh", "-c", script], { limits: { ...LIMITS, ...limits } }));
}

export function bun(sandbox: Sandbox, script: string, limits: Partial<Limits> = {}) {
  const workspace = folder({ "main.ts": script });
  const more = { workspace, limits: { ...LIMITS, ...limits } };
  return sandbox.run(request(["bun", "main.ts"], more));
}

/** "finished", "crashed", "host", or the limit that was hit. */
export function outcome({ ending }: RunResult): string {
  return ending.kind === "limit" ? ending.limit : ending.kind;
}

/** Pids of processes on this host whose command line has the word in it. */
export function processesWith(word: string): string[] {
  const pids = new Bun.Glob("[0-9]*").scanSync({ cwd: "/proc", onlyFiles: false });
  return [...pids].filter((pid) => {
    try {
      return (
        pid !== `${process.pid}` && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(word)
      );
    } catch {
      return false;
    }
  });
}
