import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { probeCgroups } from "../../src/execution/probe.ts";
import type { Sandbox } from "../../src/execution/sandbox.ts";
import {
  folder,
  LIMITS,
  outcome,
  processesWith,
  request,
  sandboxForTests,
  shell,
  TOOLKIT,
  temporaryFolder,
  text,
} from "./ground.ts";

const found = await sandboxForTests("bubblewrap");
const sandbox = found as Sandbox;

/** Appears in the command line of each process of these runs, and in no other. */
const WORD = `econ-test-word-${process.pid}`;

describe.skipIf(!found)("a run in bubblewrap", () => {
  test.concurrent("takes files in and out with their bytes and executable bits", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    const workspace = folder({ "deep/er/ü.txt": "x", gone: "x" });
    workspace.set("tool", { bytes, executable: true });
    const script = "./tool 2>/dev/null; cp tool copy; rm gone; chmod +x deep/er/ü.txt; : >empty";
    const result = await sandbox.run(request(["sh", "-c", script], { workspace }));
    expect([...result.workspace.keys()]).toEqual(["copy", "deep/er/ü.txt", "empty", "tool"]);
    expect(Buffer.from(result.workspace.get("copy")?.bytes ?? [])).toEqual(Buffer.from(bytes));
    expect(result.workspace.get("deep/er/ü.txt")?.executable).toBe(true);
    expect(result.workspace.get("empty")?.executable).toBe(false);
  });

  test.concurrent("prints by name as well, to the last byte, whatever is left behind", async () => {
    const script = "sleep 99 & echo a >/dev/stderr; echo b >/dev/stdout; echo c; seq 3000";
    const result = await shell(sandbox, script);
    expect(result.ending).toEqual({ kind: "finished" });
    const numbers = Array.from({ length: 3000 }, (_, n) => `${n + 1}\n`).join("");
    expect(result.output).toBe(`a\nb\nc\n${numbers}`);
  });

  test.concurrent("imports the toolkit and reads its source and its briefing", async () => {
    const script = `import { accept } from "/node_modules/econ/src/economy/result.ts";
      import * as z from "/econ/source/node_modules/zod";
      import { appendFileSync, readFileSync } from "node:fs";
      appendFileSync(process.env.ECON_HOME + "/actions.jsonl", "{}\\n");
      console.log(accept(1).ok, z.string().parse("z"), readFileSync("/econ/inbox/1.md", "utf8"));`;
    const briefing = folder({ "inbox/1.md": "hello" });
    const workspace = folder({ "main.ts": script });
    const result = await sandbox.run(request(["bun", "main.ts"], { workspace, briefing }));
    expect([result.output, result.ending]).toEqual(["true z hello\n", { kind: "finished" }]);
    expect(Buffer.from(result.actions).toString()).toBe("{}\n");
    expect([...result.workspace.keys()]).toEqual(["main.ts"]);
  });

  test.concurrent("does not let Bun obey a configuration in the workspace", async () => {
    const workspace = folder({
      "main.ts": "console.log(process.env.SECRET ?? 'none')",
      "bunfig.toml": 'preload = ["./evil.ts"]',
      ".env": "SECRET=leaked",
      "evil.ts": "console.log('evil')",
    });
    const { output } = await sandbox.run(request(["bun", "main.ts"], { workspace }));
    expect(output).toBe("none\n");
  });

  const ENDINGS: [argv: string[], detail: string][] = [
    [["sh", "-c", "exit 3"], "exit code 3"],
    [["sh", "-c", "exit 97"], "exit code 97"],
    [["sh", "-c", "kill -SEGV $$"], "killed by SIGSEGV"],
    [["nowhere"], "no such file: nowhere"],
    [["./notes.md"], "cannot be executed: ./notes.md"],
    [[], "the payload is empty"],
    [["a\0b"], "the payload has a NUL character"],
  ];
  for (const [argv, detail] of ENDINGS) {
    test.concurrent(`that ends with "${detail}" is a crash and says so`, async () => {
      expect((await sandbox.run(request(argv))).ending).toEqual({ kind: "crashed", detail });
    });
  }

  test.concurrent("that makes its files unreadable is a crash and loses none", async () => {
    const result = await shell(sandbox, "chmod 000 notes.md");
    expect(outcome(result)).toBe("crashed");
    expect(text(result.workspace, "notes.md")).toBe("before");
  });

  test.concurrent("that does not fit its disk from the start is stopped for disk", async () => {
    const workspace = folder({ big: "x".repeat(5 * 1024 * 1024) });
    expect(outcome(await sandbox.run(request(["true"], { workspace })))).toBe("disk");
  });

  test.concurrent("that is called off is the host's doing and leaves nothing", async () => {
    const stop = new AbortController();
    const word = `${WORD}-off`;
    const going = sandbox.run(request(["sh", "-c", `sleep 50 # ${word}`], { signal: stop.signal }));
    while (processesWith(word).length === 0) await Bun.sleep(5);
    stop.abort();
    const result = await going;
    expect(result.ending).toEqual({ kind: "host", detail: "the run was called off" });
    expect(processesWith(word)).toEqual([]);
  });

  test("whose scratch cannot be written is the host's failure", async () => {
    const blocked = join(temporaryFolder(), "scratch");
    const other = await sandboxForTests("bubblewrap", blocked);
    rmSync(blocked, { recursive: true });
    writeFileSync(blocked, "");
    const result = await other?.run(request(["true"]));
    expect(result?.ending.kind).toBe("host");
    expect(text(result?.workspace ?? new Map(), "notes.md")).toBe("before");
  });

  test("does not mind that its scratch root is deleted between runs", async () => {
    const root = join(temporaryFolder(), "scratch");
    mkdirSync(root);
    const other = await sandboxForTests("bubblewrap", root);
    rmSync(root, { recursive: true });
    expect((await other?.run(request(["true"])))?.ending).toEqual({ kind: "finished" });
    expect(existsSync(root) && readdirSync(root)).toEqual([]);
  });

  test("dies with the host process that started it, whenever that is killed", async () => {
    const word = `${WORD}-orphan`;
    const places = [join(TOOLKIT, "src/execution/choose.ts"), temporaryFolder(), TOOLKIT];
    const [module, scratch, toolkit] = places.map((place) => JSON.stringify(place));
    const argv = JSON.stringify(["sh", "-c", `setsid sleep 77 & sleep 50 # ${word}`]);
    const code = `
      const { chooseSandbox } = await import(${module});
      const options = { scratch: ${scratch}, toolkit: ${toolkit} };
      const { value } = await chooseSandbox("bubblewrap", options);
      await value.run({ id: "o", argv: ${argv}, workspace: new Map(), briefing: new Map(),
        limits: ${JSON.stringify(LIMITS)} });`;
    const flags = ["--config=/dev/null", "--no-env-file", "-e", code];
    for (const milliseconds of [0, 2, 4, 6, 8, 12, 30]) {
      const host = Bun.spawn([process.execPath, ...flags]);
      while (running(word).length === 0) await Bun.sleep(1);
      await Bun.sleep(milliseconds);
      host.kill("SIGKILL");
      await host.exited;
      for (let n = 0; running(word).length > 0 && n < 1_000; n++) await Bun.sleep(10);
      expect(running(word)).toEqual([]);
    }
    // Clears the control groups that the dead hosts left.
    await probeCgroups();
  });
});

/** Without the host itself, whose program has the word in it. */
function running(word: string): string[] {
  return processesWith(word).filter((pid) => {
    try {
      return !readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("chooseSandbox");
    } catch {
      return false;
    }
  });
}
