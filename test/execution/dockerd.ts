// A Docker daemon of the tests' own, one for all files of a run: on a socket, a port and in folders
// that are nobody else's. A shell stands guard over it: when the tests are gone, however they
// went, it ends the daemon and removes the folders.
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Rules } from "../../src/economy/rules.ts";
import { chooseSandbox } from "../../src/execution/choose.ts";
import { connectEngine, type Engine } from "../../src/execution/engine.ts";
import { buildImage } from "../../src/execution/image.ts";
import { makeLocalBase } from "../../src/execution/local-base.ts";
import type { Sandbox } from "../../src/execution/sandbox.ts";
import { TOOLKIT, temporaryFolder } from "./ground.ts";

/** On a word it starts the daemon anew: the containerd of one that was killed would be in its way. */
const GUARD = `
start() {
  "$@" >>log 2>&1 3<&- & daemon=$!
}
exec 3<&0
start "$@"
while read -r word <&3; do
  kill -9 $daemon $(cat run/containerd/containerd.pid)
  wait $daemon
  rm -f docker.sock dockerd.pid run/containerd/containerd.pid
  start "$@"
done
kill -TERM $daemon
wait $daemon
for process in $(grep -als "$PWD/run" /proc/[0-9]*/cmdline | cut -d / -f 3); do
  [ $process = $$ ] || kill -9 $process
done
for place in $(cut -d ' ' -f 2 /proc/self/mounts | grep "^$PWD/"); do umount -l "$place"; done
cd / && rm -rf "$OLDPWD"
`;

export type Daemon = {
  host: string;
  tcp: string;
  engine: Engine;
  /** By SIGKILL: what was going on is lost. */
  kill(): void;
  /** A new one in the place of one that was killed. */
  restart(): Promise<void>;
  /** Docker's own command, as another person would use it. */
  docker(...words: string[]): Promise<void>;
  /** Ids of all containers that econ made and that are still there. */
  containers(): Promise<string[]>;
  /** The same when the daemon has had time to remove what has ended. */
  settled(): Promise<string[]>;
};

let daemon: Promise<Daemon | string> | null = null;

/** Null, with one line said, where there is no daemon to be had; in CI that is a failure instead. */
export async function daemonForTests(): Promise<Daemon | null> {
  daemon ??= startDaemon();
  const found = await daemon;
  if (typeof found !== "string") return found;
  if (process.env.CI) throw new Error(found);
  console.log(`skipped: ${found}`);
  return null;
}

/** While this runs, DOCKER_HOST is the daemon's: the other tests must not meet it. */
export async function at<T>(host: string, work: () => Promise<T>): Promise<T> {
  const before = process.env.DOCKER_HOST;
  process.env.DOCKER_HOST = host;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = before;
  }
}

/** Another, on a machine that lacks something: `lose` is what a shell does before, for it alone. */
export async function daemonWithout(lose: string): Promise<Daemon> {
  const found = await startDaemon(["unshare", "--mount", "sh", "-c", `${lose}; exec "$@"`, "sh"]);
  if (typeof found === "string") throw new Error(found);
  return found;
}

async function startDaemon(within: string[] = []): Promise<Daemon | string> {
  if (!Bun.which("dockerd")) return "no dockerd on this machine; apt install docker.io";
  if (process.getuid?.() !== 0) return "a Docker daemon for the tests takes root";
  const place = mkdtempSync(join(tmpdir(), "econ-dockerd-"));
  const host = `unix://${place}/docker.sock`;
  const tcp = `tcp://127.0.0.1:${freePort()}`;
  const command = [
    ...within,
    ...["dockerd", "--iptables=false", "--ip6tables=false", "--ip-forward=false"],
    ...["--bridge=none", "-H", host, "-H", tcp, "--tls=false"],
    ...["--data-root", join(place, "data"), "--exec-root", join(place, "run")],
    ...["--pidfile", join(place, "dockerd.pid"), ...runtimes(place)],
  ];
  const guard = Bun.spawn(["sh", "-c", GUARD, "sh", ...command], {
    cwd: place,
    stdin: "pipe",
    stdout: "ignore",
    stderr: "ignore",
    detached: true,
  });
  guard.unref();
  const engine = await answering(host, place);
  if (typeof engine === "string") {
    guard.stdin.end();
    return engine;
  }
  await prepare(engine);
  const containers = async () => (await engine.containers("econ.owner")).map(({ id }) => id);
  return {
    host,
    tcp,
    engine,
    kill() {
      process.kill(Number(readFileSync(join(place, "dockerd.pid"), "utf8")), "SIGKILL");
    },
    async restart() {
      guard.stdin.write("again\n");
      guard.stdin.flush();
      const back = await answering(host, place);
      if (typeof back === "string") throw new Error(back);
    },
    async docker(...words) {
      const child = Bun.spawn(["docker", "-H", host, ...words], { stdout: "ignore" });
      if ((await child.exited) !== 0) throw new Error(`docker ${words.join(" ")} failed`);
    },
    containers,
    async settled() {
      for (let n = 0; n < 500 && (await containers()).length > 0; n++) await Bun.sleep(20);
      return containers();
    },
  };
}

/** The driver on that daemon, as a world would get it. */
export async function dockerForTests(
  rules: Partial<Rules["execution"]["docker"]> = {},
): Promise<Sandbox | null> {
  const found = await daemonForTests();
  if (!found) return null;
  const docker = { runtime: "", keep_warm: false, ...rules };
  const options = { scratch: temporaryFolder(), toolkit: TOOLKIT, docker };
  const chosen = await at(found.host, () => chooseSandbox("docker", options));
  if (!chosen.ok) throw new Error(chosen.reason);
  return chosen.value;
}

/** gVisor, where it is installed: without a network of its own, and on any kernel. */
function runtimes(place: string): string[] {
  const path = Bun.which("runsc");
  if (!path) return [];
  const config = join(place, "daemon.json");
  const runtimeArgs = ["--network=none", "--platform=ptrace"];
  writeFileSync(config, JSON.stringify({ runtimes: { runsc: { path, runtimeArgs } } }));
  return ["--config-file", config];
}

function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = listener;
  listener.stop(true);
  return port;
}

async function answering(host: string, place: string): Promise<Engine | string> {
  for (let n = 0; n < 300; n++) {
    const engine = await at(host, connectEngine);
    if (engine.ok) return engine.value;
    await Bun.sleep(100);
  }
  const log = existsSync(join(place, "log")) ? readFileSync(join(place, "log"), "utf8") : "";
  return `dockerd does not start: ${log.trim().split("\n").at(-1)}`;
}

async function prepare(engine: Engine): Promise<void> {
  const base = await makeLocalBase(engine);
  if (!base.ok) throw new Error(base.reason);
  const built = await buildImage(engine, { toolkit: TOOLKIT, base: base.value, onLine() {} });
  if (!built.ok) throw new Error(built.reason);
}
