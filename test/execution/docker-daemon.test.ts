// The daemon as the weak part: it dies, it is far away, somebody else works on it. None of that is
// an agent's fault, and nothing of a run stays behind.
import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { chooseSandbox } from "../../src/execution/choose.ts";
import { docker } from "../../src/execution/docker.ts";
import type { Engine, EngineContainer, EngineWatcher } from "../../src/execution/engine.ts";
import { imageTag } from "../../src/execution/image.ts";
import type { Limits, Sandbox } from "../../src/execution/sandbox.ts";
import { econ, said, script, start, worldOf } from "../e2e/helpers.ts";
import { at, type Daemon, daemonForTests, dockerForTests } from "./dockerd.ts";
import {
  LIMITS,
  outcome,
  processesWith,
  request,
  shell,
  TOOLKIT,
  temporaryFolder,
  text,
} from "./ground.ts";

const found = await daemonForTests();
const daemon = found as Daemon;
const sandbox = (await dockerForTests()) as Sandbox;
const WORD = `econ-test-daemon-${process.pid}`;

/** A run that goes on until it is ended; resolved when the agent is at work. */
async function going(word: string, where = sandbox) {
  const result = where.run(request(["sh", "-c", `echo after >notes.md; sleep 60 # ${word}`]));
  while (processesWith(word).length === 0) await Bun.sleep(10);
  return { result };
}

const choose = (host: string, wanted: "docker" | "auto", runtime = "") => {
  const docker = { runtime, keep_warm: false };
  const options = { scratch: temporaryFolder(), toolkit: TOOLKIT, docker };
  return at(host, () => chooseSandbox(wanted, options));
};

describe.skipIf(!found)("a container that somebody else", () => {
  const ENDS: [what: string, end: (id: string) => Promise<void>, reason: RegExp][] = [
    ["removes", (id) => daemon.engine.removeContainer(id), /somebody else ended the container/],
    ["kills", (id) => daemon.docker("kill", id), /somebody else ended the container/],
    ["stops", (id) => daemon.docker("stop", id), /somebody else ended the container/],
  ];
  for (const [what, end, reason] of ENDS) {
    test(`${what} is nobody's death: the run is undone`, async () => {
      const { result } = await going(`${WORD}-${what}`);
      const [id = ""] = await daemon.containers();
      await end(id);
      const { ending, workspace } = await result;
      expect(ending).toEqual({ kind: "host", detail: expect.stringMatching(reason) });
      expect(text(workspace, "notes.md")).toBe("before");
      expect(await daemon.settled()).toEqual([]);
    });
  }
});

/** Another econ, in the middle of a run of this script. */
async function anotherEcon(word: string, lines: string): Promise<Bun.Subprocess> {
  const place = temporaryFolder();
  const argv = ["sh", "-c", `${lines} # ${word}`];
  const limits = { ...LIMITS, wallSeconds: 600 };
  const run = { id: "other", argv, workspace: [], briefing: [], limits };
  const file = join(place, "other.ts");
  await Bun.write(
    file,
    `import { chooseSandbox } from ${JSON.stringify(join(TOOLKIT, "src/execution/choose.ts"))};
    const options = { scratch: ${JSON.stringify(place)}, toolkit: ${JSON.stringify(TOOLKIT)} };
    const { value } = await chooseSandbox("docker", options);
    const run = ${JSON.stringify(run)};
    await value.run({ ...run, workspace: new Map(), briefing: new Map() });`,
  );
  const command = [process.execPath, "--config=/dev/null", "--no-env-file", file];
  const other = Bun.spawn(command, { env: { ...process.env, DOCKER_HOST: daemon.host } });
  while (processesWith(word).length === 0) await Bun.sleep(10);
  return other;
}

describe.skipIf(!found)("what a dead econ left", () => {
  test("is removed at the next start, and nothing that a living one uses", async () => {
    const living = await going(`${WORD}-living`);
    // It takes away what watches over the connection, so that it does not end by itself.
    const lines = "kill -9 -1; while :; do sleep 1; done";
    const other = await anotherEcon(`${WORD}-dead`, lines);
    expect((await choose(daemon.host, "docker")).ok).toBe(true);
    expect(await daemon.containers()).toHaveLength(2);
    other.kill("SIGKILL");
    await other.exited;
    expect(await daemon.containers()).toHaveLength(2);
    expect((await choose(daemon.host, "docker")).ok).toBe(true);
    expect(await daemon.containers()).toHaveLength(1);
    const [id = ""] = await daemon.containers();
    await daemon.engine.removeContainer(id);
    expect(outcome(await living.result)).toBe("host");
    expect(await daemon.settled()).toEqual([]);
  });

  test("ends by itself, where its agent leaves the watch over the connection alone", async () => {
    const word = `${WORD}-orphan`;
    const other = await anotherEcon(word, "sleep 301; true");
    other.kill("SIGKILL");
    await other.exited;
    expect(await daemon.settled()).toEqual([]);
    expect(processesWith(word)).toEqual([]);
  });
});

