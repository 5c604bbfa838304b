// A container kept for an agent's next run: what a run did must be gone with it, and the next must
// get what it bought.
import { afterAll, describe, expect, test } from "bun:test";
import type { Sandbox } from "../../src/execution/sandbox.ts";
import { type Daemon, daemonForTests, dockerForTests } from "./dockerd.ts";
import { folder, LIMITS, outcome, processesWith, request, text } from "./ground.ts";

const found = await daemonForTests();
const daemon = found as Daemon;
const sandbox = (await dockerForTests({ keep_warm: true })) as Sandbox;
const WORD = `econ-test-warm-${process.pid}`;

/** Two runs of an agent, one after the other; `same`: in the container of the first. */
async function twice(agent: string, first: string, second: string, limits = {}) {
  const run = async (script: string, more: object, briefing = {}) => {
    const asked = request(["sh", "-c", script], {
      agent,
      limits: { ...LIMITS, ...more },
      briefing: folder({ "environment.json": "{}", ...briefing }),
    });
    const result = await sandbox.run(asked);
    return { result, containers: (await daemon.engine.containers(`econ.run=${asked.id}`)).length };
  };
  const before = await run(first, {}, { "inbox/1.md": "for the first run" });
  const after = await run(second, limits);
  return { before: before.result, after: after.result, same: after.containers === 0 };
}

const LEFT: [what: string, first: string, look: string][] = [
  ["a file in /tmp", "echo x >/tmp/x; mkdir -m 0 /tmp/shut", "ls -A /tmp"],
  ["a file in shared memory", "echo x >/dev/shm/x", "ls -A /dev/shm"],
  [
    "a file that was not kept",
    "mkfifo pipe; mkdir -m 0 shut; ln -s /etc way",
    "ls -A | grep -v notes.md",
  ],
  ["a folder 400 deep", "for n in $(seq 400); do mkdir d; cd d; done", "ls -A | grep -v notes.md"],
  [
    "a process",
    `setsid sleep 300 & sleep 299 # ${WORD}`,
    "ls /proc | grep -cE '^[0-9]+$' | grep -v '[3-6]'",
  ],
  ["its mail", "cat /econ/inbox/1.md", "ls /econ/inbox 2>/dev/null"],
  ["its actions", "echo '{}' >>/econ/actions.jsonl", "cat /econ/actions.jsonl"],
  [
    "a mode or a name of the folders",
    "chmod 0 /tmp /workspace; touch -d @1 /tmp",
    "find /tmp -not -newermt @9",
  ],
  ["shared memory of the kernel", "ipcmk -M 9 >/dev/null 2>&1", "ipcs -m | grep 0x"],
];

afterAll(async () => {
  for (const id of (await found?.containers()) ?? []) await found?.engine.removeContainer(id);
});

describe.skipIf(!found)("a warm container", () => {
  for (const [index, [what, first, look]] of LEFT.entries())
    test.concurrent(`does not carry ${what} to the next run`, async () => {
      const script = first.includes("sleep") ? first.replace("sleep 299", "sleep 0.1") : first;
      const { before, after, same } = await twice(`left${index}`, script, `${look}; true`);
      expect(outcome(before)).not.toBe("host");
      expect([after.output, after.ending]).toEqual(["", { kind: "finished" }]);
      expect([same, after.actions.length]).toEqual([true, 0]);
    });

  test.concurrent("gives each run the limits that it bought", async () => {
    const hog = "exec bun -e 'const a=[]; for(;;) a.push(new Uint8Array(8<<20).fill(1))'";
    const half = "bun -e 'const a=new Uint8Array(150<<20).fill(1); process.exit(a[5]-1)'";
    const grown = await twice("grown", hog, half, { memoryMb: 400 });
    expect([outcome(grown.before), outcome(grown.after)]).toEqual(["memory", "finished"]);
    const burn = "i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done";
    const burnt = await twice("burnt", burn, "true", { cpuSeconds: 0.5 });
    expect([outcome(burnt.after), burnt.same]).toEqual(["finished", true]);
  });

  test.concurrent("is not one after a run that had to be killed", async () => {
    const wide =
      "i=0; while [ $i -lt 400 ]; do mkdir -p $(seq -f d$i/%g -s ' ' 1 60); i=$((i+1)); done";
    const { before, after, same } = await twice("wide", wide, "ls");
    expect([outcome(before), same]).toEqual(["disk", false]);
    expect([after.output, text(after.workspace, "notes.md")]).toEqual(["notes.md\n", "before"]);
  });

  test.concurrent("is no other agent's", async () => {
    const one = await sandbox.run(request(["sh", "-c", "true"], { agent: "one" }));
    const known = await found?.containers();
    const other = await sandbox.run(request(["sh", "-c", "true"], { agent: "other" }));
    expect([outcome(one), outcome(other)]).toEqual(["finished", "finished"]);
    expect((await found?.containers())?.length).toBeGreaterThan(known?.length ?? 0);
  });

  test("that somebody removes between two runs is replaced, and nobody's fault", async () => {
    await sandbox.run(request(["true"], { agent: "removed" }));
    for (const id of (await found?.containers()) ?? []) await found?.engine.removeContainer(id);
    const { ending } = await sandbox.run(request(["true"], { agent: "removed" }));
    expect(ending).toEqual({ kind: "finished" });
    expect(processesWith(WORD)).toEqual([]);
  });
});
