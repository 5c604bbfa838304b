// What a run leaves in its folder, and what of it is handed over to the world.
import type { RunResult, Sandbox } from "../../src/execution/sandbox.ts";
import { shell, text } from "../execution/ground.ts";
import { inDrivers, type Line } from "./row.ts";

/** Beside it lies notes.md, which has to come out as it was. */
const LEFT: [number: number, what: string, script: string, refused: string][] = [
  [21, "a symlink out", "ln -s /etc/passwd out", "out"],
  [21, "a symlink in place of a file", "rm notes.md; ln -s /etc/passwd notes.md", "notes.md"],
  [21, "a symlink in place of a folder", "ln -s /proc/self sub", "sub"],
  [21, "a symlink to its environment", "ln -s /proc/self/environ env", "env"],
  [23, "a hard link", "echo x >one; ln one two; rm -f x", "two"],
  [23, "a fifo", "mkfifo pipe", "pipe"],
  [23, "a device", "mknod null c 1 3 2>/dev/null || mkfifo null", "null"],
  [
    26,
    "a nested repository",
    "mkdir -p sub/.git/hooks; echo x >sub/.git/config",
    "sub/.git/config",
  ],
  [26, "a file that says where a repository is", "echo 'gitdir: /x' >.git", ".git"],
  [26, "a repository in other letters", "mkdir .GIT; echo x >.GIT/config", ".GIT/config"],
  [
    26,
    "a bare repository",
    "mkdir -p b/objects b/refs; echo 'ref: x' >b/HEAD; echo >b/config",
    "b/config",
  ],
  [26, "the root as a bare repository", "mkdir objects refs; echo x >HEAD; echo x >config", "HEAD"],
  [28, "a .gitattributes", "echo '* -text' >.gitattributes", ".gitattributes"],
  [28, "a .gitmodules", "echo x >.gitmodules", ".gitmodules"],
  [
    28,
    "a .mailmap is only a file, which econ's git does not read",
    "echo x >.mailmap; ln -s a b",
    "b",
  ],
  [19, "a name with a newline", "echo x >'a\nb'", "a\\u000ab"],
  [19, "a name with an escape sequence", "echo x >$(printf 'a\\033[2Jb')", "a\\u001b[2Jb"],
  [19, "a name that is not UTF-8", "echo x >$(printf '\\377\\376')", "��"],
  [19, "a name that reads backwards", "echo x >$(printf 'a\\342\\200\\256b')", "a\\u202eb"],
  [16, "two names in one case", "echo x >Memo.txt; echo x >memo.TXT", "memo.TXT"],
  [14, "a name that ends in a dot", "echo x >'notes.'", "notes."],
  [14, "a name that Windows cannot hold", "echo x >con.txt", "con.txt"],
  [14, "a name with a colon", "echo x >'a:b'", "a:b"],
  [14, "a configuration that Bun obeys", "echo 'preload=[\"./x\"]' >bunfig.toml", "bunfig.toml"],
  [20, "a path 40 folders deep", "p=$(printf 'd/%.0s' $(seq 40)); mkdir -p $p; echo x >$p/f", "d/"],
];

const NOT_TAKEN = "not taken over, and told so";
const EVERYWHERE = {
  docker: NOT_TAKEN,
  gVisor: NOT_TAKEN,
  bubblewrap: NOT_TAKEN,
  worker: NOT_TAKEN,
};
/** What may stand beside what was refused. */
const HARMLESS = ["notes.md", "config", "Memo.txt", ".mailmap"];

const SOCKET = `exec bun -e '
  const here = require("net").createServer();
  here.listen("sock", () => process.kill(process.pid, 9));'`;

function takenOver({ ending, refused, workspace }: RunResult, path: string): string {
  if (ending.kind !== "finished") return `ended: ${JSON.stringify(ending)}`;
  const other = [...workspace.keys()].filter((one) => !HARMLESS.includes(one));
  if (other.length > 0) return `taken over: ${other.join(" ")}`;
  if (text(workspace, "notes.md") !== "before") return "notes.md was changed";
  const told = refused.some((one) => one.path.startsWith(path) && one.reason !== "");
  return told ? NOT_TAKEN : `told: ${JSON.stringify(refused)}`;
}

const RACE = `
  ( while :; do ln -sf /etc/passwd notes.md; rm -f notes.md; echo mine >notes.md; done ) 2>/dev/null &
  (trap '' TERM; while :; do mkdir d; echo x >d/f; rm -r d; ln -s / d; rm d; done) 2>/dev/null &
  sleep 0.3; exit 0`;

/** Something goes on swapping files for links while the run ends. */
async function race(sandbox: Sandbox): Promise<string> {
  const { workspace } = await shell(sandbox, RACE);
  const found = text(workspace, "notes.md");
  const own = found === null || ["before", "mine\n", ""].includes(found);
  const others = [...workspace.keys()].filter((path) => !["notes.md", "d/f"].includes(path));
  return own && others.length === 0 ? NEVER : `${found} ${others.join(" ")}`;
}

const NEVER = "never what a link leads to: all processes are dead before the folder is read";

export const LEFT_BEHIND: Line[] = [
  ...LEFT.map(([number, what, script, refused]) =>
    inDrivers(
      number,
      what,
      async (sandbox) => takenOver(await shell(sandbox, script), refused),
      EVERYWHERE,
    ),
  ),
  inDrivers(
    23,
    "a socket",
    async (sandbox) => {
      const { workspace } = await shell(sandbox, SOCKET);
      return [...workspace.keys()].join() === "notes.md" ? "not taken over" : "taken over";
    },
    {
      docker: "not taken over",
      gVisor: "not taken over",
      bubblewrap: "not taken over",
      worker: "not taken over",
    },
  ),
  inDrivers(22, "a link put in a file's place while the folder is read", race, {
    docker: NEVER,
    gVisor: NEVER,
    bubblewrap: NEVER,
    worker: NEVER,
  }),
];
