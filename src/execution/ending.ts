// How a run ended, from what was seen of it. The one rule: what an agent did can never read as a
// failure of the host (a refund), and what the host did can never read as the agent's.
import type { Ending, Limits } from "./sandbox.ts";
import { over, type Watched } from "./supervise.ts";

export type Seen = Pick<Watched, "started" | "stop" | "code" | "output"> & {
  argv: string[];
  limits: Limits;
  outOfMemory: number;
  forksRefused: number;
};

const SIGNAL_BASE = 128;
const SIGXCPU = 24;
const SIGXFSZ = 25;
const NAMES: Record<number, string> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  5: "SIGTRAP",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
  24: "SIGXCPU",
  25: "SIGXFSZ",
  31: "SIGSYS",
};

export function endingOf(seen: Seen): Ending {
  const { stop, limits, code } = seen;
  if (stop?.kind === "host") return stop;
  if (seen.outOfMemory > 0 && (code !== 0 || !seen.started)) {
    return over("memory", `more than ${limits.memoryMb} MB of memory`);
  }
  if (stop) return stop;
  if (!seen.started) return { kind: "host", detail: `the sandbox did not start: ${why(seen)}` };
  if (code === 0) return { kind: "finished" };
  if (code === SIGNAL_BASE + SIGXCPU) {
    return over("cpu", `more than ${limits.cpuSeconds} s of cpu time`);
  }
  if (code === SIGNAL_BASE + SIGXFSZ) {
    return over("disk", `a file of more than ${limits.diskMb} MB`);
  }
  if (seen.forksRefused > 0) {
    return over("processes", `more than ${limits.processes} processes`);
  }
  return { kind: "crashed", detail: crash(seen) };
}

/** An agent that broke its own sandbox so that no folder came out did not end well. */
export function withoutFolder(ending: Ending): Ending {
  if (ending.kind !== "finished") return ending;
  return {
    kind: "crashed",
    detail: "the workspace could not be read after the run: unreadable files?",
  };
}

function crash({ code, argv }: Seen): string {
  if (code === 127) return `no such file: ${argv[0]}`;
  if (code === 126) return `cannot be executed: ${argv[0]}`;
  if (code <= SIGNAL_BASE) return `exit code ${code}`;
  const signal = code - SIGNAL_BASE;
  return `killed by ${NAMES[signal] ?? `signal ${signal}`}`;
}

function why({ output, code }: Seen): string {
  return output.trim().split("\n").at(-1)?.slice(0, 300) || `exit code ${code}`;
}
