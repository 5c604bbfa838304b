// A small disk of its own: a file with ext4 on it, mounted. It can be full in earnest, read-only in
// earnest, and its power can be cut: a copy of the file, taken while the disk is mounted, holds what
// had reached the device and nothing of what the machine still had in memory.
import { afterAll } from "bun:test";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { syncFile } from "../../src/world/durable.ts";

const disks = new Set<Disk>();

afterAll(() => {
  for (const disk of disks) remove(disk);
});

export type Disk = { folder: string; image: string };

/** A new disk of so many megabytes, with so many inodes if that matters. */
export function newDisk({ megabytes = 32, inodes = 0 } = {}): Disk {
  const image = newImage();
  must("truncate", "-s", `${megabytes}M`, image);
  must("mkfs.ext4", "-q", "-F", ...(inodes > 0 ? ["-N", String(inodes)] : []), image);
  return mount(image);
}

/** The disk as it would be found if the power failed now. To be given back with `remove`. */
export function cutPower({ image }: Disk): Disk {
  const copy = newImage();
  copyFileSync(image, copy);
  return mount(copy);
}

/**
 * The power fails now and comes back: the same disk, at the same place, with what had reached it.
 * `torn`: the file system has just written its names, as it does every few seconds and whenever
 * anybody syncs anything, and of bytes that nobody has synced nothing.
 */
export function failPower(disk: Disk, { torn = false } = {}): void {
  if (torn) syncFile(bystander(disk));
  const { image, folder } = disk;
  const copy = join(dirname(image), `after-${++cuts}.img`);
  stillCopy(image, copy);
  // A git may be about to end; what it still does, it does to the old disk.
  must("umount", "--lazy", folder);
  rmSync(image);
  disk.image = copy;
  must("mount", "-o", "loop", copy, folder);
}

function bystander({ folder }: Disk): string {
  const path = join(folder, "bystander");
  appendFileSync(path, "x");
  return path;
}

/** A copy of one instant: two in a row that are the same. */
function stillCopy(image: string, copy: string): void {
  let before = readFileSync(image);
  for (let tries = 0; tries < COPIES_MAX; tries++) {
    const after = readFileSync(image);
    if (before.equals(after)) {
      writeFileSync(copy, after);
      return;
    }
    before = after;
  }
  throw new Error(`${image} does not come to rest`);
}

const COPIES_MAX = 100;
let cuts = 0;

function newImage(): string {
  return join(mkdtempSync(join(tmpdir(), "econ-disk-")), "disk.img");
}

function mount(image: string): Disk {
  const folder = join(dirname(image), "disk");
  mkdirSync(folder);
  must("mount", "-o", "loop", image, folder);
  const disk = { folder, image };
  disks.add(disk);
  return disk;
}

export function remount({ folder }: Disk, how: "ro" | "rw"): void {
  must("mount", "-o", `remount,${how}`, folder);
}

export function remove(disk: Disk): void {
  must("umount", disk.folder);
  disks.delete(disk);
  rmSync(dirname(disk.image), { recursive: true });
}

/** Bytes and inodes that can still be had. */
export function roomOf({ folder }: Disk): { bytes: number; inodes: number } {
  const said = run("stat", "-f", "-c", "%a %S %d", folder).stdout.toString();
  const [blocks = 0, size = 0, inodes = 0] = said.trim().split(" ").map(Number);
  return { bytes: blocks * size, inodes };
}

function run(...argv: string[]) {
  return Bun.spawnSync(argv, { stdout: "pipe", stderr: "pipe" });
}

function must(...argv: string[]): void {
  const { exitCode, stderr } = run(...argv);
  if (exitCode !== 0) throw new Error(`${argv.join(" ")}: ${stderr}`);
}

/** Loop disks take root and a kernel that has them. As root in CI their absence is a failure. */
function hasDisks(): boolean {
  if (process.getuid?.() !== 0) {
    console.log("tests on disks of their own are skipped: they need root");
    return false;
  }
  try {
    remove(newDisk());
    return true;
  } catch (error) {
    if (process.env.CI) throw error;
    console.log(`tests on disks of their own are skipped: ${(error as Error).message.trim()}`);
    return false;
  }
}

export const DISKS = hasDisks();
