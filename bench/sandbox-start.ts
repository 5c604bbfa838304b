// From the call to the first line that a program says, `bun -e …`: through the drivers, and through
// bubblewrap alone with nothing but the namespaces. Run it: sh bin/bun bench/sandbox-start.ts
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chooseSandbox } from "../src/execution/choose.ts";
import { runAll } from "../src/execution/pool.ts";
import type { Sandbox } from "../src/execution/sandbox.ts";
import { compare, type Figures, figuresOf, show } from "./measure.ts";

const RUNS = 60;
const scratch = mkdtempSync(join(tmpdir(), "econ-bench-"));
const toolkit = join(import.meta.dir, "..");
const limits = {
  cpuSeconds: 5,
  memoryMb: 100,
  wallSeconds: 30,
  processes: 32,
  diskMb: 16,
  files: 1000,
};

/** It says when it speaks: the clock is the same inside and outside. */
const PROGRAM = ["bun", "-e", "console.log(performance.timeOrigin + performance.now())"];
const now = () => performance.timeOrigin + performance.now();

const ALONE = [
  ...["bwrap", "--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL"],
  ...["--die-with-parent", "--new-session", "--ro-bind", "/usr", "/usr", "--proc", "/proc"],
  ...["--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--dev", "/dev"],
  ...["--tmpfs", "/workspace", "--ro-bind", process.execPath, "/bun", "--", "/bun"],
  ...PROGRAM.slice(1),
];

async function alone(): Promise<string> {
  const child = Bun.spawn(ALONE, { stdio: ["ignore", "pipe", "ignore"] });
  const output = await child.stdout.text();
  await child.exited;
  return output;
}

const request = (n: number) => ({
  id: `bench-${n}`,
  argv: PROGRAM,
  workspace: new Map([["notes.md", { bytes: Buffer.from("x"), executable: false }]]),
  briefing: new Map(),
  limits,
});

type Start = { name: string; first: Figures; whole: Figures };

/** To the first line and to the end, each way once a round. */
async function starts(ways: { name: string; run: () => Promise<string> }[]): Promise<Start[]> {
  const times = ways.map(() => ({ first: [] as number[], whole: [] as number[] }));
  for (let round = -1; round < RUNS; round++)
    for (const [index, { run }] of ways.entries()) {
      const start = now();
      const spoke = Number(await run());
      if (round < 0) continue;
      times[index]?.first.push(spoke - start);
      times[index]?.whole.push(now() - start);
    }
  return ways.map(({ name }, index) => ({
    name,
    first: figuresOf(times[index]?.first ?? []),
    whole: figuresOf(times[index]?.whole ?? []),
  }));
}

const sandboxes: Sandbox[] = [];
for (const wanted of ["bubblewrap", "worker"] as const) {
  const chosen = await chooseSandbox(wanted, { scratch, toolkit });
  if (chosen.ok) sandboxes.push(chosen.value);
  else console.log(`${wanted}: ${chosen.reason}`);
}
const drivers = sandboxes.map((sandbox) => ({
  name: `the ${sandbox.name} driver`,
  run: async () => (await sandbox.run(request(0))).output,
}));
const [raw, ...ours] = await starts([{ name: "bubblewrap alone", run: alone }, ...drivers]);
for (const { name, first, whole } of ours) {
  if (!raw) continue;
  const peer = { name: raw.name, figures: raw.first, aim: "1.2 ×" };
  compare({ name: `${name} to the first line`, figures: first }, peer);
  compare({ name: `${name} to its end`, figures: whole }, { name: raw.name, figures: raw.whole });
}
if (raw) show(`${raw.name}, to the first line`, raw.first);
for (const sandbox of sandboxes)
  for (const parallel of [1, 2, 4]) {
    const start = performance.now();
    const tasks = Array.from({ length: RUNS }, (_, n) => () => sandbox.run(request(n)));
    await runAll(tasks, parallel);
    const perSecond = (RUNS * 1000) / (performance.now() - start);
    console.log(
      `the ${sandbox.name} driver, ${parallel} at once: ${perSecond.toFixed(0)} a second`,
    );
  }
rmSync(scratch, { recursive: true });
