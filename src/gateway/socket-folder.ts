// Folders that only this user may enter, each with the socket of one session. An econ that was
// killed leaves its own; the next finds them by nobody listening there.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PREFIX = "econ-gateway-";
const SOCKET = "http";

export function makeSocketFolder(): { socket: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  return { socket: join(folder, SOCKET), remove: () => remove(folder) };
}

let removed: Promise<unknown> | null = null;

/** Once in the life of a process. */
export function removeLeftSockets(): Promise<unknown> {
  removed ??= Promise.all(leftOver().map(removeIfDead)).catch(() => {});
  return removed;
}

function leftOver(): string[] {
  const names = readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX));
  return names.map((name) => join(tmpdir(), name));
}

/** One that is being made has no socket yet, and is left alone. */
async function removeIfDead(folder: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(join(folder, SOCKET));
  socket.once("connect", () => resolve(false));
  socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNREFUSED"));
  const isDead = await promise;
  socket.destroy();
  if (isDead) remove(folder);
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
