// The watch over a run, where the process under it does what no agent of ours would.
import { expect, test } from "bun:test";
import { spawned } from "../../src/execution/launcher.ts";
import { turns } from "../../src/execution/pool.ts";
import { type Launch, supervise } from "../../src/execution/supervise.ts";

const LIMITS = {
  ...{ cpuSeconds: 5, memoryMb: 64, wallSeconds: 5, processes: 8 },
  ...{ diskMb: 1, files: 10 },
};
const MARKER = "started\n";

function watch(script: string, more: Partial<Launch> = {}) {
  return supervise({
    start: () => {
      const command = ["/bin/sh", "-c", script];
      const child = spawned({ command, env: {}, cwd: "/" });
      const { stdout, stderr, exited } = child;
      const end = () => child.kill();
      return { stdin: child.stdin ?? null, stdout, stderr, exited, end, kill: end };
    },
    limits: LIMITS,
    signal: undefined,
    turn: undefined,
    gateway: undefined,
    marker: MARKER,
    streamMax: 1_000,
    ...more,
  });
}

const WAITS_FOR_WORD = "echo started; read -r go && echo ran";

test("a process that dies between its word and ours is no fault of econ", async () => {
  const dies = "exec <&-; echo started; exit 7";
  // An error that nobody catches fails the file, whenever it comes.
  for (let n = 0; n < 20; n++) expect(await watch(dies)).toMatchObject({ code: 7, stop: null });
});

test("the time of a run that is ready begins with its turn", async () => {
  const limits = { ...LIMITS, wallSeconds: 0.5 };
  const seen: string[] = [];
  const watched = await watch(WAITS_FOR_WORD, {
    limits,
    turn: async (run) => {
      await Bun.sleep(1_000);
      seen.push("its turn");
      const result = await run();
      seen.push("its end");
      return result;
    },
  });
  expect(watched).toMatchObject({ started: true, stop: null, code: 0 });
  expect([Buffer.concat(watched.stream).toString(), ...seen]).toEqual([
    ...["ran\n", "its turn", "its end"],
  ]);
});

test("a run that is called off before its turn never begins, and holds up nobody", async () => {
  const turn = turns(1);
  const before = Promise.withResolvers<void>();
  const first = turn(() => before.promise);
  const control = new AbortController();
  const ready = Promise.withResolvers<void>();
  const queued: typeof turn = (run) => {
    ready.resolve();
    return turn(run);
  };
  const second = watch(WAITS_FOR_WORD, { turn: queued, signal: control.signal });
  await ready.promise;
  control.abort();
  const { started, stop, stream } = await second;
  expect([started, stop?.kind, Buffer.concat(stream).toString()]).toEqual([false, "host", ""]);
  before.resolve();
  expect(await Promise.all([first, turn(async () => "next")])).toEqual([undefined, "next"]);
});

/** The host stands still, as under Ctrl-Z or on a machine that sleeps. */
function standStill(ms: number): void {
  Bun.sleepSync(ms);
}

test("a run that ends in time is not late because the host looks late", async () => {
  const limits = { ...LIMITS, wallSeconds: 0.5 };
  const turn: Launch["turn"] = async (run) => {
    // In answer to a file or a process: after that timers come first.
    void Bun.spawn(["sleep", "0.05"]).exited.then(() => standStill(1_000));
    return run();
  };
  const watched = await watch("echo started; read -r go; sleep 0.2", { limits, turn });
  expect(watched).toMatchObject({ stop: null, code: 0 });
});
