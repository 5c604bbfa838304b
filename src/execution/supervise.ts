// One process tree under watch: its clock, its cpu time, what it prints and hands out. Knows
// nothing of how it is fenced in: both drivers use it.
import type { Gateway } from "../gateway/contract.ts";
import { type Ending, type Limits, OUTPUT_BYTES_MAX, type Turn } from "./sandbox.ts";

/** Why the host ended a run. */
export type Stop = Extract<Ending, { kind: "limit" } | { kind: "host" }>;

/** The process tree of a run, wherever it lives. */
export type Running = {
  /** Null where it needs no word to begin. */
  stdin: { write(text: string): unknown; end(): unknown } | null;
  stdout: AsyncIterable<Uint8Array>;
  stderr: AsyncIterable<Uint8Array>;
  /** The exit code; 128 and more is the number of a signal above that. */
  exited: Promise<number>;
  /** What must stand beside the agent before it runs; false: it never will, by the host's fault. */
  ready?: Promise<boolean>;
  /** Ends the agent and lets the inside hand over what there is. */
  end(): void;
  /** Ends everything. */
  kill(): void;
  /** After the first process has ended: for what it left behind. */
  gone?(): void;
  /** Reads no more: what outlives the run may hold its output open, and econ cannot wait for it. */
  letGo?(): void;
};

export type Launch = {
  start(): Running;
  /** Cpu time of all of it so far, where that can be told; what the start took is not counted. */
  cpuSeconds?(): number;
  limits: Limits;
  signal: AbortSignal | undefined;
  /** The word is said in it, and it lasts until the end of the first process. */
  turn: Turn | undefined;
  /** While the gateway is busy with a model call, the run's clock stands still, within a bound. */
  gateway: Gateway | undefined;
  /**
   * First bytes on stdout; the agent runs when a line on stdin answers them, so that it never
   * runs for a host that died meanwhile. Null: it runs from the start.
   */
  marker: string | null;
  /** What may come out of stdout after the marker. */
  streamMax: number;
};

export type Watched = {
  started: boolean;
  stop: Stop | null;
  code: number;
  stream: Uint8Array[];
  output: string;
};

/** From launch to the agent's first instruction. Nothing of the agent's runs in that time. */
const START_MS_MAX = 20_000;
/** From the end of the agent's time to the last byte of its folder. */
const HANDOVER_MS_MAX = 5_000;
/** After death, for what is still in the pipes; a stray process may hold them open. */
const DRAIN_MS_MAX = 1_000;
const CPU_POLL_MS = 50;
/**
 * After a time is up, before it counts: where the host stood still, timers come before the news of
 * what happened meanwhile, and a run that ended in time would read as late.
 */
const SECOND_LOOK_MS = 10;
/**
 * For so many times its length a run's clock can stand still in all: the others of its cycle wait
 * for it, and calls that cost next to nothing would hold them up for days.
 */
const HELD_TIMES_MAX = 60;

export async function supervise(launch: Launch): Promise<Watched> {
  const running = launch.start();
  const watch = watchOver(launch, running, () => void say(running, "go\n", "last"));
  const begin = async () => {
    if ((await running.ready) === false) {
      return watch.stop({ kind: "host", detail: "the way to the model gateway did not open" });
    }
    watch.ready();
    const run = async () => {
      watch.start();
      await running.exited;
    };
    await (launch.turn?.(run) ?? run());
  };
  const stream = readStream(running.stdout, launch, { ...watch, start: begin });
  const output = readOutput(running.stderr);
  const code = await running.exited;
  watch.close();
  running.gone?.();
  await atMost(DRAIN_MS_MAX, Promise.all([stream.done, output.done]));
  running.letGo?.();
  return {
    started: watch.started(),
    stop: watch.stopped(),
    code,
    stream: stream.chunks,
    output: output.text(),
  };
}

/** Whoever has died meanwhile cannot hear it; its end says why. */
export async function say({ stdin }: Running, words: string, last?: "last"): Promise<void> {
  try {
    await stdin?.write(words);
    if (last) await stdin?.end();
  } catch {
    // The pipe broke with the process.
  }
}

/** With a timer that is taken back: one left over keeps the whole program from ending. */
async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}

type Watch = {
  /** Nothing is missing but its turn. */
  ready(): void;
  start(): void;
  /** "at once" does not wait for what the inside could still hand over. */
  stop(reason: Stop, how?: "at once"): void;
  started(): boolean;
  stopped(): Stop | null;
  close(): void;
};

