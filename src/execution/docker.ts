// Agents in containers of a Docker daemon, here or on another machine: nothing is shared with it
// but the connection. Files go in as a tar and come out as one.
import type { Duplex } from "node:stream";
import type { ByteStream } from "../gateway/contract.ts";
import { carry, RELAY_MEMORY_MB, RELAY_PROCESSES, relayCommand, type Way } from "./carriage.ts";
import { packBriefing, TOOLKIT_INSIDE } from "./container-briefing.ts";
import { containerLimits } from "./container-spec.ts";
import { endingOf, withoutFolder } from "./ending.ts";
import { type EngineContainer, type EngineInfo, errorLine, isGone } from "./engine.ts";
import { harvest } from "./harvest.ts";
import { ACTIONS, DOES_NOT_FIT, framesTo, MARKER, type Report } from "./keeper.ts";
import {
  ACTIONS_BYTES_MAX,
  type Ending,
  type RunRequest,
  type RunResult,
  type Sandbox,
} from "./sandbox.ts";
import { argvRefusal, nothingTaken } from "./scratch.ts";
import { type DockerOptions, type Held, shelter } from "./shelter.ts";
import { over, type Running, supervise, type Watched } from "./supervise.ts";
import { readTar } from "./tar.ts";

const NOTHING = { memoryMb: 0, processes: 0 };
const RELAY = { memoryMb: RELAY_MEMORY_MB, processes: RELAY_PROCESSES };
/** gVisor's kernel is a program in the container's group, with threads of its own. */
const RUNTIME = { memoryMb: 64, processes: 256 };
const MB = 1024 * 1024;
const BLOCKS_PER_MB = 2048;
const CPU_POLL_MS = 100;
/** Cpu time of a container's own start, which the daemon counts in. */
const START_CPU_SECONDS = 0.1;
const UNKNOWN = { outOfMemory: 0, forksRefused: 0, cpuSecondsBefore: 0, cpuSeconds: 0 };

export function docker(options: DockerOptions, unenforced: Sandbox["unenforced"]): Sandbox {
  const containers = shelter(options);
  return {
    name: "docker",
    unenforced,
    async run(request) {
      const wrong = argvRefusal(request.argv);
      if (wrong) return nothingTaken(request, { kind: "crashed", detail: wrong });
      const beside = [request.gateway ? RELAY : NOTHING, options.runtime ? RUNTIME : NOTHING];
      const limits = containerLimits(request.limits, beside);
      let held: Held | null = null;
      try {
        const briefing = await packBriefing(request);
        held = await containers.take(request, { limits, briefing });
        return await collect(request, await watchRun(held, request, options.keepWarm));
      } catch (error) {
        const detail = `the Docker daemon failed the run: ${errorLine(error)}`;
        return nothingTaken(request, { kind: "host", detail });
      } finally {
        if (held) await containers.giveBack(held);
      }
    },
  };
}

/** What the daemon cannot enforce, by its own word. */
export function unenforcedBy({ limits, seccomp }: EngineInfo): Sandbox["unenforced"] {
  const missing: Sandbox["unenforced"] = [];
  const lacks = (limit: Sandbox["unenforced"][number]["limit"], what: string, remedy: string) =>
    missing.push({ limit, why: `the Docker daemon does not limit ${what}; ${remedy}` });
  const boot = (words: string) => `start the kernel of its machine with ${words}`;
  if (!limits.memory) lacks("memory", "memory", boot("cgroup_enable=memory"));
  else if (!limits.swap) lacks("memory", "swap", boot("swapaccount=1"));
  if (!limits.processes) lacks("processes", "processes", boot("the pids control group"));
  if (!limits.cpu) lacks("cpu", "the share of a processor", boot("CONFIG_CFS_BANDWIDTH"));
  if (!seccomp) lacks("isolation", "system calls", boot("CONFIG_SECCOMP_FILTER"));
  return missing;
}

type Seen = { watched: Watched; report: Report; host: string | null };

