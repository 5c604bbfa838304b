// Bad input by name: what an agent leaves in its folder, and what its payload does to the host.
import { beforeAll, expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { processesWith } from "../execution/ground.ts";
import { ask, BID, living, script, temporaryFolder, type World, worldOf } from "./helpers.ts";

const HONEST = script("echo ran >>log.txt");

/** Nothing is wrong with the world, and the neighbour ran in each of its cycles. */
async function isUnharmed(world: World, cycles: number): Promise<void> {
  expect(world.read("agents/honest/workspace/log.txt")).toBe("ran\n".repeat(cycles));
  expect(await world.wrong()).toEqual([]);
}

type Leaving = [what: string, script: string, notice: RegExp, notKept: string];

const FILES: Leaving[] = [
  ["a symlink out", "ln -s /etc/passwd way-out", /"way-out" was not kept: only regular/, "way-out"],
  ["a symlink to a folder", "ln -s / root", /"root" was not kept: only regular/, "root"],
  [
    "a nested repository",
    "mkdir -p sub/.git && echo x >sub/.git/HEAD",
    /sub\/\.git.*is git.s own/,
    "sub/.git",
  ],
  [
    "a bare repository",
    "mkdir -p b/objects b/refs && echo x >b/HEAD",
    /"b\/HEAD" was not kept: git would take/,
    "b",
  ],
  ["a fifo", "mkfifo pipe", /"pipe" was not kept: only regular files/, "pipe"],
  [
    "a device",
    "mknod null c 1 3 || mkfifo null",
    /"null" was not kept: only regular files/,
    "null",
  ],
  ["a hard link", "echo x >one && ln one two", /was not kept: only regular files.*link/, "two"],
  ["a name with a newline", "touch $'two\\nlines'", /two.*a control character/, "two\nlines"],
  ["a name that is not UTF-8", "touch $'bad\\377'", /not UTF-8/, "bad\ufffd"],
  [
    "a name that a program obeys",
    "echo '[install]' >bunfig.toml",
    /bunfig\.toml.*was not kept/,
    "bunfig.toml",
  ],
  [
    "a git attribute",
    "echo '* -text' >.gitattributes",
    /gitattributes.*git would obey/,
    ".gitattributes",
  ],
  [
    "two names in one case",
    "echo x >Memo.txt; echo x >memo.TXT",
    /differs from .* only in case/,
    "memo.TXT",
  ],
];

/** Room for everyone in the same cycle. */
const ROOM = { "resources.cpu_seconds.supply": 100, "resources.memory_mb.supply": 10_000 };

living("a run that leaves", () => {
  let world: World;

  beforeAll(async () => {
    const culprits = FILES.map(([, lines], index) => {
      const leave = `mkdir -p kept && ${lines} 2>/dev/null`;
      return [`c${index}`, script(leave, "echo fine >kept/file.txt")];
    });
    world = await worldOf({ ...Object.fromEntries(culprits), honest: HONEST }, { rules: ROOM });
    await world.tick();
  }, 30_000);

  for (const [index, [what, , notice, notKept]] of FILES.entries())
    test(`${what} is told so, and keeps its other files`, () => {
      const workspace = `agents/c${index}/workspace`;
      expect(world.notices(`c${index}`)).toMatch(notice);
      expect(world.read(`${workspace}/kept/file.txt`)).toBe("fine\n");
      expect(world.list(workspace)).not.toContain(notKept);
      expect(existsSync(join(world.root, workspace, notKept, "HEAD"))).toBe(false);
    });

  test("any of it leaves the world whole", () => isUnharmed(world, 1));
});

type Limit = [what: string, lines: string, notice: RegExp];

const LIMITS: Limit[] = [
  ["leaves a sparse giant", "truncate -s 100G giant", /MB/],
  [
    "leaves 10,000 files",
    "mkdir n && cd n && seq 10000 | xargs touch",
    /more than 1000 files|too many names/,
  ],
  ["grows the history", "head -c 5M /dev/urandom >noise", /it changed 5\.0 MB of files/],
  ["fills the disk", "cat /dev/zero >fill; cat /dev/zero >fill2", /MB|exit code/],
  ["forks without end", "b() { b | b & b; }; b; sleep 9", /processes|longer than|exit code|killed/],
  ["hogs memory", "head -c 400M /dev/zero | tail -n 1", /memory/],
  ["never ends", "while :; do sleep 1; done", /longer than 2.5 s/],
  ["prints without end", "yes 'a line that nobody asked for'", /cpu|longer than/],
  ["burns cpu", "while :; do :; done", /more than 1 s of cpu|longer than/],
];

living("a payload that", () => {
  let world: World;
  let endings: Map<string, string>;

  beforeAll(async () => {
    const culprits = LIMITS.map(([, lines], index) => [`c${index}`, script(lines)]);
    const rules = { ...ROOM, "execution.timeout_seconds": 2.5 };
    world = await worldOf({ ...Object.fromEntries(culprits), honest: HONEST }, { rules });
    const { runs } = await world.tick();
    endings = new Map(runs.map(({ run, ending }) => [run.bid.agent, ending.kind]));
  }, 60_000);

  for (const [index, [what, , notice]] of LIMITS.entries())
    test(`${what} is stopped, told why, and gets its bid back`, () => {
      const culprit = `c${index}`;
      expect(["limit", "crashed"]).toContain(endings.get(culprit) ?? "");
      expect(world.notices(culprit)).toMatch(notice);
      expect(world.list("bids")).toContain(`${culprit}-0-1.json`);
    });

  test("does any of that leaves the world whole and its neighbour alone", () =>
    isUnharmed(world, 1));

  test("makes folders 3,000 deep, or 10,000 of them, harms nobody", async () => {
    const deep = script("for n in $(seq 3000); do mkdir d && cd d || exit 0; done; touch bottom");
    const wide = script("seq 10000 | xargs mkdir; echo kept >kept.txt");
    const world = await worldOf({ deep, wide, honest: HONEST }, { rules: ROOM });
    const { runs } = await world.tick();
    for (const { run, ending } of runs)
      if (run.bid.agent !== "honest") expect(ending.kind).not.toBe("host");
    expect(world.list("agents")).toEqual(["deep", "honest", "wide"]);
    await isUnharmed(world, 1);
  });

  test("leaves a daemon has left nothing when its run is over", async () => {
    const mark = `econ-daemon-${process.pid}`;
    const named = `bash -c 'exec -a ${mark} sleep 60'`;
    const daemon = `(setsid ${named} >/dev/null 2>&1 &) ; nohup sleep 61 &`;
    const world = await worldOf({ culprit: script(daemon, "sleep 0.2"), honest: HONEST });
    await world.tick();
    expect(processesWith(mark)).toEqual([]);
    await isUnharmed(world, 1);
  });

  test("looks around sees no secret, no neighbour, no world and nothing of the host", async () => {
    const place = temporaryFolder();
    const root = join(place, "world");
    writeFileSync(join(place, "secret.txt"), "the host's own");
    process.env.ECON_TEST_SECRET = "only-the-host-knows";
    const look = [
      "cat /etc/shadow /etc/passwd >seen.txt 2>&1",
      `ls -la ${root} ${root}/agents/honest ${place} / /root /home /tmp >>seen.txt 2>&1`,
      `cat ${place}/secret.txt >>seen.txt 2>&1`,
      "env >>seen.txt; cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n' >>seen.txt",
      "cat /proc/*/cmdline 2>/dev/null | tr '\\0' ' ' >>seen.txt",
      `echo x >${root}/agents/honest/workspace/forged.txt`,
      "echo x >/econ/environment.json; echo x >/econ/bids.json; true",
    ];
    const world = await worldOf({ spy: script(...look), honest: HONEST }, { root });
    await world.tick();
    delete process.env.ECON_TEST_SECRET;
    const seen = world.read("agents/spy/workspace/seen.txt");
    expect(seen).toContain("/workspace");
    for (const secret of ["root:", "only-the-host-knows", "the host's own", "log.txt"])
      expect(seen).not.toContain(secret);
    expect(seen).not.toMatch(/\bbun test\b/);
    expect(world.has("agents/honest/workspace/forged.txt")).toBe(false);
    await isUnharmed(world, 1);
  });

  test("reaches for the network finds none", async () => {
    const call = "(exec 3<>/dev/tcp/1.1.1.1/53) 2>/dev/null && echo online >net.txt; true";
    const world = await worldOf({ caller: script(call), honest: HONEST });
    await world.tick();
    expect(world.has("agents/caller/workspace/net.txt")).toBe(false);
    await isUnharmed(world, 1);
  });

  test("rewrites its own lines and environment changes nothing that the kernel knows", async () => {
    const forge = [
      'truncate -s 0 "$ECON_HOME/actions.jsonl"; rm -f "$ECON_HOME/actions.jsonl"',
      `echo '{"id":"culprit","earned":"1000000"}' >agent.json; mkdir -p ../inbox; true`,
      BID,
    ];
    const world = await worldOf({ culprit: script(...forge), honest: HONEST });
    await world.tick();
    expect(world.record("culprit").executions).toBe(1);
    expect(world.read("agents/culprit/workspace/agent.json")).toContain("1000000");
    await isUnharmed(world, 1);
  });
});

const ESCAPES = "\u001b[2J\u001b]0;owned\u0007\u001b[31mred\u009b1m\u202egnp.exe";

living("text that an agent writes", () => {
  test("cannot act on a person's terminal, wherever it is shown", async () => {
    const culprit = script(
      ask({ action: "prompt", content: `# ${ESCAPES}\n\nfine`, amount: 60 }),
      ask({ action: "transfer", to: "honest", amount: 1, memo: "ok\u202e" }),
      ask({ action: "message", to: "honest", content: ESCAPES }),
      ask({ action: ESCAPES }),
      `printf '%b' '\\033[2Jprinted'`,
    );
    const world = await worldOf({ culprit, honest: HONEST });
    const tick = await world.econ("tick");
    expect([tick.code, tick.err]).toEqual([0, ""]);
    const shown = [["attend"], ["status"], ["agent", "culprit"], ["agent", "honest"], ["history"]];
    for (const words of [
      ...shown,
      ["attend", "--json"],
      ["agent", "culprit", "--json"],
      ["tick"],
    ]) {
      const { code, out, err } = await world.econ(...words);
      expect([words, code, err]).toEqual([words, 0, ""]);
      expect(`${tick.out}${out}`).not.toMatch(
        /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/,
      );
    }
    expect(world.git("log", "--format=%B")).not.toMatch(/[\u001b\u009b\u202e]/);
    expect(await world.wrong()).toEqual([]);
  });

  test("cannot break out of the prompt's file, and cannot score itself", async () => {
    const content = "---\ninteresting: 10\nuseful: 10\nunderstandable: 10\n---\n# mine";
    const world = await worldOf({
      culprit: script(ask({ action: "prompt", content, amount: 60 })),
      honest: HONEST,
    });
    const before = await world.balance("culprit");
    await world.tick(3);
    expect(await world.balance("culprit")).toBeLessThan(before - 60);
    expect((await world.economy()).active?.content).toBe(content);
    await isUnharmed(world, 3);
  });

  test("in front matter is never executed, be it mail by hand or AGENTS.md", async () => {
    const trap = join(temporaryFolder(), "sprung");
    const spring = `require("fs").writeFileSync(${JSON.stringify(trap)}, "x")`;
    const code = `---js\n{ x: ${spring} }\n---\nhi\n`;
    const sly = { "main.sh": `${BID}\n`, "AGENTS.md": code };
    const spawn = { action: "spawn", name: "kid", credits: 60, logic: sly };
    const world = await worldOf({ sly, honest: HONEST, mother: script(ask(spawn)) });
    await world.edit("agents/honest/inbox/letter.md", code);
    const result = await world.tryTick();
    expect(existsSync(trap)).toBe(false);
    if (result.ok) await isUnharmed(world, 1);
    else {
      expect(result.problems[0]).toMatchObject({ file: "agents/honest/inbox/letter.md" });
      await world.edit("agents/honest/inbox/letter.md", "a plain letter\n");
      await world.tick();
      await isUnharmed(world, 1);
    }
    expect((await world.econ("agent", "sly")).code).toBe(0);
    expect(existsSync(trap)).toBe(false);
  });
});
