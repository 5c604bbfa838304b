// The daemon, as a process of its own: on schedule, stopped by one Ctrl-C, patient with people.
import { expect, test } from "bun:test";
import { scoreActive } from "../../src/kernel.ts";
import { serve } from "../../src/serve/serve.ts";
import { processesWith } from "../execution/ground.ts";
import {
  ask,
  type Child,
  living,
  must,
  said,
  script,
  start,
  until,
  type World,
  worldOf,
} from "./helpers.ts";

const EVERY_SECOND = { "allocation.schedule_seconds": 1 };

function served(world: World): Child {
  return start(["--world", world.root, "serve"]);
}

async function cycleOf(world: World): Promise<number> {
  return (await world.economy()).cycle;
}

living("econ serve", () => {
  test("runs a cycle each second, and one Ctrl-C stops it cleanly", async () => {
    const world = await worldOf({ ada: script("echo ran >>log.txt") }, { rules: EVERY_SECOND });
    const child = served(world);
    await until(async () => (await cycleOf(world)) >= 3, { what: "three cycles" });
    // An edit by the way is that person's commit, and the daemon goes on.
    await world.edit("agents/ada/workspace/hint.txt", "hello\n");
    await until(() => world.git("log", "--format=%an %s").includes("Pat by hand: added"));
    const asked = performance.now();
    child.kill("SIGINT");
    const { code, out, err } = await said(child);
    expect([code, err]).toEqual([0, ""]);
    expect(performance.now() - asked).toBeLessThan(5_000);
    expect(out).toContain("serving: a cycle every 1 s");
    expect(out).toContain("Stopped. Nothing is lost");
    expect(out).not.toContain("\u001b");
    const { cycle } = await world.economy();
    expect(world.read("agents/ada/workspace/log.txt")).toBe("ran\n".repeat(cycle));
    expect(await world.wrong()).toEqual([]);
    expect(world.has(".econ/server.json")).toBe(false);
  });

  test("stopped while a slow agent runs, abandons the cycle whole within seconds", async () => {
    const world = await worldOf({ slow: script("sleep 25") }, { rules: EVERY_SECOND });
    const child = served(world);
    await until(() => world.list(".econ/scratch").some((name) => name.startsWith("slow")));
    await Bun.sleep(300);
    const asked = performance.now();
    child.kill("SIGINT");
    const { code } = await said(child);
    expect(code).toBe(0);
    expect(performance.now() - asked).toBeLessThan(5_000);
    expect(await cycleOf(world)).toBe(0);
    expect(world.list("bids")).toEqual(["slow-0-1.json"]);
    expect(processesWith(world.root)).toEqual([]);
    expect(await world.wrong()).toEqual([]);
  });

  test("a second one is refused and names the first", async () => {
    const world = await worldOf({ ada: script() }, { rules: EVERY_SECOND });
    const first = served(world);
    await until(() => world.has(".econ/server.json"));
    const second = await said(served(world));
    expect([second.code, second.err]).toEqual([
      1,
      `econ: the world is served already by econ serve (pid ${first.pid})\n`,
    ]);
    first.kill("SIGTERM");
    expect((await said(first)).code).toBe(0);
  });

  test("tells once of a broken edit, changes nothing, and goes on when it is mended", async () => {
    const world = await worldOf({ ada: script() }, { rules: EVERY_SECOND });
    const mended = world.read("econ.yaml");
    const child = served(world);
    await until(async () => (await cycleOf(world)) >= 1);
    await world.edit("econ.yaml", mended.replace("spawn_cost", "spawn_cots"));
    const head = world.head();
    await Bun.sleep(2_500);
    expect(world.head()).toBe(head);
    await world.edit("econ.yaml", mended);
    await until(() => world.head() !== head, { what: "the next cycle" });
    child.kill("SIGINT");
    const { code, err } = await said(child);
    expect(code).toBe(0);
    expect(err.match(/spawn_cots/g)).toHaveLength(1);
    expect(err).toMatch(/econ\.yaml:\d+: /);
    expect(await world.wrong()).toEqual([]);
  });

  test("pauses when a prompt stays unanswered, and goes on after a score", async () => {
    const asks = script(
      "[ -e asked ] && exit",
      ask({ action: "prompt", content: "# 7", amount: 60 }),
      "touch asked",
    );
    const world = await worldOf({ ada: asks }, { rules: EVERY_SECOND });
    const stop = new AbortController();
    const heard: string[] = [];
    const hear = (what: string) => () => void heard.push(what);
    const serving = serve(world.root, {
      signal: stop.signal,
      patienceSeconds: 1.5,
      durable: false,
      onStart: hear("start"),
      onCycle: hear("cycle"),
      onProblems: hear("problems"),
      onPause: (prompt) => void heard.push(`pause ${prompt}`),
      onResume: (path) => void heard.push(`resume ${path}`),
      onWait: hear("wait"),
    });
    await until(() => heard.some((what) => what.startsWith("pause")), { what: "the pause" });
    const paused = await cycleOf(world);
    expect(heard).toContain("pause ada-1-p2");
    await Bun.sleep(2_200);
    expect(await cycleOf(world)).toBe(paused);
    const scores = { interesting: 7, useful: 7, understandable: 7 };
    must(await scoreActive(world.root, { scores, reason: "" }));
    await until(async () => (await cycleOf(world)) > paused + 1, { what: "going on" });
    expect(heard).toContain("resume attention/active.md");
    stop.abort();
    must(await serving);
    expect(heard.filter((what) => what === "problems")).toEqual([]);
    expect(await world.wrong()).toEqual([]);
  }, 30_000);
});