async function watchRun(held: Held, request: RunRequest, keep: boolean): Promise<Seen> {
  const { container, fate } = held;
  const { limits, gateway, signal, turn } = request;
  let host: string | null = null;
  let report: Report = { code: 0, ...UNKNOWN };
  let way = null as Way | null;
  const failed = (error: unknown) => {
    host ??= errorLine(error);
    held.keeper.close();
  };
  const stop = (word: "SIGTERM" | "SIGKILL") => {
    fate.endedByUs();
    container.kill(word).catch((error) => fate.isOver() || failed(error));
  };
  const meter = meterOf(container, failed);
  const spent = held.cpuSeconds() + START_CPU_SECONDS;
  const relay = async () => {
    if (!gateway) return true;
    way = carry(gateway, streamOf(await container.exec(relayCommand(TOOLKIT_INSIDE))));
    return way.listening;
  };
  const start = (): Running => {
    const order = held.keeper.order({
      cpuSeconds: Math.max(1, Math.ceil(limits.cpuSeconds)),
      fileBlocks: Math.ceil(limits.diskMb * BLOCKS_PER_MB),
      keep,
    });
    held.clean = order.clean;
    const exited = order.report.then(async (said) => {
      if (said) report = held.counted(said);
      else {
        const end = await fate.verdict();
        host ??= end.host;
        report = { ...UNKNOWN, code: end.code, outOfMemory: end.outOfMemory ? 1 : 0 };
      }
      return report.code;
    });
    const ready = relay().catch(() => false);
    return { ...order, exited, ready, end: () => stop("SIGTERM"), kill: () => stop("SIGKILL") };
  };
  try {
    const watched = await supervise({
      start,
      cpuSeconds: () => Math.max(0, meter.cpuSeconds() - spent),
      limits,
      signal,
      turn,
      gateway,
      marker: MARKER,
      // The actions fit into what is reckoned for headers.
      streamMax: limits.diskMb * MB + (limits.files + 1_000) * 4_096,
    });
    // The daemon looks once a second; the keeper's own count is exact, and has the last word.
    if (report.cpuSeconds - report.cpuSecondsBefore > limits.cpuSeconds) {
      watched.stop ??= over("cpu", `more than ${limits.cpuSeconds} s of cpu time`);
    }
    if (fate.endedByOther()) host ??= "somebody else ended the container";
    return { watched, report, host };
  } finally {
    meter.stop();
    way?.close();
  }
}

/** Looks at the cpu time now and then, until told to stop. */
function meterOf(container: EngineContainer, onFailure: (error: unknown) => void) {
  const control = new AbortController();
  const { signal } = control;
  let seconds = 0;
  const measure = async () => {
    while (!signal.aborted) {
      seconds = await container.cpuSeconds(signal);
      await Bun.sleep(CPU_POLL_MS);
    }
  };
  // How a container ended that is not there any more is told by its events.
  measure().catch((error) => signal.aborted || isGone(error) || onFailure(error));
  return { cpuSeconds: () => seconds, stop: () => control.abort() };
}

/** A program's output, out of its frames, and its input; at the pace of who reads and writes. */
function streamOf(connection: Duplex): ByteStream {
  const readable = new ReadableStream<Uint8Array>({
    start(controller) {
      const frames = framesTo((kind, bytes) => {
        if (kind === 1) controller.enqueue(new Uint8Array(bytes));
      });
      connection.on("data", (chunk) => {
        frames(chunk);
        if ((controller.desiredSize ?? 0) <= 0) connection.pause();
      });
      let over = false;
      const end = () => {
        if (!over) controller.close();
        over = true;
      };
      for (const event of ["end", "close", "error"]) connection.on(event, end);
    },
    pull: () => void connection.resume(),
    cancel: () => void connection.destroy(),
  });
  const writable = new WritableStream<Uint8Array>({
    write: (bytes) =>
      new Promise((done, fail) => {
        connection.write(bytes, (error) => (error ? fail(error) : done()));
      }),
    close: () => void connection.end(),
    abort: () => void connection.destroy(),
  });
  return { readable, writable };
}

function judge(request: RunRequest, { watched, report, host }: Seen): Ending {
  const { argv, limits } = request;
  if (host !== null) return { kind: "host", detail: host };
  if (!watched.started && watched.stop === null && report.code === DOES_NOT_FIT) {
    return over("disk", `the workspace does not fit into ${limits.diskMb} MB`);
  }
  return endingOf({ ...watched, ...report, argv, limits });
}

async function collect(request: RunRequest, seen: Seen): Promise<RunResult> {
  const { output, stream, started } = seen.watched;
  const ending = judge(request, seen);
  if (ending.kind === "host" || !started) return nothingTaken(request, ending, output);
  const { limits, workspace: before } = request;
  const { entries, whole } = await readTar(stream, limits.files + 1);
  const own = entries[0]?.name === ACTIONS ? entries.shift() : undefined;
  const bytes = own?.bytes ?? new Uint8Array();
  const left = {
    ending,
    actions: bytes.subarray(0, ACTIONS_BYTES_MAX),
    actionsCut: bytes.length > ACTIONS_BYTES_MAX,
    workspace: before,
    refused: [],
    output,
  };
  const gathered = harvest(entries, before, limits);
  if (gathered.kind === "over") return { ...left, ending: over(gathered.limit, gathered.detail) };
  if (!whole) return { ...left, ending: withoutFolder(ending) };
  return { ...left, workspace: gathered.workspace, refused: gathered.refused };
}
