// The shell tool: one command line by bash in the workspace, watched for time, CPU and output.
import { accept, type Result, refuse } from "../../economy/result.ts";
import { ends } from "./clip.ts";
import type { Clock } from "./clock.ts";

/** Both ends of the output together. A model pays for each byte at every turn that follows. */
const OUTPUT_BYTES = 4_000;
/** A command that prints more has run wild. */
const PRINTED_BYTES_MAX = 16 * 1024 * 1024;
const SECONDS = 10;
/** For what a process that got away still holds of the pipe. */
const DRAIN_MS = 200;

type Shell = { workspace: string; clock: Clock; env: Record<string, string> };

/** What it printed and how it ended. Refused: no time is left for it. */
export async function shell(
  { workspace, clock, env }: Shell,
  command: string,
  seconds = SECONDS,
): Promise<Result<string>> {
  const wall = Math.min(seconds, clock.wallLeft());
  const left = clock.cpuLeft();
  // The shell counts in whole seconds; what is bought in parts of one, the sandbox counts.
  const cpu = Math.max(1, Math.floor(left));
  if (wall < 0.5) return refuse("this run has no time left for commands");
  if (left < 0.1) return refuse("this run has no cpu seconds left for commands");
  const child = start(workspace, cpu, command, env);
  if (child === null) return refuse("no command can be started: too many processes?");
  let cut = "";
  const stop = (why: string) => {
    cut ||= why;
    killGroup(child.pid);
  };
  const timer = setTimeout(() => stop("it took too long and was ended"), wall * 1_000);
  const output = ends(OUTPUT_BYTES);
  const reader = child.stdout.getReader();
  const reading = drain(reader, (chunk) => {
    output.take(chunk);
    if (output.size() > PRINTED_BYTES_MAX) stop("it printed without end and was ended");
  });
  await child.exited;
  clearTimeout(timer);
  killGroup(child.pid);
  clock.usedCpu(Number(child.resourceUsage()?.cpuTime.total ?? 0) / 1e6);
  await Promise.race([reading, Bun.sleep(DRAIN_MS)]);
  await reader.cancel().catch(() => {});
  const printed = output.text().trimEnd();
  const ending = cut || `exit ${child.exitCode ?? child.signalCode}`;
  if (cut === "" && child.exitCode === 0) return accept(printed || "(no output)");
  return accept(printed === "" ? `[${ending}]` : `${printed}\n[${ending}]`);
}

/** Null where the agent has taken away what it needs: its folder, or all processes. */
function start(workspace: string, cpu: number, command: string, env: Record<string, string>) {
  const script = 'exec 2>&1; ulimit -S -t "$1"; eval "$2"';
  try {
    return Bun.spawn(["bash", "-c", script, "bash", `${cpu}`, command], {
      cwd: workspace,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "ignore"],
      // A group of its own, so that what it leaves in the background ends with it.
      detached: true,
    });
  } catch {
    return null;
  }
}

async function drain(
  reader: { read(): Promise<{ done: boolean; value?: Uint8Array | undefined }> },
  take: (chunk: Uint8Array) => void,
): Promise<void> {
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || !value) return;
      take(value);
    }
  } catch {
    // The pipe broke with the command: what came before counts.
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // All of it has ended.
  }
}
