import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { chooseSandbox } from "../../src/execution/choose.ts";
import { runAll } from "../../src/execution/pool.ts";
import type { Sandbox } from "../../src/execution/sandbox.ts";
import { worker } from "../../src/execution/worker.ts";
import {
  bun,
  folder,
  outcome,
  processesWith,
  request,
  sandboxForTests,
  shell,
  TOOLKIT,
  temporaryFolder,
  text,
} from "./ground.ts";

const scratch = temporaryFolder();
const sandbox = (await sandboxForTests("worker", scratch)) as Sandbox;
/** As on a machine that has no control groups. */
const bare = worker({ scratch, toolkit: TOOLKIT, cgroups: null, because: "a test" });
const WORD = `econ-test-worker-${process.pid}`;

describe("a run in the worker", () => {
  test("takes files in and out, imports the toolkit, and leaves no scratch", async () => {
    const script = `import { accept } from "econ/src/economy/result.ts";
      import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
      const econ = process.env.ECON_HOME;
      appendFileSync(econ + "/actions.jsonl", "{}\\n");
      writeFileSync("out.md", readFileSync(econ + "/environment.json", "utf8"));
      console.log(accept(1).ok);`;
    const result = await bun(sandbox, script.replace('"econ/src', '"../node_modules/econ/src'));
    expect([result.output, result.ending]).toEqual(["true\n", { kind: "finished" }]);
    expect(Buffer.from(result.actions).toString()).toBe("{}\n");
    expect([...result.workspace.keys()]).toEqual(["main.ts", "out.md"]);
    expect(readdirSync(scratch)).toEqual([]);
  });

  test("sees no variable of the host", async () => {
    const { output } = await shell(sandbox, "env | cut -d= -f1 | sort | xargs");
    expect(output.trim()).toBe("ECON_HOME HOME LANG PATH PWD TMPDIR");
  });

  test("does not let Bun obey a configuration in the workspace", async () => {
    const workspace = folder({
      "main.ts": "console.log(process.env.SECRET ?? 'none')",
      "bunfig.toml": 'preload = ["./evil.ts"]',
      ".env": "SECRET=leaked",
      "evil.ts": "console.log('evil')",
    });
    expect((await sandbox.run(request(["bun", "main.ts"], { workspace }))).output).toBe("none\n");
  });

  const ENDINGS: [script: string, ending: object][] = [
    ["exit 3", { kind: "crashed", detail: "exit code 3" }],
    ["kill -SEGV $$", { kind: "crashed", detail: "killed by SIGSEGV" }],
    [`trap '' TERM; sleep 30 # ${WORD}`, { kind: "limit", limit: "time" }],
    ["truncate -s 1T big; exec truncate -s 1T big", { kind: "limit", limit: "disk" }],
    ["while :; do :; done", { kind: "limit", limit: "cpu" }],
    ["i=0; while [ $i -lt 200 ]; do : >f$i; i=$((i+1)); done", { kind: "limit", limit: "files" }],
    ["for i in 1 2 3; do truncate -s 2M s$i; done", { kind: "limit", limit: "disk" }],
  ];
  for (const [script, ending] of ENDINGS) {
    const title = `ends as ${JSON.stringify(ending)} after "${script.slice(0, 30)}"`;
    test.concurrent(title, async () => {
      const limits = { wallSeconds: script.includes("while :") ? 50 : 1, cpuSeconds: 1 };
      for (const one of [sandbox, bare]) {
        expect((await shell(one, script, limits)).ending).toMatchObject(ending);
      }
    });
  }

  test("that leaves more folders than are looked at is over a limit, not shorn of files", async () => {
    const limits = { wallSeconds: 50, cpuSeconds: 50 };
    const { ending, workspace } = await shell(bare, "seq 1200 | xargs mkdir", limits);
    expect(ending).toMatchObject({ kind: "limit", limit: "files" });
    expect([...workspace.keys()]).toEqual(["notes.md"]);
  });

  test("that is not there is a crash", async () => {
    const detail = "no such file: nowhere";
    expect((await sandbox.run(request(["nowhere"]))).ending).toEqual({ kind: "crashed", detail });
  });

  test("that takes memory without end ends, with control groups or without", async () => {
    const hog = "const a=[]; for(;;) a.push(new Uint8Array(16<<20).fill(1))";
    for (const one of [sandbox, bare]) {
      expect(["memory", "crashed"]).toContain(outcome(await bun(one, hog)));
    }
  });

  test("leaves no process of its group behind", async () => {
    const script = `sleep 40 & sh -c 'sleep 41; : ${WORD}-left' & exit 0`;
    expect((await shell(bare, script)).ending).toEqual({ kind: "finished" });
    expect(processesWith(`${WORD}-left`)).toEqual([]);
  });

  test("does not keep econ from ending, whatever holds its output open", async () => {
    const word = `${WORD}-holds`;
    const stray = `setsid sh -c 'sleep 30; : ${word}' & echo begun; sleep 0.2`;
    const one = { ...request(["sh", "-c", stray]), workspace: [], briefing: [] };
    const module = JSON.stringify(join(TOOLKIT, "src/execution/worker.ts"));
    const options = { scratch: temporaryFolder(), toolkit: TOOLKIT, cgroups: null, because: "" };
    const code = `
      const { worker } = await import(${module});
      const empty = { workspace: new Map(), briefing: new Map() };
      const one = { ...${JSON.stringify(one)}, ...empty };
      console.log((await worker(${JSON.stringify(options)}).run(one)).output);`;
    const flags = ["--config=/dev/null", "--no-env-file", "-e", code];
    const econ = Bun.spawn([process.execPath, ...flags]);
    expect(await econ.exited).toBe(0);
    expect(await econ.stdout.text()).toBe("begun\n\n");
    const left = processesWith(word);
    expect(left).not.toEqual([]);
    for (const pid of left) process.kill(Number(pid));
  });

  test("hands over neither links, pipes, repositories nor names that mislead", async () => {
    const script = `ln -s /etc/passwd s; ln notes.md h; mkfifo p; mkdir .git; echo >.git/config
      echo x >'a\nb'; echo x >$(printf '\\377'); rm $ECON_HOME/actions.jsonl
      ln -s /etc/passwd $ECON_HOME/actions.jsonl`;
    const result = await shell(sandbox, script);
    expect([...result.workspace.keys()]).toEqual(["notes.md"]);
    expect(text(result.workspace, "notes.md")).toBe("before");
    expect(result.actions.length).toBe(0);
    expect(result.refused.length).toBeGreaterThanOrEqual(6);
  });

  test("says in words what it does not protect", () => {
    expect(bare.unenforced.map(({ limit }) => limit)).toEqual([
      "isolation",
      "disk",
      "memory",
      "processes",
      "cpu",
    ]);
  });
});

