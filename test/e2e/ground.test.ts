// The ground that a world stands on: its private folder lost, cloned, in a second work tree, under
// settings and variables of git's that were made for something else.
import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { processesWith } from "../execution/ground.ts";
import {
  econ,
  git,
  living,
  said,
  script,
  start,
  temporaryFolder,
  until,
  World,
  worldOf,
} from "./helpers.ts";

const ADA = script("echo ran >>log.txt");

living("a world", () => {
  test("without its private folder is the same world: .econ can be deleted at rest", async () => {
    const world = await worldOf({ ada: ADA });
    await world.tick();
    const twin = `${world.root}-twin`;
    Bun.spawnSync(["cp", "-r", world.root, twin]);
    rmSync(join(twin, ".econ"), { recursive: true });
    const other = new World(twin);
    expect((await other.tick(2)).commit).toBe((await world.tick(2)).commit);
    expect(await other.wrong()).toEqual([]);
  });

  test("that was cloned goes on in the clone, clean and sound, and to the same commit", async () => {
    const world = await worldOf({ ada: ADA });
    await world.tick();
    const place = `${world.root} clone`;
    git(temporaryFolder(), "clone", "-q", world.root, place);
    const clone = new World(place);
    const { code, err } = await clone.econ("tick");
    expect([code, err]).toEqual([0, ""]);
    expect(clone.head()).toBe((await world.tick()).commit);
    expect(await clone.wrong()).toEqual([]);
  });

  test("has a second work tree in which another branch lives at the same time", async () => {
    const world = await worldOf({ ada: ADA });
    await world.tick();
    const place = `${world.root}-dear`;
    world.git("worktree", "add", "-q", "-b", "dear", place);
    const dear = new World(place);
    await dear.edit("agents/late/workspace/main.sh", ADA["main.sh"] ?? "");
    const both = await Promise.all([dear.econ("tick", "-n", "2"), world.econ("tick", "-n", "2")]);
    expect(both.map(({ code, err }) => [code, err])).toEqual([
      [0, ""],
      [0, ""],
    ]);
    expect(dear.list("agents")).toEqual(["ada", "late"]);
    expect(world.list("agents")).toEqual(["ada"]);
    expect(world.git("log", "--format=%s", "main..dear")).toContain("1 born");
    expect([...(await dear.wrong()), ...(await world.wrong())]).toEqual([]);
  });

  test("whose last cycles a person takes back, by revert or reset, goes on from there", async () => {
    const world = await worldOf({ ada: ADA, mute: { "main.sh": "true\n" } });
    await world.tick(3);
    world.git("revert", "--no-edit", "HEAD");
    expect((await world.tick()).cycle).toBe(3);
    expect(await world.wrong()).toEqual([]);
    world.git("reset", "-q", "--hard", "HEAD~5");
    expect(world.list("agents")).toEqual(["ada", "mute"]);
    expect((await world.tick()).cycle).toBe(1);
    expect(await world.wrong()).toEqual([]);
    rmSync(join(world.root, "graveyard"), { recursive: true });
    await world.tick();
    expect(await world.wrong()).toEqual([]);
  });

  test("on no branch at all is refused with what to do, and nothing changes", async () => {
    const world = await worldOf({ ada: ADA });
    await world.tick();
    world.git("checkout", "-q", "--detach");
    const head = world.head();
    const { code, err } = await world.econ("tick");
    expect([code, err]).toEqual([1, expect.stringMatching(/branch/)]);
    expect(world.head()).toBe(head);
    expect((await world.econ("status")).code).toBe(0);
    expect(await world.wrong()).toEqual([]);
  });

  test("does not mind what a person's own git is set to", async () => {
    const home = temporaryFolder();
    const odd = [
      "[core]\n\tautocrlf = true\n\tquotePath = true\n\tignoreCase = true\n\tfsmonitor = /bin/false",
      `\thooksPath = ${home}/hooks\n\texcludesFile = ${home}/ignore\n\tpager = cat`,
      "[commit]\n\tgpgSign = true\n[user]\n\tname = Pat\n\temail = p@example.org",
      "[status]\n\tshowUntrackedFiles = no\n\trelativePaths = true\n\tshort = true",
      "[color]\n\tui = always\n[log]\n\tshowSignature = true\n\tdate = relative\n[diff]\n\tnoprefix = true",
      "\trenames = copies\n\texternal = /bin/false\n[format]\n\tpretty = oneline\n[init]\n\tdefaultBranch = x",
      "[fetch]\n\tfsckObjects = true\n[gc]\n\tauto = 1\n[merge]\n\tconflictStyle = diff3\n",
    ];
    await Bun.write(join(home, "gitconfig"), odd.join("\n"));
    await Bun.write(join(home, "ignore"), "*.json\n*.jsonl\nledger/\ninbox/\n");
    await Bun.write(join(home, "hooks/pre-commit"), "#!/bin/sh\nexit 1\n");
    Bun.spawnSync(["chmod", "+x", join(home, "hooks/pre-commit")]);
    const env = { GIT_CONFIG_GLOBAL: join(home, "gitconfig") };
    const root = join(home, "ein Wörld's");
    const made = await econ(["init", root, "--clock", "logical", "--seed", "odd"], { env });
    expect([made.code, made.err]).toEqual([0, ""]);
    const world = new World(root);
    await world.edit("agents/genesis/workspace/hint.json", "{}\r\n");
    await world.edit("agents/ada/workspace/main.sh", ADA["main.sh"] ?? "");
    for (const words of [["tick", "-n", "2"], ["status"], ["grant", "ada", "1"], ["verify"]]) {
      const { code, err } = await econ(["--world", root, ...words], { env });
      expect([words, code, err]).toEqual([words, 0, ""]);
    }
    expect(world.git("ls-files", "-s", "agents/genesis/workspace/hint.json")).not.toBe("");
    expect(world.read("agents/ada/workspace/log.txt")).toBe("ran\nran\n");
    expect(await world.wrong()).toEqual([]);
  });

  test("is found where it is, not where variables of a git hook point", async () => {
    const other = temporaryFolder();
    git(other, "init", "-q");
    const world = await worldOf({ ada: ADA });
    const env = { GIT_DIR: join(other, ".git"), GIT_WORK_TREE: other, GIT_INDEX_FILE: "/x/index" };
    for (const words of [["tick"], ["grant", "ada", "1"], ["verify"], ["status"]]) {
      const { code, err } = await econ(["--world", world.root, ...words], { env });
      expect([words, code, err]).toEqual([words, 0, ""]);
    }
    expect(() => git(other, "rev-parse", "HEAD")).toThrow();
    expect((await world.economy()).cycle).toBe(1);
    expect(await world.wrong()).toEqual([]);
  });
});

