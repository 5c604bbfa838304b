import { expect, test } from "bun:test";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openRepository } from "../../src/world/git.ts";
import { replicate } from "../../src/world/replica.ts";
import { accepted, worldOf } from "../e2e/helpers.ts";

const ROOT = join(import.meta.dir, "../..");

/** A process of its own that makes a copy of this world, and then does nothing. */
async function copyElsewhere(root: string): Promise<{ folder: string; kill(): Promise<unknown> }> {
  const script = `
    const { openRepository } = await import("./src/world/git.ts");
    const { replicate } = await import("./src/world/replica.ts");
    const repo = await openRepository(${JSON.stringify(root)});
    console.log((await replicate(repo.value, "HEAD")).value.root);
    await Bun.sleep(600_000);`;
  const other = Bun.spawn([process.execPath, "-e", script], { cwd: ROOT, stdout: "pipe" });
  const { value } = await other.stdout.getReader().read();
  const folder = dirname(new TextDecoder().decode(value).trim());
  const kill = () => {
    other.kill("SIGKILL");
    return other.exited;
  };
  return { folder, kill };
}

test("a copy that a killed econ has left is removed by the next, one in use stays", async () => {
  const { root } = await worldOf({});
  const repo = accepted(await openRepository(root));
  const [dead, living] = await Promise.all([copyElsewhere(root), copyElsewhere(root)]);
  const beingMade = mkdtempSync(join(tmpdir(), "econ-replica-"));
  try {
    await dead.kill();
    expect(existsSync(dead.folder)).toBe(true);
    const copy = accepted(await replicate(repo, "HEAD"));
    expect([dead.folder, living.folder, beingMade].map(existsSync)).toEqual([false, true, true]);
    copy.remove();
    expect(existsSync(dirname(copy.root))).toBe(false);
  } finally {
    await living.kill();
    accepted(await replicate(repo, "HEAD")).remove();
  }
  expect(existsSync(living.folder)).toBe(false);
  Bun.spawnSync(["rmdir", beingMade]);
});
