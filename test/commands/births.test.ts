// Agents that a person makes and copies by command: births like all others.
import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { put, snapshot, worldOf } from "./worlds.ts";

const ONE = { ann: { template: "saver" } };

describe("an agent made from a template", () => {
  test("has that template's files, a newborn's credits and one first bid, in one commit", async () => {
    const world = await worldOf(ONE);
    const before = world.git("rev-parse", "HEAD");
    const out = await world.done("agent", "new", "bob", "--template", "saver");
    expect(out).toContain("bob was made from the template saver, with 1000 credits");
    expect(out).toContain("Its first bid, bob-0-1, costs 3.92 credits");
    expect(snapshot(world.path("agents/bob/workspace"))).toEqual(
      snapshot(world.path("agents/ann/workspace")),
    );
    expect(world.git("rev-parse", "HEAD~1")).toBe(before);
    expect(world.git("log", "-1", "--format=%s")).toBe("new agent bob");
    expect(await world.json("agent", "bob")).toMatchObject({ balance: 1000, bids: [{ lost: 0 }] });
    expect(await world.problems()).toEqual([]);
  });

  test("starts with the credits that it is given", async () => {
    const world = await worldOf();
    const born = await world.json("agent", "new", "bob", "--credits", "12.5");
    expect(born).toMatchObject({ id: "bob", balance: 12.5, bids: [{ id: "bob-0-1" }] });
    expect(born.commit).toBe(world.git("rev-parse", "HEAD"));
  });

  test("can be chosen from a list, for which nobody needs a name", async () => {
    const world = await worldOf();
    for (const words of [["--template"], ["bob", "--template"]]) {
      const out = await world.done("agent", "new", ...words);
      expect(out).toMatch(
        /^ {2}saver +Sleeps as long as it pays to, wakes rarely, never prompts\.$/m,
      );
      expect(out).toMatch(/^ {2}idler +Wakes every cycle and does nothing\.$/m);
    }
    const listed = await world.json("agent", "new", "--template");
    expect(listed).toContainEqual({ name: "idler", about: "Wakes every cycle and does nothing." });
    expect((await world.json("agents")).map(({ id }: { id: string }) => id)).not.toContain("bob");
  });

  test("needs a template that there is; else those are named", async () => {
    const world = await worldOf();
    const { code, out, err } = await world.say("agent", "new", "bob", "--template", "savr");
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^econ: there is no template savr; there are .*idler.*saver/);
  });

  test("lives: the next cycle lets its bid compete", async () => {
    const world = await worldOf();
    await world.done("agent", "new", "bob", "--template", "idler");
    expect((await world.json("tick", "--dry-run")).winners).toMatchObject([
      { agent: "bob", bid: "bob-0-1" },
    ]);
  });
});

describe("a fork", () => {
  test("has its parent's files as they stand, its own money, and the parent in its lineage", async () => {
    const world = await worldOf(ONE);
    put(world.path("agents/ann/workspace"), { "memory/day-1.md": "learnt\n", "tool.sh": "true\n" });
    const out = await world.done("agent", "fork", "ann", "--as", "bea", "--credits", "50");
    expect(out).toContain("bea was forked from ann, with 50 credits");
    expect(snapshot(world.path("agents/bea/workspace"))).toEqual(
      snapshot(world.path("agents/ann/workspace")),
    );
    expect(await world.json("agent", "bea")).toMatchObject({ lineage: ["ann"], balance: 50 });
    expect(await world.json("agent", "ann")).toMatchObject({ children: 1, balance: 1000 });
    const grandchild = await world.json("agent", "fork", "bea");
    expect(grandchild.id).toMatch(/^bea-[a-z0-9]{5}$/);
    expect(grandchild.lineage).toEqual(["bea", "ann"]);
    expect(await world.problems()).toEqual([]);
  });

  test("can be of the dead, who stay dead", async () => {
    const world = await worldOf(ONE);
    await world.bury("ann");
    const born = await world.json("agent", "fork", "ann", "--as", "bea");
    expect(born).toMatchObject({ id: "bea", lineage: ["ann"], status: "alive" });
    expect(snapshot(world.path("agents/bea/workspace"))).toEqual(
      snapshot(world.path("graveyard/ann/workspace")),
    );
    expect(await world.json("agent", "ann")).toMatchObject({ status: "dead" });
    expect(await world.problems()).toEqual([]);
  });
});

type Refusal = [words: string, why: string];

const REFUSED: Refusal[] = [
  ["new ann", "the name ann is taken: an agent lives under it"],
  ["new pat", "the name pat is taken: a person bears it"],
  ["new kernel", '"kernel" is a reserved name'],
  ["new ../x", '"../x" is not a name'],
  ["new Bob", '"Bob" is not a name'],
  ["new bob --credits 1", "bob cannot be born: its first bid would be refused: the bid needs 3.92"],
  ["new waiting", "agents/waiting is there already, born next cycle"],
  ["fork nobody", 'there is no agent "nobody"'],
  ["fork ann --as ann", "the name ann is taken"],
  ["fork ann --credits 1", "its first bid would be refused"],
];

describe("a birth that cannot be", () => {
  test("is refused whole, with a reason: no commit, no file", async () => {
    const world = await worldOf(ONE);
    put(world.path("agents/waiting/workspace"), { "main.sh": "true\n" });
    // The first command takes in the person's folder; from then on nothing may change.
    await world.say("agent", "new", "ann");
    const before = world.state();
    for (const [words, why] of REFUSED) {
      const { code, out, err } = await world.say("agent", ...words.split(" "));
      expect([words, code, out]).toEqual([words, 1, ""]);
      expect(err).toContain(why);
      expect([words, world.state()]).toEqual([words, before]);
    }
    expect(existsSync(world.path("agents/bob"))).toBe(false);
    expect(await world.problems()).toEqual([]);
  });

  test("is refused in a full world", async () => {
    const world = await worldOf(ONE, { "population.max_alive": 1 });
    const { err } = await world.say("agent", "new", "bob");
    expect(err).toBe("econ: bob cannot be born: the world is full (1 agents)");
  });
});

test("an agent that is called like a command is shown by `show`", async () => {
  const world = await worldOf();
  for (const name of ["new", "fork", "edit", "show", "help"])
    await world.done("agent", "new", name, "--template", "idler");
  expect(await world.json("agent", "show", "new")).toMatchObject({ id: "new" });
  expect(await world.json("agent", "show", "show")).toMatchObject({ id: "show" });
  expect(await world.json("agent", "help")).toMatchObject({ id: "help" });
});
