import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bubblewrap } from "../../src/execution/bubblewrap.ts";
import { probeCgroups } from "../../src/execution/probe.ts";
import { carryingTests } from "./carrying.ts";
import {
  folder,
  LIMITS,
  processesWith,
  request,
  sandboxForTests,
  shell,
  TOOLKIT,
  temporaryFolder,
  text,
} from "./ground.ts";

const found = await sandboxForTests("bubblewrap");

carryingTests("bubblewrap", found);

/** Appears in the command line of each process of these runs, and in no other. */
const WORD = `econ-test-word-${process.pid}`;

describe.skipIf(!found)("a run in bubblewrap", () => {
  test("can write nothing at all below /proc or /sys", async () => {
    if (!found) return;
    const { output } = await shell(found, "find /proc /sys -writable ! -type l 2>/dev/null");
    expect(output).toBe("");
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

  test("whose briefing cannot be written never begins, and leaves nothing", async () => {
    const root = join(temporaryFolder(), "scratch");
    const other = await sandboxForTests("bubblewrap", root);
    const briefing = folder({ "../outside": "x" });
    const result = await other?.run(request(["sh", "-c", "echo ran"], { briefing }));
    expect([result?.ending.kind, result?.output]).toEqual(["host", ""]);
    expect(readdirSync(root)).toEqual([]);
  });

  test("does not mind that its scratch root is deleted between runs", async () => {
    const root = join(temporaryFolder(), "scratch");
    mkdirSync(root);
    const other = await sandboxForTests("bubblewrap", root);
    rmSync(root, { recursive: true });
    expect((await other?.run(request(["true"])))?.ending).toEqual({ kind: "finished" });
    expect(existsSync(root) && readdirSync(root)).toEqual([]);
  });

  test("called off at any moment of its start leaves no process, also without a group", async () => {
    const word = `${WORD}-called-off`;
    const bwrap = Bun.which("bwrap") ?? "";
    const places = { scratch: temporaryFolder(), toolkit: TOOLKIT };
    const bare = bubblewrap({ bwrap, ...places, cgroups: null }, []);
    for (let n = 0; n < 60; n++) {
      const control = new AbortController();
      const asked = () => request(["sh", "-c", `sleep 50 # ${word}`], { signal: control.signal });
      const runs = Array.from({ length: 4 }, () => bare.run(asked()));
      await Bun.sleep(n % 30);
      control.abort();
      const detail = "the run was called off";
      for (const { ending } of await Promise.all(runs)) {
        expect(ending).toEqual({ kind: "host", detail });
      }
    }
    for (let n = 0; running(word).length > 0 && n < 100; n++) await Bun.sleep(10);
    expect(running(word)).toEqual([]);
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
