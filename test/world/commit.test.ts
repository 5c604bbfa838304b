import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isMoved } from "../../src/world/branch.ts";
import { openRepository } from "../../src/world/git.ts";
import { repair } from "../../src/world/recover.ts";
import { changedSince, readAt } from "../../src/world/trees.ts";
import {
  AT,
  commitTo,
  file,
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

const head = (folder: string) => git(folder, "rev-parse", "HEAD").trim();
const read = (root: string, path: string) => readFileSync(join(root, path), "utf8");

describe("a commit", () => {
  test("leaves the status clean, the objects sound and nothing of its own behind", async () => {
    const { repo, base } = await makeWorld();
    const next = must(
      await commitTo(
        repo,
        base,
        { "econ.yaml": "rules: 2\n", "agents/c/x.md": "new\n", "agents/b/agent.json": null },
        { durable: true },
      ),
    );
    expect(head(repo.top)).toBe(next);
    expect(status(repo)).toBe("");
    expect(fsck(repo)).toBe("");
    expect(read(repo.root, "agents/c/x.md")).toBe("new\n");
    expect(existsSync(join(repo.root, "agents/b"))).toBe(false);
    expect(git(repo.top, "for-each-ref", "--format=%(refname)")).toBe("refs/heads/main\n");
    expect(existsSync(join(repo.root, ".econ/journal.json"))).toBe(false);
    expect(readdirSync(repo.gitDir)).not.toContain("index.lock");
    expect(git(repo.top, "count-objects").trim()).toBe("0 objects, 0 kilobytes");
  });

  test("records its times in the index, so that git status reads no file", async () => {
    const { repo, base } = await makeWorld();
    must(await commitTo(repo, base, { "econ.yaml": "rules: 2\n" }));
    expect(git(repo.top, "diff-files", "--name-only")).toBe("");
  });

  test("with the same inputs has the same hash", async () => {
    const one = await makeWorld();
    const two = await makeWorld();
    expect(one.base).toBe(two.base);
    expect(git(one.repo.top, "show", "-s", "--format=%an %ae %aI %cn %cI")).toBe(
      "Ada ada@example.org 2026-01-02T03:04:05+00:00 Ada 2026-01-02T03:04:05+00:00\n",
    );
  });

  test("takes names with spaces, quotes, letters of any script; and the executable bit", async () => {
    const { repo, base } = await makeWorld();
    const plain = [" lead", "ключ/été 🌍.txt", "-rf", "#x", ":(top)y", "*?[a]"];
    const names = ['say "hi".md', '"', ...plain];
    const files = Object.fromEntries(names.map((name) => [`odd/${name}`, `${name}\n`]));
    const next = must(await commitTo(repo, base, files));
    const script = { path: "odd/run.sh", file: file("#!/bin/sh\n", true) };
    const last = must(await commitTo(repo, next, {}, { changes: [script] }));
    expect(status(repo)).toBe("");
    expect(fsck(repo)).toBe("");
    for (const name of names) expect(read(repo.root, `odd/${name}`)).toBe(`${name}\n`);
    expect(statSync(join(repo.root, "odd/run.sh")).mode & 0o111).not.toBe(0);
    expect((await changedSince(repo, base, last)).sort()).toEqual(
      [...Object.keys(files), "odd/run.sh"].sort(),
    );
    must(await commitTo(repo, last, Object.fromEntries(Object.keys(files).map((f) => [f, null]))));
    expect(status(repo)).toBe("");
  });

  test("may put a folder where a file was and a file where a folder was", async () => {
    const { repo, base } = await makeWorld();
    const swap = { "econ.yaml": null, "econ.yaml/x": "1", "inbox/one.md": null, inbox: "2" };
    must(await commitTo(repo, base, swap));
    expect(status(repo)).toBe("");
    expect(read(repo.root, "econ.yaml/x")).toBe("1");
    expect(read(repo.root, "inbox")).toBe("2");
  });

  test("refuses paths that lead out of the world or into git, before anything else", async () => {
    const { repo, base } = await makeWorld();
    const bad = [
      "../x",
      "/etc/x",
      "a/../../x",
      "a//b",
      "./a",
      ".git/config",
      "a/.GIT/x",
      "a/.g\u200cit/x",
      "git~1",
      ".git ",
      "a\nb",
      "a\u0000b",
      "a\\b",
      ".econ/lock",
      ".gitmodules",
      "\ud800",
      "",
      "x".repeat(256),
    ];
    for (const path of bad) {
      const refused = await commitTo(repo, base, {}, { changes: [{ path, file: file("x") }] });
      expect(refused.ok, JSON.stringify(path)).toBe(false);
    }
    expect(head(repo.top)).toBe(base);
    expect(status(repo)).toBe("");
  });

  test("on a commit that does not exist is refused, and the world can be repaired", async () => {
    const { repo, base } = await makeWorld();
    const refused = await commitTo(repo, "f".repeat(40), { "econ.yaml": "2\n" });
    expect(refused.ok).toBe(false);
    must(await repair(repo));
    must(await commitTo(repo, base, { "econ.yaml": "2\n" }));
    expect(status(repo)).toBe("");
  });

  test("that would delete a whole folder by one name is refused", async () => {
    const { repo, base } = await makeWorld();
    const refused = await commitTo(repo, base, { agents: null });
    expect(reasonOf(refused)).toContain("not among the changes");
    expect(head(repo.top)).toBe(base);
    expect(status(repo)).toBe("");
  });

  test("is refused when the branch moved, and then nothing has changed", async () => {
    const { repo, base } = await makeWorld();
    git(repo.top, "commit", "-q", "--allow-empty", "-m", "by hand");
    const moved = head(repo.top);
    const refused = await commitTo(repo, base, { "econ.yaml": "rules: 2\n" });
    expect(!refused.ok && isMoved(refused.reason)).toBe(true);
    expect(head(repo.top)).toBe(moved);
    expect(status(repo)).toBe("");
    expect(git(repo.top, "for-each-ref", "refs/econ")).toBe("");
    must(await commitTo(repo, moved, { "econ.yaml": "rules: 2\n" }));
  });

  test("goes to whatever branch is checked out, by any name", async () => {
    const { repo, base } = await makeWorld();
    git(repo.top, "switch", "-q", "-c", "käse/what-if");
    const next = must(await commitTo(repo, base, { "econ.yaml": "other\n" }));
    expect(git(repo.top, "rev-parse", "main", "käse/what-if")).toBe(`${base}\n${next}\n`);
    git(repo.top, "switch", "-q", "main");
    expect(read(repo.root, "econ.yaml")).toBe("rules: 1\n");
    expect(status(repo)).toBe("");
  });

  test("works in a linked work tree, on that one's branch and index", async () => {
    const { repo, base } = await makeWorld();
    const other = join(temporaryFolder(), "linked");
    git(repo.top, "worktree", "add", "-q", "-b", "side", other);
    const linked = must(await openRepository(other));
    const next = must(await commitTo(linked, base, { "econ.yaml": "side\n" }));
    expect(status(linked)).toBe("");
    expect(status(repo)).toBe("");
    expect(git(repo.top, "rev-parse", "main", "side")).toBe(`${base}\n${next}\n`);
  });

  test("works in a repository that names objects by SHA-256", async () => {
    const top = temporaryFolder();
    git(top, "init", "-q", "--object-format=sha256");
    const repo = must(await openRepository(top));
    const base = must(await commitTo(repo, null, { a: "1" }));
    must(await commitTo(repo, base, { a: "2", b: "3" }));
    expect(status(repo)).toBe("");
    expect(fsck(repo)).toBe("");
  });
});

describe("a world in a subfolder", () => {
  test("is all that its commits touch", async () => {
    const { repo, base } = await makeWorld("my worlds/[one]");
    write(repo.top, "outside.txt", "edited\n");
    write(repo.top, "new outside.txt", "new\n");
    git(repo.top, "add", "outside.txt");
    const next = must(await commitTo(repo, base, { "econ.yaml": "rules: 2\n" }));
    expect(git(repo.top, "diff", "--name-only", base, next)).toBe("my worlds/[one]/econ.yaml\n");
    expect(status(repo)).toBe('M  outside.txt\n?? "new outside.txt"\n');
    expect(await readAt(repo, next, "econ.yaml")).toEqual(file("rules: 2\n")!.bytes);
    expect(await readAt(repo, next, "outside.txt")).toBeNull();
  });
});

describe("what a person has staged", () => {
  test("stays staged: a new file, part of an edit, a deletion, an intent to add", async () => {
    const { repo, base } = await makeWorld();
    write(repo.root, "staged.md", "new\n");
    write(repo.root, "intent.md", "later\n");
    git(repo.top, "add", "staged.md");
    git(repo.top, "add", "-N", "intent.md");
    write(repo.root, "inbox/one.md", "first!\nsecond\nthird\n");
    git(repo.top, "add", "inbox/one.md");
    write(repo.root, "inbox/one.md", "first!\nsecond\nthird!\n");
    git(repo.top, "rm", "-q", "agents/a/agent.json");
    const before = status(repo);
    const staged = git(repo.top, "ls-files", "-s", "inbox", "staged.md", "intent.md", "agents/a");
    must(await commitTo(repo, base, { "econ.yaml": "rules: 2\n" }));
    expect(status(repo)).toBe(before);
    expect(git(repo.top, "ls-files", "-s", "inbox", "staged.md", "intent.md", "agents/a")).toBe(
      staged,
    );
  });

  test("stays staged even when the commit changes the same paths", async () => {
    const { repo, base } = await makeWorld();
    write(repo.root, "inbox/one.md", "mine\n");
    write(repo.root, "intent.md", "mine\n");
    git(repo.top, "add", "inbox/one.md");
    git(repo.top, "add", "-N", "intent.md");
    const staged = git(repo.top, "ls-files", "-s", "inbox", "intent.md");
    must(await commitTo(repo, base, { "inbox/one.md": "econ's\n", "intent.md": "econ's\n" }));
    expect(git(repo.top, "ls-files", "-s", "inbox", "intent.md")).toBe(staged);
    expect(read(repo.root, "inbox/one.md")).toBe("mine\n");
    expect(read(repo.root, "intent.md")).toBe("mine\n");
  });
});

describe("a person's edit in the work tree", () => {
  test("that was made before the commit ends is kept and shows as a modification", async () => {
    const { repo, base } = await makeWorld();
    write(repo.root, "econ.yaml", "mine\n");
    write(repo.root, "fresh.md", "mine\n");
    write(repo.root, "agents/a/agent.json", "mine\n");
    const files = { "econ.yaml": "2\n", "fresh.md": "2\n", "agents/a/agent.json": null };
    const next = must(await commitTo(repo, base, files));
    for (const path of Object.keys(files)) expect(read(repo.root, path)).toBe("mine\n");
    expect(status(repo)).toBe(" M econ.yaml\n M fresh.md\n?? agents/a/\n");
    expect(await readAt(repo, next, "econ.yaml")).toEqual(file("2\n")!.bytes);
  });

  test("that is saved at any moment during the commit is kept", async () => {
    for (let ms = 0; ms < 30; ms += 5) {
      const { repo, base } = await makeWorld();
      const committing = commitTo(repo, base, { "econ.yaml": "2\n", "new.md": "2\n" });
      await Bun.sleep(ms);
      write(repo.root, "econ.yaml", "mine\n");
      write(repo.root, "new.md", "mine\n");
      must(await committing);
      expect(read(repo.root, "econ.yaml") + read(repo.root, "new.md")).toBe("mine\nmine\n");
      expect(status(repo)).toBe(" M econ.yaml\n M new.md\n");
    }
  });

  test("that deletes a file is kept, too", async () => {
    const { repo, base } = await makeWorld();
    git(repo.top, "rm", "-q", "--cached", "econ.yaml");
    git(repo.top, "reset", "-q");
    Bun.spawnSync(["rm", join(repo.root, "econ.yaml")]);
    must(await commitTo(repo, base, { "econ.yaml": "2\n" }));
    expect(existsSync(join(repo.root, "econ.yaml"))).toBe(false);
    expect(status(repo)).toBe(" D econ.yaml\n");
  });

  test("is committed as it is, without the work tree being written", async () => {
    const { repo, base } = await makeWorld();
    write(repo.root, "econ.yaml", "mine\n");
    const inode = statSync(join(repo.root, "econ.yaml")).ino;
    must(await commitTo(repo, base, { "econ.yaml": "mine\n" }, { worktree: "as it is" }));
    expect(statSync(join(repo.root, "econ.yaml")).ino).toBe(inode);
    expect(status(repo)).toBe("");
    const again = head(repo.top);
    write(repo.root, "econ.yaml", "newer\n");
    must(await commitTo(repo, again, { "econ.yaml": "older\n" }, { worktree: "as it is" }));
    expect(read(repo.root, "econ.yaml")).toBe("newer\n");
    expect(status(repo)).toBe(" M econ.yaml\n");
  });

  test("that replaces a folder by a link is not written through", async () => {
    const { repo, base } = await makeWorld();
    const elsewhere = temporaryFolder();
    write(elsewhere, "agent.json", "{}\n");
    Bun.spawnSync(["rm", "-r", join(repo.root, "agents/a")]);
    Bun.spawnSync(["ln", "-s", elsewhere, join(repo.root, "agents/a")]);
    must(await commitTo(repo, base, { "agents/a/agent.json": "2\n", "agents/a/new": "2\n" }));
    expect(read(elsewhere, "agent.json")).toBe("{}\n");
    expect(existsSync(join(elsewhere, "new"))).toBe(false);
  });

  test("of a file's permissions is kept when its content changes", async () => {
    const { repo, base } = await makeWorld();
    chmodSync(join(repo.root, "econ.yaml"), 0o600);
    must(await commitTo(repo, base, { "econ.yaml": "2\n" }));
    expect(statSync(join(repo.root, "econ.yaml")).mode & 0o777).toBe(0o600);
  });
});

describe("in the middle of a person's git operation", () => {
  const busy: [string, (top: string) => void, RegExp][] = [
    ["a merge", (top) => conflict(top, "merge"), /merge is in progress.*--abort/],
    ["a rebase", (top) => conflict(top, "rebase"), /rebase is in progress.*--abort/],
    ["a cherry-pick", (top) => conflict(top, "cherry-pick"), /cherry-pick is in progress/],
    ["a bisect", (top) => git(top, "bisect", "start"), /git bisect reset/],
    ["a detached HEAD", (top) => git(top, "switch", "-q", "--detach"), /git switch <branch>/],
  ];

  test.each(busy)("%s, a commit is refused with advice", async (_, begin, advice) => {
    const { repo } = await makeWorld();
    begin(repo.top);
    const before = status(repo);
    const refused = await commitTo(repo, head(repo.top), { "econ.yaml": "2\n" });
    expect(reasonOf(refused)).toMatch(advice);
    expect(status(repo)).toBe(before);
  });

  test("a git command that holds the index is waited for", async () => {
    const { repo, base } = await makeWorld();
    write(repo.gitDir, "index.lock", "");
    const release = Bun.sleep(300).then(() => Bun.spawnSync(["rm", `${repo.gitDir}/index.lock`]));
    must(await commitTo(repo, base, { "econ.yaml": "2\n" }));
    await release;
    expect(status(repo)).toBe("");
  });
});

/** A person's branch that does not go together with main, and the command that finds out. */
function conflict(top: string, command: "merge" | "rebase" | "cherry-pick"): void {
  git(top, "switch", "-q", "-c", "side");
  write(top, "econ.yaml", "side\n");
  git(top, "commit", "-qam", "side");
  git(top, "switch", "-q", "main");
  write(top, "econ.yaml", "main\n");
  git(top, "commit", "-qam", "main");
  expect(() => git(top, command, "side")).toThrow();
}

describe("bytes", () => {
  test("are committed as they are, whatever .gitattributes asks for", async () => {
    const { repo, base } = await makeWorld("world");
    const ask = "* text=auto eol=crlf ident filter=x working-tree-encoding=UTF-16\n";
    write(repo.top, ".gitattributes", ask);
    git(repo.top, "config", "filter.x.clean", "tr a-z A-Z");
    git(repo.top, "config", "core.autocrlf", "true");
    const attributes = must(await commitTo(repo, base, { ".gitattributes": ask }));
    const raw = "unix\nwindows\r\n$Id$\n";
    const next = must(await commitTo(repo, attributes, { "raw.txt": raw }));
    expect(read(repo.root, "raw.txt")).toBe(raw);
    expect(new TextDecoder().decode((await readAt(repo, next, "raw.txt"))!)).toBe(raw);
    expect(git(repo.root, "status", "--porcelain", ".")).toBe("");
    const lines = readFileSync(join(repo.commonDir, "info/attributes"), "utf8").split("\n");
    expect(lines.filter((line) => line.includes("world"))).toHaveLength(1);
  });

  test("are recorded even where a .gitignore hides everything", async () => {
    const { repo, base } = await makeWorld();
    const next = must(await commitTo(repo, base, { ".gitignore": "*\n", "hidden.md": "1\n" }));
    must(await commitTo(repo, next, { "hidden.md": "2\n", "agents/a/hidden": "3\n" }));
    expect(git(repo.top, "ls-files").split("\n")).toContain("agents/a/hidden");
    expect(status(repo)).toBe("");
  });
});

describe("a hostile surrounding", () => {
  test("of GIT_ variables, settings and hooks changes nothing and runs nothing", async () => {
    const { repo, base } = await makeWorld();
    const trap = join(temporaryFolder(), "trap.sh");
    const sprung = `${trap}.sprung`;
    await Bun.write(trap, `#!/bin/sh\ntouch '${sprung}'\n`);
    chmodSync(trap, 0o755);
    for (const hook of ["reference-transaction", "post-index-change", "post-checkout"]) {
      mkdirSync(join(repo.gitDir, "hooks"), { recursive: true });
      Bun.spawnSync(["ln", "-sf", trap, join(repo.gitDir, "hooks", hook)]);
    }
    git(repo.top, "config", "core.fsmonitor", trap);
    const hostile = { GIT_DIR: "/nowhere", GIT_INDEX_FILE: "/nowhere", GIT_CONFIG_COUNT: "x" };
    Object.assign(process.env, hostile);
    try {
      const again = must(await openRepository(repo.root));
      must(await commitTo(again, base, { "econ.yaml": "2\n" }, { at: AT }));
    } finally {
      for (const name of Object.keys(hostile)) delete process.env[name];
    }
    expect(existsSync(sprung)).toBe(false);
    git(repo.top, "config", "core.fsmonitor", "false");
    expect(status(repo)).toBe("");
  });
});
