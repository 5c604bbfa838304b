// What no sandbox lets out or in, tried from inside. The worker is a plain process: there only what
// would harm no machine is tried, to show what it does not hold.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunResult, Sandbox } from "../../src/execution/sandbox.ts";
import { bun, shell } from "../execution/ground.ts";
import { inDrivers, type Line } from "./row.ts";

const HELD = { docker: "cannot", gVisor: "cannot", bubblewrap: "cannot" };
const NOT_BY_WORKER = { ...HELD, worker: "**can**" };

const KILLED = "killed by SIGKILL";

/** A run that prints what it could do; a fence holds when nothing is printed. */
function could({ ending, output }: RunResult): string {
  if ("detail" in ending && ending.detail === KILLED)
    return "**can**: its own run has crashed then";
  if (ending.kind !== "finished") return `ended: ${JSON.stringify(ending)} ${output}`;
  return output === "" ? "cannot" : "**can**";
}

/** By names and not by `ls`, which fails in some versions of gVisor. */
const FENCED: [number: number, what: string, script: string, inGVisor?: string][] = [
  [42, "read the host's passwords", "cat /etc/shadow 2>/dev/null"],
  [
    42,
    "read the host's home folders",
    "printf '%s\\n' /root*/* /root*/.[!.]* /home/* | grep -v '[*]'",
  ],
  [42, "see the host's processes", "printf '%s\\n' /proc/[0-9]* | awk -F / '$3 > 60'"],
  [42, "write /usr", "touch /usr/x 2>/dev/null && echo wrote"],
  [
    42,
    "write the root",
    "for d in / /etc /opt /node_modules; do touch $d/x 2>/dev/null && echo $d; done",
  ],
  [42, "write the devices' folder", "touch /dev/x 2>/dev/null && echo wrote"],
  [42, "write its briefing", "touch /econ/x 2>/dev/null && echo wrote"],
  [42, "write the toolkit", "touch /econ/source/src/x 2>/dev/null && echo wrote"],
  [
    42,
    "write the kernel's settings",
    // What is below a process of its own is that process's; what is hidden is the null device.
    "find /proc /sys -path '/proc/[1-9]*' -prune -o -writable ! -type l -print 2>/dev/null |" +
      " while read -r place; do test -c $place || echo $place; done",
  ],
  [42, "write another process's memory", "test -w /proc/1/mem && echo can"],
  [42, "find a socket of Docker", "find /run /var /tmp /workspace -name '*.sock' 2>/dev/null"],
  [
    42,
    "gain anything by a program that is set to run as root",
    "su root -c id 2>/dev/null </dev/null; chmod u+s notes.md; mount /x 2>/dev/null",
  ],
  [42, "remove its actions file", "rm -f /econ/actions.jsonl 2>/dev/null && echo removed"],
  [
    42,
    "replace its actions file by a link",
    "ln -sf /etc/passwd /econ/actions.jsonl 2>/dev/null && echo replaced",
  ],
  [
    42,
    "kill process 1",
    "kill -9 1; kill -STOP 1; test -d /proc/1 || echo killed",
    "**can**: its own run has crashed then",
  ],
  [42, "mount", "mount -t tmpfs none /tmp 2>/dev/null && echo mounted"],
  [42, "make a user namespace", "unshare -U true 2>/dev/null && echo made", "**can**"],
  [42, "make a network namespace", "unshare -n true 2>/dev/null && echo made"],
  [41, "see a network device", "tail -n +3 /proc/net/dev | grep -v ' lo:'"],
  [
    80,
    "inherit an open file",
    "for f in /proc/$$/fd/*; do case $f in */[012]|*/10) ;; *) readlink $f;; esac; done",
  ],
  [43, "see a variable of the host", "env | grep -vE '^(PATH|HOME|ECON_HOME|LANG|PWD|HOSTNAME)='"],
];

