// Many files and folders to disk at once. Each sync of one waits for the file system to write its
// journal; four hundred in a row were half of a cycle's time. Linux can sync a whole file system,
// which Bun has no call for; coreutils and busybox have a command.
import { lstatSync } from "node:fs";
import { syncFile } from "./durable.ts";

/** From so many on. With fewer it is not worth waiting for what other programs have written. */
const MANY = 32;

/** Returns when all of these are on disk. */
export async function syncAll(paths: string[]): Promise<void> {
  if (paths.length >= MANY && (await syncFileSystems(paths))) return;
  for (const path of paths) syncFile(path);
}

/** Sync every file system that one of them is on. False: it could not be done, or one failed. */
async function syncFileSystems(paths: string[]): Promise<boolean> {
  if (process.platform !== "linux") return false;
  const oneOnEach = new Map(paths.map((path) => [lstatSync(path).dev, path]));
  try {
    const command = ["sync", "-f", ...oneOnEach.values()];
    const child = Bun.spawn(command, { stdio: ["ignore", "ignore", "ignore"], detached: true });
    return (await child.exited) === 0;
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return false;
    throw error;
  }
}
