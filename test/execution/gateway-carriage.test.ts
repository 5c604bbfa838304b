import { afterAll, describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { bubblewrap } from "../../src/execution/bubblewrap.ts";
import { carryOver } from "../../src/execution/carriage.ts";
import { spawned } from "../../src/execution/launcher.ts";
import type { RunRequest, Sandbox } from "../../src/execution/sandbox.ts";
import { dockerForTests } from "./dockerd.ts";
import { type FarSide, farSide, until } from "./far-side.ts";
import {
  folder,
  LIMITS,
  outcome,
  processesWith,
  request,
  sandboxForTests,
  TOOLKIT,
  temporaryFolder,
} from "./ground.ts";

const sandboxes = [
  await sandboxForTests("bubblewrap"),
  await sandboxForTests("worker"),
  await dockerForTests(),
];
const fenced = sandboxes[0];
const MB = 1024 * 1024;
/** Appears in the command line of each agent of these runs, and in no other. */
const WORD = `econ-test-carriage-${process.pid}`;

/** An agent of Bun that does so, with `url` and `port` known. */
function agent(sandbox: Sandbox | null, gateway: FarSide, script: string, more = {}) {
  const head = "const url = process.env.BASE_URL, port = Number(process.env.PORT);\n";
  const workspace = folder({ "main.ts": head + script });
  const asked: Partial<RunRequest> = { workspace, gateway, ...more };
  return (sandbox as Sandbox).run(request(["bun", "main.ts", WORD], asked));
}

function http(fetch: (request: Request) => Response | Promise<Response>): FarSide {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", idleTimeout: 0, fetch });
  afterAll(() => server.stop(true));
  return farSide(server.port as number);
}

/** A server of plain connections. */
async function plain(connected: Parameters<typeof createServer>[1]): Promise<FarSide> {
  const server: Server = createServer({ allowHalfOpen: true }, connected);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(() => server.close());
  return farSide((server.address() as { port: number }).port);
}

const FINISHED = { kind: "finished" } as const;

for (const sandbox of sandboxes.filter((one) => one !== null))
  describe(`from within the ${sandbox.name}, the gateway`, () => {
    test("answers a client that knows a base URL, in any language", async () => {
      const gateway = http(async (asked) => new Response(`${asked.method} ${await asked.text()}`));
      const script = 'curl -sS -d one "$BASE_URL/v1"; bun -e "$1"';
      const fetches = `for (const body of ["two", "three"])
        console.log(await (await fetch(process.env.BASE_URL, { method: "PUT", body })).text())`;
      const argv = ["sh", "-c", script, WORD, fetches];
      const { output, ending } = await sandbox.run(request(argv, { gateway }));
      expect([output, ending]).toEqual(["POST onePUT two\nPUT three\n", FINISHED]);
    });

    test("streams: what is sent arrives before the rest is", async () => {
      const answered = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const gateway = http(async ({ url }) => {
        const path = new URL(url).pathname;
        if (path !== "/stream") {
          answered[Number(path.slice(1))]?.resolve();
          return new Response("");
        }
        const events = async function* () {
          for (const [n, { promise }] of answered.entries()) {
            yield `data: ${n}\n\n`;
            await promise;
          }
          yield "data: done\n\n";
        };
        return new Response(events(), { headers: { "content-type": "text/event-stream" } });
      });
      // Each event is answered by a request of its own, without which the next is never sent.
      const script = `const { body } = await fetch(url + "/stream");
        for await (const chunk of body) {
          const event = new TextDecoder().decode(chunk).trim();
          console.log(event);
          if (event !== "data: done") await fetch(url + "/" + event.slice(6));
        }`;
      const { output, ending } = await agent(sandbox, gateway, script);
      expect([output, ending]).toEqual(["data: 0\ndata: 1\ndata: done\n", FINISHED]);
    });

    test("takes fifty connections at once", async () => {
      let waiting = 0;
      const all = Promise.withResolvers<void>();
      const gateway = http(async ({ url }) => {
        waiting += 1;
        if (waiting === 50) all.resolve();
        await all.promise;
        return new Response(new URL(url).pathname);
      });
      const script = `const ask = async (n) => (await fetch(url + "/" + n)).text();
        const texts = await Promise.all(Array.from({ length: 50 }, (_, n) => ask(n)));
        console.log(texts.every((text, n) => text === "/" + n));`;
      const { output, ending } = await agent(sandbox, gateway, script);
      expect([output, ending, gateway.made()]).toEqual(["true\n", FINISHED, 50]);
    });

    test("carries ten megabytes up and down to the last byte", async () => {
      const gateway = http(async (asked) => {
        const bytes = await asked.bytes();
        return new Response(bytes, { headers: { digest: `${Bun.hash(bytes)}` } });
      });
      const script = `const body = crypto.getRandomValues(new Uint8Array(65536));
        const large = Buffer.concat(Array(160).fill(body));
        large.forEach((byte, at) => { large[at] = byte ^ (at >> 16); });
        const answer = await fetch(url, { method: "POST", body: large });
        const back = await answer.bytes();
        console.log(back.length, large.equals(back), answer.headers.get("digest") === "" + Bun.hash(large));`;
      const { output, ending } = await agent(sandbox, gateway, script);
      expect([output, ending]).toEqual([`${10 * MB} true true\n`, FINISHED]);
    });

    test("serves others while a long answer is not read, and loses nothing of that", async () => {
      const gateway = http(({ url }) => new Response(url.endsWith("/big") ? BIG : "small"));
      const script = `let got = 0;
        const whole = Promise.withResolvers();
        const raw = await Bun.connect({ hostname: "127.0.0.1", port, socket: {
          data(socket, chunk) {
            if (got === 0) socket.pause();
            got += chunk.length;
            if (got > ${10 * MB}) whole.resolve();
          } } });
        raw.write("GET /big HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n");
        for (let n = 0; n < 50; n++)
          if ((await (await fetch(url)).text()) !== "small") console.log("wrong");
        console.log(got < ${10 * MB});
        raw.resume();
        await whole.promise;
        process.exit(0);`;
      const { output, ending } = await agent(sandbox, gateway, script);
      expect([output, ending]).toEqual(["true\n", FINISHED]);
    });

    test("knows a half-closed connection from a closed one", async () => {
      const gateway = await plain((socket) => {
        let got = "";
        socket.on("data", (chunk) => {
          got += chunk;
        });
        socket.on("end", () => socket.end(`got ${got}`));
      });
      const script = `const { promise, resolve } = Promise.withResolvers();
        const text = [];
        const raw = await Bun.connect({ hostname: "127.0.0.1", port, allowHalfOpen: true, socket: {
          data(_, chunk) { text.push(chunk.toString()); }, end: resolve, close: resolve } });
        raw.write("a question"); raw.shutdown();
        await promise;
        console.log(text.join(""));
        process.exit(0);`;
      const { output, ending } = await agent(sandbox, gateway, script);
      expect([output, ending]).toEqual(["got a question\n", FINISHED]);
    });

    test("that closes early is seen to, and the next connection is a new one", async () => {
      const gateway = await plain((socket) => {
        socket.on("error", () => {});
        if (gateway.made() === 1) return void socket.end();
        if (gateway.made() === 2) return void socket.destroy();
        socket.end("HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\nConnection: close\r\n\r\nmuch");
      });
      const script = `const ask = () => fetch(url, { method: "POST", body: "x" }).then(
          async (answer) => answer.status + " " + (await answer.text()), () => "closed");
        for (let n = 0; n < 3; n++) console.log(await ask());`;
      const { output, ending } = await agent(sandbox, gateway, script);
      expect([output, ending]).toEqual(["closed\nclosed\n413 much\n", FINISHED]);
    });

    test("loses the connections that a run leaves open at its end", async () => {
      const gateway = await plain((socket) => {
        socket.on("error", () => {});
        socket.write("hello");
      });
      const script = `for (let n = 0; n < 10; n++) {
          const { promise, resolve } = Promise.withResolvers();
          await Bun.connect({ hostname: "127.0.0.1", port, socket: { data: resolve } });
          await promise;
        }
        process.exit(0);`;
      const { ending } = await agent(sandbox, gateway, script);
      expect([ending, gateway.made()]).toEqual([FINISHED, 10]);
      await until(() => gateway.open() === 0);
    });

    test("stops the run's clock while it is busy, and only then", async () => {
      const gateway: FarSide = http(async ({ url }) => {
        gateway.busy(true);
        await Bun.sleep(Number(new URL(url).pathname.slice(1)));
        gateway.busy(false);
        return new Response("late");
      });
      const limits = { ...LIMITS, wallSeconds: 2 };
      const ask = (ms: number) => `console.log(await (await fetch(url + "/${ms}")).text());`;
      const patient = await agent(sandbox, gateway, ask(2_500), { limits });
      expect([patient.output, patient.ending]).toEqual(["late\n", FINISHED]);
      const slow = await agent(sandbox, gateway, `${ask(0)} await Bun.sleep(60_000);`, { limits });
      expect([slow.output, outcome(slow)]).toEqual(["late\n", "time"]);
    });

    test("does not stop the run's clock for ever, however long it is busy", async () => {
      const gateway = http(() => new Response(""));
      const busy: FarSide = { ...gateway, onBusy: (listener) => listener(true) };
      // Held for sixty times that.
      const limits = { ...LIMITS, wallSeconds: 0.05 };
      const result = await agent(sandbox, busy, "await Bun.sleep(600_000);", { limits });
      expect(outcome(result)).toBe("time");
    });

    test("is left alone by a run that is called off in the middle of an answer", async () => {
      const asked = Promise.withResolvers<void>();
      const gateway = await plain((socket) => {
        socket.on("error", () => {});
        socket.on("data", () => asked.resolve());
      });
      const stop = new AbortController();
      const going = agent(sandbox, gateway, "await fetch(url);", { signal: stop.signal });
      await asked.promise;
      stop.abort();
      expect((await going).ending).toEqual({ kind: "host", detail: "the run was called off" });
      await until(() => gateway.open() === 0);
    });
  });

const BIG = new Uint8Array(10 * MB);

describe.skipIf(!sandboxes[1])("the worker's way to the gateway", () => {
  test("is shut when the run has ended", async () => {
    const gateway = http(() => new Response("ok"));
    const { output } = await agent(sandboxes[1] as Sandbox, gateway, "await fetch(url)");
    expect([output, gateway.ports.length, gateway.made()]).toEqual(["", 1, 1]);
    expect(fetch(`http://127.0.0.1:${gateway.ports[0]}`)).rejects.toThrow();
  });
});

describe.skipIf(!fenced)("the relay in a sandbox", () => {
  const ok = () => http(() => new Response("ok"));
  const relayIn = (run: string) => `
    for p in /proc/[0-9]*; do
      case $(tr '\\0' ' ' <$p/cmdline) in *relay.ts\\ 8787*) pid=\${p#/proc/};; esac
    done 2>/dev/null
    ${run}`;
  const shell = (script: string, gateway?: FarSide, more: Partial<RunRequest> = {}) => {
    const asked = { ...(gateway ? { gateway } : {}), ...more };
    return (fenced as Sandbox).run(request(["sh", "-c", script, WORD], asked));
  };

  test("is not there for a run without tokens, nor is its port", async () => {
    const none = "curl -sS http://127.0.0.1:8787 2>/dev/null; echo $?";
    const { output } = await shell(relayIn(`echo "relay: $pid"; ${none}; echo $BASE_URL`));
    expect(output).toBe("relay: \n7\n\n");
  });

  test("can be killed by the agent, which then has no model and ends as ever", async () => {
    const gateway = ok();
    const killed =
      "curl -sS $BASE_URL; kill -9 $pid; sleep 0.1; curl -sS $BASE_URL 2>/dev/null; echo $?";
    const { output, ending } = await shell(relayIn(killed), gateway);
    expect([output, ending]).toEqual(["ok7\n", FINISHED]);
    await until(() => gateway.open() === 0);
  });

  test("can be stopped by the agent in the middle of an answer, which delays nothing", async () => {
    const gateway = http(() => new Response(BIG));
    const stopped = "curl -sS $BASE_URL >/dev/null & sleep 0.02; kill -STOP $pid; exit 0";
    const { ending } = await shell(relayIn(stopped), gateway);
    expect(ending).toEqual(FINISHED);
    await until(() => gateway.open() === 0);
  });

  test("holds the channel alone: the agent has no open file that leads out", async () => {
    const tries = `ls -l /proc/$$/fd /proc/1/fd | grep -c socket
      for n in 0 1 5; do head -c 1000 /dev/urandom >/proc/$pid/fd/$n && echo wrote; done 2>/dev/null
      curl -sS $BASE_URL`;
    const { output, ending } = await shell(relayIn(tries), ok());
    // Process 1 has two sockets: the host's word to begin, and the way the folder goes out.
    expect([output, ending]).toEqual(["2\nok", FINISHED]);
  });

  test("opens no way but to the gateway", async () => {
    const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    const script = `
      for (const hostname of ["1.1.1.1", "169.254.169.254", "127.0.0.1"]) {
        const to = { hostname, port: ${listener.port}, socket: { data() {} } };
        await Bun.connect(to).then(() => console.log(hostname), () => {});
      }
      console.log(await (await fetch(url)).text(), await Bun.file("/proc/net/dev").text());`;
    const { output, ending } = await agent(fenced as Sandbox, ok(), script);
    listener.stop(true);
    expect([output.match(/\w+(?=:)|^ok/g), ending]).toEqual([["ok", "lo"], FINISHED]);
  });

  test("takes nothing of the memory, processes and cpu time that were bought", async () => {
    const limits = { ...LIMITS, memoryMb: 64, cpuSeconds: 0.5 };
    const script = `const mine = new Uint8Array(16 * ${MB}).fill(1);
      console.log(await (await fetch(url)).text(), mine[5]);`;
    const modest = await agent(fenced as Sandbox, ok(), script, { limits });
    expect([modest.output, modest.ending]).toEqual(["ok 1\n", FINISHED]);
    const greedy = "const a = []; for (;;) a.push(new Uint8Array(8 << 20).fill(1));";
    expect(outcome(await agent(fenced as Sandbox, ok(), greedy))).toBe("memory");
  });

  test("starts however little was bought, so that a small bid is no failure of the host", async () => {
    const limits = { ...LIMITS, memoryMb: 1, processes: 1, diskMb: 1, cpuSeconds: 0.01 };
    expect((await shell("exit 0", ok(), { limits })).ending).toEqual(FINISHED);
  });

  test("whose channel speaks garbage is given up, and what it says is not kept", async () => {
    const command = ["sh", "-c", "exec yes garbage >&3"];
    const child = spawned({ command, env: {}, cwd: "/" }, { fds: ["pipe"] });
    const way = carryOver(ok(), child.stdio[3] as number);
    expect(await way.listening).toBe(false);
    // Nobody reads any more: writing fails.
    expect(await child.exited).not.toBe(0);
    way.close();
  });

  test("does not obey what stands in the agent's folder", async () => {
    const workspace = folder({
      "bunfig.toml": 'preload = ["./evil.ts"]',
      "evil.ts": "require('node:fs').writeFileSync('/workspace/evil', 'x')",
      ".env": "BUN_OPTIONS=--preload=/workspace/evil.ts",
    });
    const result = await shell("curl -sS $BASE_URL", ok(), { workspace });
    expect([result.output, result.workspace.has("evil")]).toEqual(["ok", false]);
  });

  test("that cannot start is the host's failure, and the agent never runs", async () => {
    const toolkit = temporaryFolder();
    for (const part of ["package.json", "src"])
      cpSync(join(TOOLKIT, part), join(toolkit, part), { recursive: true });
    rmSync(join(toolkit, "src/agent/relay.ts"));
    const scratch = join(toolkit, "scratch");
    mkdirSync(scratch);
    const bwrap = Bun.which("bwrap") as string;
    const broken = bubblewrap({ bwrap, scratch, toolkit, cgroups: null }, []);
    const run = request(["sh", "-c", "echo x >>/econ/actions.jsonl", WORD], { gateway: ok() });
    const { ending, actions } = await broken.run(run);
    const detail = "the way to the model gateway did not open";
    expect([ending, actions.length]).toEqual([{ kind: "host", detail }, 0]);
    expect(readdirSync(scratch)).toEqual([]);
  });
});

afterAll(() => {
  expect(processesWith(WORD)).toEqual([]);
  expect(inGroupsOfThisTest()).toEqual([]);
});

/** The relay has no word of its own in its command line, but it is in the run's group. */
function inGroupsOfThisTest(): string[] {
  const pids = [...new Bun.Glob("[0-9]*").scanSync({ cwd: "/proc", onlyFiles: false })];
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(`econ-${process.pid}-`);
    } catch {
      return false;
    }
  });
}
