// What the host or a person puts in the way is told in a line; it never reads as a bug of econ's.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { die } from "../../src/economy/agents.ts";
import { accept } from "../../src/economy/result.ts";
import { act, createWorld, tick, verifyWorld } from "../../src/kernel.ts";
import { git } from "../world/worlds.ts";

let folder = "";
let root = "";

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "econ-host-"));
  root = join(folder, "world");
  const made = await createWorld(root, { preset: "default", seed: "host", durable: false });
  expect(made).toMatchObject({ ok: true });
});

afterEach(() => rmSync(folder, { recursive: true }));

const options = { command: "test", subject: "a death", durable: false };
const kill = () =>
  act(root, options, (economy) => {
    die(economy, "genesis", "for the test");
    return accept("it died");
  });

test("a world is not made where a file is, nor below one", async () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  expect(await createWorld(file, { preset: "default" })).toMatchObject({ ok: false });
});

test("a file in the place of econ's own folder", async () => {
  rmSync(join(root, ".econ"), { recursive: true });
  writeFileSync(join(root, ".econ"), "");
  const problems = [{ file: "", line: null, message: expect.stringContaining(".econ") }];
  expect(await kill()).toEqual({ ok: false, problems });
});

test("a link or a repository that a person committed where somebody is buried stays, and is named", async () => {
  const left = ["agents/genesis/workspace/inside", "agents/genesis/workspace/link"];
  const [inside = "", link = ""] = left.map((path) => join(root, path));
  symlinkSync("/etc/passwd", link);
  git(folder, "init", "-q", inside);
  for (const at of [inside, root]) {
    git(at, "add", ".");
    git(at, "commit", "--allow-empty", "-qm", "mine");
  }
  expect(git(root, "ls-tree", "-r", "--name-only", "HEAD", "agents")).toContain(left.join("\n"));
  expect(await kill()).toMatchObject({ ok: true });
  expect(git(root, "ls-tree", "-r", "HEAD", "agents")).toBe("");
  expect(git(root, "ls-tree", "-r", "HEAD", "graveyard")).not.toMatch(/^1[26]0000/m);
  expect([readlinkSync(link), existsSync(join(inside, ".git/HEAD"))]).toEqual([
    "/etc/passwd",
    true,
  ]);
  const problems = left.map((file) => expect.objectContaining({ file }));
  expect(await tick(root, { command: "test", durable: false })).toEqual({ ok: false, problems });
  for (const path of left) rmSync(join(root, path), { recursive: true });
  expect(await tick(root, { command: "test", durable: false })).toMatchObject({ ok: true });
  expect(await verifyWorld(root)).toEqual([]);
});
