// The only importer of dockerode: Docker's API as the driver and the image need it. The library
// because a connection that is taken over for a container's input and output, and answers that come
// as streams, are easy to get almost right; it finds the daemon as docker's own command does. Its
// import costs 120 ms: so it comes when a daemon is asked for.
import type { Socket } from "node:net";
import type { Duplex, Readable } from "node:stream";
import type Docker from "dockerode";
import { accept, type Result, refuse } from "../economy/result.ts";

/** What the daemon says of itself. */
export type EngineInfo = {
  architecture: string;
  runtimes: string[];
  seccomp: boolean;
  limits: { memory: boolean; swap: boolean; processes: boolean; cpu: boolean };
};

export type ContainerSpec = Docker.ContainerCreateOptions;

/** What befell a container, as the daemon saw it: "oom", "kill", "die", "destroy", … */
export type EngineEvent = { action: string; exitCode: number | null };

export type Image = { id: string; tags: string[]; labels: Record<string, string> };

export type EngineContainer = {
  id: string;
  /** Input and output as one connection; what comes out is in frames. */
  attach(): Promise<Duplex>;
  /** A further program in it, with its input and output as one connection, out in frames. */
  exec(argv: string[]): Promise<Duplex>;
  /** Unpacks a tar in a folder; on a read-only root it has to be that of a volume. */
  upload(tar: Uint8Array, folder: string): Promise<void>;
  start(): Promise<void>;
  /** All the cpu time that its processes have used; an older daemon takes a second to say. */
  cpuSeconds(signal: AbortSignal): Promise<number>;
  limit(limits: { Memory: number; MemorySwap: number; PidsLimit: number }): Promise<void>;
  /** Also of one that has ended meanwhile. */
  kill(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  remove(): Promise<void>;
  /** Calls back for each event of this container, until it is stopped. */
  watch(watcher: EngineWatcher): Promise<EngineWatch>;
};

export type Engine = {
  info(): Promise<EngineInfo>;
  image(tag: string): Promise<Image | null>;
  images(label: string): Promise<Image[]>;
  build(context: Readable, options: BuildOptions): Promise<Result<void>>;
  load(rootFiles: Readable, tag: string): Promise<Result<void>>;
  create(spec: ContainerSpec): Promise<EngineContainer>;
  containers(label: string): Promise<{ id: string; labels: Record<string, string> }[]>;
  removeContainer(id: string): Promise<void>;
};

export type EngineWatch = {
  stop(): void;
  /** Resting, it does not keep the program from ending. */
  rest(isResting: boolean): void;
};

export type EngineWatcher = { onEvent: (event: EngineEvent) => void; onLost: () => void };

export type BuildOptions = {
  tag: string;
  base: string;
  labels: Record<string, string>;
  onLine: (line: string) => void;
};

/** For any one request that is answered at once. */
const ANSWER_MS_MAX = 10_000;
/** For the first: whether there is a daemon at all. */
const HELLO_MS_MAX = 3_000;
/** For what moves files or starts processes, on a machine that has much to do. */
const WORK_MS_MAX = 60_000;

/** The daemon that DOCKER_HOST names, or the one of this machine; a refusal says what to do. */
export async function connectEngine(): Promise<Result<Engine>> {
  const host = process.env.DOCKER_HOST ?? "";
  const remedy = host === "" ? "start it, or set DOCKER_HOST" : "start it, or correct DOCKER_HOST";
  const shown = JSON.stringify(host.slice(0, 200));
  if (!/^$|^(unix:\/\/|tcp:\/\/|https?:\/\/)/.test(host)) {
    return refuse(`DOCKER_HOST is ${shown}; econ knows unix:///path and tcp://host:port`);
  }
  try {
    const { default: Client } = await import("dockerode");
    const docker = new Client();
    // The library's types do not know that a greeting can be given up as well.
    const hello = docker.ping as (options: { abortSignal: AbortSignal }) => Promise<unknown>;
    await answer((abortSignal) => hello.call(docker, { abortSignal }), HELLO_MS_MAX);
    return accept(engineOf(docker));
  } catch (error) {
    const where = host === "" ? "on this machine" : `at ${shown}`;
    return refuse(`no Docker daemon answers ${where} (${errorLine(error)}); ${remedy}`);
  }
}

/** What the daemon or the connection said, in one line of bounded length. */
export function errorLine(error: unknown): string {
  const said = error as { json?: { message?: string }; code?: string; message?: string };
  const text = said.json?.message ?? said.code ?? said.message ?? `${error}`;
  return (text.trim().split("\n").at(-1) ?? "").slice(0, 300);
}

/** A request that is given up after so long, its connection with it. */
async function answer<T>(ask: (signal: AbortSignal) => Promise<T>, ms = ANSWER_MS_MAX): Promise<T> {
  const control = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    control.abort();
    reject(new Error(`no answer within ${ms / 1000} s`));
  }, ms);
  const asked = ask(control.signal);
  // Whichever comes second must not count as unhandled.
  asked.catch(() => {});
  try {
    return await Promise.race([asked, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** What was asked about is not there any more. */
export const isGone = (error: unknown) => (error as { statusCode?: number }).statusCode === 404;
/** It has ended, or the daemon is at removing it. */
const isOver = (error: unknown) => (error as { statusCode?: number }).statusCode === 409;

function engineOf(docker: Docker): Engine {
  return {
    info: () => infoOf(docker),
    image: (tag) => imageOf(docker, tag),
    async images(label) {
      const filters = { label: [label] };
      const found = await answer((abortSignal) => docker.listImages({ filters, abortSignal }));
      return found.map(({ Id, RepoTags, Labels }) => ({
        id: Id,
        tags: RepoTags ?? [],
        labels: Labels ?? {},
      }));
    },
    build: (context, options) => build(docker, context, options),
    async load(rootFiles, tag) {
      const [repo = "", version = "latest"] = tag.split(":");
      const stream = await docker.importImage(rootFiles as never, { repo, tag: version });
      return followed(stream as Readable, () => {});
    },
    async create(spec) {
      const made = await answer(
        (abortSignal) => docker.createContainer({ ...spec, abortSignal }),
        WORK_MS_MAX,
      );
      return containerOf(docker, made);
    },
    async containers(label) {
      const filters = { label: [label] };
      const options = { all: true, filters };
      const all = await answer((abortSignal) => docker.listContainers({ ...options, abortSignal }));
      return all.map(({ Id, Labels }) => ({ id: Id, labels: Labels }));
    },
    removeContainer: (id) => containerOf(docker, docker.getContainer(id)).remove(),
  };
}

async function infoOf(docker: Docker): Promise<EngineInfo> {
  const info = await answer(() => docker.info());
  return {
    architecture: info.Architecture,
    runtimes: Object.keys(info.Runtimes ?? {}),
    seccomp: (info.SecurityOptions ?? []).some((one: string) => one.startsWith("name=seccomp")),
    limits: {
      memory: info.MemoryLimit,
      swap: info.SwapLimit,
      processes: info.PidsLimit,
      cpu: info.CpuCfsQuota,
    },
  };
}

async function imageOf(docker: Docker, tag: string): Promise<Image | null> {
  try {
    const found = await answer(() => docker.getImage(tag).inspect());
    const labels = found.Config?.Labels ?? {};
    return { id: found.Id, tags: found.RepoTags ?? [], labels };
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

async function build(
  docker: Docker,
  context: Readable,
  { tag, base, labels, onLine }: BuildOptions,
): Promise<Result<void>> {
  const options = {
    t: tag,
    labels,
    buildargs: { BASE: base },
    networkmode: "none",
    dockerfile: "Dockerfile.agent",
    forcerm: true,
  };
  return followed((await docker.buildImage(context, options)) as Readable, onLine);
}

type Told = { stream?: string; status?: string; error?: string };

/** Progress as the daemon tells it, a JSON object a line; an error in it is the outcome. */
async function followed(source: Readable, onLine: (line: string) => void): Promise<Result<void>> {
  let text = "";
  let failure: string | null = null;
  const take = (line: string) => {
    if (line.trim() === "") return;
    const told = JSON.parse(line) as Told;
    if (told.error !== undefined) failure = told.error;
    const said = (told.stream ?? told.status ?? "").trim();
    if (said !== "") onLine(said);
  };
  for await (const chunk of source) {
    const lines = (text + chunk).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) take(line);
  }
  take(text);
  return failure === null ? accept(undefined) : refuse(failure);
}

function containerOf(docker: Docker, container: Docker.Container): EngineContainer {
  return {
    id: container.id,
    async attach() {
      const options = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true };
      return (await answer(() => container.attach(options))) as unknown as Duplex;
    },
    async exec(argv) {
      const io = { AttachStdin: true, AttachStdout: true, WorkingDir: "/" };
      const made = await answer(() => container.exec({ Cmd: argv, ...io }));
      return answer(() => made.start({ hijack: true, stdin: true }));
    },
    async upload(tar, path) {
      await answer(
        (abortSignal) => container.putArchive(Buffer.from(tar), { path, abortSignal }),
        WORK_MS_MAX,
      );
    },
    async start() {
      await answer((abortSignal) => container.start({ abortSignal }), WORK_MS_MAX);
    },
    cpuSeconds: (signal) => cpuSecondsOf(container, signal),
    async limit(limits) {
      await answer(() => container.update(limits));
    },
    async kill(signal) {
      try {
        await answer((abortSignal) => container.kill({ signal, abortSignal }));
      } catch (error) {
        if (!isGone(error) && !isOver(error)) throw error;
      }
    },
    async remove() {
      try {
        const all = { force: true, v: true };
        await answer((abortSignal) => container.remove({ ...all, abortSignal }), WORK_MS_MAX);
      } catch (error) {
        if (!isGone(error) && !isOver(error)) throw error;
      }
    },
    watch: (watcher) => watch(docker, container.id, watcher),
  };
}

async function cpuSecondsOf(
  container: Docker.Container,
  abortSignal: AbortSignal,
): Promise<number> {
  const once: { stream: false } = { stream: false, ...{ "one-shot": true, abortSignal } };
  const stats = await answer(() => container.stats(once));
  return (stats.cpu_stats?.cpu_usage?.total_usage ?? 0) / 1e9;
}

async function watch(
  docker: Docker,
  id: string,
  { onEvent, onLost }: EngineWatcher,
): Promise<EngineWatch> {
  const filters = { type: ["container" as const], container: [id] };
  const source = (await answer(() => docker.getEvents({ filters }))) as Readable;
  let stopped = false;
  let text = "";
  source.on("data", (chunk) => {
    const lines = (text + chunk).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines.filter((one) => one.trim() !== "")) {
      const { Action, Actor } = JSON.parse(line);
      const exitCode = Actor?.Attributes?.exitCode;
      onEvent({ action: Action ?? "", exitCode: exitCode === undefined ? null : Number(exitCode) });
    }
  });
  const lost = () => {
    if (!stopped) onLost();
    stopped = true;
  };
  for (const end of ["end", "close", "error"]) source.on(end, lost);
  return {
    stop() {
      stopped = true;
      source.destroy();
    },
    rest: (isResting) => restSocket((source as { socket?: unknown }).socket, isResting),
  };
}

/** A connection that rests does not keep the program from ending. */
export function restSocket(socket: unknown, isResting: boolean): void {
  const { ref, unref } = (socket ?? {}) as Partial<Pick<Socket, "ref" | "unref">>;
  (isResting ? unref : ref)?.call(socket);
}
