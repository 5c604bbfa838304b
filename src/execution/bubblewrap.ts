// The default sandbox on Linux: namespaces by bubblewrap, limits by control groups, a workspace in
// memory of limited size. Files go in as a tar file and come out as a tar stream, so the host
// never opens a path that an agent made.
import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Folder } from "../economy/state.ts";
import {
  carryOver,
  PORT_INSIDE,
  RELAY_MEMORY_MB,
  RELAY_PROCESSES,
  relayCommand,
  type Way,
} from "./carriage.ts";
import type { Cgroups, Group } from "./cgroup.ts";
import { endingOf, withoutFolder } from "./ending.ts";
import { harvest } from "./harvest.ts";
import { launched, spawned } from "./launcher.ts";
import { makePipe } from "./pipe.ts";
import type { Ending, RunRequest, RunResult, Sandbox } from "./sandbox.ts";
import {
  argvRefusal,
  makeScratch,
  nothingTaken,
  readActions,
  removeScratch,
  writeFolder,
} from "./scratch.ts";
import { seccompFilter } from "./seccomp.ts";
import { over, type Running, say, supervise, type Watched } from "./supervise.ts";
import { packFolder, readTar } from "./tar.ts";
import { commands, toolkitFiles } from "./toolkit.ts";

const BUN_INSIDE = "/opt/bun/bin/bun";
const TOOLKIT_INSIDE = "/opt/econ";
const USER = "10001";
/** The sandbox's own: bubblewrap outside, the shell inside. */
const OWN_PROCESSES = 2;
/** Threads count as processes, and one Bun has about a dozen. */
const THREADS = 32;
const MB = 1024 * 1024;

const NO_RELAY = { memoryMb: 0, processes: 0 };

/** The folders stand that bubblewrap mounts. */
const READY = "ready\n";
const MARKER = "econ: started\n";
const DOES_NOT_FIT = 97;

/**
 * Process 1 inside. It waits for a word from the host, which is sent when bubblewrap is bound to
 * the host's life: a host killed before that leaves nothing running. The agent cannot kill it,
 * since the kernel shields process 1; TERM from the host cuts the wait short. When the agent is
 * gone, so is all that it started, and only then is the folder sent out; a broken end says that
 * tar could not read all of it.
 */
const INSIDE = `
tar -xf /econ/etc/workspace.tar || exit ${DOES_NOT_FIT}
trap : TERM INT HUP
echo 'econ: started'
read -r go || exit 98
( exec "$@" ) </dev/null >&2 &
wait $!; code=$?
while kill -9 -1 2>/dev/null; do sleep 0.01; done
tar -cf - . 2>/dev/null || echo cut
exit $code
`;

/**
 * Before that, for a run with a gateway. The relay starts where no file of the agent's is, and
 * nobody but it keeps the channel.
 */
const RELAY = `
( cd / && exec /econ/bin/${relayCommand(TOOLKIT_INSIDE).join(" ")} ) <&5 >&5 5>&- &
exec 5>&-
`;

export type BubblewrapOptions = {
  bwrap: string;
  scratch: string;
  toolkit: string;
  cgroups: Cgroups | null;
};

export function bubblewrap(options: BubblewrapOptions, unenforced: Sandbox["unenforced"]): Sandbox {
  const fixed = fixedMounts(options.toolkit);
  return {
    name: "bubblewrap",
    unenforced,
    async run(request) {
      const wrong = argvRefusal(request.argv);
      if (wrong) return nothingTaken(request, { kind: "crashed", detail: wrong });
      try {
        return await runIn(options, fixed, request);
      } catch (error) {
        return nothingTaken(request, { kind: "host", detail: `${error}` });
      }
    },
  };
}

