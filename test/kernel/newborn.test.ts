// A folder made by hand that cannot become an agent is a broken edit like any other.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWorld, tick, verifyWorld } from "../../src/kernel.ts";
import { headCommit, openRepository } from "../../src/world/git.ts";

let folder = "";
let root = "";

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "econ-newborn-"));
  root = join(folder, "world");
  const made = await createWorld(root, { preset: "default", person: "Pat", durable: false });
  expect(made).toMatchObject({ ok: true });
});

afterEach(() => rmSync(folder, { recursive: true }));

test("verify names it, and the cycle that it stops has not committed it", async () => {
  mkdirSync(join(root, "agents/pat/workspace"), { recursive: true });
  writeFileSync(join(root, "agents/pat/workspace/main.sh"), "true\n");
  const file = "agents/pat/workspace";
  const problems = [{ file, line: null, message: "the name pat is a person's" }];
  expect(await verifyWorld(root)).toEqual(problems);
  const before = await head();
  expect(await tick(root, { command: "test", durable: false })).toEqual({ ok: false, problems });
  expect(await head()).toBe(before);
});

test("a broken record is one problem; that its bids have no owner is none besides", async () => {
  writeFileSync(join(root, "agents/genesis/agent.json"), "{}\n");
  const files = (await verifyWorld(root)).map(({ file }) => file);
  expect([...new Set(files)]).toEqual(["agents/genesis/agent.json"]);
});

async function head(): Promise<string | null> {
  const repo = await openRepository(root);
  if (!repo.ok) throw new Error(repo.reason);
  return headCommit(repo.value);
}
