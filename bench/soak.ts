// A world left alone for long: does its process stay as small as it began, and are the books right
// at the end? Prints what the first and the last quarter of the time looked like, side by side.
// Run it:
//   sh bin/bun bench/soak.ts serve 60        an hour of `econ serve`, a cycle a second, 20 agents
//   sh bin/bun bench/soak.ts ticks 10000     so many cycles of `econ tick`, logical clock, 5 agents;
//                                            a third word bounds the minutes
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ECON = join(import.meta.dir, "../bin/econ");
const [mode = "serve", amount = "60", minutes = "Infinity"] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "econ-soak-"));
const root = join(folder, "world");

/** Wakes every fifth cycle or so, remembers, writes to the next one, and asks now and then. */
const lifeOf = (n: number, of: number) => `
econ bid --cpu 1 --memory 64 --not-before +${3 + (n % 5)}
econ time >last.txt
econ send a${(n + 1) % of} "hello from a${n}" || true
[ $((RANDOM % 10)) != 0 ] || econ prompt 60 "# News of a${n}" || true
`;

function sh(...words: string[]): string {
  const done = Bun.spawnSync(words, { cwd: root, stderr: "pipe" });
  if (!done.success) throw new Error(`${words.join(" ")}: ${done.stderr}`);
  return done.stdout.toString();
}

function makeWorld(agents: number, clock: string, seconds: number): void {
  mkdirSync(root);
  sh("sh", ECON, "init", root, "--clock", clock, "--seed", "soak");
  const config = join(root, "econ.yaml");
  const text = readFileSync(config, "utf8")
    .replace("schedule_seconds: 10", `schedule_seconds: ${seconds}`)
    .replace("initial_credit_budget: 1000", "initial_credit_budget: 1000000")
    .replace("unattended: false", "unattended: true")
    // Waiting for the disk is most of a cycle's time and nothing of what is looked at here.
    .replace(/^durable: true/m, `durable: ${clock === "wall"}`);
  writeFileSync(config, text);
  for (let n = 0; n < agents; n++) {
    const workspace = join(root, `agents/a${n}/workspace`);
    mkdirSync(workspace, { recursive: true });
    writeFileSync(join(workspace, "main.sh"), lifeOf(n, agents));
  }
  sh("sh", ECON, "tick");
}

type Sample = { mb: number; files: number; threads: number; git: number; cycle: number };

function sample(pid: number): Sample | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const field = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
    return {
      mb: field("VmRSS") / 1024,
      files: readdirSync(`/proc/${pid}/fd`).length,
      threads: field("Threads"),
      git: Number(sh("du", "-sk", ".git").split("\t")[0]) / 1024,
      cycle: JSON.parse(readFileSync(join(root, "world.json"), "utf8")).cycle,
    };
  } catch {
    return null;
  }
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;

function report(samples: Sample[]): void {
  const quarter = Math.max(1, samples.length >> 2);
  const parts = [samples.slice(quarter >> 1, quarter + (quarter >> 1)), samples.slice(-quarter)];
  const of = (name: keyof Sample) => parts.map((part) => median(part.map((each) => each[name])));
  const cycles = (samples.at(-1)?.cycle ?? 0) - (samples[0]?.cycle ?? 0);
  console.log(`${cycles} cycles, ${samples.length} samples; early, late, late / early`);
  for (const name of ["mb", "files", "threads", "git"] as const) {
    const [early = 0, late = 0] = of(name);
    console.log(
      `  ${name.padEnd(8)} ${early.toFixed(1)}  ${late.toFixed(1)}  ${(late / early).toFixed(2)} ×`,
    );
  }
}

/** Bun is started by a shell that it replaces: the child is the process itself. */
async function soak(words: string[], stopAfterMs: number): Promise<void> {
  const out = Bun.file(join(folder, "output"));
  const child = Bun.spawn(["sh", ECON, ...words], { cwd: root, stdout: out, stderr: out });
  const samples: Sample[] = [];
  const started = performance.now();
  let ended = false;
  child.exited.then(() => {
    ended = true;
  });
  while (!ended && performance.now() - started < stopAfterMs) {
    await Bun.sleep(5_000);
    const now = sample(child.pid);
    if (now) samples.push(now);
  }
  if (!ended) child.kill("SIGINT");
  console.log(`econ ${words.join(" ")} ended with ${await child.exited}`);
  report(samples);
}

try {
  const number = Number(amount);
  if (mode === "serve") {
    makeWorld(20, "wall", 1);
    await soak(["serve"], number * 60_000);
  } else {
    makeWorld(5, "logical", 10);
    await soak(["tick", "-n", `${number}`], Number(minutes) * 60_000);
  }
  console.log(sh("sh", ECON, "verify").trim());
  sh("git", "fsck", "--strict", "--no-dangling", "--no-progress");
  const left = readdirSync(join(root, ".econ/scratch"));
  console.log(`git fsck: sound; scratch left: ${left.length}`);
} finally {
  if (!process.env.KEEP) rmSync(folder, { recursive: true, force: true });
}
