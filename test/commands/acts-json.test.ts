// A script that acts on a world hears what a person hears, and which commit it was.
import { beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { allCommands } from "../../src/commands/catalogue.ts";
import type { CommandSpec } from "../../src/commands/command.ts";
import { econ } from "./terminal.ts";
import { put, temporaryFolder, type World, worldOf } from "./worlds.ts";

let world: World;
let folder: string;

beforeAll(async () => {
  world = await worldOf({ genesis: { template: "genesis" }, saver: { template: "saver" } });
  folder = put(temporaryFolder(), { "AGENTS.md": "# Molly\n" });
});

describe("every act of a person's on a world tells its commit as JSON", () => {
  // In this order: who was killed can be revived.
  const acts: [line: string, said: object][] = [
    ["grant saver 12.5", { message: "saver was granted 12.5 credits: a grant" }],
    ["tell saver Rest.", { message: "a person wrote to saver (message 1)" }],
    ["kill saver --reason idle", { message: expect.stringContaining("killed by") }],
    ["revive saver --credits 50", { message: "saver was revived with 50 credits" }],
    ["pause --reason dear", { message: expect.stringContaining("the world is paused: dear") }],
    ["resume", { message: expect.stringContaining("the world goes on") }],
    ["agent new scout --credits 60", { id: "scout", balance: 60 }],
    ["agent fork scout --as poet", { id: "poet", lineage: ["scout"] }],
    ["agent adopt FOLDER --name molly", { id: "molly", taken: ["AGENTS.md"] }],
  ];
  for (const [line, said] of acts)
    test(line, async () => {
      const words = line.split(" ").map((word) => (word === "FOLDER" ? folder : word));
      const before = world.git("rev-parse", "HEAD");
      const told = await world.json(...words);
      expect(told).toMatchObject({ ...said, commit: world.git("rev-parse", "HEAD") });
      expect(world.git("rev-parse", "HEAD~1")).toBe(before);
      // What is refused is refused as ever.
      const { code, out, err } = await world.say("grant", "nobody", "1", "--json");
      expect([code, out, err]).toEqual([1, "", 'econ: there is no agent "nobody"']);
    });

  test("init", async () => {
    const root = join(temporaryFolder(), "new");
    const { code, out } = await econ(["init", root, "--bare", "--json"], { cwd: folder });
    const commit = Bun.spawnSync(["git", "-C", root, "rev-parse", "HEAD"]).stdout.toString();
    expect([code, JSON.parse(out)]).toEqual([
      0,
      { world: root, agents: [], commit: commit.trim() },
    ]);
  });
});

test("every command answers as JSON, but those that converse, go on, or write for a shell", async () => {
  const without = (spec: CommandSpec): string[] => {
    const isJson = spec.options?.some(({ flags }) => flags === "--json");
    // A command takes the options of the one above it as well.
    return isJson ? [] : [spec.name, ...(spec.subcommands ?? []).flatMap(without)];
  };
  const names = (await allCommands()).flatMap(without);
  expect(names).toEqual(["serve", "shell", "demo", "completion"]);
});
