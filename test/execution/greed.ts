// Runs that take what they can get: each is stopped where it must be, the same for every driver.
import { afterAll, describe, expect, test } from "bun:test";
import type { Limits, RunResult, Sandbox } from "../../src/execution/sandbox.ts";
import { ACTIONS_BYTES_MAX, OUTPUT_BYTES_MAX } from "../../src/execution/sandbox.ts";
import { outcome, processesWith, shell, text } from "./ground.ts";

/** Appears in the command line of each process of these runs, and in no other. */
const WORD = `econ-test-word-${process.pid}`;

type Case = {
  title: string;
  script: string;
  limits?: Partial<Limits>;
  ends: string;
  after?: (result: RunResult) => void;
};

const EXHAUSTING: Case[] = [
  {
    title: "a run that forks without end is stopped and its processes are gone",
    // In a shell of its own: one that cannot start a process gives up at once.
    script: `sh -c 'bomb() { bomb | bomb & }; bomb; sleep 60'; while :; do :; done # ${WORD}`,
    limits: { wallSeconds: 1 },
    ends: "time",
  },
  {
    title: "a run that takes memory without end is stopped for memory",
    script: `exec bun -e 'const a=[]; for(;;) a.push(new Uint8Array(8<<20).fill(1)) // ${WORD}'`,
    ends: "memory",
  },
  {
    title: "memory taken by several processes counts together",
    script:
      "for i in 1 2 3 4; do bun -e 'const a=new Uint8Array(40<<20).fill(1);" +
      " await Bun.sleep(900); process.exit(a[5]-1)' & done; wait; exit 1",
    ends: "memory",
  },
  {
    title: "a loop without end is stopped at its cpu time, not at its wall time",
    script: `while :; do :; done # ${WORD}`,
    limits: { cpuSeconds: 0.5, wallSeconds: 50 },
    ends: "cpu",
  },
  {
    title: "cpu time of many short processes counts together",
    script: `while :; do (i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done) & wait; done # ${WORD}`,
    limits: { cpuSeconds: 0.5, wallSeconds: 50 },
    ends: "cpu",
  },
  {
    title: "a run that is over before anybody looks has used too much all the same",
    script: `exec bun -e 'const used = () => {
      const { user, system } = process.cpuUsage();
      return user + system;
    }; while (used() < 700000);'`,
    limits: { cpuSeconds: 0.3, wallSeconds: 50 },
    ends: "cpu",
  },
  {
    title: "a run that ignores SIGTERM and sleeps is stopped at its time",
    script: `trap '' TERM INT HUP; sleep 100 & while :; do wait; done # ${WORD}`,
    limits: { wallSeconds: 1 },
    ends: "time",
    after: ({ workspace }) => expect(text(workspace, "notes.md")).toBe("before"),
  },
  {
    title: "a run that stops itself is stopped at its time",
    script: `kill -STOP $$ # ${WORD}`,
    limits: { wallSeconds: 1 },
    ends: "time",
  },
  {
    title: "what a run wrote before its time was up is still handed over",
    script: `echo after >notes.md; sleep 100 # ${WORD}`,
    limits: { wallSeconds: 1 },
    ends: "time",
    after: ({ workspace }) => expect(text(workspace, "notes.md")).toBe("after\n"),
  },
  {
    title: "a daemon in a session of its own dies with the run that left it behind",
    script: `setsid sh -c 'sleep 100 # ${WORD}' & (setsid sh -c 'sleep 90 # ${WORD}' &) ; exit 0`,
    ends: "finished",
  },
  {
    title: "a disk of the size bought is full when it is full",
    script:
      "i=0; while dd if=/dev/zero of=f$i bs=1M count=1 2>/dev/null; do i=$((i+1)); done; exit 1",
    ends: "crashed",
    after: ({ workspace }) => expect(workspace.size).toBeLessThan(8),
  },
  {
    title: "sparse files that would unpack to more than the disk end the run for disk",
    script: "for i in 1 2 3 4 5 6 7 8; do truncate -s 3M sparse$i; done",
    ends: "disk",
    after: ({ workspace }) => expect([...workspace.keys()]).toEqual(["notes.md"]),
  },
  {
    title: "a sparse file of a terabyte cannot be made",
    script: "exec truncate -s 1T sparse",
    ends: "disk",
  },
  {
    title: "ten thousand files end the run for files and none is taken over",
    script: "i=0; while [ $i -lt 10000 ]; do : >f$i; i=$((i+1)); done",
    ends: "files",
    after: ({ workspace }) => expect([...workspace.keys()]).toEqual(["notes.md"]),
  },
  {
    title: "too many folders end the run for disk",
    script: "i=0; while [ $i -lt 300 ]; do mkdir -p $(seq -f d$i/%g -s ' ' 1 60); i=$((i+1)); done",
    ends: "disk",
  },
  {
    title: "printing without end neither blocks the run nor fills the host",
    script: `exec yes ${WORD}`,
    limits: { wallSeconds: 1 },
    ends: "time",
    after: ({ output }) => expect(output.length).toBeLessThanOrEqual(OUTPUT_BYTES_MAX),
  },
  {
    title: "of a hundred megabytes of actions the first are kept",
    script: "head -c 100000000 /dev/zero | tr '\\0' x >>/econ/actions.jsonl; exit 0",
    ends: "finished",
    after: ({ actions, actionsCut }) => {
      expect(actions.length).toBe(ACTIONS_BYTES_MAX);
      expect(actionsCut).toBe(true);
    },
  },
];

/** `remains` lists what may be left of a run and must not be. */
export function greedTests(
  name: Sandbox["name"],
  found: Sandbox | null,
  remains: () => Promise<string[]> | string[],
): void {
  const sandbox = found as Sandbox;
  describe.skipIf(!found)(`a run in ${name} that takes without end`, () => {
    for (const { title, script, limits, ends, after } of EXHAUSTING) {
      test.concurrent(title, async () => {
        const result = await shell(sandbox, script, limits);
        expect([outcome(result), result.output]).toEqual([ends, expect.anything()]);
        after?.(result);
      });
    }
    afterAll(async () => {
      expect(processesWith(WORD)).toEqual([]);
      expect(await remains()).toEqual([]);
    });
  });
}
