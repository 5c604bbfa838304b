import { afterAll, describe, expect, test } from "bun:test";
import { cpSync, existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { privateRef, writeJournal } from "../../src/world/crash-journal.ts";
import { openRepository, type Repository } from "../../src/world/git.ts";
import { lockIndex } from "../../src/world/index-lock.ts";
import { TEMPORARY } from "../../src/world/layout.ts";
import { repair } from "../../src/world/recover.ts";
import {
  commitTo,
  fsck,
  git,
  makeWorld,
  must,
  removeTemporaryFolders,
  status,
  temporaryFolder,
  write,
} from "./worlds.ts";

afterAll(removeTemporaryFolders);

const NEXT = {
  "econ.yaml": "rules: 2\n",
  "agents/b/agent.json": null,
  "agents/c/deep/x.md": "new\n",
  "inbox/two.md": "second\n",
};

/** The number of a process that there is none of. */
const NOBODY = 999_999_999;

/** What the world has to be after any crash and its repair: before or after, and clean. */
function expectWhole(repo: Repository, base: string): "before" | "after" {
  const head = git(repo.top, "rev-parse", "HEAD").trim();
  expect(status(repo)).toBe("");
  expect(fsck(repo)).toBe("");
  for (const folder of [repo.gitDir, join(repo.gitDir, "refs/heads"), join(repo.root, ".econ")]) {
    const left = readdirSync(folder).filter((name) => /\.lock$|\.new$|^econ-|journal/.test(name));
    expect(left).toEqual([]);
  }
  expect(git(repo.top, "for-each-ref", privateRef(repo))).toBe("");
  const names = git(repo.top, "ls-files", "--others", "--", ".", ":!.econ");
  expect(names).toBe("");
  return head === base ? "before" : "after";
}

/** A copy of the world, with its repository: each crash happens to a fresh one. */
async function copyOf(repo: Repository): Promise<Repository> {
  const folder = join(temporaryFolder(), "copy");
  cpSync(repo.top, folder, { recursive: true, preserveTimestamps: true });
  git(folder, "update-index", "-q", "--refresh");
  return must(await openRepository(folder));
}

const SCRIPT = `
  import { commit } from ${JSON.stringify(join(import.meta.dir, "../../src/world/commit.ts"))};
  import { repair } from ${JSON.stringify(join(import.meta.dir, "../../src/world/recover.ts"))};
  import { openRepository } from ${JSON.stringify(join(import.meta.dir, "../../src/world/git.ts"))};
  const [root, base, what] = process.argv.slice(-3);
  const repo = (await openRepository(root)).value;
  console.log("go");
  if (what === "repair") await repair(repo);
  else await commit(repo, {
    message: "next", author: { name: "Ada", email: "a@b" }, at: "2026-01-02T03:04:05Z", base,
    worktree: "write",
    changes: Object.entries(${JSON.stringify(NEXT)}).map(([path, text]) => ({
      path,
      file: text === null ? null : { bytes: new TextEncoder().encode(text), executable: false },
    })),
  });`;

const commandLine = (repo: Repository, base: string, what: "commit" | "repair") => [
  process.execPath,
  "-e",
  SCRIPT,
  repo.root,
  base,
  what,
];

/** Run the script and SIGKILL it so long after it began. True: it had ended by itself. */
async function killedAfter(ms: number, line: string[]): Promise<boolean> {
  const child = Bun.spawn(line, { stdout: "pipe", stderr: "ignore" });
  await child.stdout.getReader().read();
  await Promise.race([Bun.sleep(ms), child.exited]);
  const ended = child.exitCode !== null;
  child.kill("SIGKILL");
  await child.exited;
  return ended;
}

describe("kill -9 at any instant of a commit", () => {
  test("leaves a world that repair makes whole: before or after, never between", async () => {
    const { repo, base } = await makeWorld();
    const seen = new Set<string>();
    for (let ms = 0; ms < 48; ms += 6) {
      const copy = await copyOf(repo);
      await killedAfter(ms, commandLine(copy, base, "commit"));
      must(await repair(copy));
      seen.add(expectWhole(copy, base));
      must(await repair(copy));
      must(await commitTo(copy, git(copy.top, "rev-parse", "HEAD").trim(), { "z.md": "z\n" }));
      expectWhole(copy, base);
    }
    expect(seen.has("before")).toBe(true);
  });

  const strace = Bun.which("strace");
  test.skipIf(!strace)("whichever call to the system it was at", async () => {
    const { repo, base } = await makeWorld();
    const seen = new Set<string>();
    // Calls that change a file system, on the process's main thread, one after the other.
    for (let n = 1; n <= 31; n += 2) {
      const copy = await copyOf(repo);
      const calls = "rename,unlink,link,fsync,mkdir,rmdir";
      const inject = ["-e", `trace=${calls}`, "-e", `inject=${calls}:signal=KILL:when=${n}`];
      const line = [strace!, "-qq", "-o", "/dev/null", ...inject];
      const child = Bun.spawn([...line, ...commandLine(copy, base, "commit")], {
        stdout: "ignore",
        stderr: "ignore",
      });
      const code = await child.exited;
      must(await repair(copy));
      seen.add(`${code === 0 ? "ended" : "killed"} ${expectWhole(copy, base)}`);
    }
    expect(seen.has("killed before")).toBe(true);
    expect(seen.has("killed after")).toBe(true);
  });

  test.skipIf(!strace)("a file saved while the new ones are being written is kept", async () => {
    const { repo, base } = await makeWorld();
    const slow = ["-e", "trace=fsync", "-e", "inject=fsync:delay_enter=40000"];
    const line = [strace!, "-qq", "-o", "/dev/null", ...slow, ...commandLine(repo, base, "commit")];
    const child = Bun.spawn(line, { stdout: "ignore" });
    // The new econ.yaml is on disk, under a name of its own, and others are still to come.
    while (!readdirSync(repo.root).some((name) => name.startsWith(TEMPORARY))) await Bun.sleep(1);
    write(repo.root, "econ.yaml", "mine\n");
    expect(await child.exited).toBe(0);
    expect(readFileSync(join(repo.root, "econ.yaml"), "utf8")).toBe("mine\n");
    expect(status(repo)).toBe(" M econ.yaml\n");
    expect(readdirSync(repo.root).filter((name) => name.startsWith(TEMPORARY))).toEqual([]);
  });

  test.skipIf(!strace)("and so does a disk that fails, with a refusal", async () => {
    const { repo, base } = await makeWorld();
    for (const call of ["fsync", "rename,link"]) {
      for (let n = 1; n <= 3; n++) {
        const copy = await copyOf(repo);
        const inject = ["-e", `trace=${call}`, "-e", `inject=${call}:error=EIO:when=${n}`];
        const line = [strace!, "-qq", "-o", "/dev/null", ...inject];
        const child = Bun.spawn([...line, ...commandLine(copy, base, "commit")], {
          stdout: "ignore",
          stderr: "pipe",
        });
        expect(await new Response(child.stderr).text()).toBe("");
        expect(await child.exited).toBe(0);
        must(await repair(copy));
        expectWhole(copy, base);
      }
    }
  });

  test("and of the repair leaves a world that the next repair makes whole", async () => {
    const { repo, base } = await makeWorld();
    const half = await halfCommitted(repo, base);
    for (let ms = 0; ms < 24; ms += 4) {
      const copy = await copyOf(half);
      await killedAfter(ms, commandLine(copy, base, "repair"));
      must(await repair(copy));
      expect(expectWhole(copy, base)).toBe("after");
      expect(readFileSync(join(copy.root, "agents/c/deep/x.md"), "utf8")).toBe("new\n");
    }
  });
});

/** As a crash right after the branch moved would leave it: nothing in the work tree yet. */
async function halfCommitted(repo: Repository, base: string): Promise<Repository> {
  const half = await copyOf(repo);
  const other = await copyOf(repo);
  const next = must(await commitTo(other, base, NEXT));
  git(half.top, "fetch", "-q", other.top, "HEAD");
  git(half.top, "update-ref", "HEAD", next, base);
  git(half.top, "update-ref", privateRef(half), next);
  writeJournal(half, { base, next, worktree: "write", importer: 0 }, false);
  return half;
}

describe("repair", () => {
  test("does nothing to a world that is whole, and clears the scratch folder", async () => {
    const { repo, base } = await makeWorld();
    write(repo.root, ".econ/scratch/run-1/x", "x");
    expect(must(await repair(repo))).toBe("nothing");
    expect(existsSync(join(repo.root, ".econ/scratch"))).toBe(false);
    expect(expectWhole(repo, base)).toBe("before");
  });

  test("keeps what a person wrote or staged after the crash", async () => {
    const { repo, base } = await makeWorld();
    const half = await halfCommitted(repo, base);
    write(half.root, "econ.yaml", "mine\n");
    write(half.root, "inbox/two.md", "mine\n");
    write(half.root, "agents/b/agent.json", "mine\n");
    git(half.root, "add", "agents/b/agent.json");
    expect(must(await repair(half))).toBe("finished");
    const read = (path: string) => readFileSync(join(half.root, path), "utf8");
    expect(read("econ.yaml")).toBe("mine\n");
    expect(read("inbox/two.md")).toBe("mine\n");
    expect(read("agents/b/agent.json")).toBe("mine\n");
    expect(read("agents/c/deep/x.md")).toBe("new\n");
    expect(status(half)).toBe("A  agents/b/agent.json\n M econ.yaml\n M inbox/two.md\n");
  });

  test("keeps a committed file that is called like one of its own half-written ones", async () => {
    const { repo } = await makeWorld();
    write(repo.root, `${TEMPORARY}${NOBODY}-1`, "mine\n");
    git(repo.top, "add", "-A");
    git(repo.top, "commit", "-qm", "mine");
    const half = await halfCommitted(repo, git(repo.top, "rev-parse", "HEAD").trim());
    write(half.root, `${TEMPORARY}${NOBODY}-2`, "half");
    expect(must(await repair(half))).toBe("finished");
    expect(readdirSync(half.root).filter((name) => name.startsWith(TEMPORARY))).toEqual([
      `${TEMPORARY}${NOBODY}-1`,
    ]);
    expect(status(half)).toBe("");
  });

  test("does not bring back what a person's own commit changed since", async () => {
    const { repo, base } = await makeWorld();
    const half = await halfCommitted(repo, base);
    git(half.top, "commit", "-qm", "put back", "econ.yaml");
    expect(must(await repair(half))).toBe("finished");
    expect(readFileSync(join(half.root, "econ.yaml"), "utf8")).toBe("rules: 1\n");
    expect(readFileSync(join(half.root, "inbox/two.md"), "utf8")).toBe("second\n");
    expect(expectWhole(half, base)).toBe("after");
  });

  test("undoes a commit that never reached the branch, drops one that a person left", async () => {
    const { repo, base } = await makeWorld();
    const half = await halfCommitted(repo, base);
    git(half.top, "reset", "-q", "--hard", base);
    expect(must(await repair(half))).toBe("undone");
    expectWhole(half, base);
    const other = await halfCommitted(repo, base);
    git(other.top, "switch", "-q", "-f", "--orphan", "elsewhere");
    git(other.top, "commit", "-q", "--allow-empty", "-m", "elsewhere");
    expect(must(await repair(other))).toBe("dropped");
    expect(status(other)).toBe("");
  });

  test("takes away new versions that somebody was killed over", async () => {
    const { repo } = await makeWorld();
    const names = ["journal.json", "checked", "answers-due", "economy"];
    for (const name of names) write(repo.root, `.econ/${name}.new`, "half");
    expect(must(await repair(repo))).toBe("nothing");
    expect(readdirSync(join(repo.root, ".econ"))).toEqual([]);
  });

  test("knows its own lock, which is whole as soon as it is there", async () => {
    const { repo } = await makeWorld();
    must(await lockIndex(repo));
    const lock = join(repo.gitDir, "index.lock");
    // Of a new file a power cut would leave the name and no byte.
    expect(lstatSync(lock).isFile()).toBe(false);
    expect(must(await repair(repo))).toBe("nothing");
    expect(readdirSync(repo.gitDir)).not.toContain("index.lock");
  });

  test("does not remove a lock that is not its own", async () => {
    const { repo } = await makeWorld();
    write(repo.gitDir, "index.lock", "");
    expect(must(await repair(repo))).toBe("nothing");
    expect(existsSync(join(repo.gitDir, "index.lock"))).toBe(true);
  });

  test("survives a journal that cannot be read", async () => {
    const { repo, base } = await makeWorld();
    write(repo.root, ".econ/journal.json", '{"base": 1');
    expect(must(await repair(repo))).toBe("dropped");
    expectWhole(repo, base);
  });
});