/** In one run, each in a shell of its own; those of which gVisor makes something else run alone. */
const TOGETHER = FENCED.flatMap(([, , script, inGVisor]) => (inGVisor ? [] : [script]));
const fenced = new Map<Sandbox, Promise<Map<string, string>>>();

/** What each of these printed. */
async function fencedIn(sandbox: Sandbox): Promise<Map<string, string>> {
  const word = (script: string) => `'${script.replaceAll("'", "'\\''")}'`;
  const tries = TOGETHER.map((script, n) => `echo '== ${n}'; sh -c ${word(script)}`);
  const { ending, output } = await shell(sandbox, [...tries, "echo '== end'"].join("\n"));
  const printed = output.split(/^== .*\n/m).slice(1, -1);
  if (ending.kind !== "finished" || printed.length !== TOGETHER.length)
    throw new Error(`ended: ${JSON.stringify(ending)} ${output}`);
  return new Map(TOGETHER.map((script, n) => [script, printed[n] ?? ""]));
}

async function fence(sandbox: Sandbox, script: string): Promise<string> {
  if (!TOGETHER.includes(script)) return could(await shell(sandbox, `${script}; exit 0`));
  const known = fenced.get(sandbox) ?? fencedIn(sandbox);
  fenced.set(sandbox, known);
  return (await known).get(script) === "" ? "cannot" : "**can**";
}

/** The calls that Linux's filter refuses; each that goes through is printed. */
const SYSTEM_CALLS = `
  import { dlopen } from "bun:ffi";
  const syscall = { args: ["i64", "i64", "i64", "i64"], returns: "i64" };
  const { symbols } = dlopen("libc.so.6", { syscall });
  const works = (...words) => Number(symbols.syscall(...words)) !== -1;
  const x64 = process.arch === "x64";
  const numbers = x64
    ? { ptrace: 101, mount: 165, unshare: 272, bpf: 321, keyctl: 250, uring: 425, x32: 0x40000027 }
    : { ptrace: 117, mount: 40, unshare: 97, bpf: 280, keyctl: 219, uring: 425 };
  for (const name in numbers) if (works(numbers[name], 0, 0, 0)) console.log(name);
  for (const family of [1, 2, 10, 16, 17, 38, 40])
    if (works(x64 ? 41 : 198, family, 1, 0) !== family <= 10) console.log("socket", family);
  if (works(x64 ? 41 : 198, 2, 3, 1)) console.log("raw socket");
  if (works(x64 ? 16 : 29, 0, 0x5412, 0)) console.log("TIOCSTI");`;

/** A file of the person's, as the world's own and other agents' are. */
async function withFile(run: (path: string) => Promise<string>): Promise<string> {
  const place = mkdtempSync(join(tmpdir(), "econ-test-secret-"));
  const path = join(place, "secret.txt");
  writeFileSync(path, "only the host knows", { mode: 0o644 });
  try {
    return await run(path);
  } finally {
    rmSync(place, { recursive: true });
  }
}

async function reach(sandbox: Sandbox): Promise<string> {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const script = `
    for (const hostname of ["169.254.169.254", "1.1.1.1", "127.0.0.1"]) {
      const to = { hostname, port: ${listener.port}, socket: { data() {} } };
      await Promise.race([Bun.connect(to), Bun.sleep(200).then(() => { throw 0 })])
        .then(() => console.log(hostname), () => {});
    }
    process.exit();`;
  const result = await bun(sandbox, script);
  listener.stop(true);
  return could(result);
}

/** As a question to a name server would go. */
async function ask(sandbox: Sandbox): Promise<string> {
  let heard = 0;
  const data = () => {
    heard += 1;
  };
  const server = await Bun.udpSocket({ hostname: "127.0.0.1", port: 0, socket: { data } });
  const script = `
    const socket = await Bun.udpSocket({ socket: { error() {} } });
    socket.send("x", ${server.port}, "127.0.0.1");
    console.log("asked");
    await Bun.sleep(200);
    process.exit();`;
  const { output } = await bun(sandbox, script);
  server.close();
  if (!output.startsWith("asked\n")) return `not tried: ${output}`;
  return heard === 0 ? "cannot" : "**can**";
}

