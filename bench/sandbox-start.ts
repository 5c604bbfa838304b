// What a run costs on top of its program: `bun -e 0` through the driver, and through bubblewrap
// alone, with nothing but the namespaces. Run it: sh bin/bun bench/sandbox-start.ts
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chooseSandbox } from "../src/execution/choose.ts";
import { runAll } from "../src/execution/pool.ts";

const RUNS = 100;
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

function percentile(times: number[], share: number): string {
  return (times[Math.floor(times.length * share)] ?? 0).toFixed(1);
}

async function measure(name: string, run: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let n = 0; n < RUNS; n++) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  console.log(`${name}: ${percentile(times, 0.1)} / ${percentile(times, 0.5)} ms (10 %, median)`);
}

const ALONE = [
  ...["bwrap", "--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL"],
  ...["--die-with-parent", "--new-session", "--ro-bind", "/usr", "/usr", "--proc", "/proc"],
  ...["--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--dev", "/dev"],
  ...["--tmpfs", "/workspace", "--ro-bind", process.execPath, "/bun", "--", "/bun", "-e", "0"],
];

async function alone(): Promise<void> {
  await Bun.spawn(ALONE, { stdio: ["ignore", "ignore", "ignore"] }).exited;
}

const request = (n: number) => ({
  id: `bench-${n}`,
  argv: ["bun", "-e", "0"],
  workspace: new Map([["notes.md", { bytes: Buffer.from("x"), executable: false }]]),
  briefing: new Map(),
  limits,
});

await measure("bubblewrap alone", alone);
for (const wanted of ["bubblewrap", "worker"] as const) {
  const chosen = await chooseSandbox(wanted, { scratch, toolkit });
  if (!chosen.ok) {
    console.log(`${wanted}: ${chosen.reason}`);
    continue;
  }
  await measure(`the ${wanted} driver`, () => chosen.value.run(request(0)));
  for (const parallel of [1, 2, 4]) {
    const start = performance.now();
    const tasks = Array.from({ length: RUNS }, (_, n) => () => chosen.value.run(request(n)));
    await runAll(tasks, parallel);
    const perSecond = (RUNS * 1000) / (performance.now() - start);
    console.log(`the ${wanted} driver, ${parallel} at once: ${perSecond.toFixed(0)} a second`);
  }
}
rmSync(scratch, { recursive: true });
