import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { headCommit, initRepository, log, openRepository } from "../../src/world/git.ts";
import { tidyPacks } from "../../src/world/tidy-packs.ts";
import {
  commitTo,
  fsck,
  git,
  makeWorld,
  must,
  reasonOf,
  removeTemporaryFolders,
  status,
  temporaryFolder,
  write,
} from "./worlds.ts";

afterAll(removeTemporaryFolders);

describe("a repository", () => {
  test("is found from a subfolder and through a link", async () => {
    const { repo } = await makeWorld("deep/world");
    const link = join(temporaryFolder(), "link");
    symlinkSync(repo.root, link);
    expect(must(await openRepository(link))).toEqual(repo);
    expect(repo.prefix).toBe("deep/world/");
    expect(repo.root).toBe(join(repo.top, "deep/world"));
  });

  test("makes one again of what a power cut left of its beginning", async () => {
    const folder = temporaryFolder();
    git(folder, "init", "-q");
    const files = new Bun.Glob("**").scanSync({ cwd: join(folder, ".git"), dot: true });
    for (const file of files) await Bun.write(join(folder, ".git", file), "");
    const repo = must(await initRepository(folder));
    expect(repo.top).toBe(folder);
    expect(git(folder, "status", "--porcelain")).toBe("");
  });

  test("that is not there is a refusal with advice; init makes one, and only then", async () => {
    const folder = temporaryFolder();
    expect(reasonOf(await openRepository(folder))).toContain("git init");
    expect(reasonOf(await openRepository(join(folder, "none")))).toContain("does not exist");
    const repo = must(await initRepository(folder));
    expect(repo.top).toBe(folder);
    expect(await headCommit(repo)).toBeNull();
    mkdirSync(join(folder, "inner"));
    // A world made inside another project must not commit into that project.
    const inner = must(await initRepository(join(folder, "inner")));
    expect(inner.top).toBe(join(folder, "inner"));
    expect(must(await initRepository(folder)).top).toBe(folder);
  });

  test("tells the history of the world, and of nothing outside it", async () => {
    const { repo, base } = await makeWorld("world");
    const message = "cycle 2: one\n\nA body.\n\nEcon-Cycle: 2\n";
    const next = must(await commitTo(repo, base, { "econ.yaml": "2\n" }, { message }));
    write(repo.top, "outside.txt", "edited\n");
    git(repo.top, "commit", "-qam", "outside");
    const entries = await log(repo, 10);
    expect(entries.map((entry) => entry.commit)).toEqual([next, base]);
    expect(entries[0]).toMatchObject({
      author: { name: "Ada", email: "ada@example.org" },
      subject: "cycle 2: one",
      body: "A body.\n\nEcon-Cycle: 2",
    });
    expect(Date.parse(entries[0]!.at)).toBe(Date.parse("2026-01-02T03:04:05Z"));
  });

  test("keeps a person's lines in git's own info files", async () => {
    const { repo, base } = await makeWorld();
    const file = join(repo.commonDir, "info/attributes");
    write(repo.commonDir, "info/attributes", "*.pdf binary");
    const next = must(await commitTo(repo, base, { "econ.yaml": "2\n" }));
    must(await commitTo(repo, next, { "econ.yaml": "3\n" }));
    const lines = readFileSync(file, "utf8").split("\n");
    expect(lines).toEqual([
      "*.pdf binary",
      '"/**" -text -ident -filter -working-tree-encoding',
      "",
    ]);
    write(repo.root, ".econ/cache", "x");
    expect(status(repo)).toBe("");
  });

  test("stays small: many commits' packs are joined, and nothing is lost", async () => {
    let { repo, base } = await makeWorld();
    for (let n = 0; n < 12; n++) {
      base = must(await commitTo(repo, base, { "econ.yaml": `${n}\n` }));
    }
    const packs = () =>
      readdirSync(join(repo.commonDir, "objects/pack")).filter((name) => name.endsWith(".pack"));
    expect(packs().length).toBe(13);
    must(await tidyPacks(repo));
    expect(packs().length).toBeLessThan(4);
    expect(fsck(repo)).toBe("");
    expect(git(repo.top, "rev-list", "--count", "HEAD").trim()).toBe("13");
  });
});
