// Two or more ways to do the same work, timed in turn in one run, so that what else the machine
// does falls on all of them alike. What counts is the ratio; the figures name the machine.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { probeCgroups } from "../src/execution/probe.ts";

export type Figures = { p10: number; median: number };
export type Way = { name: string; run: () => unknown };

/** This process's own time, in milliseconds: for work without waiting, on a machine that is busy. */
export const processorTime = () => process.cpuUsage().user / 1000;

/**
 * Milliseconds of processor time of this process with all that it starts; 0 where there are no
 * control groups. To be called before anything else is started.
 */
export async function timeOfAll(): Promise<() => number> {
  const group = (await probeCgroups())?.create("bench", {
    memoryBytes: 2 ** 34,
    processes: 10_000,
  });
  for (const door of group?.doors ?? [])
    writeFileSync(join(dirname(door), "cgroup.procs"), `${process.pid}`);
  return () => (group?.cpuSeconds() ?? 0) * 1_000;
}

/** That of this process and of all that it has seen end, without a control group of its own. */
export function allProcessorTime(): number {
  const { user, system } = process.cpuUsage();
  const [, fields = ""] = readFileSync("/proc/self/stat", "utf8").split(") ");
  const [children, theirSystem] = fields.split(" ").slice(13, 15).map(Number);
  return (user + system) / 1000 + (children! + theirSystem!) * TICK_MS;
}

const TICK_MS = 10;

let childrenMs = 0;

/** That of the programs `runQuietly` has run, and of theirs, finer than in ticks of 10 ms. */
export const childrenTime = () => childrenMs;

/** Each way once per round, after a round that is not counted. */
export async function inTurn(
  rounds: number,
  ways: Way[],
  clock = () => performance.now(),
): Promise<Figures[]> {
  const times = ways.map((): number[] => []);
  for (let round = -1; round < rounds; round++)
    for (const [index, { run }] of ways.entries()) {
      const start = clock();
      await run();
      if (round >= 0) times[index]?.push(clock() - start);
    }
  return times.map(figuresOf);
}

export function figuresOf(times: number[]): Figures {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { p10: at(0.1), median: at(0.5) };
}

export function show(name: string, { p10, median }: Figures): void {
  console.log(`${name}: ${ms(p10)} / ${ms(median)} ms (10 %, median)`);
}

/** "our work: 12.0 ms, 1.8 × git status; aim 1.5 ×". */
export function compare(
  ours: { name: string; figures: Figures },
  peer: { name: string; figures: Figures; aim?: string },
): void {
  const { p10, median } = ours.figures;
  const at10 = (p10 / peer.figures.p10).toFixed(2);
  const ratio = (median / peer.figures.median).toFixed(2);
  const aim = peer.aim ? `; aim ${peer.aim}` : "";
  console.log(
    `${ours.name}: ${ms(median)} ms against ${ms(peer.figures.median)} ms of ${peer.name}: ` +
      `${ratio} × (at the 10th percentile ${at10} ×)${aim}`,
  );
}

export function ms(time: number): string {
  return time.toFixed(time < 10 ? 2 : 1);
}

/** Runs a program to its end, its output read and thrown away; it has to succeed. */
export async function runQuietly(
  argv: string[],
  { cwd, stdin }: { cwd?: string; stdin?: Uint8Array<ArrayBuffer> } = {},
): Promise<void> {
  const child = Bun.spawn(argv, {
    ...(cwd ? { cwd } : {}),
    stdin: stdin ? new Blob([stdin]) : "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [, error] = await Promise.all([child.stdout.bytes(), child.stderr.text()]);
  if ((await child.exited) !== 0) throw new Error(`${argv.join(" ")}: ${error}`);
  childrenMs += Number(child.resourceUsage()?.cpuTime.total ?? 0) / 1000;
}
