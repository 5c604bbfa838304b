import { afterAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { personEdits } from "../../src/world/edits.ts";
import type { Repository } from "../../src/world/git.ts";
import {
  ADA,
  AT,
  commitTo,
  file,
  git,
  makeWorld,
  must,
  removeTemporaryFolders,
  status,
  write,
} from "./worlds.ts";

afterAll(removeTemporaryFolders);

async function editsOf(repo: Repository): Promise<string[]> {
  return must(await personEdits(repo)).map(({ kind, path }) => `${kind} ${path}`);
}

async function problemsOf(repo: Repository): Promise<string[]> {
  const edits = await personEdits(repo);
  if (edits.ok) throw new Error("was not refused");
  return edits.problems.map(({ file, message }) => `${file}: ${message}`);
}

describe("a person's edits", () => {
  test("are none after a commit, nor after a new date on a file", async () => {
    const { repo } = await makeWorld();
    expect(await editsOf(repo)).toEqual([]);
    utimesSync(join(repo.root, "econ.yaml"), 1, 1);
    write(repo.root, "inbox/one.md", "first\nsecond\nthird\n");
    write(repo.root, ".econ/cache", "x");
    expect(await editsOf(repo)).toEqual([]);
  });

  test("are found staged, unstaged, hidden by .gitignore, and as bytes", async () => {
    const { repo } = await makeWorld("my world");
    write(repo.top, "outside.txt", "not the world's business\n");
    write(repo.root, ".gitignore", "*\n");
    write(repo.root, "hidden/deep/ключ.md", "hidden\n");
    write(repo.root, "staged.md", "1\n");
    git(repo.root, "add", "-f", "staged.md");
    write(repo.root, "staged.md", "2\n");
    write(repo.root, "econ.yaml", "edited\n");
    chmodSync(join(repo.root, "agents/a/agent.json"), 0o755);
    git(repo.root, "rm", "-q", "inbox/one.md");
    git(repo.root, "rm", "-q", "--cached", "agents/b/agent.json");
    const edits = must(await personEdits(repo));
    expect(edits.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      "added .gitignore",
      "modified agents/a/agent.json",
      "modified econ.yaml",
      "added hidden/deep/ключ.md",
      "deleted inbox/one.md",
      "added staged.md",
    ]);
    expect(edits.at(-1)!.file).toEqual(file("2\n"));
    expect(edits[1]!.file).toEqual(file("{}\n", true));
  });

  test("once committed as they are, are no edits any more and leave the status clean", async () => {
    const { repo, base } = await makeWorld();
    write(repo.root, "econ.yaml", "edited\n");
    write(repo.root, "new folder/x y.md", "new\n");
    git(repo.root, "rm", "-q", "inbox/one.md");
    const edits = must(await personEdits(repo));
    must(await commitTo(repo, base, {}, { changes: edits, worktree: "as it is" }));
    expect(await editsOf(repo)).toEqual([]);
    expect(status(repo)).toBe("");
  });

  /** What keeps git from looking at a file, or from looking closely. */
  const HIDINGS: Record<string, string[][]> = {
    "assume-unchanged": [["update-index", "--assume-unchanged", "econ.yaml"]],
    "skip-worktree": [["update-index", "--skip-worktree", "econ.yaml"]],
    "core.ignoreStat": [
      ["config", "core.ignoreStat", "true"],
      ["update-index", "--really-refresh"],
    ],
    "core.trustctime and core.checkStat": [
      ["config", "core.trustctime", "false"],
      ["config", "core.checkStat", "minimal"],
      ["update-index", "--refresh"],
    ],
  };

  for (const [hiding, commands] of Object.entries(HIDINGS))
    test(`are seen where ${hiding} would hide them, and then committed as any other`, async () => {
      const { repo } = await makeWorld("my world");
      const place = join(repo.root, "econ.yaml");
      const old = readFileSync(place, "utf8");
      // Old to git, so that only its length and its date tell it from another.
      utimesSync(place, 1_000_000_000, 1_000_000_000);
      git(repo.root, "update-index", "--refresh");
      for (const command of commands) git(repo.root, ...command);
      expect(await editsOf(repo)).toEqual([]);
      // git keeps times of change in seconds.
      await Bun.sleep(1_100);
      writeFileSync(place, old.toUpperCase());
      utimesSync(place, 1_000_000_000, 1_000_000_000);
      expect(await editsOf(repo)).toEqual(["modified econ.yaml"]);
      const head = git(repo.root, "rev-parse", "HEAD").trim();
      const edited = { "econ.yaml": old.toUpperCase() };
      must(await commitTo(repo, head, edited, { worktree: "as it is" }));
      expect(await editsOf(repo)).toEqual([]);
      expect(git(repo.root, "diff", "--cached", "--name-only")).toBe("");
    });

  test("are no edits where git leaves files out of the work tree: that is refused", async () => {
    const { repo } = await makeWorld();
    git(repo.root, "sparse-checkout", "set", "--no-cone", "/*", "!/agents/b/");
    expect(existsSync(join(repo.root, "agents/b"))).toBe(false);
    expect(await personEdits(repo)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/^git leaves "agents\/b\/.* git sparse-checkout disable/),
    });
    git(repo.root, "sparse-checkout", "disable");
    expect(await editsOf(repo)).toEqual([]);
  });

  test("are seen where git's conversions would hide them", async () => {
    const { repo, base } = await makeWorld();
    write(repo.top, ".gitattributes", "* text=auto\n");
    git(repo.top, "add", ".gitattributes");
    git(repo.top, "commit", "-qm", "by hand");
    write(repo.root, "econ.yaml", "rules: 1\r\n");
    expect(await editsOf(repo)).toEqual(["modified econ.yaml"]);
    expect(base).toBeTruthy();
  });

  test("in a world without a commit are all its files", async () => {
    const { repo } = await makeWorld();
    git(repo.top, "switch", "-q", "--orphan", "empty");
    write(repo.root, "a.md", "1\n");
    expect(await editsOf(repo)).toEqual(["added a.md"]);
  });

  test("may put a folder where a file was", async () => {
    const { repo } = await makeWorld();
    Bun.spawnSync(["rm", join(repo.root, "econ.yaml")]);
    write(repo.root, "econ.yaml/x", "1\n");
    expect(await editsOf(repo)).toEqual(["deleted econ.yaml", "added econ.yaml/x"]);
  });
});