describe("choosing a sandbox", () => {
  const options = { scratch: temporaryFolder(), toolkit: TOOLKIT };

  test("gives the worker when asked for it, and something for auto", async () => {
    const asked = await chooseSandbox("worker", options);
    expect(asked).toMatchObject({ ok: true, value: { name: "worker" } });
    expect((await chooseSandbox("auto", options)).ok).toBe(true);
  });

  test("refuses one that is not there instead of giving a weaker one", async () => {
    const path = process.env.PATH;
    process.env.PATH = "/nowhere";
    const asked = await chooseSandbox("bubblewrap", options);
    const auto = await chooseSandbox("auto", options);
    process.env.PATH = path;
    expect(asked).toMatchObject({ ok: false, reason: expect.stringContaining("install") });
    expect(auto).toMatchObject({ ok: true, value: { name: "worker" } });
  });

  test("refuses a scratch that cannot be made", async () => {
    const refused = await chooseSandbox("auto", { ...options, scratch: "/dev/null/scratch" });
    expect(refused).toMatchObject({ ok: false, reason: expect.stringContaining("writable") });
  });
});

test("many runs give their results in the order of the requests, so many at once", async () => {
  const delays = [0.2, 0, 0.1, 0, 0.05];
  const requests = delays.map((delay, n) =>
    request(["sh", "-c", `sleep ${delay}; echo ${n}; exit ${n}`]),
  );
  let now = 0;
  let most = 0;
  const tasks = requests.map((one) => async () => {
    most = Math.max(most, ++now);
    const result = await sandbox.run(one);
    now -= 1;
    return result;
  });
  const results = await runAll(tasks, 2);
  expect(results.map(({ output }) => output.trim())).toEqual(["0", "1", "2", "3", "4"]);
  expect(most).toBe(2);
});
