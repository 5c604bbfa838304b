// A machine without bubblewrap: the command line is run with a PATH on which there is none.
import { beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { ENV, econ, living, script, temporaryFolder, type World, worldOf } from "./helpers.ts";

let PATH = "";

/** Links to every program there is, bubblewrap left out. */
function pathWithout(program: string): string {
  const folder = join(temporaryFolder(), "bin");
  mkdirSync(folder);
  for (const place of (ENV.PATH ?? "").split(":").filter((place) => existsSync(place)))
    for (const name of readdirSync(place))
      if (name !== program && !existsSync(join(folder, name)))
        symlinkSync(join(place, name), join(folder, name));
  return folder;
}

const say = (world: World, ...words: string[]) =>
  econ(["--world", world.root, ...words], { env: { PATH } });

living("history from a machine with bubblewrap", () => {
  test("that cannot be run again here says so, where it differs", async () => {
    const world = await worldOf({ stranger: script("echo ran >log.txt") });
    await world.tick(1);
    PATH = pathWithout("bwrap");
    const { code, out } = await say(world, "replay");
    expect(code).toBe(1);
    expect(out).toMatch(
      /why +stranger's run could not be repeated here: .* worker sandbox .* econ doctor/,
    );
  });
});

describe("without bubblewrap", () => {
  beforeAll(() => {
    PATH = pathWithout("bwrap");
  });

  test("the toolkit's own agents run; a foreign one's bid waits, with the reason in sight", async () => {
    const root = join(temporaryFolder(), "world");
    const made = await econ(["init", root, "--clock", "logical"], { env: { PATH } });
    expect([made.code, made.err]).toEqual([0, ""]);
    const world = await worldOf({ stranger: script("echo ran >log.txt") }, { root: `${root}-2` });
    const own = await say({ root } as World, "tick");
    expect([own.code, own.err]).toEqual([0, ""]);
    expect(own.out).toContain("genesis executed");
    const balance = await world.balance("stranger");
    const foreign = await say(world, "tick");
    expect([foreign.code, foreign.err]).toEqual([0, ""]);
    expect(foreign.out).toContain("the worker sandbox here does not enforce");
    expect(foreign.out).toContain("set execution.sandbox: worker to run it anyway");
    expect(world.list("bids")).toEqual(["stranger-0-1.json"]);
    expect(await world.balance("stranger")).toBe(balance);
    expect(world.has("agents/stranger/workspace/log.txt")).toBe(false);
    expect(await world.wrong()).toEqual([]);
  });

  test("execution.sandbox: worker runs the foreign agent too", async () => {
    const rules = { "execution.sandbox": "worker" };
    const world = await worldOf({ stranger: script("echo ran >log.txt") }, { rules });
    const { code, err, out } = await say(world, "tick");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("stranger executed");
    expect(world.read("agents/stranger/workspace/log.txt")).toBe("ran\n");
    expect(await world.wrong()).toEqual([]);
  });

  test("execution.sandbox: bubblewrap is refused with what to install, and nothing changes", async () => {
    const rules = { "execution.sandbox": "bubblewrap" };
    const world = await worldOf({ stranger: script() }, { rules });
    const head = world.head();
    const { code, err } = await say(world, "tick");
    expect([code, err]).toEqual([1, expect.stringContaining("apt install bubblewrap")]);
    expect(world.head()).toBe(head);
    expect(await world.wrong()).toEqual([]);
  });
});
