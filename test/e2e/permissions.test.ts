// A world that somebody else made asks for nothing of this machine that nobody here has permitted.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { git, living, must, script, temporaryFolder, World, worldOf } from "./helpers.ts";

const RULES = {
  "execution.sandbox": "worker",
  "models.haiku.base_url": "https://models.example.org/v1",
  "models.haiku.key": "SOME_OTHER_KEY",
};

/** Somebody's world as a stranger gets it. */
async function clonedWorld(): Promise<World> {
  const theirs = await worldOf({ ada: script("id >>who.txt") }, { rules: RULES });
  await theirs.tick();
  const folder = join(temporaryFolder(), "clone");
  git(theirs.root, "clone", "--quiet", theirs.root, folder);
  git(folder, "config", "user.name", "Sam");
  git(folder, "config", "user.email", "sam@example.org");
  return new World(folder);
}

living("a world from elsewhere", () => {
  test("runs no cycle until a person here permits what its rules ask for", async () => {
    const world = await clonedWorld();
    const head = world.head();
    const refused = await world.econ("tick");
    expect([refused.code, refused.out]).toEqual([1, ""]);
    expect(refused.err).toContain("run agents without a sandbox");
    expect(refused.err).toContain("send SOME_OTHER_KEY to https://models.example.org");
    expect(refused.err).toContain("econ permit");
    expect((await world.econ("replay")).code).toBe(1);
    const listed = await world.econ("permit", "--list", "--json");
    expect(JSON.parse(listed.out).missing).toHaveLength(2);
    expect(world.head()).toBe(head);
    expect((await world.econ("permit")).code).toBe(0);
    expect((await world.econ("tick")).code).toBe(0);
    expect(world.head()).not.toBe(head);
    expect((await world.econ("permit", "--list")).out).not.toContain("not yet");
  }, 60_000);

  test("asks again when what it asks for changes by a pull, but not by an edit here", async () => {
    const world = await worldOf({ ada: script("true") });
    await world.tick();
    const pulled = world.read("econ.yaml").replace("sandbox: auto", "sandbox: worker");
    await world.edit("econ.yaml", pulled);
    world.git("commit", "--quiet", "--all", "--message", "what somebody pushed");
    expect((await world.tryTick()).ok).toBe(false);
    await world.edit("econ.yaml", `${pulled}# yes\n`);
    must(await world.tryTick());
  }, 60_000);
});
