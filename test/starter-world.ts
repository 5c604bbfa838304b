// The starter world: what `econ init` makes, with a fixed seed, person and clock, so that it is the
// same bytes everywhere. `sh bin/bun test/starter-world.ts` writes it to world/.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createWorld } from "../src/kernel.ts";

export const STARTER = join(import.meta.dir, "..", "world");

/** Path → text of the starter world as `econ init` would make it now. */
export async function makeStarter(): Promise<Map<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), "econ-starter-"));
  try {
    const root = join(folder, "world");
    const made = await createWorld(root, {
      preset: "default",
      seed: "starter",
      settings: [["clock", "logical"]],
      person: "Human",
      durable: false,
    });
    if (!made.ok) throw new Error(made.problems.map(({ message }) => message).join("; "));
    return readStarter(root);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Without what git and a running world keep beside it. */
export function readStarter(root: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(root.length + 1);
    if (entry.isFile() && !/^\.(git|econ)\//.test(path))
      files.set(path, readFileSync(join(root, path), "utf8"));
  }
  return new Map([...files].sort());
}

if (import.meta.main) {
  const files = await makeStarter();
  rmSync(STARTER, { recursive: true, force: true });
  for (const [path, text] of files) {
    mkdirSync(dirname(join(STARTER, path)), { recursive: true });
    writeFileSync(join(STARTER, path), text);
  }
  console.log(`world/: ${files.size} files`);
}
