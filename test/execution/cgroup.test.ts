import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findCgroups } from "../../src/execution/cgroup.ts";
import { probeCgroups } from "../../src/execution/probe.ts";
import { temporaryFolder } from "./ground.ts";

const LIMITS = { memoryBytes: 64 * 1024 * 1024, processes: 9 };

/** A tree as version 2 lays it out: a scope with processes in a slice that hands down. */
function version2(handedDown: string) {
  const root = join(temporaryFolder(), "cgroup");
  const slice = join(root, "user.slice/app.slice");
  const scope = join(slice, "shell.scope");
  mkdirSync(scope, { recursive: true });
  for (const [folder, controllers] of [
    [slice, handedDown],
    [scope, ""],
  ] as const) {
    writeFileSync(join(folder, "cgroup.subtree_control"), `${controllers}\n`);
    writeFileSync(join(folder, "cgroup.procs"), "");
  }
  const mounts = `proc /proc proc rw 0 0\ncgroup2 ${root} cgroup2 rw,nosuid 0 0\n`;
  return { slice, mounts, own: "0::/user.slice/app.slice/shell.scope\n" };
}

describe("control groups of version 2", () => {
  test("are made where an ancestor hands memory and processes down", () => {
    const { slice, mounts, own } = version2("cpu memory pids");
    const found = findCgroups(mounts, own);
    expect(found?.version).toBe(2);
    expect(found?.enforces.toSorted()).toEqual(["cpu", "memory", "processes"]);
    const group = found?.create("run", LIMITS);
    const folder = dirname(group?.doors[0] ?? "");
    expect(dirname(folder)).toBe(slice);
    expect(group?.doors).toEqual([join(folder, "cgroup.procs")]);
    expect(readFileSync(join(folder, "memory.max"), "utf8")).toBe(`${LIMITS.memoryBytes}`);
    expect(readFileSync(join(folder, "pids.max"), "utf8")).toBe("9");
  });

  test("are read as the kernel writes them", () => {
    const { mounts, own } = version2("memory pids");
    const group = findCgroups(mounts, own)?.create("run", LIMITS);
    const folder = dirname(group?.doors[0] ?? "");
    expect([group?.cpuSeconds(), group?.outOfMemory(), group?.forksRefused()]).toEqual([0, 0, 0]);
    writeFileSync(join(folder, "cpu.stat"), "usage_usec 2500000\nuser_usec 1\nsystem_usec 2\n");
    writeFileSync(join(folder, "memory.events"), "low 0\nhigh 0\nmax 7\noom 2\noom_kill 1\n");
    writeFileSync(join(folder, "pids.events"), "max 12\n");
    expect([group?.cpuSeconds(), group?.outOfMemory(), group?.forksRefused()]).toEqual([
      2.5, 1, 12,
    ]);
  });

  test("of which one cannot be limited leave nothing", () => {
    const { slice, mounts, own } = version2("memory pids");
    const before = readdirSync(slice);
    const found = findCgroups(mounts, own);
    expect(() => found?.create("no/such/folder", LIMITS)).toThrow();
    expect(readdirSync(slice)).toEqual(before);
  });

  test("are not there where nobody hands the controllers down", () => {
    const { mounts, own } = version2("cpu");
    expect(findCgroups(mounts, own)).toBeNull();
  });
});

test("without any control group there is none", () => {
  expect(findCgroups("proc /proc proc rw 0 0\n", "")).toBeNull();
});

const here = await probeCgroups();

describe.skipIf(!here)("the control groups of this machine", () => {
  test("kill what is in them when they are removed, and are gone then", async () => {
    const group = here?.create("test", LIMITS);
    const enter = 'for door in "$@"; do echo 0 >"$door"; done; sleep 60 & exec sleep 60';
    const inside = Bun.spawn(["/bin/sh", "-c", enter, "sh", ...(group?.doors ?? [])]);
    const door = group?.doors[0] ?? "";
    while (readFileSync(door, "utf8").split("\n").length < 3) await Bun.sleep(2);
    expect(await group?.remove()).toBe(true);
    expect(await inside.exited).toBe(137);
    expect(group?.doors.some((path) => existsSync(path))).toBe(false);
  });

  test("of two runs of the same name are two, and the end of one is not the end of the other", async () => {
    const [first, second] = [here?.create("same", LIMITS), here?.create("same", LIMITS)];
    const enter = 'for door in "$@"; do echo 0 >"$door"; done; echo in; read -r go';
    const command = ["/bin/sh", "-c", enter, "sh", ...(second?.doors ?? [])];
    const inside = Bun.spawn(command, { stdin: "pipe" });
    const said = inside.stdout.getReader();
    await said.read();
    expect(await first?.remove()).toBe(true);
    inside.stdin.write("go\n");
    inside.stdin.end();
    expect(await inside.exited).toBe(0);
    expect(await second?.remove()).toBe(true);
  });

  test("left by a process that is gone are swept away, those of a living one are not", async () => {
    const group = here?.create("mine", LIMITS);
    const mine = dirname(group?.doors[0] ?? "");
    const stale = mine.replace(`econ-${process.pid}-`, "econ-999999999-");
    mkdirSync(stale);
    await here?.sweep();
    expect([existsSync(mine), existsSync(stale)]).toEqual([true, false]);
    await group?.remove();
  });
});