function watchOver(launch: Launch, child: Running, go: () => void): Watch {
  let running = false;
  let reason: Stop | null = null;
  let closed = false;
  let busy = false;
  let clock: Stopwatch | null = null;
  let before = 0;
  const timers: Timer[] = [];
  const after = (ms: number, act: () => void) => timers.push(setTimeout(act, ms));
  const stop = (why: Stop, how?: "at once") => {
    if (closed || (reason && !how)) return;
    reason ??= why;
    if (!running || how || why.kind === "host") return child.kill();
    child.end();
    after(HANDOVER_MS_MAX, () => child.kill());
  };
  const start = () => {
    if (running || closed) return;
    running = true;
    before = launch.cpuSeconds?.() ?? 0;
    const { wallSeconds } = launch.limits;
    clock = stopwatch(wallSeconds * 1000, () => {
      stop(over("time", `longer than ${wallSeconds} s`));
    });
    clock.hold(busy);
    go();
  };
  const ready = alarm(START_MS_MAX, () => {
    stop({ kind: "host", detail: "the sandbox did not start in time" });
  });
  const poll = setInterval(() => {
    const { cpuSeconds } = launch.limits;
    if (!running || (launch.cpuSeconds?.() ?? 0) - before <= cpuSeconds) return;
    stop(over("cpu", `more than ${cpuSeconds} s of cpu time`));
  }, CPU_POLL_MS);
  const abort = () => stop({ kind: "host", detail: "the run was called off" });
  launch.signal?.addEventListener("abort", abort, { once: true });
  if (launch.signal?.aborted) abort();
  launch.gateway?.onBusy((isBusy) => {
    busy = isBusy;
    if (!closed) clock?.hold(isBusy);
  });
  if (launch.marker === null) {
    ready();
    start();
  }
  const close = () => {
    closed = true;
    ready();
    clock?.stop();
    clearInterval(poll);
    for (const timer of timers) clearTimeout(timer);
    launch.signal?.removeEventListener("abort", abort);
  };
  return { ready, start, stop, started: () => running, stopped: () => reason, close };
}

/** Returns what takes it back. */
function alarm(ms: number, act: () => void): () => void {
  let timer = setTimeout(() => {
    timer = setTimeout(act, SECOND_LOOK_MS);
  }, ms);
  return () => clearTimeout(timer);
}

type Stopwatch = { hold(isHeld: boolean): void; stop(): void };

/** Acts when so much time has passed that was not held, or was held beyond what it may be. */
function stopwatch(ms: number, act: () => void): Stopwatch {
  const left = { running: ms, held: ms * HELD_TIMES_MAX };
  let state: keyof typeof left = "running";
  let since = performance.now();
  let cancel = alarm(ms, act);
  const turn = (next: typeof state) => {
    if (next === state || (next === "held" && left.held <= 0)) return;
    cancel();
    left[state] -= performance.now() - since;
    state = next;
    since = performance.now();
    cancel = alarm(Math.max(0, left[next]), next === "held" ? () => turn("running") : act);
  };
  return {
    hold: (isHeld) => turn(isHeld ? "held" : "running"),
    stop() {
      state = "running";
      left.held = 0;
      cancel();
    },
  };
}

export function over(limit: Extract<Ending, { kind: "limit" }>["limit"], detail: string): Stop {
  return { kind: "limit", limit, detail };
}

function readStream(source: AsyncIterable<Uint8Array>, launch: Launch, watch: Watch) {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let marker = launch.marker === null ? null : Buffer.from(launch.marker);
  const take = (chunk: Uint8Array) => {
    size += chunk.length;
    if (size > launch.streamMax) {
      const detail = `more than ${launch.limits.diskMb} MB or too many names in the workspace`;
      return watch.stop(over("disk", detail), "at once");
    }
    chunks.push(chunk);
    if (marker === null || size < marker.length) return;
    const head = Buffer.concat(chunks);
    if (!head.subarray(0, marker.length).equals(marker)) return;
    chunks.splice(0, chunks.length, head.subarray(marker.length));
    size -= marker.length;
    marker = null;
    watch.start();
  };
  return { chunks, done: drain(source, take) };
}

/** The beginning and the end: what it set out to do, and what it died of. */
function readOutput(source: AsyncIterable<Uint8Array>) {
  const half = OUTPUT_BYTES_MAX / 2 - 32;
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  let left = 0;
  const take = (chunk: Uint8Array) => {
    const room = half - head.length;
    if (room > 0) head = Buffer.concat([head, chunk.subarray(0, room)]);
    const rest = chunk.subarray(Math.max(0, room));
    const kept = rest.subarray(Math.max(0, rest.length - half));
    const joined = Buffer.concat([tail, kept]);
    left += rest.length - kept.length + Math.max(0, joined.length - half);
    tail = joined.subarray(Math.max(0, joined.length - half));
  };
  const text = () => {
    if (left === 0) return Buffer.concat([head, tail]).toString();
    return `${head.toString()}\n… ${left} bytes left out …\n${tail.toString()}`;
  };
  return { text, done: drain(source, take) };
}

async function drain(
  source: AsyncIterable<Uint8Array>,
  take: (chunk: Uint8Array) => void,
): Promise<void> {
  try {
    for await (const chunk of source) take(chunk);
  } catch {
    // The pipe broke with the process: what came before counts.
  }
}
