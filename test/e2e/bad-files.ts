// Bad input by name: what an agent leaves in its folder, and what its payload does to the host. In
// whole worlds, and the same for every sandbox.
import { beforeAll, describe, expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "../../src/execution/sandbox.ts";
import { processesWith } from "../execution/ground.ts";
import {
  BID,
  type Cast,
  script,
  temporaryFolder,
  type World,
  type WorldOptions,
  worldOf,
} from "./helpers.ts";

export const HONEST = script("echo ran >>log.txt");

/** Nothing is wrong with the world, and the neighbour ran in each of its cycles. */
export async function isUnharmed(world: World, cycles: number): Promise<void> {
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

export type Ground = {
  name: Sandbox["name"];
  isThere: boolean;
  /** Does something where the worlds find this sandbox. */
  within?: <T>(work: () => Promise<T>) => Promise<T>;
};

export function badFilesTests({ name, isThere, within = (work) => work() }: Ground): void {
  const tick = (world: World) => within(() => world.tick());
  const worldIn = (cast: Cast, options: WorldOptions = {}) =>
    worldOf(cast, { ...options, rules: { ...options.rules, "execution.sandbox": name } });

  (isThere ? describe : describe.skip)(`in ${name}, a run that leaves`, () => {
    let world: World;

    beforeAll(async () => {
      const culprits = FILES.map(([, lines], index) => {
        const leave = `mkdir -p kept && ${lines} 2>/dev/null`;
        return [`c${index}`, script(leave, "echo fine >kept/file.txt")];
      });
      world = await worldIn({ ...Object.fromEntries(culprits), honest: HONEST }, { rules: ROOM });
      await tick(world);
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

  (isThere ? describe : describe.skip)(`in ${name}, a payload that`, () => {
    let world: World;
    let endings: Map<string, string>;

    beforeAll(async () => {
      const culprits = LIMITS.map(([, lines], index) => [`c${index}`, script(lines)]);
      const rules = { ...ROOM, "execution.timeout_seconds": 2.5 };
      world = await worldIn({ ...Object.fromEntries(culprits), honest: HONEST }, { rules });
      const { runs } = await tick(world);
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
      const world = await worldIn({ deep, wide, honest: HONEST }, { rules: ROOM });
      const { runs } = await tick(world);
      for (const { run, ending } of runs)
        if (run.bid.agent !== "honest") expect(ending.kind).not.toBe("host");
      expect(world.list("agents")).toEqual(["deep", "honest", "wide"]);
      await isUnharmed(world, 1);
    });

    test("leaves a daemon has left nothing when its run is over", async () => {
      const mark = `econ-daemon-${process.pid}`;
      const named = `bash -c 'exec -a ${mark} sleep 60'`;
      const daemon = `(setsid ${named} >/dev/null 2>&1 &) ; nohup sleep 61 &`;
      const world = await worldIn({ culprit: script(daemon, "sleep 0.2"), honest: HONEST });
      await tick(world);
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
      const world = await worldIn({ spy: script(...look), honest: HONEST }, { root });
      await tick(world);
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
      const world = await worldIn({ caller: script(call), honest: HONEST });
      await tick(world);
      expect(world.has("agents/caller/workspace/net.txt")).toBe(false);
      await isUnharmed(world, 1);
    });

    test("rewrites its own lines and environment changes nothing that the kernel knows", async () => {
      const forge = [
        'truncate -s 0 "$ECON_HOME/actions.jsonl"; rm -f "$ECON_HOME/actions.jsonl"',
        `echo '{"id":"culprit","earned":"1000000"}' >agent.json; mkdir -p ../inbox; true`,
        BID,
      ];
      const world = await worldIn({ culprit: script(...forge), honest: HONEST });
      await tick(world);
      expect(world.record("culprit").executions).toBe(1);
      expect(world.read("agents/culprit/workspace/agent.json")).toContain("1000000");
      await isUnharmed(world, 1);
    });
  });
}
