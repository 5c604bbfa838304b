// Law 8: kill -9 at any instant leaves a world before the cycle or after it, and nothing besides.
import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { verifyWorld } from "../../src/kernel.ts";
import { processesWith } from "../execution/ground.ts";
import { ask, type Child, living, MAIL, script, start, type World, worldOf } from "./helpers.ts";

const CHILD = { "main.sh": "true\n" };
const CAST = {
  ada: script("date +%N >>noise.txt", ask({ action: "message", to: "bob", content: "hello" })),
  bob: script(MAIL, ask({ action: "prompt", content: "# See\n\n7", amount: 60 })),
  eve: script(ask({ action: "spawn", logic: CHILD, credits: 30, name: "child" })),
};
const CREDITS = { ada: 100_000, bob: 100_000, eve: 100_000 };

const PLAN = "agents/ada/workspace/plan.txt";

const KILLS = 14;
/** What a person may type next. Reading commands must not show what lies between. */
const NEXT = [
  ["tick"],
  ["verify"],
  ["status", "--json"],
  ["agents", "--json"],
  ["grant", "ada", "1"],
];

living("kill -9", () => {
  test("of econ tick, at any instant, leaves cycle N or N+1 to the next command", async () => {
    const world = await worldOf(CAST, { credits: CREDITS });
    const length = await lengthOfTick(world);
    const random = new Bun.CryptoHasher("sha256").update(world.root).digest();
    const seen = new Set<string>();
    for (let kill = 0; kill < KILLS; kill++) {
      const before = cycleAtHead(world);
      await world.edit(PLAN, `plan ${kill}\n`);
      const child = start(["--world", world.root, "tick"]);
      const share = (random[kill] ?? 0) / 256;
      // Every other time within the commit, where there is most to be torn.
      if (kill % 2 === 0) await Bun.sleep(length * ((kill + share) / KILLS) * 1.05);
      else await untilCommits(world, child, (length / 8) * share);
      child.kill("SIGKILL");
      await child.exited;
      const after = await nextCommandIsRight(world, before, NEXT[kill % NEXT.length]!);
      seen.add(after === before ? "before" : "after");
      expect(await leftovers(world)).toEqual([]);
      // A person's edit, taken in before the cycle that was killed, is not lost either.
      expect(world.git("show", `HEAD:${PLAN}`)).toBe(`plan ${kill}\n`);
    }
    expect(seen.has("before")).toBe(true);
    expect(await world.wrong()).toEqual([]);
  }, 120_000);

  test("of econ serve, at any instant, leaves a world that goes on", async () => {
    const rules = { "allocation.schedule_seconds": 1 };
    const world = await worldOf(CAST, { credits: CREDITS, rules });
    for (const wait of [900, 1_600, 2_300]) {
      const before = cycleAtHead(world);
      const child = start(["--world", world.root, "serve"]);
      await Bun.sleep(wait);
      child.kill("SIGKILL");
      await child.exited;
      const said = await world.econ("tick");
      expect([said.code, said.err]).toEqual([0, ""]);
      expect(cycleAtHead(world)).toBeGreaterThan(before);
      expect(await leftovers(world)).toEqual([]);
      expect(await world.wrong()).toEqual([]);
    }
  }, 60_000);
});

function cycleAtHead(world: World): number {
  const text = world.git(
    "log",
    "-1",
    "--format=%(trailers:key=Econ-Cycle,valueonly)",
    "--grep=Econ-Cycle",
  );
  return Number(text.trim());
}

/** So long after the crash journal is there. */
async function untilCommits(world: World, child: Child, ms: number): Promise<void> {
  const journal = `${world.root}/.econ/journal.json`;
  while (!existsSync(journal) && child.exitCode === null) await Bun.sleep(1);
  await Bun.sleep(ms);
}

/** How long a tick takes from start to end, in milliseconds. */
async function lengthOfTick(world: World): Promise<number> {
  const start = performance.now();
  expect((await world.econ("tick")).code).toBe(0);
  return performance.now() - start;
}

/** The cycle that the world is found at by the first command after the crash. */
async function nextCommandIsRight(world: World, before: number, next: string[]): Promise<number> {
  const said = await world.econ(...next);
  expect([next, said.code, said.err]).toEqual([next, 0, ""]);
  const ran = next[0] === "tick" ? 1 : 0;
  expect(await verifyWorld(world.root)).toEqual([]);
  const found = cycleAtHead(world) - ran;
  expect([before, before + 1]).toContain(found);
  if (next[0] === "status") expect(JSON.parse(said.out).cycle).toBe(found);
  return found;
}

/** What a crash has left and not even the next cycle has cleared away. */
async function leftovers(world: World): Promise<string[]> {
  await world.tick();
  const left = readdirSync(`${world.root}/.econ`).filter((name) => !KNOWN.includes(name));
  const own = processesWith(world.root).filter((pid) => !isGone(pid));
  return [...left, ...world.list(".econ/scratch"), ...own.map((pid) => `process ${pid}`)];
}

const KNOWN = [
  "checked",
  "economy",
  "lock",
  "serve",
  "server.json",
  "scratch",
  "serve-journal",
  "lock-journal",
];

function isGone(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return true;
  }
}
