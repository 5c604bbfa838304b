// A person's own git, at work in the same repository while cycles run.
import { afterAll, expect, test } from "bun:test";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWorld, tick, verifyWorld } from "../../src/kernel.ts";

const folder = mkdtempSync(join(tmpdir(), "econ-hostile-"));
const root = join(folder, "world");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("commits by hand at any moment neither stop cycles nor get lost", async () => {
  const made = await createWorld(root, { preset: "default", durable: false });
  expect(made).toMatchObject({ ok: true });
  const git = (...words: string[]) =>
    Bun.spawn(["git", "-c", "user.name=p", "-c", "user.email=p@p", ...words], {
      cwd: root,
      stdout: "ignore",
      stderr: "ignore",
    }).exited;
  const ticked = async () =>
    expect(await tick(root, { command: "test", durable: false })).toMatchObject({ ok: true });
  // Paced by this machine: who commits faster than any cycle can end does stop them.
  const began = performance.now();
  await ticked();
  const quiet = performance.now() - began;
  let running = true;
  const person = async () => {
    for (let n = 1; running; n++) {
      appendFileSync(join(root, "econ.yaml"), `# by hand ${n}\n`);
      // It fails while econ holds the index, or finds nothing left to commit: then econ took it.
      await git("commit", "-qam", `by hand ${n}`);
      await Bun.sleep(quiet * (0.2 + ((n * 37) % 25) / 10));
    }
  };
  const cycles = async () => {
    try {
      for (let n = 0; n < 15; n++) await ticked();
    } finally {
      running = false;
    }
  };
  await Promise.all([person(), cycles()]);
  expect(await verifyWorld(root)).toEqual([]);
}, 60_000);
