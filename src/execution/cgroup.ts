// Memory, processes and cpu time of a whole process tree, through control groups. Version 1 and 2
// differ in names and in shape, not in what is asked of them here: both stand behind `Cgroups`.
// All of it is plain file I/O. The version 2 half has been run against a directory tree in the
// tests but not on a machine with version 2, because none was at hand.
import { randomUUID } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { LimitName, Limits } from "./sandbox.ts";

export type GroupLimit = Extract<LimitName, "memory" | "processes" | "cpu">;

export type Group = {
  /** A process of one thread that writes 0 into each is in the group, with all it starts. */
  doors: string[];
  /** Used so far by all processes that were ever in it. */
  cpuSeconds(): number;
  /** Processes killed because the group had no memory left. */
  outOfMemory(): number;
  /** Processes and threads that could not be started. */
  forksRefused(): number;
  /** Kills what is in it and waits until nothing is. False when something would not die. */
  remove(): Promise<boolean>;
};

export type Cgroups = {
  version: 1 | 2;
  enforces: GroupLimit[];
  /**
   * A group of its own at each call: runs of two worlds in one process have the same id, and the
   * end of one must not be the end of the other. Throws where none can be made.
   */
  create(id: string, limits: GroupLimits): Group;
  /** Removes groups left by runs whose host process is gone. */
  sweep(): Promise<void>;
};

export type GroupLimits = Pick<Limits, "processes"> & { memoryBytes: number };

type Place = { limits: GroupLimit[]; directory: string };

const PREFIX = "econ-";
const REMOVE_MS_MAX = 5_000;
/**
 * Into `cgroup.procs` the kernel moves a process when all processors have passed a point of rest:
 * ten milliseconds or more. A thread that moves itself, which version 2 has not, goes at once.
 */
const DOORS = { 1: "tasks", 2: "cgroup.procs" };

/** What this process may use: from the text of /proc/self/mounts and of /proc/self/cgroup. */
export function findCgroups(mounts: string, own: string): Cgroups | null {
  return findVersion1(mounts, own) ?? findVersion2(mounts, own);
}

type Mount = { directory: string; type: string; options: string[] };

function mountsOf(text: string): Mount[] {
  return text.split("\n").flatMap((line) => {
    const [, directory, type, options] = line.split(" ");
    if (!directory || !type?.startsWith("cgroup") || !options) return [];
    return [{ directory, type, options: options.split(",") }];
  });
}

/** Lines of /proc/self/cgroup: "4:memory:/a/b", and "0::/a/b" for version 2. */
function ownPath(own: string, controller: string): string {
  const line = own.split("\n").find((one) => one.split(":")[1]?.split(",").includes(controller));
  return line?.split(":").slice(2).join(":") ?? "/";
}

/** Within a container the mount may already be rooted where the path points. */
function ownDirectory(mount: Mount, path: string): string {
  const full = join(mount.directory, path);
  return existsSync(full) ? full : mount.directory;
}

function writable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

// Version 1: a hierarchy for each controller.

const CONTROLLERS: [controller: string, limit: GroupLimit][] = [
  ["memory", "memory"],
  ["pids", "processes"],
  ["cpuacct", "cpu"],
];

function findVersion1(mounts: string, own: string): Cgroups | null {
  const places: Place[] = [];
  const all = mountsOf(mounts).filter((mount) => mount.type === "cgroup");
  for (const [controller, limit] of CONTROLLERS) {
    const mount = all.find((one) => one.options.includes(controller));
    if (!mount) continue;
    const directory = ownDirectory(mount, ownPath(own, controller));
    if (writable(directory)) places.push({ limits: [limit], directory });
  }
  if (places.length === 0) return null;
  return groupsIn(1, places, (id, limits) => {
    const at = (limit: GroupLimit) => childOf(places, limit, id);
    limitVersion1(at, limits);
    return {
      cpuSeconds: () => numberIn(at("cpu"), "cpuacct.usage") / 1e9,
      outOfMemory: () => numberIn(at("memory"), "memory.oom_control", "oom_kill"),
      forksRefused: () => numberIn(at("processes"), "pids.events", "max"),
    };
  });
}

function limitVersion1(at: (limit: GroupLimit) => string | null, limits: GroupLimits): void {
  const memory = at("memory");
  const processes = at("processes");
  if (memory) {
    writeFileSync(join(memory, "memory.limit_in_bytes"), `${limits.memoryBytes}`);
    // Without swap accounting in the kernel the file is not there.
    const withSwap = join(memory, "memory.memsw.limit_in_bytes");
    if (existsSync(withSwap)) writeFileSync(withSwap, `${limits.memoryBytes}`);
  }
  if (processes) writeFileSync(join(processes, "pids.max"), `${limits.processes}`);
}

// Version 2: one hierarchy. Controllers work in a group whose parent hands them down, and a parent
// that does so has no processes of its own: hence a new sibling or cousin, not a child.

