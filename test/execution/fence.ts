// What no sandbox lets out or in, tried from inside: the same for every driver.
import { describe, expect, test } from "bun:test";
import type { Sandbox } from "../../src/execution/sandbox.ts";
import { bun, shell, text } from "./ground.ts";

/** Each prints what it could do; a fence holds when nothing is printed. */
const FENCED: [what: string, script: string][] = [
  ["read the host's passwords", "cat /etc/shadow 2>/dev/null"],
  ["read the host's home folders", "ls /root /home 2>/dev/null"],
  ["see the host's processes", "ls /proc | grep -E '^[0-9]+$' | awk '$1 > 60'"],
  ["write /usr", "touch /usr/x 2>/dev/null && echo wrote"],
  [
    "write the root",
    "for d in / /etc /opt /node_modules; do touch $d/x 2>/dev/null && echo $d; done",
  ],
  ["write devices' folder", "touch /dev/x 2>/dev/null && echo wrote"],
  ["write its briefing", "touch /econ/x 2>/dev/null && echo wrote"],
  ["write the toolkit", "touch /econ/source/src/x 2>/dev/null && echo wrote"],
  [
    "write the kernel's settings",
    // What is below a process of its own is that process's; what is hidden is the null device.
    "find /proc /sys -path '/proc/[1-9]*' -prune -o -writable ! -type l -print 2>/dev/null |" +
      " while read -r place; do test -c $place || echo $place; done",
  ],
  ["write another process's memory", "test -w /proc/1/mem && echo can"],
  ["remove its actions file", "rm -f /econ/actions.jsonl 2>/dev/null && echo removed"],
  [
    "replace its actions file by a link",
    "ln -sf /etc/passwd /econ/actions.jsonl 2>/dev/null && echo replaced",
  ],
  ["kill process 1", "kill -9 1; kill -STOP 1; test -d /proc/1 || echo killed"],
  ["mount", "mount -t tmpfs none /tmp 2>/dev/null && echo mounted"],
  ["make a user namespace", "unshare -U true 2>/dev/null && echo made"],
  ["make a network namespace", "unshare -n true 2>/dev/null && echo made"],
  ["see a network device", "tail -n +3 /proc/net/dev | grep -v ' lo:'"],
  [
    "inherit an open file",
    "for f in /proc/$$/fd/*; do case $f in */[012]|*/10) ;; *) ls -l $f 2>/dev/null;; esac; done",
  ],
  ["see a variable of the host", "env | grep -vE '^(PATH|HOME|ECON_HOME|LANG|PWD|HOSTNAME)='"],
];

const LEFT_BEHIND: [what: string, script: string, refused: string][] = [
  ["a symlink out", "ln -s /etc/passwd out", "out"],
  ["a symlink in place of a file", "rm notes.md; ln -s /etc/passwd notes.md", "notes.md"],
  ["a hard link", "echo x >one; ln one two; rm -f x", "two"],
  ["a fifo", "mkfifo pipe", "pipe"],
  ["a nested repository", "mkdir -p sub/.git/hooks; echo x >sub/.git/config", "sub/.git/config"],
  [
    "a bare repository",
    "mkdir -p b/objects b/refs; echo 'ref: x' >b/HEAD; echo >b/config",
    "b/config",
  ],
  ["the root as a bare repository", "mkdir objects refs; echo x >HEAD; echo x >config", "HEAD"],
  ["a name with a newline", "echo x >'a\nb'", "a\\u000ab"],
  ["a name that is not UTF-8", "echo x >$(printf '\\377\\376')", "��"],
  ["a configuration that Bun obeys", "echo 'preload=[\"./x\"]' >bunfig.toml", "bunfig.toml"],
];

export function fenceTests(name: Sandbox["name"], found: Sandbox | null): void {
  const sandbox = found as Sandbox;
  describe.skipIf(!found)(`from inside ${name} one cannot`, () => {
    for (const [what, script] of FENCED) {
      test.concurrent(what, async () => {
        const result = await shell(sandbox, `${script}; exit 0`);
        expect([result.output, result.ending]).toEqual(["", { kind: "finished" }]);
      });
    }

    test.concurrent("reach any address, not even one's own host's", async () => {
      const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
      const script = `
        for (const hostname of ["1.1.1.1", "169.254.169.254", "127.0.0.1"]) {
          const to = { hostname, port: ${listener.port}, socket: { data() {} } };
          await Bun.connect(to).then(() => console.log(hostname), () => {});
        }`;
      const result = await bun(sandbox, script);
      listener.stop(true);
      expect([result.output, result.ending]).toEqual(["", { kind: "finished" }]);
    });

    test.concurrent("make the system calls that reach into the kernel", async () => {
      const script = `
        import { dlopen } from "bun:ffi";
        const syscall = { args: ["i64", "i64", "i64", "i64"], returns: "i64" };
        const { symbols } = dlopen("libc.so.6", { syscall });
        const works = (...words) => Number(symbols.syscall(...words)) !== -1;
        const x64 = process.arch === "x64";
        const numbers = x64
          ? { ptrace: 101, mount: 165, unshare: 272, bpf: 321, keyctl: 250, x32: 0x40000027 }
          : { ptrace: 117, mount: 40, unshare: 97, bpf: 280, keyctl: 219 };
        for (const name in numbers) if (works(numbers[name], 0, 0, 0)) console.log(name);
        for (const family of [1, 2, 10, 16, 17, 38, 40])
          if (works(x64 ? 41 : 198, family, 1, 0) !== family <= 10) console.log("socket", family);
        if (works(x64 ? 16 : 29, 0, 0x5412, 0)) console.log("TIOCSTI");`;
      const result = await bun(sandbox, script);
      expect([result.output, result.ending]).toEqual(["", { kind: "finished" }]);
    });

    test.concurrent("have a capability, gain one, or be without the filter", async () => {
      const { output } = await shell(
        sandbox,
        "grep -E '^(Cap|NoNew|Seccomp:)' /proc/self/status; id -u",
      );
      const values = output
        .trim()
        .split("\n")
        .map((line) => line.split("\t").at(-1));
      expect(values).toEqual([...Array(5).fill("0".repeat(16)), "1", "2", "10001"]);
    });

    test.concurrent("see another run that goes on at the same time", async () => {
      const looks =
        "sleep 0.3; ls /workspace /tmp /dev/shm; ls /proc | grep -cE '^[0-9]+$'; echo x >/tmp/mine";
      const both = await Promise.all([shell(sandbox, looks), shell(sandbox, looks)]);
      for (const { output } of both)
        expect(output).toMatch(/^\/dev\/shm:\n\n\/tmp:\n\n\/workspace:\nnotes.md\n[345]\n$/);
    });
  });

  describe.skipIf(!found)(`the workspace comes out of ${name} without`, () => {
    for (const [what, script, refused] of LEFT_BEHIND) {
      test.concurrent(what, async () => {
        const result = await shell(sandbox, script);
        expect(result.ending).toEqual({ kind: "finished" });
        expect(result.refused.map(({ path }) => path)).toContain(refused);
        expect(text(result.workspace, "notes.md")).toBe("before");
        for (const path of result.workspace.keys()) {
          expect(["notes.md", "config"]).toContain(path);
        }
      });
    }
  });
}
