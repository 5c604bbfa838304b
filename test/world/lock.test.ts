import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { accept } from "../../src/economy/result.ts";
import { type Holder, lockServe, withLock } from "../../src/world/lock.ts";
import { must, reasonOf, removeTemporaryFolders, temporaryFolder } from "./worlds.ts";

afterAll(removeTemporaryFolders);

const SOURCE = join(import.meta.dir, "../../src/world/lock.ts");
const nothing = async () => accept(null);

/** Another process that takes the lock, says so, and keeps it until it is told to stop. */
async function holderOf(root: string, kind: "lock" | "serve") {
  const script = `
    import { withLock, lockServe } from ${JSON.stringify(SOURCE)};
    const wait = async () => { console.log("held"); for await (const _ of Bun.stdin.stream()); };
    if (${JSON.stringify(kind)} === "serve") {
      lockServe(process.argv.at(-1), "econ serve");
      await wait();
    } else await withLock(process.argv.at(-1), { command: "econ tick" }, async () => {
      await wait();
      return { ok: true, value: null };
    });`;
  const child = Bun.spawn([process.execPath, "-e", script, root], {
    stdin: "pipe",
    stdout: "pipe",
  });
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  expect(new TextDecoder().decode(value)).toBe("held\n");
  return child;
}

describe("the world's lock", () => {
  test("excludes another process until that one is done, and says who it is", async () => {
    const root = temporaryFolder();
    const child = await holderOf(root, "lock");
    const told: (Holder | null)[] = [];
    const onWait = (holder: Holder | null) => {
      told.push(holder);
      setTimeout(() => child.stdin.end(), 100);
    };
    const got = await withLock(root, { command: "econ status", onWait }, nothing);
    expect(got.ok).toBe(true);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ pid: child.pid, command: "econ tick" });
    expect(await child.exited).toBe(0);
  });

  test("refuses after the time given and names the holder, through a link as well", async () => {
    const root = temporaryFolder();
    const link = join(temporaryFolder(), "link");
    symlinkSync(root, link);
    const child = await holderOf(root, "lock");
    const refused = await withLock(link, { command: "x", timeoutMs: 100 }, nothing);
    expect(reasonOf(refused)).toBe(`the world is in use by econ tick (pid ${child.pid})`);
    child.kill("SIGKILL");
    await child.exited;
  });

  test("is free as soon as its holder is killed", async () => {
    const root = temporaryFolder();
    const child = await holderOf(root, "lock");
    child.kill("SIGKILL");
    await child.exited;
    expect((await withLock(root, { command: "x", timeoutMs: 0 }, nothing)).ok).toBe(true);
  });

  test("excludes a second holder in the same process, and is free after an exception", async () => {
    const root = temporaryFolder();
    const inner = await withLock(root, { command: "outer" }, () =>
      withLock(root, { command: "inner", timeoutMs: 0 }, nothing),
    );
    expect(reasonOf(inner)).toContain("in use by outer");
    const failing = withLock(root, { command: "x" }, () => Promise.reject(new Error("bug")));
    await expect(failing).rejects.toThrow("bug");
    expect((await withLock(root, { command: "x", timeoutMs: 0 }, nothing)).ok).toBe(true);
  });

  test("is given back even when its note cannot be removed", async () => {
    const root = temporaryFolder();
    const note = join(root, ".econ/holder.json");
    const done = await withLock(root, { command: "x" }, async () => {
      rmSync(note);
      mkdirSync(join(note, "full"), { recursive: true });
      return accept(null);
    });
    expect(done.ok).toBe(true);
    rmSync(note, { recursive: true });
    expect((await withLock(root, { command: "x", timeoutMs: 0 }, nothing)).ok).toBe(true);
  });

  test("of the daemon is another one, and is never waited for", async () => {
    const root = temporaryFolder();
    const child = await holderOf(root, "serve");
    expect(reasonOf(lockServe(root, "econ serve"))).toContain(`econ serve (pid ${child.pid})`);
    expect((await withLock(root, { command: "x", timeoutMs: 0 }, nothing)).ok).toBe(true);
    child.kill("SIGKILL");
    await child.exited;
    must(lockServe(root, "econ serve")).release();
    must(lockServe(root, "econ serve")).release();
  });

  test("that cannot be taken at all is a refusal", async () => {
    const refused = await withLock("/proc/nowhere", { command: "x" }, nothing);
    expect(reasonOf(refused)).toContain("cannot lock /proc/nowhere");
  });
});
