// Folders that other runtimes for agents as files have laid out, and folders that mean harm.
import { describe, expect, test } from "bun:test";
import { symlinkSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { put, snapshot, temporaryFolder, worldOf } from "./worlds.ts";

/** As such a workspace lies on a person's disk, with what lies beside it. */
const CLAWD = {
  "AGENTS.md": "---\nmodel: anthropic/claude-haiku-4-5\n---\n# Clawd\r\nBe brief.\n",
  "SOUL.md": "You are kind.\n",
  "IDENTITY.md": "Name: Clawd\n",
  "USER.md": "Call her Ada.\n",
  "TOOLS.md": "ssh: home server\n",
  "HEARTBEAT.md": "# Heartbeat\n\nEvery 30 minutes, look at the inbox.\n",
  "MEMORY.md": "Ada likes tea.\n",
  "memory/2026-01-31.md": "Talked about tea.\n",
  "memory/2026-02-01.md": "And more tea.\n",
  "skills/weather/SKILL.md": "---\nname: weather\ndescription: Tells the weather\n---\n# How\n",
  "skills/weather/scripts/get.sh": "#!/bin/sh\necho rain\n",
  "skills/mail/SKILL.md": "# Mail\n\nReads and sorts mail.\n",
  "canvas/index.html": new Uint8Array([0, 255, 13, 10, 0]),
};

const BESIDE = {
  ".git/HEAD": "ref: refs/heads/main\n",
  ".git/config": "[core]\n\tfsmonitor = evil\n",
  ".env": "KEY=secret\n",
  "skills/mail/.env.local": "KEY=secret\n",
  "node_modules/left-pad/index.js": "module.exports = 1\n",
  "package.json": "{}\n",
};

const folderOf = (files: object) =>
  put(join(temporaryFolder(), "My Clawd"), files as Record<string, string>);

describe("a folder from another runtime", () => {
  test("is taken over byte for byte, and stays as it was", async () => {
    const world = await worldOf();
    const source = folderOf({ ...CLAWD, ...BESIDE });
    const before = snapshot(source);
    const out = await world.done("agent", "adopt", source);
    expect(snapshot(world.path("agents/my-clawd/workspace"))).toEqual(snapshot(folderOf(CLAWD)));
    expect(snapshot(source)).toEqual(before);
    expect(world.git("log", "-1", "--format=%s")).toBe("adopt my-clawd");
    expect(out).toMatch(/^ {2}instructions +AGENTS\.md$/m);
    expect(out).toMatch(/^ {2}model +.*is called haiku here: write model: haiku$/m);
    expect(out).toMatch(/^ {2}soul +SOUL\.md$/m);
    expect(out).toMatch(/^ {2}heartbeat +HEARTBEAT\.md, every 30 min: 180 cycles/m);
    expect(out).toMatch(/^ {2}memory +MEMORY\.md and 2 files in memory\/$/m);
    expect(out).toMatch(/^ {2}weather +Tells the weather$/m);
    expect(out).toMatch(/^ {2}mail +Reads and sorts mail\.$/m);
    expect(out).toMatch(/^ {2}\.env +it may hold secrets$/m);
    expect(out).toMatch(/^ {2}skills\/mail\/\.env\.local +it may hold secrets$/m);
    expect(out).toMatch(/^ {2}node_modules +Bun would load code from it$/m);
    expect(out).not.toContain("left-pad");
    expect(out).toContain("4,000 tokens + 2 cpu s + 128 MB");
    expect(await world.problems()).toEqual([]);
  });

  test("is only told about in a dry run", async () => {
    const world = await worldOf();
    const before = world.state();
    const source = folderOf(CLAWD);
    const told = await world.json("agent", "adopt", source, "--name", "molly", "--dry-run");
    expect(told).toMatchObject({ id: "molly", commit: null, left: [] });
    expect(told.understood).toMatchObject({
      program: null,
      soul: "SOUL.md",
      heartbeat: { every: "30 min", seconds: 1800 },
      memory: ["MEMORY.md", "memory/2026-01-31.md", "memory/2026-02-01.md"],
    });
    expect(told.taken).toEqual(Object.keys(CLAWD).sort());
    expect(await world.done("agent", "adopt", source, "--dry-run")).toContain(
      "Nothing was changed",
    );
    expect(world.state()).toBe(before);
  });

  test("with a program in it runs that", async () => {
    const world = await worldOf();
    const source = folderOf({ ...CLAWD, "main.sh": "econ bid --cpu 1\n" });
    const born = await world.json("agent", "adopt", source);
    expect(born.bids).toMatchObject([
      { payload: ["bash", "main.sh"], resources: { memory_mb: 96 } },
    ]);
    expect(born.understood.mind).toBe("program: main.sh");
  });
});

describe("a folder that means harm", () => {
  test("brings in no link, pipe, giant, repository or name that misleads, and is told so", async () => {
    const world = await worldOf();
    const source = folderOf({
      "AGENTS.md": "# Fine\n",
      "bare/HEAD": "ref: x\n",
      "bare/objects/x": "",
      "bare/refs/x": "",
      "a\nb.md": "two lines\n",
      "esc\u001b[2J.md": "clear\n",
      "README.md": "one",
      "readme.md": "two",
    });
    symlinkSync("/etc/passwd", join(source, "passwd"));
    symlinkSync("/", join(source, "root"));
    Bun.spawnSync(["mkfifo", join(source, "pipe")]);
    put(source, { giant: "" });
    truncateSync(join(source, "giant"), 2 ** 40);
    put(source, { [`${"deep/".repeat(20)}x`]: "x" });
    const out = await world.done("agent", "adopt", source);
    expect(Object.keys(snapshot(world.path("agents/my-clawd/workspace")))).toEqual([
      "AGENTS.md",
      "README.md",
    ]);
    for (const name of ["bare", "passwd", "root", "pipe", "giant", "readme.md", "a\\u000ab.md"])
      expect(out).toContain(`  ${name} `);
    expect(out).toContain("larger than 16 MB");
    expect(out).not.toContain("\u001b");
    expect(await world.problems()).toEqual([]);
  });

  test("cannot make a page obey its words", async () => {
    const world = await worldOf();
    const hostile = '---\nname: "\\e[2Jx"\ndescription: "a\\nb"\n---\n';
    const files = { "AGENTS.md": '---\nmodel: "\\e]52;c;x"\n---\n', "skills/x/SKILL.md": hostile };
    const source = folderOf(files);
    expect(await world.done("agent", "adopt", source)).not.toMatch(/[\u001b\u0007]/);
    expect(await world.done("agent", "my-clawd")).not.toMatch(/[\u001b\u0007]/);
  });
});

type Refusal = [what: string, files: Record<string, string | Uint8Array>, why: RegExp];

const REFUSED: Refusal[] = [
  ["nothing in it", {}, /nothing to run: no main\.ts/],
  ["other instructions", { "CLAUDE.md": "x" }, /its CLAUDE\.md would do, copied to AGENTS\.md/],
  ["a bid that is none", { "AGENTS.md": "---\nbid: 3\n---\n" }, /AGENTS\.md: line 2/],
  ["a bid beyond supply", { "AGENTS.md": '---\nbid: {"cpu_seconds": 99}\n---\n' }, /whole supply/],
  [
    "more bytes than a workspace may have",
    { "AGENTS.md": "x", "a.bin": new Uint8Array(15 * 2 ** 20), "b.bin": new Uint8Array(2 ** 21) },
    /more than 16 MB in the workspace: .*execution\.workspace_mb/,
  ],
  [
    "more files than a workspace may have",
    Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`notes/${n}.md`, ""])),
    /more than 1000 files in the workspace: .*execution\.workspace_files/,
  ],
];

describe("a folder that cannot live", () => {
  for (const [what, files, why] of REFUSED)
    test(`(${what}) is refused whole`, async () => {
      const world = await worldOf();
      const before = world.state();
      const source = put(join(temporaryFolder(), "x"), { "notes/x.md": "", ...files });
      const { code, out, err } = await world.say("agent", "adopt", source);
      expect([code, out, err]).toEqual([1, "", expect.stringMatching(why)]);
      expect(world.state()).toBe(before);
    });

  test("(no folder) is refused", async () => {
    const world = await worldOf();
    for (const place of ["nowhere", "econ.yaml", "/dev/null"])
      expect((await world.say("agent", "adopt", place)).code).toBe(1);
  });
});
