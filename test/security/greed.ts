// Runs that take what they can get: each is stopped where it must be, the same for every driver.
import { expect } from "bun:test";
import type { Limits, RunResult, Sandbox } from "../../src/execution/sandbox.ts";
import { ACTIONS_BYTES_MAX, OUTPUT_BYTES_MAX } from "../../src/execution/sandbox.ts";
import { outcome, shell, text } from "../execution/ground.ts";
import { type Driver, inDrivers, type Line } from "./row.ts";

/** Appears in the command line of each process of these runs, and in no other. */
export const WORD = `econ-test-word-${process.pid}`;

type Case = {
  number: number;
  input: string;
  script: string;
  limits?: Partial<Limits>;
  ends: string;
  /** How it ends there, where that differs; null where it is not tried. */
  worker?: string | null;
  /** False where it depends there on how quick it is, or on who looks when. */
  inGVisor?: false;
  after?: (result: RunResult) => void;
};

const EXHAUSTING: Case[] = [
  {
    number: 38,
    input: "fork without end",
    // In a shell of its own: one that cannot start a process gives up at once.
    script: `sh -c 'bomb() { bomb | bomb & }; bomb; sleep 60'; while :; do :; done # ${WORD}`,
    // Room for as many shells as it may start, so that it is never memory that ends it.
    limits: { wallSeconds: 1, memoryMb: 400 },
    ends: "time",
  },
  {
    number: 36,
    input: "take memory without end",
    script: `exec bun -e 'const a=[]; for(;;) a.push(new Uint8Array(8<<20).fill(1)) // ${WORD}'`,
    ends: "memory",
    inGVisor: false,
  },
  {
    number: 36,
    input: "take memory by several processes, a little each",
    script:
      "for i in 1 2 3 4; do bun -e 'const a=new Uint8Array(40<<20).fill(1);" +
      " await Bun.sleep(900); process.exit(a[5]-1)' & done; wait; exit 1",
    ends: "memory",
  },
  {
    number: 37,
    input: "loop without end",
    script: `while :; do :; done # ${WORD}`,
    limits: { cpuSeconds: 0.5, wallSeconds: 50 },
    ends: "cpu",
  },
  {
    number: 37,
    input: "use up cpu time by many short processes",
    script: `while :; do (i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done) & wait; done # ${WORD}`,
    limits: { cpuSeconds: 0.5, wallSeconds: 50 },
    ends: "cpu",
  },
  {
    number: 37,
    input: "use too much cpu time and be gone before anybody looks",
    script: `exec bun -e 'const used = () => {
      const { user, system } = process.cpuUsage();
      return user + system;
    }; while (used() < 700000);'`,
    limits: { cpuSeconds: 0.3, wallSeconds: 50 },
    ends: "cpu",
    inGVisor: false,
  },
  {
    number: 37,
    input: "ignore SIGTERM and sleep",
    script: `trap '' TERM INT HUP; sleep 100 & while :; do wait; done # ${WORD}`,
    limits: { wallSeconds: 1 },
    ends: "time",
    after: ({ workspace }) => expect(text(workspace, "notes.md")).toBe("before"),
  },
  {
    number: 37,
    input: "stop oneself by SIGSTOP",
    script: `kill -STOP $$ # ${WORD}`,
    limits: { wallSeconds: 1 },
    ends: "time",
  },
  {
    number: 37,
    input: "write, then sleep for ever: what was written is kept",
    script: `echo after >notes.md; sleep 100 # ${WORD}`,
    limits: { wallSeconds: 1 },
    ends: "time",
    after: ({ workspace }) => expect(text(workspace, "notes.md")).toBe("after\n"),
  },
  {
    number: 39,
    input: "leave a daemon behind in a session of its own: it is gone",
    script: `setsid sh -c 'sleep 100 # ${WORD}' & (setsid sh -c 'sleep 90 # ${WORD}' &) ; exit 0`,
    ends: "finished",
  },
  {
    number: 40,
    input: "fill the disk",
    script:
      "i=0; while dd if=/dev/zero of=f$i bs=1M count=1 2>/dev/null; do i=$((i+1)); done; exit 1",
    ends: "crashed",
    // It would fill this machine's: there the workspace is only measured after the run.
    worker: null,
    after: ({ workspace }) => expect(workspace.size).toBeLessThan(8),
  },
  {
    number: 24,
    input: "sparse files that unpack to more than the disk",
    script: "for i in 1 2 3 4 5 6 7 8; do truncate -s 3M sparse$i; done",
    ends: "disk",
    after: ({ workspace }) => expect([...workspace.keys()]).toEqual(["notes.md"]),
  },
  {
    number: 24,
    input: "a sparse file of a terabyte",
    script: "exec truncate -s 1T sparse",
    ends: "disk",
  },
  {
    number: 25,
    input: "ten thousand files: none is taken over",
    script: "i=0; while [ $i -lt 10000 ]; do : >f$i; i=$((i+1)); done",
    ends: "files",
    after: ({ workspace }) => expect([...workspace.keys()]).toEqual(["notes.md"]),
  },
  {
    number: 25,
    input: "18,000 folders",
    script: "i=0; while [ $i -lt 300 ]; do mkdir -p $(seq -f d$i/%g -s ' ' 1 60); i=$((i+1)); done",
    ends: "disk",
    inGVisor: false,
    worker: "files",
  },
  {
    number: 40,
    input: "print without end: 16 KB are kept",
    script: `exec yes ${WORD}`,
    limits: { wallSeconds: 1 },
    ends: "time",
    after: ({ output }) => expect(output.length).toBeLessThanOrEqual(OUTPUT_BYTES_MAX),
  },
  {
    number: 24,
    input: "a hundred megabytes of actions: the first of them are kept",
    script: "head -c 100000000 /dev/zero | tr '\\0' x >>$ECON_HOME/actions.jsonl; exit 0",
    ends: "finished",
    after: ({ actions, actionsCut }) => {
      expect(actions.length).toBe(ACTIONS_BYTES_MAX);
      expect(actionsCut).toBe(true);
    },
  },
];

/** "finished", "crashed", or the limit that it was stopped at. */
function words(ends: string): string {
  const ENDINGS: Record<string, string> = {
    finished: "ends as it likes",
    crashed: "fails in its own program",
    files: "stopped for the number of its files",
    time: "stopped at its wall time",
    cpu: "stopped at its cpu time",
  };
  return ENDINGS[ends] ?? `stopped for ${ends}`;
}

export const GREED: Line[] = EXHAUSTING.map(
  ({ number, input, script, limits, ends, worker = ends, inGVisor = true, after }) => {
    const attempt = async (sandbox: Sandbox) => {
      const result = await shell(sandbox, script, limits);
      expect(result.output).toEqual(expect.anything());
      after?.(result);
      return words(outcome(result));
    };
    const outcomes: Partial<Record<Driver, string>> = {
      docker: words(ends),
      ...(inGVisor ? { gVisor: words(ends) } : {}),
      bubblewrap: words(ends),
      ...(worker === null ? {} : { worker: words(worker) }),
    };
    return inDrivers(number, input, attempt, outcomes);
  },
);
