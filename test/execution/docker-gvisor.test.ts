// gVisor as the daemon's runtime: a kernel of its own between the agent and the machine's. Where
// `runsc` is not installed there is nothing to try.
import { describe, expect, test } from "bun:test";
import type { Sandbox } from "../../src/execution/sandbox.ts";
import { dockerForTests } from "./dockerd.ts";
import { LIMITS, outcome, request, shell, text } from "./ground.ts";

const installed = Bun.which("runsc") !== null;
if (!installed) console.log("skipped: no runsc on this machine; apt install runsc");
const found = installed ? await dockerForTests({ runtime: "runsc" }) : null;
const sandbox = found as Sandbox;

describe.skipIf(!found)("a run in gVisor", () => {
  test("has another kernel, no network, and carries files and actions", async () => {
    const script =
      "dmesg 2>/dev/null | grep -ci gvisor; cat /proc/version; echo after >notes.md;" +
      " echo '{}' >>/econ/actions.jsonl; touch /x 2>/dev/null; tail -n +3 /proc/net/dev | grep -v lo:";
    const result = await shell(sandbox, `${script}; exit 0`);
    expect(result.ending).toEqual({ kind: "finished" });
    expect(result.output).not.toContain(await Bun.file("/proc/version").text());
    expect(text(result.workspace, "notes.md")).toBe("after\n");
    expect(Buffer.from(result.actions).toString()).toBe("{}\n");
  });

  test("is stopped at its time, and what it wrote before is handed over", async () => {
    const result = await shell(sandbox, "echo after >notes.md; sleep 99", { wallSeconds: 1 });
    expect([outcome(result), text(result.workspace, "notes.md")]).toEqual(["time", "after\n"]);
  });

  test("that takes memory without end is ended, and it is not the host's failure", async () => {
    const hog = "const a=[]; for(;;) a.push(new Uint8Array(8<<20).fill(1))";
    const limits = { ...LIMITS, memoryMb: 200 };
    const result = await sandbox.run(request(["bun", "-e", hog], { limits }));
    expect(["memory", "crashed"]).toContain(outcome(result));
  });

  test("that loops without end is stopped for its cpu time", async () => {
    const limits = { cpuSeconds: 1, wallSeconds: 50 };
    expect(outcome(await shell(sandbox, "while :; do :; done", limits))).toBe("cpu");
  });
});
