// What every sandbox does for a run that means no harm: files in and out, output, endings.
import { describe, expect, test } from "bun:test";
import { turns } from "../../src/execution/pool.ts";
import type { Sandbox } from "../../src/execution/sandbox.ts";
import { folder, outcome, processesWith, request, shell, text } from "./ground.ts";

/** Appears in the command line of each process of these runs, and in no other. */
const WORD = `econ-test-word-${process.pid}`;

export function carryingTests(name: Sandbox["name"], found: Sandbox | null): void {
  const sandbox = found as Sandbox;
  describe.skipIf(!found)(`a run in ${name}`, () => {
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

    test.concurrent("begins when its turn comes, however early it was made ready", async () => {
      const turn = turns(1);
      const script = "date +%s%N; sleep 0.1; date +%s%N";
      const all = [1, 2, 3].map(() => sandbox.run(request(["sh", "-c", script], { turn })));
      const times = (await Promise.all(all)).map(({ output }) => output.trim().split("\n"));
      expect(times.sort().flat()).toEqual(times.flat().sort());
      expect(times.flat()).toHaveLength(6);
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
      const word = `${WORD}-${name}-off`;
      const going = sandbox.run(
        request(["sh", "-c", `sleep 50 # ${word}`], { signal: stop.signal }),
      );
      while (processesWith(word).length === 0) await Bun.sleep(5);
      stop.abort();
      const result = await going;
      expect(result.ending).toEqual({ kind: "host", detail: "the run was called off" });
      expect(processesWith(word)).toEqual([]);
    });
  });
}