living("Ctrl-C in econ tick", () => {
  test("undoes the cycle that runs, leaves no process, and exits with 130", async () => {
    const world = await worldOf({ slow: script("sleep 20"), ada: ADA });
    const head = world.head();
    const child = start(["--world", world.root, "tick", "-n", "3"]);
    await until(() => world.list(".econ/scratch").some((name) => name.startsWith("slow")));
    await Bun.sleep(200);
    child.kill("SIGINT");
    const { code } = await said(child);
    expect(code).toBe(130);
    expect(world.head()).toBe(head);
    expect(processesWith(world.root)).toEqual([]);
    expect(await world.wrong()).toEqual([]);
  });
});

living("econ in a pipe", () => {
  test("whose reader goes away ends quietly, with the cycles it reported done", async () => {
    const world = await worldOf({ ada: ADA });
    const line = `sh bin/econ --world '${world.root}' tick -n 3 | head -n 1`;
    const done = Bun.spawnSync(["bash", "-c", line], { cwd: join(import.meta.dir, "../..") });
    expect([done.exitCode, done.stderr.toString()]).toEqual([0, ""]);
    expect(done.stdout.toString()).toStartWith("cycle 1: 1 ran");
    await world.tick();
    expect(await world.wrong()).toEqual([]);
  });
});