/** A socket that has a name and no file belongs to a network namespace. */
async function call(sandbox: Sandbox): Promise<string> {
  const name = `econ-test-${process.pid}-${sandbox.name}`;
  const listener = createServer((socket) => socket.end()).listen(`\0${name}`);
  const script = `
    import { connect } from "node:net";
    const socket = connect("\\0${name}", () => { console.log("reached"); process.exit(); });
    socket.on("error", () => process.exit());`;
  const result = await bun(sandbox, script);
  listener.close();
  return could(result);
}

async function meet(sandbox: Sandbox): Promise<string> {
  const looks =
    "sleep 0.3; echo /workspace/* /tmp/* /dev/shm/*; set /proc/[0-9]*; echo $#; echo x >/tmp/mine";
  const alone = /^\/workspace\/notes.md \/tmp\/\* \/dev\/shm\/\*\n[2345]\n$/;
  const both = await Promise.all([shell(sandbox, looks), shell(sandbox, looks)]);
  return both.every(({ output }) => alone.test(output)) ? "cannot" : "**can**";
}

async function privileges(sandbox: Sandbox): Promise<string> {
  const { output } = await shell(
    sandbox,
    "grep -E '^(Cap|NoNew|Seccomp:)' /proc/self/status; id -u",
  );
  const none = output.match(/^Cap.*\t0{16}$/gm)?.length === output.match(/^Cap/gm)?.length;
  const [own, filter, user] = [output.match(/0{16}$/gm)?.length, "1,2", "10001"];
  const values = output
    .trim()
    .split("\n")
    .map((line) => line.split("\t").at(-1));
  if (own === 5 && values.slice(5).join() === `${filter},${user}`) return "cannot";
  return none && values.slice(-2).join() === `0,${user}` ? NO_FILTER : output;
}

const NO_FILTER = "no capability; the filter is not there, the calls are those of gVisor's kernel";

export const FENCE: Line[] = [
  ...FENCED.map(([number, what, script, gVisor = "cannot"]) =>
    inDrivers(number, what, (sandbox) => fence(sandbox, script), { ...HELD, gVisor }),
  ),
  inDrivers(41, "reach any address, the machine's own among them", reach, NOT_BY_WORKER),
  inDrivers(41, "ask a name server of the machine's", ask, NOT_BY_WORKER),
  inDrivers(41, "reach a socket of the machine's that has a name and no file", call, NOT_BY_WORKER),
  inDrivers(
    42,
    "read a file of the person's, whose path it knows",
    (sandbox) =>
      withFile(async (path) => could(await shell(sandbox, `cat ${path} 2>/dev/null; exit 0`))),
    NOT_BY_WORKER,
  ),
  inDrivers(
    42,
    "write a file of the person's",
    (sandbox) =>
      withFile(async (path) => {
        await shell(sandbox, `echo forged >${path}; exit 0`);
        return readFileSync(path, "utf8") === "forged\n" ? "**can**" : "cannot";
      }),
    NOT_BY_WORKER,
  ),
  inDrivers(
    42,
    "make the system calls that reach into the kernel (ptrace, bpf, keyctl, io_uring, sockets to the hypervisor …)",
    async (sandbox) => could(await bun(sandbox, SYSTEM_CALLS)),
    { ...HELD, gVisor: "**can**" },
  ),
  inDrivers(42, "have a capability, gain one, or be without the filter", privileges, {
    ...HELD,
    gVisor: NO_FILTER,
  }),
  inDrivers(
    42,
    "learn by what paths the toolkit and the world are called on the machine",
    async (sandbox) =>
      could(await shell(sandbox, "grep -o econ-test-scratch /proc/self/mountinfo; exit 0")),
    { docker: "cannot", gVisor: "cannot", bubblewrap: "**can**" },
  ),
  inDrivers(42, "see another run that goes on at the same time", meet, HELD),
];