describe.skipIf(!found)("Ctrl-C in econ tick", () => {
  test("leaves no container, and the next cycle is as if nothing had been", async () => {
    const word = `${WORD}-interrupted`;
    const rules = { "execution.sandbox": "docker" };
    const world = await worldOf(
      { ada: script(`test -e log.txt || sh -c 'sleep 60; : ${word}'`) },
      { rules },
    );
    const env = { DOCKER_HOST: daemon.host };
    const child = start(["--world", world.root, "tick"], { env });
    while (processesWith(word).length === 0) await Bun.sleep(10);
    child.kill("SIGINT");
    expect((await said(child)).code).toBe(130);
    expect(await daemon.settled()).toEqual([]);
    expect(processesWith(word)).toEqual([]);
    expect(await world.wrong()).toEqual([]);
  });

  test("is not needed to end a command that keeps containers warm", async () => {
    const rules = { "execution.sandbox": "docker", "execution.docker.keep_warm": "true" };
    const world = await worldOf({ ada: script("echo ran >>log.txt") }, { rules });
    const env = { DOCKER_HOST: daemon.host };
    const { code, err } = await econ(["--world", world.root, "tick", "-n", "3"], { env });
    expect([code, err, world.read("agents/ada/workspace/log.txt")]).toEqual([
      0,
      "",
      "ran\nran\nran\n",
    ]);
    expect(await daemon.settled()).toEqual([]);
  });
});

/** The daemon's own engine, on a machine so busy that its events come late. */
function withLateEvents(engine: Engine): Engine {
  const later = (watcher: EngineWatcher): EngineWatcher => ({
    onEvent: (event) => void setTimeout(watcher.onEvent, 500, event),
    onLost: () => void setTimeout(watcher.onLost, 500),
  });
  const lateOf = (container: EngineContainer): EngineContainer => ({
    ...container,
    watch: (watcher) => container.watch(later(watcher)),
  });
  return { ...engine, create: async (spec) => lateOf(await engine.create(spec)) };
}

describe.skipIf(!found)("an agent that brings down its own container", () => {
  const [sparse, full] = [
    "for n in $(seq 99); do truncate -s 4M $n; done",
    "for place in /tmp /dev/shm /workspace; do cat /dev/zero >$place/x; done; exit 1",
  ];
  test.each<[string, string, Partial<Limits>, RegExp]>([
    ["with more than anybody would read", sparse, {}, /^limit: disk$/],
    ["by filling its memory", full, { memoryMb: 1, diskMb: 16 }, /^(limit: memory|crashed)$/],
  ])("%s has itself to blame, however late the daemon tells", async (_, lines, limits, end) => {
    const image = imageTag(TOOLKIT);
    const options = { image, scratch: temporaryFolder(), runtime: "", keepWarm: false };
    const late = docker({ ...options, engine: withLateEvents(daemon.engine) }, []);
    const all = { limits: { ...LIMITS, ...limits } };
    const { ending } = await late.run(request(["sh", "-c", lines], all));
    expect(ending.kind === "limit" ? `limit: ${ending.limit}` : ending.kind).toMatch(end);
    expect(await daemon.settled()).toEqual([]);
  });
});

