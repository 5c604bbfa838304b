// The shell at a real terminal.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWorld } from "../../src/kernel.ts";

const folder = mkdtempSync(join(tmpdir(), "econ-hostile-"));
const root = join(folder, "world");
const CLI = join(import.meta.dir, "../../src/cli.ts");

beforeAll(async () => {
  const made = await createWorld(root, { preset: "default", durable: false });
  expect(made).toMatchObject({ ok: true });
});

afterAll(() => rmSync(folder, { recursive: true }));

test("lines that are pasted or typed ahead are all obeyed", async () => {
  let shown = "";
  const seen = async (text: string) => {
    for (let waited = 0; waited < 10_000 && !shown.includes(text); waited += 20)
      await Bun.sleep(20);
    expect(shown).toContain(text);
  };
  const child = Bun.spawn([process.execPath, CLI, "shell"], {
    cwd: root,
    terminal: {
      cols: 100,
      rows: 30,
      data: (_, bytes) => {
        shown += Buffer.from(bytes).toString();
      },
    },
  });
  await seen("economy>");
  child.terminal?.write("agents -q\rconfig clock\rver");
  await seen("RULE");
  child.terminal?.write("ify\r");
  await seen("The world is sound");
  expect(shown).toContain("genesis\r\n");
  child.terminal?.write("quit\r");
  expect(await child.exited).toBe(0);
}, 30_000);
