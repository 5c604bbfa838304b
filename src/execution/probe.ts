// What this host can do, found out by doing it once: a group that takes a process, a sandbox that
// carries a file through. A version number or a kernel option would only be a promise.
import { readFileSync } from "node:fs";
import { accept, type Result, refuse } from "../economy/result.ts";
import { bubblewrap } from "./bubblewrap.ts";
import { type Cgroups, findCgroups, type GroupLimit } from "./cgroup.ts";
import type { Limits, RunRequest, Sandbox } from "./sandbox.ts";
import { seccompFilter } from "./seccomp.ts";

export type ProbeOptions = { scratch: string; toolkit: string };

const PROBE_LIMITS: Limits = {
  cpuSeconds: 10,
  memoryMb: 64,
  wallSeconds: 10,
  processes: 16,
  diskMb: 1,
  files: 10,
};

const GROUPS_REMEDY =
  "start econ as root, or as `systemd-run --user --scope -p Delegate=yes econ …`," +
  " or give it a control group of its own (chown)";

/** The control groups that really take a process in; null where there are none. */
export async function probeCgroups(): Promise<Cgroups | null> {
  try {
    const mounts = readFileSync("/proc/self/mounts", "utf8");
    const found = findCgroups(mounts, readFileSync("/proc/self/cgroup", "utf8"));
    if (!found) return null;
    await found.sweep();
    const group = found.create("probe", { memoryBytes: 64 * 1024 * 1024, processes: 16 });
    const enter = 'for door in "$@"; do echo 0 >"$door" || exit 1; done';
    const entered = Bun.spawnSync(["/bin/sh", "-c", enter, "sh", ...group.doors]);
    const removed = await group.remove();
    return entered.success && removed ? found : null;
  } catch {
    return null;
  }
}

/** In words for a person: which limits no group enforces, and what to do about it. */
export function unenforcedGroups(cgroups: Cgroups | null): Sandbox["unenforced"] {
  const words: Record<GroupLimit, string> = {
    memory: "memory is not limited",
    processes: "the number of processes is not limited",
    cpu: "cpu time is limited for each process, not for all of a run together",
  };
  return (Object.keys(words) as GroupLimit[])
    .filter((limit) => !cgroups?.enforces.includes(limit))
    .map((limit) => ({
      limit,
      why: `${words[limit]}: no writable control group; ${GROUPS_REMEDY}`,
    }));
}

/** A bubblewrap sandbox that has carried a run, or why there is none. */
export async function probeBubblewrap(options: ProbeOptions): Promise<Result<Sandbox>> {
  if (process.platform !== "linux") return refuse("bubblewrap exists for Linux only");
  const bwrap = Bun.which("bwrap", { PATH: process.env.PATH ?? "" });
  if (!bwrap) return refuse("bubblewrap is not installed; apt install bubblewrap (or dnf, apk)");
  if (!seccompFilter(process.arch)) {
    return refuse(`no table of system calls for ${process.arch}; use x86_64 or aarch64`);
  }
  const cgroups = await probeCgroups();
  const sandbox = bubblewrap({ ...options, bwrap, cgroups }, unenforcedGroups(cgroups));
  const { ending, workspace, output } = await sandbox.run(probeRequest());
  const carried = workspace.get(PROBE_COPY)?.bytes;
  if (ending.kind === "finished" && carried?.length === PROBE_TEXT.length) return accept(sandbox);
  const detail = "detail" in ending ? ending.detail : output || "a file was not carried through";
  return refuse(
    `bubblewrap does not work here (${detail.trim()}); it takes version 0.8 or newer, and user` +
      " namespaces: sysctl user.max_user_namespaces=10000, and where they are known also" +
      " kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0",
  );
}

const PROBE_TEXT = Buffer.from("through");
/** Long and not ASCII: what a simple tar would lose. */
const PROBE_FILE = `é${"n".repeat(120)}`;
const PROBE_COPY = `${PROBE_FILE}.copy`;

function probeRequest(): RunRequest {
  return {
    id: "probe",
    argv: ["cp", PROBE_FILE, PROBE_COPY],
    workspace: new Map([[PROBE_FILE, { bytes: PROBE_TEXT, executable: false }]]),
    briefing: new Map(),
    limits: PROBE_LIMITS,
  };
}
