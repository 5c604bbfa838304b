// node:fs as the world's code gets it under the simulator (see load.ts): every call that changes
// something is a step, and at a drawn step the disk fails or the process is killed. Unarmed, it is
// node:fs.
import * as fs from "node:fs";
import { basename } from "node:path";

export * from "node:fs";

export type Fault =
  /** The process is gone at once, as by kill -9. */
  | { kind: "kill"; at: number }
  /** From this step on nothing can be written. */
  | { kind: "full" | "read-only"; at: number }
  /** This one step fails. */
  | { kind: "error"; at: number };

let armed: Fault | null = null;
let steps = 0;

export function arm(fault: Fault): void {
  armed = fault;
  steps = 0;
}

/** Back to a disk that works; how many steps there were. */
export function disarm(): number {
  armed = null;
  return steps;
}

const ROOM = ["open", "write", "rename", "symlink", "mkdir", "copyfile", "mkdtemp"];

/** Count a step; throws, or does not return, when it is the one. */
export function step(syscall: string, path: unknown): void {
  steps += 1;
  if (!armed || steps < armed.at) return;
  if (armed.kind === "kill") process.kill(process.pid, "SIGKILL");
  if (armed.kind === "error" && steps === armed.at) fail("EIO", syscall, path);
  if (armed.kind === "read-only") fail("EROFS", syscall, path);
  if (armed.kind === "full" && ROOM.includes(syscall)) fail("ENOSPC", syscall, path);
}

function fail(code: string, syscall: string, path: unknown): never {
  const place = typeof path === "string" ? basename(path).replaceAll(/\d+/g, "N") : "an open file";
  const message = `${code}: simulated, ${syscall} ${place}`;
  throw Object.assign(new Error(message), { code, syscall, errno: -1, path: String(path) });
}

type Call = (...args: never[]) => unknown;

function counted<T extends Call>(syscall: string, call: T): T {
  const wrapped = (...args: unknown[]) => {
    step(syscall, args[0]);
    return call(...(args as never[]));
  };
  return wrapped as unknown as T;
}

/** Only opening for writing is a step: what is read is there or not. */
export const openSync = ((...args: Parameters<typeof fs.openSync>) => {
  const [path, flags] = args;
  if (typeof flags === "string" && /[wax+]/.test(flags)) step("open", path);
  return fs.openSync(...args);
}) as typeof fs.openSync;
export const writeFileSync = counted("write", fs.writeFileSync as Call) as typeof fs.writeFileSync;
export const renameSync = counted("rename", fs.renameSync);
export const symlinkSync = counted("symlink", fs.symlinkSync);
export const unlinkSync = counted("unlink", fs.unlinkSync);
export const rmdirSync = counted("rmdir", fs.rmdirSync);
export const mkdirSync = counted("mkdir", fs.mkdirSync as Call) as typeof fs.mkdirSync;
export const copyFileSync = counted("copyfile", fs.copyFileSync);
export const utimesSync = counted("utime", fs.utimesSync);
export const fchmodSync = counted("fchmod", fs.fchmodSync);

/** Removing what is not there succeeds on every disk. */
export const rmSync = ((...args: Parameters<typeof fs.rmSync>) => {
  if (fs.lstatSync(args[0], { throwIfNoEntry: false })) step("unlink", args[0]);
  return fs.rmSync(...args);
}) as typeof fs.rmSync;
