// A run as a world: sound by the world's own audit, the economy that was measured, and never over
// something that is there.
import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { econ } from "../commands/terminal.ts";

const EXPERIMENT = `name: tiny
cycles: 30
seeds: 1
cast:
  genesis: { credits: 900 }
  spammer: { credits: 60 }
  scribe: { credits: 900, count: 2, writing: rewrite, teaching: sold, skilled: 1 }
settings: { economy.spawn_cost: 1 }
`;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), "econ-lab-"));
  folders.push(folder);
  writeFileSync(join(folder, "tiny.yaml"), EXPERIMENT);
  return folder;
}

const run = ["lab", "run", "tiny.yaml", "--out", "out", "--workers", "1"];

/** Of the last cycle, by column. */
function lastRow(folder: string): Record<string, string> {
  const lines = readFileSync(join(folder, "out/cycles.csv"), "utf8").trimEnd().split("\n");
  const cells = (lines.at(-1) ?? "").split(",");
  return Object.fromEntries((lines[0] ?? "").split(",").map((name, i) => [name, cells[i] ?? ""]));
}

describe("a run that is committed", () => {
  test("is a sound world with a commit a cycle, and the economy that was measured", async () => {
    const cwd = place();
    const answer = await econ([...run, "--commit", "control"], { cwd });
    expect([answer.code, answer.err]).toEqual([0, ""]);
    expect(answer.out).toContain("out/world-control: the world of its first run");
    const world = join(cwd, "out/world-control");
    const audit = await econ(["verify"], { cwd: world });
    expect([audit.code, audit.err]).toEqual([0, ""]);
    const status = JSON.parse((await econ(["status", "--json"], { cwd: world })).out);
    const measured = lastRow(cwd);
    expect(status.cycle).toBe(30);
    expect(String(status.alive)).toBe(measured.alive ?? "");
    const log = Bun.spawnSync(["git", "log", "--format=%(trailers:key=Econ-Credits,valueonly)"], {
      cwd: world,
    }).stdout;
    const credits = new TextDecoder().decode(log).split("\n").filter(Boolean);
    expect(credits.length).toBe(30);
    expect(Number(credits[0])).toBeCloseTo(Number(measured.circulating), 3);
  });

  test("shows what its agents wrote, and says that a strategy of the lab cannot run by itself", async () => {
    const cwd = place();
    await econ([...run, "--commit", "control"], { cwd });
    const folder = join(cwd, "out/world-control/agents/scribe-1/workspace");
    expect(readFileSync(join(folder, "AGENTS.md"), "utf8")).toContain("# How I live");
    expect(readFileSync(join(folder, "main.ts"), "utf8")).toContain("cannot run by itself");
    const genesis = join(cwd, "out/world-control/agents/genesis/workspace");
    expect(readFileSync(join(genesis, "MEMORY.md"), "utf8")).toContain("What I remember");
    expect(JSON.parse(readFileSync(join(genesis, "state.json"), "utf8")).wakes).toBeGreaterThan(0);
  });

  test("is written over nothing, and of a treatment that there is", async () => {
    const cwd = place();
    const wrong = await econ([...run, "--commit", "contrl"], { cwd });
    expect([wrong.code, wrong.err]).toEqual([
      1,
      'econ: no treatment "contrl"; did you mean control?',
    ]);
    await econ([...run, "--commit", "control"], { cwd });
    const again = await econ([...run, "--commit", "control"], { cwd });
    expect(again.code).toBe(1);
    expect(again.err).toContain("world-control is there already: remove it first");
  });
});
