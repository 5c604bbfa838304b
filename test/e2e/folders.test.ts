// Folders that move, in worlds that live: what runs make of their own files, and a kill in between.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { living, said, script, start, temporaryFolder, until, worldOf } from "./helpers.ts";

const WRITER = {
  ...script("echo '# I am someone else now' >AGENTS.md", "date >>log.txt", "rm -f old.txt"),
  "AGENTS.md": "# Writer\n",
  "old.txt": "old\n",
};

living("an agent that rewrites itself", () => {
  test("is seen to have done so, run by run", async () => {
    const world = await worldOf({ ada: WRITER, bob: script("true") });
    await world.tick(2);
    await world.edit("agents/ada/workspace/hint.txt", "try harder\n");
    await world.tick();
    const { out } = await world.econ("history", "--agent", "ada", "--files", "--json");
    const edits: { cycle: number | null; by: string; files: object[] }[] = JSON.parse(out);
    expect(edits.map(({ cycle, by }) => [cycle, by])).toEqual([
      [3, "econ"],
      [null, "Pat"],
      [2, "econ"],
      [1, "econ"],
      [null, "Pat"],
    ]);
    expect(edits[3]?.files).toEqual([
      { path: "AGENTS.md", change: "changed" },
      { path: "log.txt", change: "added" },
      { path: "old.txt", change: "deleted" },
    ]);
    const page = (await world.econ("agent", "ada")).out;
    expect(page).toMatch(/^ {2}cycle 1 +its run +AGENTS\.md, \+log\.txt, -old\.txt$/m);
    expect(page).toMatch(/^ {2}\d{4}-\d\d-\d\d +Pat +\+hint\.txt$/m);
    const quiet = (await world.econ("history", "--agent", "bob", "--files", "-n", "1")).out;
    expect(quiet).toMatch(/Pat +\+main\.sh$/m);
  });

  test("is moved by its death and its return, which change no file of it", async () => {
    const world = await worldOf({ ada: WRITER });
    await world.tick();
    await world.econ("kill", "ada");
    await world.econ("revive", "ada");
    const changes = async (id: string) => {
      const { out } = await world.econ("history", "--agent", id, "--files", "--json");
      return JSON.parse(out).map(({ cycle }: { cycle: number | null }) => cycle);
    };
    expect(await changes("ada")).toEqual([1, null]);
  });

  test("takes what it has become to another world, and lives on there", async () => {
    const home = await worldOf({ ada: WRITER });
    await home.tick(2);
    const file = join(temporaryFolder(), "ada.tar");
    expect((await home.econ("agent", "export", "ada", "--out", file)).code).toBe(0);
    const away = await worldOf({});
    expect((await away.econ("agent", "import", file)).code).toBe(0);
    expect(away.read("agents/ada/workspace/AGENTS.md")).toBe("# I am someone else now\n");
    await away.tick();
    expect(away.record("ada").executions).toBe(1);
    expect(away.read("agents/ada/workspace/log.txt").split("\n")).toHaveLength(4);
    expect(await away.wrong()).toEqual([]);
  });
});

living("kill -9 of a birth by command", () => {
  test("leaves the whole agent or nothing of it, to the next command", async () => {
    const world = await worldOf({ ada: WRITER });
    for (let kill = 0; kill < 8; kill++) {
      const name = `bob-${kill}`;
      const child = start(["--world", world.root, "agent", "fork", "ada", "--as", name]);
      await until(() => world.has(".econ/journal.json") || child.exitCode !== null);
      await Bun.sleep(kill * 3);
      child.kill("SIGKILL");
      await said(child);
      expect((await world.econ("verify")).code).toBe(0);
      expect(await world.wrong()).toEqual([]);
      const files = world.list(`agents/${name}/workspace`);
      const isBorn = (await world.economy()).agents.has(name);
      expect(files).toEqual(isBorn ? world.list("agents/ada/workspace") : []);
    }
  }, 60_000);
});
