// .econ is econ's own, but a person, a full disk or a world from elsewhere may have been there.
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWorld } from "../../src/kernel.ts";
import { replaceFile } from "../../src/world/durable.ts";
import { econ } from "../commands/terminal.ts";

const folder = mkdtempSync(join(tmpdir(), "econ-hostile-"));
const made = join(folder, "made");
const root = join(folder, "world");
const own = (name: string) => join(root, ".econ", name);
const say = (...words: string[]) => econ(words, { cwd: root });

beforeAll(async () => {
  const options = { preset: "default", cast: {}, durable: false };
  expect(await createWorld(made, options)).toMatchObject({ ok: true });
});

beforeEach(() => {
  rmSync(root, { recursive: true, force: true });
  cpSync(made, root, { recursive: true });
});

afterAll(() => rmSync(folder, { recursive: true }));

test("a pipe, a folder or a link where the last check is noted does not matter", async () => {
  const victim = join(folder, "victim");
  writeFileSync(victim, "mine\n");
  const places = [
    () => Bun.spawnSync(["mkfifo", own("checked")]),
    () => mkdirSync(own("checked")),
    () => symlinkSync(victim, own("checked")),
  ];
  for (const place of places) {
    rmSync(own("checked"), { force: true, recursive: true });
    place();
    expect(await say("tick")).toMatchObject({ code: 0 });
  }
  expect(readFileSync(victim, "utf8")).toBe("mine\n");
});

test("a file or a link in place of the folder is refused and left alone", async () => {
  const elsewhere = join(folder, "elsewhere");
  mkdirSync(join(elsewhere, "scratch/precious"), { recursive: true });
  rmSync(join(root, ".econ"), { recursive: true });
  symlinkSync(elsewhere, join(root, ".econ"));
  expect((await say("tick")).err).toContain(".econ is not a folder: remove it");
  expect(existsSync(join(elsewhere, "scratch/precious"))).toBe(true);
  rmSync(join(root, ".econ"));
  writeFileSync(join(root, ".econ"), "");
  expect((await say("tick")).err).toContain(".econ is not a folder: remove it");
});

test("a lock file that is something else is named", async () => {
  rmSync(own("lock"), { force: true });
  writeFileSync(own("lock"), "garbage");
  expect((await say("tick")).err).toContain("if .econ/lock is not what econ made, remove it");
});

test("a file that cannot be replaced leaves no half of it behind", () => {
  mkdirSync(join(root, "attention/active.md/full"), { recursive: true });
  expect(() => replaceFile(join(root, "attention/active.md"), "x", false)).toThrow();
  expect(existsSync(join(root, "attention/active.md.new"))).toBe(false);
});
