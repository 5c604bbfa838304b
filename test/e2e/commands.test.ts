// The command line as a person meets it: processes of their own, in a real world.
import { beforeAll, describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { CATALOGUE } from "../../src/commands/catalogue.ts";
import {
  econ,
  git,
  linesOf,
  living,
  MAIL,
  script,
  temporaryFolder,
  type World,
  worldOf,
} from "./helpers.ts";

describe("econ init", () => {
  test("makes a world that the commands find from any folder in it", async () => {
    const cwd = temporaryFolder();
    const made = await econ(["init", "my-world"], { cwd });
    expect([made.code, made.err]).toEqual([0, ""]);
    expect(made.out).toContain("Made my-world, a world with 1 agent. genesis lives there.");
    const inside = join(cwd, "my-world/agents/genesis/workspace");
    expect((await econ(["verify"], { cwd: inside })).code).toBe(0);
    const root = join(cwd, "my-world");
    expect(git(root, "status", "--porcelain")).toBe("");
    git(root, "fsck", "--strict");
    const again = await econ(["init", "my-world"], { cwd });
    expect([again.code, again.err]).toEqual([1, expect.stringContaining("is a world already")]);
  });

  test("--preset spec has the specification's values, and no other preset is made up", async () => {
    const cwd = temporaryFolder();
    expect((await econ(["init", "study", "--preset", "spec"], { cwd })).code).toBe(0);
    const said = await econ(["config", "economy.attention_conversion_rates.useful", "--json"], {
      cwd: join(cwd, "study"),
    });
    expect(JSON.parse(said.out)).toBe(50);
    const wrong = await econ(["init", "other", "--preset", "spek"], { cwd });
    expect([wrong.code, wrong.err]).toEqual([
      2,
      expect.stringContaining("one of ample, default, spec"),
    ]);
  });

  test("--inside joins the repository around it; a folder that is not empty is refused", async () => {
    const cwd = temporaryFolder();
    git(cwd, "init", "-q", "-b", "trunk");
    await Bun.write(join(cwd, "readme.md"), "mine\n");
    git(cwd, "add", ".");
    git(cwd, "commit", "-qm", "mine");
    expect((await econ(["init", "world", "--inside"], { cwd })).code).toBe(0);
    expect(git(cwd, "log", "--format=%s")).toContain("a new world: genesis");
    expect(git(cwd, "branch", "--show-current").trim()).toBe("trunk");
    expect(git(cwd, "status", "--porcelain")).toBe("");
    const full = await econ(["init", "."], { cwd });
    expect([full.code, full.err]).toEqual([1, expect.stringContaining("is not empty")]);
  });

  test("works for a person who is called as its first citizen is", async () => {
    const cwd = temporaryFolder();
    const env = { GIT_CONFIG_GLOBAL: join(cwd, "gitconfig") };
    await Bun.write(env.GIT_CONFIG_GLOBAL, "[user]\n\tname = Genesis\n\temail = g@example.org\n");
    const made = await econ(["init", "w"], { cwd, env });
    expect([made.code, made.err]).toEqual([0, ""]);
    expect((await econ(["verify"], { cwd: join(cwd, "w") })).code).toBe(0);
  });
});

living("a person's acts, by command", () => {
  let world: World;

  beforeAll(async () => {
    world = await worldOf({ ada: script(MAIL), mute: { "main.sh": "true\n" } });
    await world.tick();
  });

  test("grant, tell and revive are that person's commits, and agents see them", async () => {
    for (const words of [
      ["grant", "ada", "12.5", "--memo", "for the map"],
      ["tell", "ada", "Dig", "deeper."],
      ["revive", "mute", "--credits", "70"],
    ]) {
      const { code, err } = await world.econ(...words);
      expect([words, code, err]).toEqual([words, 0, ""]);
    }
    expect(linesOf(world.git("log", "-3", "--format=%an: %s"))).toEqual([
      "Pat: revive mute",
      "Pat: tell ada",
      "Pat: grant 12.5 credits to ada",
    ]);
    const { events } = await world.tick();
    expect(world.read("agents/ada/workspace/mail.txt")).toContain("Dig deeper.");
    expect(events.map(({ text }) => text).join("\n")).toContain("mute executed");
    expect((await world.econ("history", "--agent", "ada")).out).toContain("for the map");
    expect(await world.wrong()).toEqual([]);
  });

  test("that cannot be are refused in one line, and change nothing", async () => {
    const head = world.head();
    const refusals: [string[], number, string][] = [
      [["grant", "nobody", "5"], 1, "there is no agent"],
      [["grant", "ada", "-5"], 2, ""],
      [["grant", "ada", "NaN"], 2, "not an amount"],
      [["grant", "ada", "1e9"], 2, "not an amount"],
      [["grant", "ada", "999999999"], 1, "issue"],
      [["grant", "ada", "5", "--memo", "a\nb"], 1, "memo"],
      [["tell", "ada", " "], 1, "empty"],
      [["tell", "../ada", "hi"], 1, "no agent"],
      [["revive", "ada"], 1, "ada is alive"],
      [["revive", "../../etc"], 1, "graveyard"],
    ];
    for (const [words, expected, reason] of refusals) {
      const { code, err } = await world.econ(...words);
      expect([words, code, err]).toEqual([words, expected, expect.stringContaining(reason)]);
      expect(err).not.toContain("bug");
    }
    expect(world.head()).toBe(head);
    expect(await world.wrong()).toEqual([]);
  });

  test("every --json parses", async () => {
    const commands = ["status", "agents", "agents --dead", "agent ada", "markets", "history"];
    const more = ["config", "verify", "attend", "tick --dry-run", "tick"];
    for (const line of [...commands, ...more]) {
      const { code, out, err } = await world.econ(...line.split(" "), "--json");
      expect([line, code, err]).toEqual([line, 0, ""]);
      expect(() => JSON.parse(out)).not.toThrow();
    }
  });

  test("every command explains itself", async () => {
    for (const name of Object.keys(CATALOGUE)) {
      const { code, out, err } = await econ(["help", name]);
      expect([name, code, err]).toEqual([name, 0, ""]);
      expect(out).toContain(`econ ${name}`);
    }
  }, 30_000);
});

living("econ demo", () => {
  test("in a pipe is plain text, replaces only its own world, and leaves a sound one", async () => {
    const cwd = temporaryFolder();
    const shown = await econ(["demo", "--cycles", "5"], { cwd });
    expect([shown.code, shown.err]).toEqual([0, ""]);
    expect(shown.out).not.toMatch(/[\u001b\r]/);
    expect(shown.out).toContain("SIMULATED");
    expect(shown.out).toContain("git log --oneline");
    const root = join(cwd, "demo-world");
    expect((await econ(["verify", "--world", root])).code).toBe(0);
    expect(git(root, "status", "--porcelain")).toMatch(/^( M attention\/active.md\n)?$/);
    expect((await econ(["demo", "--cycles", "1"], { cwd })).code).toBe(0);
    expect((await econ(["tick", "--world", root])).code).toBe(0);
    const later = await econ(["demo", "--cycles", "1"], { cwd });
    expect([later.code, later.err]).toEqual([1, expect.stringContaining("you went on with")]);
    rmSync(join(root, ".econ"), { recursive: true });
    const again = await econ(["demo", "--cycles", "1"], { cwd });
    expect([again.code, again.err]).toEqual([1, expect.stringContaining("not a demo's")]);
  });
});
