// What a newcomer does on the first day and must not be punished for.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWorld } from "../../src/kernel.ts";
import { econ } from "../commands/terminal.ts";

const folder = mkdtempSync(join(tmpdir(), "econ-hostile-"));
const root = join(folder, "world");
const say = (...words: string[]) => econ(words, { cwd: root });

beforeAll(async () => {
  const made = await createWorld(root, { preset: "default", durable: false });
  expect(made).toMatchObject({ ok: true });
});

afterAll(() => rmSync(folder, { recursive: true }));

test("no world is made inside a world: it would stand in the way of every cycle", async () => {
  for (const words of [["init", "second"], ["init", "x/y", "--inside"], ["demo"]]) {
    const { code, err } = await say(...words);
    expect([words, code]).toEqual([words, 1]);
    expect(err).toContain("is inside the world");
  }
  for (const name of ["second", "x", "demo-world"]) expect(existsSync(join(root, name))).toBe(false);
  expect((await say("verify")).code).toBe(0);
});
