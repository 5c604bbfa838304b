// Agents in containers of a Docker daemon, here or on another machine: nothing is shared with it
// but the connection. Files go in as a tar and come out as one.

import { endingOf } from "./ending.ts";
import {
  type ContainerSpec,
  type Engine,
  type EngineContainer,
  type EngineInfo,
  errorLine,
} from "./engine.ts";
import { harvest } from "./harvest.ts";
import {
  ACTIONS,
  DOES_NOT_FIT,
  KEEPER,
  KEEPER_SCRIPT,
  type Keeper,
  keeperOn,
  MARKER,
  type Report,
} from "./keeper.ts";
import { ownLabels } from "./owner.ts";
import {
  ACTIONS_BYTES_MAX,
  type Ending,
  type Limits,
  type RunRequest,
  type RunResult,
  type Sandbox,
} from "./sandbox.ts";
import { argvRefusal, nothingTaken } from "./scratch.ts";
import { seccompProfile } from "./seccomp.ts";
import { over, type Running, supervise, type Watched } from "./supervise.ts";
import { type Place, packFolder, packPlaces, readTar } from "./tar.ts";
import { commands, quoted } from "./toolkit.ts";

const USER = "10001:10001";
const BUN_INSIDE = "/opt/bun/bin/bun";
const TOOLKIT_INSIDE = "/opt/econ";
/** The keeper, its watch over the connection, and what it starts itself. */
const OWN_PROCESSES = 4;
/** Threads count as processes, and one Bun has about a dozen. */
const THREADS = 32;
const MB = 1024 * 1024;
const BLOCKS_PER_MB = 2048;
const CPU_POLL_MS = 200;
/** For the daemon to say how a container died. */
const VERDICT_MS_MAX = 5_000;

export type DockerOptions = {
  engine: Engine;
  image: string;
  /** The world's scratch folder: it only names the world here. */
  scratch: string;
  /** "" is the daemon's default. */
  runtime: string;
};

export function docker(options: DockerOptions, unenforced: Sandbox["unenforced"]): Sandbox {
  return {
    name: "docker",
    unenforced,
    async run(request) {
      const wrong = argvRefusal(request.argv);
      if (wrong) return nothingTaken(request, { kind: "crashed", detail: wrong });
      try {
        return await runIn(options, request);
      } catch (error) {
        const detail = `the Docker daemon failed the run: ${errorLine(error)}`;
        return nothingTaken(request, { kind: "host", detail });
      }
    },
  };
}

/** What the daemon cannot enforce, by its own word. */
export function unenforcedBy({ limits, seccomp }: EngineInfo): Sandbox["unenforced"] {
  const why = (what: string) => `the Docker daemon does not limit ${what}: see docker info`;
  const missing: Sandbox["unenforced"] = [];
  if (!limits.memory) missing.push({ limit: "memory", why: why("memory") });
  else if (!limits.swap) missing.push({ limit: "memory", why: why("swap") });
  if (!limits.processes) missing.push({ limit: "processes", why: why("processes") });
  if (!limits.cpu) missing.push({ limit: "cpu", why: why("the share of a processor") });
  if (!seccomp) missing.push({ limit: "isolation", why: why("system calls (seccomp)") });
  return missing;
}

/** A container with its keeper at work, and what is heard of it. */
type Held = {
  container: EngineContainer;
  keeper: Keeper;
  fate: Fate;
  close(): Promise<void>;
};

async function runIn(options: DockerOptions, request: RunRequest): Promise<RunResult> {
  const held = await hold(options, request);
  try {
    await held.container.upload(await packBriefing(request), VOLUME);
    const watched = await watchRun(held, request);
    return await collect(request, watched);
  } finally {
    await held.close();
  }
}