async function runIn(
  options: BubblewrapOptions,
  fixed: string[],
  request: RunRequest,
): Promise<RunResult> {
  const scratch = makeScratch(options.scratch, request.id);
  const open: number[] = [];
  let group: Group | null = null;
  let way = null as Way | null;
  try {
    const { limits, gateway } = request;
    writeFileSync(join(scratch, "seccomp"), seccompFilter(process.arch) ?? "");
    group = options.cgroups?.create(request.id, groupLimits(request)) ?? null;
    open.push(openSync(join(scratch, "seccomp"), "r"));
    open.push(openSync(join(scratch, "info"), "w"));
    const wrapped = [options.bwrap, ...isolation(fixed, scratch, request)];
    const script = gateway ? `${RELAY}${INSIDE}` : INSIDE;
    const inside = ["--", "/bin/sh", "-c", script, "sh", ...request.argv];
    const command = launched([...wrapped, ...inside], group, limits, { waits: true });
    /** What went wrong meanwhile, if anything did. */
    let prepared: Promise<unknown> = Promise.resolve(null);
    const start = () => {
      const { running, channel } = startIn(scratch, command, open, gateway !== undefined);
      prepared = prepare(scratch, request).then(
        () => say(running, READY),
        (error: unknown) => {
          running.kill();
          return error;
        },
      );
      if (gateway) way = carryOver(gateway, channel);
      return way ? { ...running, ready: way.listening } : running;
    };
    const outcome = await supervise({
      start,
      cpuSeconds: () => group?.cpuSeconds() ?? 0,
      limits,
      signal: request.signal,
      turn: request.turn,
      gateway,
      marker: MARKER,
      streamMax: limits.diskMb * MB + (limits.files + 1_000) * 4_096,
    });
    const wrong = await prepared;
    if (wrong) throw wrong;
    const ending = judge(request, outcome, group);
    await group?.remove();
    return await collect(request, outcome, ending, join(scratch, "actions.jsonl"));
  } finally {
    way?.close();
    for (const file of open) closeSync(file);
    await group?.remove();
    await removeScratch(scratch);
  }
}

/** `channel` is an open file, the host's end of the pair of sockets that is 5 inside. */
function startIn(
  scratch: string,
  command: string[],
  open: number[],
  withChannel: boolean,
): { running: Running; channel: number } {
  const fds = withChannel ? [...open, "pipe" as const] : open;
  const output = makePipe();
  const { stdin, stdout, exited, pid, stdio } = output.into((stderr) =>
    spawned({ command, env: {}, cwd: scratch }, { fds, stderr }),
  );
  const running = {
    stdin: stdin ?? null,
    stdout,
    stderr: output.read(),
    exited,
    end: () => signalInside(scratch, pid, "SIGTERM"),
    kill: () => signalInside(scratch, pid, "SIGKILL"),
  };
  return { running, channel: stdio[5] ?? -1 };
}

/** The workspace is in memory and comes on top of what was bought, as does the relay. */
function groupLimits({ limits, gateway }: RunRequest): { memoryBytes: number; processes: number } {
  const relay = gateway ? { memoryMb: RELAY_MEMORY_MB, processes: RELAY_PROCESSES } : NO_RELAY;
  return {
    memoryBytes: Math.ceil((limits.memoryMb + limits.diskMb + relay.memoryMb) * MB),
    processes: limits.processes + OWN_PROCESSES + THREADS + relay.processes,
  };
}

/** One folder becomes /econ: each mount costs as much as a tenth of a Bun start. */
async function prepare(scratch: string, { briefing, workspace }: RunRequest): Promise<void> {
  const text = (content: string) => ({ bytes: Buffer.from(content), executable: false });
  const econ: Folder = new Map(briefing);
  for (const [name, file] of commands(BUN_INSIDE, TOOLKIT_INSIDE)) econ.set(`bin/${name}`, file);
  const workspaceTar = { bytes: await packFolder(workspace), executable: false };
  econ.set("etc/workspace.tar", workspaceTar);
  econ.set("etc/passwd", text(`agent:x:${USER}:${USER}::/workspace:/bin/sh\n`));
  econ.set("etc/group", text(`agent:x:${USER}:\n`));
  econ.set("actions.jsonl", text(""));
  writeFolder(join(scratch, "econ"), econ);
  symlinkSync(TOOLKIT_INSIDE, join(scratch, "econ/source"));
  writeFileSync(join(scratch, "actions.jsonl"), "");
}

/** What bubblewrap is told for a run, but for what starts inside; 3 and 4 are its open files. */
export function isolation(
  fixed: string[],
  scratch: string,
  request: Pick<RunRequest, "limits" | "gateway">,
): string[] {
  return [...fences(request), ...fixed, ...mounts(scratch)];
}

