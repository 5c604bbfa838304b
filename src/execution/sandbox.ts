// The port behind which agents run. Files go in, files and actions come out, as data, so that
// nothing here assumes that the agent runs on this machine: a driver may be a namespace, a plain
// process, a container or another host.
import type { Folder } from "../economy/state.ts";
import type { Gateway } from "../gateway/contract.ts";

/** What one run may use. Each is enforced by the driver or named in `unenforced`. */
export type Limits = {
  cpuSeconds: number;
  memoryMb: number;
  wallSeconds: number;
  processes: number;
  /** Size of the whole workspace, and of any one file. */
  diskMb: number;
  /** Regular files in the workspace after the run. */
  files: number;
};

export type LimitName = "cpu" | "memory" | "time" | "processes" | "disk" | "files";

export type RunRequest = {
  /** Unique among the runs of a world at one time; the names of scratch and cgroup end with it. */
  id: string;
  /** Whose run it is: a driver may keep something ready for the next of the same agent. */
  agent?: string;
  argv: string[];
  /** The agent's folder as it is before the run; the sandbox works on a copy at /workspace. */
  workspace: Folder;
  /** What stands read-only at /econ for this run: environment.json, inbox/…, RULES.md, … */
  briefing: Folder;
  limits: Limits;
  /**
   * The way to the model gateway, for a run that bought tokens. A driver leads a loopback port
   * inside the sandbox to it and tells the programs inside by environment variables.
   */
  gateway?: Gateway;
  /** Ends the run early; the result is then an ending of kind "host". */
  signal?: AbortSignal;
  /** When the agent may run. Until then its sandbox is made ready, as far as a driver can. */
  turn?: Turn;
};

/** Does the work when there is room for it, which is kept until the work has ended. */
export type Turn = <T>(work: () => Promise<T>) => Promise<T>;

/** How a run ended. "host" is nobody's fault: the run is undone and refunded. */
export type Ending =
  | { kind: "finished" }
  | { kind: "crashed"; detail: string }
  | { kind: "limit"; limit: LimitName; detail: string }
  | { kind: "host"; detail: string };

export type RunResult = {
  ending: Ending;
  /** The bytes of actions.jsonl, at most ACTIONS_BYTES_MAX; `actionsCut` when there were more. */
  actions: Uint8Array;
  actionsCut: boolean;
  /**
   * The workspace after the run: regular files only, names and sizes checked. Also after a crash or
   * a limit. As it was before where none could be taken: host failure, over the limits, unreadable.
   */
  workspace: Folder;
  /** What was in the workspace and is not taken over, with the reason; the old file stays. */
  refused: { path: string; reason: string }[];
  /** What the agent printed (stdout and stderr together), at most OUTPUT_BYTES_MAX. */
  output: string;
};

export const ACTIONS_BYTES_MAX = 1024 * 1024;
export const OUTPUT_BYTES_MAX = 16 * 1024;

export interface Sandbox {
  readonly name: "docker" | "bubblewrap" | "worker";
  /** Limits that this host cannot enforce, with the reason and the remedy, in one line each. */
  readonly unenforced: { limit: LimitName | "isolation"; why: string }[];
  run(request: RunRequest): Promise<RunResult>;
}
