// Who made a container: this process, on this machine since this boot. So what a dead econ left
// behind can be told from what a living one uses, also where several machines share a daemon.
import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Engine } from "./engine.ts";

const LABEL = "econ.owner";

const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 16);

function read(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}

/** When the process started, in ticks since the boot; null when there is no such process. */
function startOf(pid: number | "self"): string | null {
  // The name before it may hold spaces and brackets.
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}

/** Process ids mean something only among those who see the same processes. */
function machine(): string {
  return digest([hostname(), read("/etc/machine-id"), processesSeen()].join(" "));
}

function processesSeen(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

const boot = () => digest(read("/proc/sys/kernel/random/boot_id"));

/** Labels of what this process makes for the world in this place. */
export function ownLabels(place: string, run: string): Record<string, string> {
  const started = startOf("self") ?? "0";
  return {
    [LABEL]: [machine(), boot(), process.pid, started].join("/"),
    "econ.world": digest(place),
    "econ.run": run,
  };
}

/** True when it is certain that the owner is no more. */
function isDead(owner: string): boolean {
  const [itsMachine, itsBoot, pid = "", started] = owner.split("/");
  if (itsMachine !== machine()) return false;
  if (itsBoot !== boot()) return true;
  return startOf(Number(pid)) !== started;
}

/** Removes the containers of processes that are dead. */
export async function removeLeftOver(engine: Engine): Promise<void> {
  for (const { id, labels } of await engine.containers(LABEL)) {
    if (isDead(labels[LABEL] ?? "")) await engine.removeContainer(id);
  }
}
