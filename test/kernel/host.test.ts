// What the host or a person puts in the way is told in a line; it never reads as a bug of econ's.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { die } from "../../src/economy/agents.ts";
import { accept } from "../../src/economy/result.ts";
import { act, createWorld } from "../../src/kernel.ts";

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

test("a link that a person committed in the folder of an agent that is to be buried", async () => {
  symlinkSync("/etc/passwd", join(root, "agents/genesis/workspace/link"));
  for (const words of [
    ["add", "."],
    ["-c", "user.name=a", "-c", "user.email=b", "commit", "-qm", "a link"],
  ])
    expect(Bun.spawnSync(["git", ...words], { cwd: root }).exitCode).toBe(0);
  const message = "agents/genesis/workspace/link: is a symbolic link; expected a regular file; ";
  const problems = [{ file: "", line: null, message: `${message}remove it` }];
  expect(await kill()).toEqual({ ok: false, problems });
});
