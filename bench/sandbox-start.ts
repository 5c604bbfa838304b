// From the call to the first line that a program says, `bun -e …`: through bubblewrap alone with
// nothing but the namespaces, through bubblewrap alone with the isolation of an agent, and through
// the drivers. In a cycle a sandbox is made ready while another agent runs, so a driver is also
// timed from the agent's turn. Run it: sh bin/bun bench/sandbox-start.ts
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fixedMounts, isolation } from "../src/execution/bubblewrap.ts";
import { chooseSandbox } from "../src/execution/choose.ts";
import { runAll } from "../src/execution/pool.ts";
import type { RunRequest, Sandbox } from "../src/execution/sandbox.ts";
import { seccompFilter } from "../src/execution/seccomp.ts";
import { compare, figuresOf, ms, show, timeOfAll } from "./measure.ts";

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

/** Where its first line counts from, and when that was said. */
type Start = { from: number; spoke: number };
type Way = { name: string; run: () => Promise<Start> };

const NAMESPACES = [
  ...["--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL"],
  ...["--die-with-parent", "--new-session", "--ro-bind", "/usr", "/usr", "--proc", "/proc"],
  ...["--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--dev", "/dev"],
  ...["--tmpfs", "/workspace", "--ro-bind", process.execPath, "/opt/bun/bin/bun"],
];

async function alone(words: string[], fds: number[] = []): Promise<Start> {
  const command = ["bwrap", ...words, "--", "/opt/bun/bin/bun", ...PROGRAM.slice(1)];
  const from = now();
  const child = Bun.spawn(command, { stdio: ["ignore", "pipe", "ignore", ...fds] });
  const output = await child.stdout.text();
  await child.exited;
  return { from, spoke: Number(output) };
}

/** Folders and filter stand already: only what bubblewrap and the kernel do is timed. */
async function isolated(): Promise<Start> {
  const fds = [openSync(join(scratch, "seccomp"), "r"), openSync(join(scratch, "info"), "w")];
  const start = await alone(isolation(fixedMounts(toolkit), scratch, { limits }), fds);
  for (const file of fds) closeSync(file);
  return start;
}

mkdirSync(join(scratch, "econ"));
for (const name of ["actions.jsonl", "econ/actions.jsonl"]) writeFileSync(join(scratch, name), "");
writeFileSync(join(scratch, "seccomp"), seccompFilter(process.arch) ?? "");

const request = (n: number): RunRequest => ({
  id: `bench-${n}`,
  argv: PROGRAM,
  workspace: new Map([["notes.md", { bytes: Buffer.from("x"), executable: false }]]),
  briefing: new Map(),
  limits,
});

async function fromCall(sandbox: Sandbox): Promise<Start> {
  const from = now();
  const { output } = await sandbox.run(request(0));
  return { from, spoke: Number(output) };
}

async function fromTurn(sandbox: Sandbox): Promise<Start> {
  let from = 0;
  const turn: RunRequest["turn"] = (run) => {
    from = now();
    return run();
  };
  const { output } = await sandbox.run({ ...request(0), turn });
  return { from, spoke: Number(output) };
}

/** To the first line, to the end and in processor time, each way once a round. */
async function measure(ways: Way[], used: () => number) {
  const times = ways.map(() => ({
    first: [] as number[],
    whole: [] as number[],
    cpu: [] as number[],
  }));
  for (let round = -1; round < RUNS; round++)
    for (const [index, { run }] of ways.entries()) {
      const before = used();
      const { from, spoke } = await run();
      const end = now();
      if (round < 0) continue;
      times[index]?.first.push(spoke - from);
      times[index]?.whole.push(end - from);
      times[index]?.cpu.push(used() - before);
    }
  return ways.map(({ name }, index) => {
    const { first = [], whole = [], cpu = [] } = times[index] ?? {};
    return { name, first: figuresOf(first), whole: figuresOf(whole), cpu: figuresOf(cpu) };
  });
}

const used = await timeOfAll();
const sandboxes: Sandbox[] = [];
for (const wanted of ["bubblewrap", "worker"] as const) {
  const chosen = await chooseSandbox(wanted, { scratch, toolkit });
  if (chosen.ok) sandboxes.push(chosen.value);
  else console.log(`${wanted}: ${chosen.reason}`);
}
const drivers = sandboxes.flatMap((sandbox): Way[] => [
  { name: `the ${sandbox.name} driver, from the call`, run: () => fromCall(sandbox) },
  { name: `the ${sandbox.name} driver, from the turn`, run: () => fromTurn(sandbox) },
]);
const ways: Way[] = [
  { name: "bubblewrap alone", run: () => alone(NAMESPACES) },
  { name: "bubblewrap with this isolation", run: isolated },
  ...drivers,
];
const [raw, ...others] = await measure(ways, used);
for (const { name, first, whole, cpu } of others) {
  if (!raw) continue;
  const peer = { name: raw.name, figures: raw.first, aim: "1.2 ×" };
  compare({ name: `${name}, to the first line`, figures: first }, peer);
  compare({ name: `${name}, to its end`, figures: whole }, { ...peer, figures: raw.whole });
  console.log(`${name}, processor time: ${ms(cpu.p10)} ms against ${ms(raw.cpu.p10)} ms`);
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