describe("what econ cannot commit is named, and stops it", () => {
  test("links, pipes, giant files and repositories inside the world", async () => {
    const { repo } = await makeWorld();
    const at = (path: string) => join(repo.root, path);
    symlinkSync("/etc/passwd", at("link"));
    Bun.spawnSync(["rm", at("econ.yaml")]);
    Bun.spawnSync(["mkfifo", at("econ.yaml"), at("pipe")]);
    write(repo.root, "giant", "");
    truncateSync(at("giant"), 2 ** 40);
    for (const name of ["empty-repo", "agents/a/repo"]) {
      mkdirSync(at(name), { recursive: true });
      git(at(name), "init", "-q");
    }
    git(at("agents/a/repo"), "commit", "-q", "--allow-empty", "-m", "x");
    expect(await problemsOf(repo)).toEqual([
      "agents/a/repo: a repository inside the world; remove or move it",
      "econ.yaml: a named pipe: a world has regular files only, up to 16 MB; remove or move it",
      "empty-repo: a repository inside the world; remove or move it",
      "giant: larger than 16 MB: a world has regular files only, up to 16 MB; remove or move it",
      "link: a symbolic link: a world has regular files only, up to 16 MB; remove or move it",
    ]);
  });

  test("a repository that was added to the index as one", async () => {
    const { repo } = await makeWorld();
    mkdirSync(join(repo.root, "sub"));
    git(join(repo.root, "sub"), "init", "-q");
    git(join(repo.root, "sub"), "commit", "-q", "--allow-empty", "-m", "x");
    git(repo.root, "add", "sub");
    expect(await problemsOf(repo)).toEqual([
      "sub: a repository inside the world; remove or move it",
    ]);
  });

  test("names that are not UTF-8, hold control characters or are git's own", async () => {
    const { repo } = await makeWorld();
    const latin = Buffer.concat([Buffer.from(`${repo.root}/`), Buffer.from([0x66, 0xe9])]);
    await Bun.write(Bun.file(join(repo.root, "esc\u001b[2J")), "x");
    writeFileSync(latin, "x");
    write(repo.root, "agents/a/.gitattributes", "* text\n");
    write(repo.root, "agents/a/.gitignore", "x\n");
    const problems = await problemsOf(repo);
    expect(problems).toHaveLength(3);
    expect(problems[0]).toContain("agents/a/.gitattributes: a file that git gives a meaning to");
    expect(problems[1]).toContain("control character");
    expect(problems[2]).toContain("not UTF-8");
  });

  test("a merge under way, or a conflict left by one", async () => {
    const { repo } = await makeWorld();
    write(repo.root, "econ.yaml", "stashed\n");
    git(repo.top, "stash", "-q");
    write(repo.root, "econ.yaml", "other\n");
    git(repo.top, "commit", "-qam", "other");
    expect(() => git(repo.top, "stash", "pop", "-q")).toThrow();
    expect((await problemsOf(repo))[0]).toContain("econ.yaml: a conflict that is not resolved");
    write(repo.gitDir, "MERGE_HEAD", `${git(repo.top, "rev-parse", "HEAD")}`);
    const refused = await personEdits(repo);
    expect(!refused.ok && refused.reason).toContain("merge is in progress");
  });
});

test("a commit's author and time are those of the person", async () => {
  const { repo, base } = await makeWorld();
  must(await commitTo(repo, base, { x: "1" }, { author: ADA, at: AT }));
  expect(git(repo.top, "log", "-1", "--format=%an %cn")).toBe("Ada Ada\n");
});
