// A container as the daemon is asked for it: everything off that can be off, and the limits of a
// run.
import type { ContainerSpec } from "./engine.ts";
import { KEEPER, KEEPER_SCRIPT } from "./keeper.ts";
import type { Limits } from "./sandbox.ts";
import { seccompProfile } from "./seccomp.ts";

const USER = "10001:10001";
/** The keeper, its watch over the connection, and what it starts itself. */
const OWN_PROCESSES = 4;
/** Threads count as processes, and one Bun has about a dozen. */
const THREADS = 32;
const MB = 1024 * 1024;
/** What starts a container counts as its own: with less it does not start. */
const MEMORY_MB_MIN = 16;

/** Where the daemon unpacks what is for /econ; that of the image leads to a folder in it. */
export const VOLUME = "/var/econ";

export type ContainerRequest = {
  image: string;
  /** "" is the daemon's default. */
  runtime: string;
  labels: Record<string, string>;
  diskMb: number;
  limits: ContainerLimits;
  /** For more than one run. */
  lasting: boolean;
};

export function specOf(request: ContainerRequest): ContainerSpec {
  const { image, runtime, labels, diskMb, limits, lasting } = request;
  const size = `rw,nosuid,nodev,exec,size=${Math.ceil(diskMb * MB)}`;
  const volume = { Type: "volume", Target: VOLUME, Source: "", VolumeOptions: { NoCopy: true } };
  return {
    Image: image,
    User: USER,
    // gVisor has to read what it starts, and lets nobody write the memory of another.
    Entrypoint: [runtime === "" ? KEEPER : "/bin/sh", "-c", KEEPER_SCRIPT],
    Cmd: [],
    Env: Object.entries(ENVIRONMENT).map(([name, value]) => `${name}=${value}`),
    WorkingDir: "/workspace",
    Hostname: "agent",
    Labels: labels,
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
      SecurityOpt: ["no-new-privileges", `seccomp=${seccompProfile({ lasting })}`],
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
      ...limits,
    },
  };
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

export type ContainerLimits = { Memory: number; MemorySwap: number; PidsLimit: number };

/** The workspace is in memory and comes on top of what was bought, as does what runs beside. */
export function containerLimits(
  limits: Limits,
  beside: { memoryMb: number; processes: number }[],
): ContainerLimits {
  const own = { memoryMb: limits.diskMb, processes: OWN_PROCESSES + THREADS };
  const sum = (name: keyof typeof own) =>
    [own, ...beside].reduce((all, one) => all + one[name], limits[name]);
  const Memory = Math.ceil(Math.max(MEMORY_MB_MIN, sum("memoryMb")) * MB);
  return { Memory, MemorySwap: Memory, PidsLimit: sum("processes") };
}
