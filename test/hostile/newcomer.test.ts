// What a newcomer does on the first day and must not be punished for.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fitted } from "../../src/commands/serve-run.ts";
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
  for (const name of ["second", "x", "demo-world"])
    expect(existsSync(join(root, name))).toBe(false);
  expect((await say("verify")).code).toBe(0);
});

test("verify names what a cycle would refuse, so that mending can be checked", async () => {
  mkdirSync(join(root, "other/.git"), { recursive: true });
  writeFileSync(join(root, ".gitattributes"), "* filter=x\n");
  const ticked = await say("tick");
  const verified = await say("verify");
  rmSync(join(root, "other"), { recursive: true });
  rmSync(join(root, ".gitattributes"));
  expect(ticked).toMatchObject({ code: 3 });
  expect(verified.code).toBe(3);
  expect(verified.err).toContain(".gitattributes: a file that git gives a meaning to");
  expect((await say("verify")).code).toBe(0);
});

test("verify beside running cycles does not take a commit under way for forgery", async () => {
  const { tick } = await import("../../src/kernel.ts");
  let running = true;
  const cycles = async () => {
    for (let n = 0; n < 12; n++)
      expect(await tick(root, { command: "test", durable: false })).toMatchObject({ ok: true });
    running = false;
  };
  const audits = async () => {
    while (running) expect(await say("verify")).toMatchObject({ code: 0, err: "" });
  };
  await Promise.all([cycles(), audits()]);
}, 60_000);

test("a grant gets its turn while many cycles run", async () => {
  const cli = join(import.meta.dir, "../../src/cli.ts");
  const spawn = (...words: string[]) =>
    Bun.spawn([process.execPath, cli, ...words], { cwd: root, stdout: "pipe", stderr: "pipe" });
  const cycles = spawn("tick", "-n", "1000");
  const reader = cycles.stdout.getReader();
  await reader.read();
  const before = performance.now();
  expect(await spawn("grant", "genesis", "1").exited).toBe(0);
  expect(performance.now() - before).toBeLessThan(10_000);
  expect(cycles.exitCode).toBe(null);
  cycles.kill("SIGINT");
  expect(await cycles.exited).toBe(130);
}, 60_000);

test("half an answer, a mistyped name and a folder with spaces get words that help", async () => {
  expect(await say("attend", "7")).toMatchObject({ code: 2 });
  expect((await say("attend", "7")).err).toContain("three scores are needed");
  expect((await say("history", "--agent", "gensis")).err).toContain("alive: genesis");
  expect(await say("history", "--agent", "genesis")).toMatchObject({ code: 0 });
  expect(await say("init", "")).toMatchObject({ code: 2 });
  const spaced = await econ(["init", "my world", "--bare"], { cwd: folder });
  expect(spaced.out).toContain("cd 'my world'");
});

test("what is scored already says so", async () => {
  const active = () => econ(["attend", "--json"], { cwd: root }).then(({ out }) => JSON.parse(out));
  for (let n = 0; n < 9 && !(await active()).prompt; n++) await say("tick");
  expect((await say("attend")).out).toContain("\nScore it: econ attend");
  expect(await say("attend", "1", "2", "3")).toMatchObject({ code: 0 });
  expect((await say("attend")).out).toContain("It is scored; `econ tick` makes it count.");
});

test("a small terminal shows the top of the dashboard and its foot", () => {
  const drawn = Array.from({ length: 30 }, (_, n) => `line ${n}`).join("\n");
  expect(fitted(drawn, "foot", { columns: 40, rows: 6 })).toBe("line 0\nline 1\nline 2\n\nfoot");
  expect(fitted("wide ".repeat(8), "foot", { columns: 20, rows: 6 })).toContain("wide");
  expect(fitted("wide ".repeat(20), "foot", { columns: 20, rows: 6 })).toBe("\nfoot");
  expect(fitted("a\nb", "foot", { columns: 80, rows: 24 })).toBe("a\nb\n\nfoot");
});

test("output that cannot be written is one line on standard error, not a stack", async () => {
  const cli = join(import.meta.dir, "../../src/cli.ts");
  if (!existsSync("/dev/full")) return;
  const child = Bun.spawn([process.execPath, cli, "status"], {
    cwd: root,
    stdout: Bun.file("/dev/full"),
    stderr: "pipe",
  });
  const said = await new Response(child.stderr).text();
  expect(said).toMatch(/^econ: cannot write: .*\n$/);
  expect(await child.exited).toBe(1);
});
