// A run in a container against `docker run` of the same hardened line, both saying when they speak;
// then the same in a container that is kept warm; then eight at once against one. It takes the
// daemon that DOCKER_HOST names, with the image of this econ. Run it: sh bin/bun bench/docker.ts
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chooseSandbox } from "../src/execution/choose.ts";
import { imageTag } from "../src/execution/image.ts";
import { runAll } from "../src/execution/pool.ts";
import type { Sandbox } from "../src/execution/sandbox.ts";
import { compare, inTurn, ms } from "./measure.ts";

const ROUNDS = 20;
const AT_ONCE = 8;
const toolkit = join(import.meta.dir, "..");
const scratch = mkdtempSync(join(tmpdir(), "econ-bench-"));
const limits = {
  cpuSeconds: 5,
  memoryMb: 100,
  wallSeconds: 30,
  processes: 32,
  diskMb: 16,
  files: 1000,
};
const PROGRAM = ["bun", "-e", "0"];
const RAW = [
  ...["docker", "run", "--rm", "--network", "none", "--read-only", "--cap-drop", "ALL"],
  ...["--security-opt", "no-new-privileges", "--ipc", "none", "--user", "10001:10001"],
  ...["--memory", "116m", "--memory-swap", "116m", "--cpus", "1", "--pids-limit", "68"],
  ...["--ulimit", "nofile=1024:1024", "--ulimit", "core=0", "--log-driver", "none"],
  ...["--tmpfs", "/tmp:size=16m", "--tmpfs", "/workspace:size=16m,exec"],
  ...["--tmpfs", "/dev/shm:size=16m", "--entrypoint", "/opt/bun/bin/bun"],
  ...[imageTag(toolkit), ...PROGRAM.slice(1)],
];

async function raw(): Promise<void> {
  const child = Bun.spawn(RAW, { stdio: ["ignore", "pipe", "pipe"] });
  const said = await child.stderr.text();
  if ((await child.exited) !== 0) throw new Error(said);
}

async function sandboxFor(keepWarm: boolean): Promise<Sandbox> {
  const docker = { runtime: "", keep_warm: keepWarm };
  const chosen = await chooseSandbox("docker", { scratch, toolkit, docker });
  if (!chosen.ok) throw new Error(chosen.reason);
  return chosen.value;
}

let runs = 0;
async function once(sandbox: Sandbox, agent: string): Promise<void> {
  runs += 1;
  const workspace = new Map([["notes.md", { bytes: Buffer.from("x"), executable: false }]]);
  const run = { id: `bench-${runs}`, agent, argv: PROGRAM, workspace, briefing: new Map(), limits };
  const { ending } = await sandbox.run(run);
  if (ending.kind !== "finished") throw new Error(JSON.stringify(ending));
}

const cold = await sandboxFor(false);
const warm = await sandboxFor(true);
const [plain, one, again] = await inTurn(ROUNDS, [
  { name: "docker run", run: raw },
  { name: "a new container", run: () => once(cold, "a") },
  { name: "a warm container", run: () => once(warm, "a") },
]);
if (plain && one && again) {
  const peer = { name: "docker run of the same line", figures: plain };
  compare({ name: "a run in a new container", figures: one }, { ...peer, aim: "1.2 ×" });
  compare({ name: "a run in a warm container", figures: again }, peer);
}
for (const [name, sandbox] of [
  ["new containers", cold],
  ["warm containers", warm],
] as const) {
  const tasks = Array.from({ length: AT_ONCE }, (_, n) => () => once(sandbox, `agent${n}`));
  await runAll(tasks, AT_ONCE);
  const [single, eight] = await inTurn(5, [
    { name: "one", run: () => once(sandbox, "agent0") },
    { name: "eight", run: () => runAll(tasks, AT_ONCE) },
  ]);
  if (!single || !eight) continue;
  const times = (eight.median / single.median).toFixed(2);
  const rate = ((AT_ONCE * 1000) / eight.median).toFixed(1);
  console.log(
    `${name}, ${AT_ONCE} at once: ${ms(eight.median)} ms, ${times} × one (${ms(single.median)} ms); ` +
      `${rate} runs a second`,
  );
}
rmSync(scratch, { recursive: true });