/** Created, connected and started; nothing of the agent is in it yet. */
async function hold(options: DockerOptions, request: RunRequest): Promise<Held> {
  const container = await options.engine.create(specOf(options, request));
  const fate = fateOf();
  let stopWatch = () => {};
  let keeper: Keeper | null = null;
  // The keeper ends with its input, and the daemon removes what has ended.
  const close = async () => {
    stopWatch();
    keeper?.close();
    if (!fate.isOver()) await container.remove();
  };
  try {
    [stopWatch, keeper] = await Promise.all([
      container.watch(fate),
      container.attach().then(keeperOn),
    ]);
    await container.start();
    return { container, keeper, fate, close };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}

function specOf({ image, runtime, scratch }: DockerOptions, { id, limits }: RunRequest) {
  const size = `rw,nosuid,nodev,exec,size=${Math.ceil(limits.diskMb * MB)}`;
  const volume = { Type: "volume", Target: VOLUME, Source: "", VolumeOptions: { NoCopy: true } };
  const spec: ContainerSpec = {
    Image: image,
    User: USER,
    Entrypoint: [KEEPER, "-c", KEEPER_SCRIPT],
    Cmd: [],
    Env: Object.entries(ENVIRONMENT).map(([name, value]) => `${name}=${value}`),
    WorkingDir: "/workspace",
    Hostname: "agent",
    Labels: ownLabels(scratch, id),
    Healthcheck: { Test: ["NONE"] },
    ...{ OpenStdin: true, StdinOnce: true, Tty: false },
    ...{ AttachStdin: true, AttachStdout: true, AttachStderr: true },
    HostConfig: {
      AutoRemove: true,
      NetworkMode: "none",
      // Or it would be told whom the daemon's machine asks.
      Dns: ["127.0.0.1"],
      IpcMode: "none",
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges", `seccomp=${seccompProfile({ lasting: false })}`],
      ...HIDDEN,
      Tmpfs: { "/workspace": size, "/tmp": size, "/dev/shm": size },
      Mounts: [volume as never],
      LogConfig: { Type: "none", Config: {} },
      // What passes between two looks at the cpu time is bounded by this.
      NanoCpus: 1e9,
      Ulimits: [
        { Name: "core", Soft: 0, Hard: 0 },
        { Name: "nofile", Soft: 1024, Hard: 1024 },
      ],
      ...(runtime === "" ? {} : { Runtime: runtime }),
      ...containerLimits(limits),
    },
  };
  return spec;
}

/** Docker's own lists, and what newer kernels let anybody write. */
const HIDDEN = {
  MaskedPaths: [
    ...["acpi", "asound", "interrupts", "kcore", "keys", "latency_stats", "pressure"],
    ...["sched_debug", "scsi", "timer_list", "timer_stats"],
  ]
    .map((name) => `/proc/${name}`)
    .concat("/sys/firmware", "/sys/devices/virtual/powercap"),
  ReadonlyPaths: ["bus", "fs", "irq", "sys", "sysrq-trigger"].map((name) => `/proc/${name}`),
};

const ENVIRONMENT = {
  PATH: "/econ/bin:/opt/bun/bin:/usr/local/bin:/usr/bin:/bin",
  HOME: "/workspace",
  ECON_HOME: "/econ",
  LANG: "C.UTF-8",
};

/** The workspace is in memory and comes on top of what was bought. */
function containerLimits(limits: Limits) {
  const Memory = Math.ceil((limits.memoryMb + limits.diskMb) * MB);
  return { Memory, MemorySwap: Memory, PidsLimit: limits.processes + OWN_PROCESSES + THREADS };
}

/** What becomes /econ: the host's, but for the file of actions, which anybody may write. */
async function packBriefing({ briefing, workspace, argv }: RunRequest): Promise<Uint8Array> {
  const places: Place[] = [];
  const folders = new Set<string>();
  const folder = (name: string) => {
    if (folders.has(name)) return;
    folders.add(name);
    if (name.includes("/")) folder(name.slice(0, name.lastIndexOf("/")));
    places.push({ name, mode: 0o755, kind: "directory" });
  };
  const put = (path: string, bytes: Uint8Array, mode = 0o644) => {
    const name = `${ROOT}/${path}`;
    folder(name.slice(0, name.lastIndexOf("/")));
    places.push({ name, mode, kind: "file", bytes: () => bytes });
  };
  // A file in place of a folder makes the daemon remove all of what a run before was told.
  places.push({ name: ROOT, mode: 0o644, kind: "file", bytes: () => new Uint8Array() });
  for (const [path, file] of briefing) put(path, file.bytes, file.executable ? 0o755 : 0o644);
  for (const [name, file] of commands(BUN_INSIDE, TOOLKIT_INSIDE))
    put(`bin/${name}`, file.bytes, 0o755);
  put("etc/workspace.tar", await packFolder(workspace));
  put("etc/argv", Buffer.from(`set -- ${argv.map(quoted).join(" ")}\n`));
  put(ACTIONS, new Uint8Array(), 0o666);
  places.push({ name: `${ROOT}/source`, mode: 0o777, kind: "symlink", to: TOOLKIT_INSIDE });
  const chunks: Uint8Array[] = [];
  for await (const chunk of packPlaces(places)) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** Where the daemon unpacks; /econ of the image leads to a folder in it. */
const VOLUME = "/var/econ";
const ROOT = "now";

type Seen = { watched: Watched; report: Report; host: string | null };

async function watchRun(held: Held, request: RunRequest): Promise<Seen> {
  const { container, keeper, fate } = held;
  const { limits } = request;
  let cpuSeconds = 0;
  let host: string | null = null;
  let report: Report = { code: 0, outOfMemory: 0, forksRefused: 0 };
  const failed = (error: unknown) => {
    host ??= errorLine(error);
    keeper.close();
  };
  const stop = (signal: "SIGTERM" | "SIGKILL") => {
    fate.endedByUs();
    container.kill(signal).catch((error) => fate.isOver() || failed(error));
  };
  const start = (): Running => {
    const order = keeper.order({
      cpuSeconds: Math.max(1, Math.ceil(limits.cpuSeconds)),
      fileBlocks: Math.ceil(limits.diskMb * BLOCKS_PER_MB),
      keep: false,
    });
    const exited = order.report.then(async (said) => {
      if (said) report = said;
      else {
        const end = await fate.verdict();
        host ??= end.host;
        report = { code: end.code, outOfMemory: end.outOfMemory ? 1 : 0, forksRefused: 0 };
      }
      return report.code;
    });
    return { ...order, exited, end: () => stop("SIGTERM"), kill: () => stop("SIGKILL") };
  };
  const meter = meterOf(
    container,
    (seconds) => {
      cpuSeconds = seconds;
    },
    failed,
  );
  try {
    const watched = await supervise({
      start,
      cpuSeconds: () => cpuSeconds,
      limits,
      signal: request.signal,
      gateway: request.gateway,
      marker: MARKER,
      // The actions fit into what is reckoned for headers.
      streamMax: limits.diskMb * MB + (limits.files + 1_000) * 4_096,
    });
    if (!host && fate.endedByOther()) host = "somebody else ended the container";
    return { watched, report, host };
  } finally {
    meter.stop();
  }
}

/** Looks at the cpu time now and then, until told to stop. */
function meterOf(
  container: EngineContainer,
  onSeconds: (seconds: number) => void,
  onFailure: (error: unknown) => void,
) {
  let going = true;
  const measure = async () => {
    while (going) {
      try {
        onSeconds((await container.usage()).cpuSeconds);
      } catch (error) {
        if (going) onFailure(error);
        return;
      }
      await Bun.sleep(CPU_POLL_MS);
    }
  };
  measure();
  return {
    stop() {
      going = false;
    },
  };
}

type Fate = ReturnType<typeof fateOf>;

/**
 * What the daemon tells of a container. An agent cannot forge it, so only this can make a run the
 * host's failure.
 */
function fateOf() {
  const told: { action: string; exitCode: number | null }[] = [];
  let ours = false;
  let lost = false;
  const settled = Promise.withResolvers<void>();
  const has = (action: string) => told.some((event) => event.action === action);
  return {
    onEvent(event: { action: string; exitCode: number | null }) {
      // What comes after our own word is its consequence.
      if (event.action !== "kill" || !ours) told.push(event);
      if (event.action === "die") settled.resolve();
    },
    onLost() {
      lost = true;
      settled.resolve();
    },
    endedByUs() {
      ours = true;
    },
    endedByOther: () => has("kill"),
    isOver: () => has("die"),
    /** Of a container whose connection ended without a report. */
    async verdict(): Promise<{ code: number; outOfMemory: boolean; host: string | null }> {
      const timer = setTimeout(settled.resolve, VERDICT_MS_MAX);
      await settled.promise;
      clearTimeout(timer);
      const died = told.find(({ action }) => action === "die");
      const code = died?.exitCode ?? 137;
      const outOfMemory = has("oom");
      if (outOfMemory || ours) return { code, outOfMemory, host: null };
      if (!died || lost) return { code, outOfMemory, host: "the Docker daemon went away" };
      return { code, outOfMemory, host: null };
    },
  };
}

function judge(request: RunRequest, { watched, report, host }: Seen): Ending {
  const { argv, limits } = request;
  if (host !== null) return { kind: "host", detail: host };
  if (!watched.started && watched.stop === null && report.code === DOES_NOT_FIT) {
    return over("disk", `the workspace does not fit into ${limits.diskMb} MB`);
  }
  return endingOf({ ...watched, ...report, argv, limits });
}

async function collect(request: RunRequest, seen: Seen): Promise<RunResult> {
  const { output, stream, started } = seen.watched;
  const ending = judge(request, seen);
  if (ending.kind === "host" || !started) return nothingTaken(request, ending, output);
  const { limits, workspace: before } = request;
  const { entries, whole } = await readTar(stream, limits.files + 1);
  const own = entries[0]?.name === ACTIONS ? entries.shift() : undefined;
  const bytes = own?.bytes ?? new Uint8Array();
  const left = {
    ending,
    actions: bytes.subarray(0, ACTIONS_BYTES_MAX),
    actionsCut: bytes.length > ACTIONS_BYTES_MAX,
    workspace: before,
    refused: [],
    output,
  };
  const gathered = harvest(entries, before, limits);
  if (gathered.kind === "over") return { ...left, ending: over(gathered.limit, gathered.detail) };
  if (!whole) return { ...left, ending: withoutFolder(ending) };
  return { ...left, workspace: gathered.workspace, refused: gathered.refused };
}

/** An agent that broke its own sandbox so that no folder came out did not end well. */
function withoutFolder(ending: Ending): Ending {
  if (ending.kind !== "finished") return ending;
  return {
    kind: "crashed",
    detail: "the workspace could not be read after the run: unreadable files?",
  };
}