function findVersion2(mounts: string, own: string): Cgroups | null {
  const mount = mountsOf(mounts).find((one) => one.type === "cgroup2");
  if (!mount) return null;
  const parent = delegated(mount.directory, ownDirectory(mount, ownPath(own, "")));
  if (!parent) return null;
  const handedDown = words(join(parent, "cgroup.subtree_control"));
  const limits: GroupLimit[] = ["cpu"];
  if (handedDown.includes("memory")) limits.push("memory");
  if (handedDown.includes("pids")) limits.push("processes");
  const places = [{ limits, directory: parent }];
  return groupsIn(2, places, (id, wanted) => {
    const at = (limit: GroupLimit) => childOf(places, limit, id);
    limitVersion2(at, wanted);
    return {
      cpuSeconds: () => numberIn(at("cpu"), "cpu.stat", "usage_usec") / 1e6,
      outOfMemory: () => numberIn(at("memory"), "memory.events", "oom_kill"),
      forksRefused: () => numberIn(at("processes"), "pids.events", "max"),
    };
  });
}

function limitVersion2(at: (limit: GroupLimit) => string | null, limits: GroupLimits): void {
  const memory = at("memory");
  const processes = at("processes");
  if (memory) {
    writeFileSync(join(memory, "memory.max"), `${limits.memoryBytes}`);
    const swap = join(memory, "memory.swap.max");
    if (existsSync(swap)) writeFileSync(swap, "0");
  }
  if (processes) writeFileSync(join(processes, "pids.max"), `${limits.processes}`);
}

/** The nearest ancestor that hands memory and pids down and lets us make and fill groups. */
function delegated(root: string, own: string): string | null {
  for (let at = own; at.startsWith(root); at = join(at, "..")) {
    const handedDown = words(join(at, "cgroup.subtree_control"));
    const useful = handedDown.includes("memory") && handedDown.includes("pids");
    if (useful && writable(at) && writable(join(at, "cgroup.procs"))) return at;
    if (at === root) break;
  }
  return null;
}

// Both versions.

type Readings = Pick<Group, "cpuSeconds" | "outOfMemory" | "forksRefused">;

function groupsIn(
  version: 1 | 2,
  places: Place[],
  limit: (id: string, limits: GroupLimits) => Readings,
): Cgroups {
  return {
    version,
    enforces: places.flatMap((place) => place.limits),
    create(id, limits) {
      const name = `${PREFIX}${process.pid}-${randomUUID()}-${id}`;
      const directories = places.map((place) => join(place.directory, name));
      const readings = madeWhole(directories, () => limit(name, limits));
      const doors = directories.map((directory) => join(directory, DOORS[version]));
      return { doors, ...readings, remove: () => removeAll(directories) };
    },
    async sweep() {
      for (const { directory } of places) {
        const stale = readdirSync(directory).filter(isStale);
        await removeAll(stale.map((name) => join(directory, name)));
      }
    },
  };
}

/** All of them with their limits, or, where one cannot be made, none. */
function madeWhole<T>(directories: string[], limit: () => T): T {
  try {
    for (const directory of directories) mkdirSync(directory);
    return limit();
  } catch (error) {
    directories.forEach(removedNow);
    throw error;
  }
}

function childOf(places: Place[], limit: GroupLimit, name: string): string | null {
  const place = places.find((one) => one.limits.includes(limit));
  return place ? join(place.directory, name) : null;
}

function isStale(name: string): boolean {
  const pid = name.match(/^econ-(\d+)-/)?.[1];
  return pid !== undefined && !existsSync(`/proc/${pid}`);
}

async function removeAll(directories: string[]): Promise<boolean> {
  const end = performance.now() + REMOVE_MS_MAX;
  let left = directories;
  for (let pause = 1; performance.now() < end; pause = Math.min(pause * 2, 50)) {
    left = left.filter((directory) => !removedNow(directory));
    if (left.length === 0) return true;
    await Bun.sleep(pause);
  }
  return false;
}

function removedNow(directory: string): boolean {
  try {
    if (!existsSync(directory)) return true;
    for (const pid of words(join(directory, "cgroup.procs"))) kill(Number(pid));
    rmdirSync(directory);
    return true;
  } catch {
    return false;
  }
}

function kill(pid: number): void {
  try {
    if (pid > 1) process.kill(pid, "SIGKILL");
  } catch {
    // It died meanwhile.
  }
}

function words(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split(/\s+/).filter(Boolean);
  } catch {
    return [];
  }
}

/** A file with one number, or with lines "key number". 0 when it is not there. */
function numberIn(directory: string | null, file: string, key?: string): number {
  if (directory === null) return 0;
  const found = words(join(directory, file));
  const at = key === undefined ? 0 : found.indexOf(key) + 1;
  return key !== undefined && at === 0 ? 0 : Number(found[at] ?? 0);
}