/** Namespaces, identity and environment, and the file systems that are the agent's own. */
function fences({ limits, gateway }: Pick<RunRequest, "limits" | "gateway">): string[] {
  const size = `${Math.ceil(limits.diskMb * MB)}`;
  const environment = {
    PATH: "/econ/bin:/opt/bun/bin:/usr/local/bin:/usr/bin:/bin",
    HOME: "/workspace",
    ECON_HOME: "/econ",
    LANG: "C.UTF-8",
    ...gateway?.environment(PORT_INSIDE),
  };
  return [
    ...["--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL"],
    ...["--uid", USER, "--gid", USER, "--hostname", "agent", "--as-pid-1"],
    ...["--die-with-parent", "--new-session", "--clearenv", "--seccomp", "3", "--info-fd", "4"],
    ...Object.entries(environment).flatMap(([name, value]) => ["--setenv", name, value]),
    // /proc is read-only because as root bubblewrap leaves /proc/sys of the host writable.
    ...["--proc", "/proc", "--remount-ro", "/proc"],
    ...["--dev", "/dev", "--size", size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"],
    ...["--size", size, "--tmpfs", "/tmp", "--size", size, "--tmpfs", "/workspace"],
  ];
}

/** What is the same for all runs: the system's programs, Bun and the toolkit, all read-only. */
export function fixedMounts(toolkit: string): string[] {
  const mounts = ["--ro-bind", "/usr", "/usr"];
  for (const name of ["/bin", "/sbin", "/lib", "/lib64", "/lib32"]) {
    if (!existsSync(name)) continue;
    const link = lstatSync(name).isSymbolicLink();
    mounts.push(...(link ? ["--symlink", readlinkSync(name)] : ["--ro-bind", name]), name);
  }
  for (const name of ["/etc/alternatives", "/etc/ld.so.cache"]) {
    if (existsSync(name)) mounts.push("--ro-bind", name, name);
  }
  mounts.push("--ro-bind", process.execPath, BUN_INSIDE);
  for (const [host, inside] of toolkitFiles(toolkit)) {
    mounts.push("--ro-bind", host, join(TOOLKIT_INSIDE, inside));
  }
  mounts.push("--symlink", TOOLKIT_INSIDE, "/node_modules/econ");
  return mounts;
}

/** What is this run's. The root itself is made read-only last, when everything stands. */
function mounts(scratch: string): string[] {
  return [
    ...["--ro-bind", join(scratch, "econ"), "/econ"],
    ...["--bind", join(scratch, "actions.jsonl"), "/econ/actions.jsonl"],
    ...["--symlink", "/econ/etc/passwd", "/etc/passwd"],
    ...["--symlink", "/econ/etc/group", "/etc/group"],
    ...["--remount-ro", "/", "--chdir", "/workspace"],
  ];
}

/**
 * To process 1 of the sandbox, with which all others die. Before it is known it may be there
 * already, not yet bound to bubblewrap's life but in its process group still.
 */
function signalInside(scratch: string, bwrap: number, signal: "SIGTERM" | "SIGKILL"): void {
  let target = -bwrap;
  try {
    target = JSON.parse(readFileSync(join(scratch, "info"), "utf8"))["child-pid"] ?? target;
  } catch {
    // Not written yet.
  }
  try {
    process.kill(target, signal);
  } catch {
    // It died meanwhile.
  }
}

function judge(request: RunRequest, outcome: Watched, group: Group | null): Ending {
  const { argv, limits } = request;
  if (!outcome.started && outcome.stop === null && outcome.code === DOES_NOT_FIT) {
    return over("disk", `the workspace does not fit into ${limits.diskMb} MB`);
  }
  const outOfMemory = group?.outOfMemory() ?? 0;
  const forksRefused = group?.forksRefused() ?? 0;
  return endingOf({ ...outcome, argv, limits, outOfMemory, forksRefused });
}

async function collect(
  request: RunRequest,
  outcome: Watched,
  ending: Ending,
  actionsPath: string,
): Promise<RunResult> {
  const { output, stream } = outcome;
  if (ending.kind === "host" || !outcome.started) return nothingTaken(request, ending, output);
  const { limits, workspace: before } = request;
  const { entries, whole } = await readTar(stream, limits.files);
  const actions = readActions(actionsPath);
  const left = { ending, ...actions, workspace: before, refused: [], output };
  const gathered = harvest(entries, before, limits);
  if (gathered.kind === "over") return { ...left, ending: over(gathered.limit, gathered.detail) };
  if (!whole) return { ...left, ending: withoutFolder(ending) };
  return { ...left, workspace: gathered.workspace, refused: gathered.refused };
}
