// A world that somebody else made asks for nothing of this machine that nobody here has permitted.
import { expect, test } from "bun:test";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { git, living, must, script, temporaryFolder, World, worldOf } from "./helpers.ts";

const RULES = {
  "execution.sandbox": "worker",
  "models.haiku.base_url": "https://models.example.org/v1",
  "models.haiku.key": "SOME_OTHER_KEY",
};

/** Somebody's world as a stranger gets it. */
async function clonedWorld(prepare: (theirs: World) => void = () => {}): Promise<World> {
  const theirs = await worldOf({ ada: script("id >>who.txt") }, { rules: RULES });
  await theirs.tick();
  prepare(theirs);
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

  /** What a repository may carry in the hope that it is taken for the word of a person here. */
  const PRETENCES: Record<string, (theirs: World) => void> = {
    "a yes of its own in .econ": (theirs) => {
      const { root } = theirs;
      mkdirSync(join(root, ".econ/econ"), { recursive: true });
      for (const file of [".econ/permitted.json", ".econ/econ/permitted.json"]) {
        cpSync(join(root, ".git/econ/permitted.json"), join(root, file));
        theirs.git("add", "--force", file);
      }
      theirs.git("commit", "--quiet", "--message", "a yes");
    },
    "rules that git writes differently, as if they were edited here": (theirs) => {
      const { root } = theirs;
      appendFileSync(join(root, "econ.yaml"), "# $Id: made elsewhere $\n");
      theirs.git("commit", "--quiet", "--all", "--message", "rules");
      writeFileSync(join(root, ".gitattributes"), "*.yaml ident\n");
      theirs.git("add", ".gitattributes");
      theirs.git("commit", "--quiet", "--message", "attributes");
    },
  };

  test("has its books checked, whatever it carries in .econ", async () => {
    const world = await clonedWorld((theirs) => {
      // They sum to zero, as they must.
      const balances = JSON.parse(theirs.read("ledger/balances.json"));
      balances.credit["agent:ada"] = String(Number(balances.credit["agent:ada"]) + 90_000);
      balances.credit.issuance = String(Number(balances.credit.issuance) - 90_000);
      const text = `${JSON.stringify(balances, null, 2)}\n`;
      writeFileSync(join(theirs.root, "ledger/balances.json"), text);
      theirs.git("commit", "--quiet", "--all", "--message", "rich");
      writeFileSync(join(theirs.root, ".econ/checked"), `${theirs.head()}\n`);
      theirs.git("add", "--force", ".econ/checked");
      theirs.git("commit", "--quiet", "--message", "checked");
    });
    expect(await world.econ("tick")).toMatchObject({
      code: 3,
      err: expect.stringContaining("the journal gives"),
    });
  }, 60_000);

  test("reaches no file of this machine by links that it carries in .econ", async () => {
    const folder = temporaryFolder();
    const precious = join(folder, "precious");
    const text = "a line\nand one without an end";
    writeFileSync(precious, text);
    const names = ["answers.jsonl", "answers-due", "checked", "economy", "holder.json", "scratch"];
    const targets = { lock: precious, wanted: precious, "journal.json": "/dev/zero" };
    for (const [name, target] of [
      ...names.map((each) => [each, precious] as const),
      ...Object.entries(targets),
    ]) {
      const world = await worldOf({ ada: script("true") });
      rmSync(join(world.root, ".econ", name), { recursive: true, force: true });
      symlinkSync(target, join(world.root, ".econ", name));
      expect([name, (await world.econ("tick")).code]).toEqual([name, 0]);
      expect([name, readFileSync(precious, "utf8")]).toEqual([name, text]);
    }
  }, 60_000);

  for (const [pretence, prepare] of Object.entries(PRETENCES))
    test(`permits itself nothing by ${pretence}`, async () => {
      const world = await clonedWorld(prepare);
      for (const _ of [1, 2])
        expect((await world.econ("tick")).err).toContain("if you mean that, run econ permit");
      expect((await world.econ("permit")).code).toBe(0);
      must(await world.tryTick());
    }, 60_000);
});