describe.skipIf(!found)("a daemon", () => {
  test("starts a run that bought hardly any memory in a world with small folders", async () => {
    const limits = { ...LIMITS, memoryMb: 1, diskMb: 1 };
    const { ending } = await sandbox.run(request(["sh", "-c", "exit 3"], { limits }));
    expect(ending).toEqual({ kind: "crashed", detail: "exit code 3" });
  });

  test("runs eight agents at once, each with its own files", async () => {
    const runs = Array.from({ length: 8 }, (_, n) => shell(sandbox, `echo ${n} >>notes.md`));
    const texts = (await Promise.all(runs)).map(({ workspace }) => text(workspace, "notes.md"));
    expect(texts).toEqual(texts.map((_, n) => `before${n}\n`));
  });

  test("at the other end of a TCP connection does the same", async () => {
    const far = await choose(daemon.tcp, "docker");
    if (!far.ok) throw new Error(far.reason);
    const result = await shell(far.value, "echo after >notes.md; echo '{}' >>/econ/actions.jsonl");
    expect(result.ending).toEqual({ kind: "finished" });
    expect(text(result.workspace, "notes.md")).toBe("after\n");
    expect(Buffer.from(result.actions).toString()).toBe("{}\n");
  });

  test("from which the connection is cut is the host's failure, and its container ends", async () => {
    const cut = wire(Number(new URL(daemon.tcp).port));
    const far = await choose(`tcp://127.0.0.1:${cut.port}`, "docker");
    if (!far.ok) throw new Error(far.reason);
    const { result } = await going(`${WORD}-cut`, far.value);
    cut.cut();
    expect(outcome(await result)).toBe("host");
    expect(await daemon.settled()).toEqual([]);
  });

  test("that does not answer is not waited for", async () => {
    const silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    const dead = `tcp://127.0.0.1:${silent.port}`;
    const refused = await choose(dead, "docker");
    expect(refused).toEqual({
      ok: false,
      reason: expect.stringMatching(/no Docker daemon answers/),
    });
    expect((await choose(dead, "auto")).ok).toBe(true);
    silent.stop(true);
    for (const wrong of ["unix:///nowhere/docker.sock", "ssh://somebody@there", "nonsense"]) {
      const { ok } = await choose(wrong, "docker");
      expect([wrong, ok]).toEqual([wrong, false]);
    }
  });

  test("without the runtime that econ.yaml names is refused, and says which it has", async () => {
    const refused = await choose(daemon.host, "docker", "kata");
    const reason = expect.stringMatching(
      /no runtime "kata", only .*runc.*execution.docker.runtime/,
    );
    expect(refused).toEqual({ ok: false, reason });
  });

  test("keeps no container warm in a runtime that does not shield what ends a run", async () => {
    const docker = { runtime: "runc", keep_warm: true };
    const options = { scratch: temporaryFolder(), toolkit: TOOLKIT, docker };
    const refused = await at(daemon.host, () => chooseSandbox("docker", options));
    const reason = expect.stringMatching(/own runtime only: set execution.docker.keep_warm/);
    expect(refused).toEqual({ ok: false, reason });
  });

  test("that has only the image of an older econ is not used by auto", async () => {
    const toolkit = join(temporaryFolder(), "toolkit");
    const parts = ["package.json", "Dockerfile.agent", "src", "templates"];
    Bun.spawnSync(["mkdir", "-p", toolkit]);
    Bun.spawnSync(["cp", "-r", ...parts.map((part) => join(TOOLKIT, part)), toolkit]);
    await Bun.write(join(toolkit, "src/newer.ts"), "// a newer econ\n");
    const options = { scratch: temporaryFolder(), toolkit };
    const asked = await at(daemon.host, () => chooseSandbox("docker", options));
    const reason = expect.stringMatching(/image is of an older econ; run: econ image build/);
    expect(asked).toEqual({ ok: false, reason });
    const auto = await at(daemon.host, () => chooseSandbox("auto", options));
    expect(auto.ok && auto.value.name).not.toBe("docker");
  });

  test("that is there with the image is what auto takes", async () => {
    const auto = await choose(daemon.host, "auto");
    expect(auto.ok && [auto.value.name, auto.value.unenforced]).toEqual(["docker", []]);
  });
});

describe.skipIf(!found)("a daemon that is killed in the middle of a run", () => {
  afterAll(() => daemon?.restart());

  test("is nobody's death: the bid goes back and what it paid is undone", async () => {
    const word = `${WORD}-killed`;
    const rules = { "execution.sandbox": "docker" };
    const world = await worldOf({ ada: script(`sleep 60 # ${word}`) }, { rules });
    const before = await world.balance("ada");
    const cycle = at(daemon.host, () => world.tick());
    while (processesWith("sleep\x0060").length === 0) await Bun.sleep(10);
    daemon.kill();
    const { runs } = await cycle;
    expect(runs.map(({ ending }) => ending.kind)).toEqual(["host"]);
    expect(await world.balance("ada")).toBe(before);
    expect(world.list("bids")).toEqual(["ada-0-1.json"]);
    expect(world.list("agents")).toEqual(["ada"]);
    expect(await world.wrong()).toEqual([]);
  });
});

/** A connection that can be cut: bytes go to the port and back. */
function wire(port: number) {
  type Ends = { other: Bun.Socket<Ends> | null; early: Buffer[] };
  const open = new Set<Bun.Socket<Ends>>();
  const handlers: Bun.SocketHandler<Ends> = {
    data(socket, bytes) {
      if (socket.data.other) socket.data.other.write(bytes);
      else socket.data.early.push(Buffer.from(bytes));
    },
    close(socket) {
      open.delete(socket);
      socket.data.other?.end();
    },
  };
  const listener = Bun.listen<Ends>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      ...handlers,
      async open(socket) {
        socket.data = { other: null, early: [] };
        open.add(socket);
        const data = { other: socket, early: [] };
        const far = await Bun.connect<Ends>({
          hostname: "127.0.0.1",
          port,
          socket: handlers,
          data,
        });
        open.add(far);
        for (const bytes of socket.data.early) far.write(bytes);
        socket.data.other = far;
      },
    },
  });
  const cut = () => {
    listener.stop(true);
    for (const socket of open) socket.terminate();
  };
  return { port: listener.port, cut };
}
