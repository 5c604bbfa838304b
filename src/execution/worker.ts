// A plain process on a scratch copy of the folder: for machines without bubblewrap, and only for
// agents whose code is the toolkit's own unless a person says otherwise (trust.ts). It bounds
// mistakes, not malice.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Gateway } from "../gateway/contract.ts";
import { carryOnHost } from "./carriage.ts";
import type { Cgroups, Group } from "./cgroup.ts";
import { endingOf } from "./ending.ts";
import { harvest } from "./harvest.ts";
import { launched, spawned } from "./launcher.ts";
import { unenforcedGroups } from "./probe.ts";
import type { RunRequest, RunResult, Sandbox } from "./sandbox.ts";
import {
  argvRefusal,
  makeScratch,
  nothingTaken,
  readActions,
  removeScratch,
  writeFolder,
} from "./scratch.ts";
import { over, type Running, supervise } from "./supervise.ts";
import { commands } from "./toolkit.ts";
import { walk } from "./walk.ts";

export type WorkerOptions = {
  scratch: string;
  toolkit: string;
  cgroups: Cgroups | null;
  /** Why it is this sandbox and not a better one. */
  because: string;
};

const MB = 1024 * 1024;
/** What a Bun reserves of address space without using it. */
const RESERVED_MB = 512;
/** Folders, links and the like that are looked at on top of the files allowed. */
const OTHERS_MAX = 1_000;

export function worker(options: WorkerOptions): Sandbox {
  return {
    name: "worker",
    unenforced: [...open(options.because), ...unenforcedGroups(options.cgroups)],
    async run(request) {
      const wrong = argvRefusal(request.argv);
      if (wrong) return nothingTaken(request, { kind: "crashed", detail: wrong });
      try {
        const run = () => runIn(options, request);
        return await (request.turn?.(run) ?? run());
      } catch (error) {
        return nothingTaken(request, { kind: "host", detail: `${error}` });
      }
    },
  };
}

function open(because: string): Sandbox["unenforced"] {
  const isolation =
    "an agent reads and writes what you can, reaches the network and may leave processes behind" +
    ` (no better sandbox: ${because})`;
  const disk = "only single files are limited, the workspace is measured after the run";
  return [
    { limit: "isolation", why: isolation },
    { limit: "disk", why: `${disk}; use bubblewrap` },
  ];
}

async function runIn(options: WorkerOptions, request: RunRequest): Promise<RunResult> {
  const scratch = makeScratch(options.scratch, request.id);
  const door = request.gateway ? carryOnHost(request.gateway) : null;
  let group: Group | null = null;
  try {
    prepare(scratch, options.toolkit, request);
    const { argv, limits } = request;
    const memoryBytes = Math.ceil(limits.memoryMb * MB);
    group = options.cgroups?.create(request.id, { ...limits, memoryBytes }) ?? null;
    const addressMb = options.cgroups?.enforces.includes("memory")
      ? 0
      : limits.memoryMb + RESERVED_MB;
    const shell = ["/bin/sh", "-c", 'exec "$@" >&2', "sh", ...argv];
    const command = launched(shell, group, limits, { addressMb });
    const outcome = await supervise({
      start: () => startIn(scratch, command, environment(scratch, request.gateway, door?.port)),
      cpuSeconds: () => group?.cpuSeconds() ?? 0,
      limits,
      signal: request.signal,
      turn: undefined,
      gateway: request.gateway,
      marker: null,
      streamMax: MB,
    });
    const outOfMemory = group?.outOfMemory() ?? 0;
    const forksRefused = group?.forksRefused() ?? 0;
    const ending = endingOf({ ...outcome, argv, limits, outOfMemory, forksRefused });
    await group?.remove();
    return collect(request, scratch, ending, outcome.output);
  } finally {
    door?.stop();
    await group?.remove();
    await removeScratch(scratch);
  }
}

function startIn(scratch: string, command: string[], env: Record<string, string>): Running {
  const local = { command, env, cwd: join(scratch, "workspace") };
  const { stdout, stderr, exited, pid } = spawned(local, { stdin: false });
  const [printed, said] = [leavable(stdout), leavable(stderr)];
  const end = () => killGroup(pid);
  const letGo = () => {
    printed.leave();
    said.leave();
  };
  const streams = { stdin: null, stdout: printed.chunks(), stderr: said.chunks() };
  return { ...streams, exited, end, kill: end, gone: end, letGo };
}

/** A stream's chunks, until it ends or nobody wants to wait for its end any longer. */
function leavable(stream: ReturnType<typeof spawned>["stdout"]) {
  const reader = stream.getReader();
  return {
    async *chunks(): AsyncGenerator<Uint8Array> {
      for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
    },
    leave: () => void reader.cancel(),
  };
}

function prepare(scratch: string, toolkit: string, request: RunRequest): void {
  const econ = join(scratch, "econ");
  writeFolder(join(scratch, "workspace"), request.workspace);
  writeFolder(econ, request.briefing);
  writeFolder(join(econ, "bin"), commands(process.execPath, toolkit));
  writeFileSync(join(econ, "actions.jsonl"), "");
  mkdirSync(join(scratch, "tmp"));
  mkdirSync(join(scratch, "node_modules"));
  for (const link of [join(econ, "source"), join(scratch, "node_modules/econ")]) {
    symlinkSync(toolkit, link);
  }
}

function environment(
  scratch: string,
  gateway: Gateway | undefined,
  port = 0,
): Record<string, string> {
  return {
    PATH: `${join(scratch, "econ/bin")}:/usr/local/bin:/usr/bin:/bin`,
    HOME: join(scratch, "workspace"),
    ECON_HOME: join(scratch, "econ"),
    TMPDIR: join(scratch, "tmp"),
    LANG: "C.UTF-8",
    ...gateway?.environment(port),
  };
}

/** The launcher leads a process group; what has left it is named in `unenforced`. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody is left in it.
  }
}

function collect(
  request: RunRequest,
  scratch: string,
  ending: RunResult["ending"],
  output: string,
): RunResult {
  if (ending.kind === "host") return nothingTaken(request, ending, output);
  const { limits, workspace: before } = request;
  const { entries, whole } = walk(join(scratch, "workspace"), {
    entries: limits.files + OTHERS_MAX,
    bytes: Math.ceil(limits.diskMb * MB),
  });
  const gathered = harvest(entries, before, limits);
  const actions = readActions(join(scratch, "econ/actions.jsonl"));
  const left = { ending, ...actions, workspace: before, refused: [], output };
  if (!whole && gathered.kind !== "over")
    return { ...left, ending: over("files", "too many names in the workspace") };
  if (gathered.kind === "over") return { ...left, ending: over(gathered.limit, gathered.detail) };
  return { ...left, workspace: gathered.workspace, refused: gathered.refused };
}
