// The machine and its git as they may be: limits that cannot be had, a repository that is worked on
// meanwhile, a world of another econ.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { chooseSandbox } from "../../src/execution/choose.ts";
import { unenforcedBy } from "../../src/execution/docker.ts";
import { mayRun } from "../../src/execution/trust.ts";
import { ENV, git, script, TOOLKIT, temporaryFolder, type World, worldOf } from "../e2e/helpers.ts";
import { at, daemonWithout } from "../execution/dockerd.ts";
import { type Line, tried } from "./row.ts";

/** Root, on a machine with control groups of version 1, each of which can be taken away alone. */
export const TAKES_AWAY =
  process.getuid?.() === 0 &&
  ["memory", "pids", "cpuacct"].every((name) => existsSync(group(name)));

function group(name: string): string {
  return `/sys/fs/cgroup/${name}`;
}

/** A command of econ on a machine that lacks something: `lose` is what the shell does before it. */
function econWithout(lose: string, flags: string[], words: string[]) {
  const econ = ["sh", join(TOOLKIT, "bin/econ"), ...words];
  const command = ["unshare", ...flags, "sh", "-c", `${lose} && exec "$@"`, "sh", ...econ];
  const done = Bun.spawnSync(command, { env: { ...ENV }, stdin: "ignore" });
  return { out: done.stdout.toString(), err: done.stderr.toString(), code: done.exitCode };
}

type Doctor = { sandbox: string; unenforced: { limit: string; why: string }[] };

/** What doctor says is missing, each with a remedy; and who then runs. */
async function without(lose: string, flags: string[]): Promise<string> {
  const world = await worldOf({ stranger: script("echo ran >log.txt") });
  const made = await world.econ("agent", "new", "own", "--template", "saver");
  if (made.code !== 0) return made.err;
  const at = (...words: string[]) => econWithout(lose, flags, ["--world", world.root, ...words]);
  const said = at("doctor", "--json");
  if (said.code !== 0) return said.err;
  const { sandbox, unenforced }: Doctor = JSON.parse(said.out);
  const unremedied = unenforced.filter(({ why }) => !/; start|; use|; install|install/.test(why));
  if (unremedied.length > 0) return `without a remedy: ${JSON.stringify(unremedied)}`;
  const ticked = at("tick");
  if (ticked.code !== 0) return ticked.err;
  const runs = (id: string) => (world.record(id).executions > 0 ? "runs" : "waits");
  const missing = unenforced.map(({ limit }) => limit).join(", ") || "nothing";
  const told = ticked.out.includes(`does not enforce ${missing}`) ? "" : ", and nobody is told";
  return `${sandbox}; missing: ${missing}; a foreign agent ${runs("stranger")}, the toolkit's own ${runs("own")}${told}`;
}

const lacking = (what: string, missing: string, controller: string): Line =>
  tried(
    46,
    `a machine on which ${what}`,
    "bubblewrap",
    `bubblewrap; missing: ${missing}; a foreign agent waits, the toolkit's own runs`,
    () => without(`umount -l ${controller}`, ["--mount"]),
    "groups",
  );

/** A daemon that lacks one thing after the other, by its own word. */
function daemonsLacking(): string {
  const all = { memory: true, swap: true, processes: true, cpu: true };
  const missing = Object.keys(all).map((name) =>
    unenforcedBy({ ...INFO, limits: { ...all, [name]: false } }),
  );
  missing.push(unenforcedBy({ ...INFO, seccomp: false }));
  if (unenforcedBy(INFO).length > 0) return "something is always missing";
  if (missing.some(([one]) => !one?.why.includes("; "))) return "without a remedy";
  return missing.map((list) => list.map(({ limit }) => limit).join("+")).join(", ");
}

const INFO = {
  limits: { memory: true, swap: true, processes: true, cpu: true },
  seccomp: true,
} as Parameters<typeof unenforcedBy>[0];

/** A real daemon that lacks two of them. */
async function daemonLacking(): Promise<string> {
  const daemon = await daemonWithout(`umount -l ${group("memory")} ${group("pids")}`);
  const choose = () => chooseSandbox("docker", { scratch: temporaryFolder(), toolkit: TOOLKIT });
  const chosen = await at(daemon.host, choose);
  if (!chosen.ok) return chosen.reason;
  const { name, unenforced } = chosen.value;
  const missing = unenforced.map(({ limit }) => limit).join(", ");
  const foreign = mayRun(chosen.value, "auto", new Map(), ["sh"]);
  return `${name}; missing: ${missing}; a foreign agent ${foreign.ok ? "runs" : "waits"}`;
}

/** A person who tidies the repository all the time. */
async function tidied(): Promise<string> {
  const world = await worldOf({ ada: script("date >>log.txt"), bob: script("echo x >>log.txt") });
  const loop = "while :; do git gc --quiet; git repack -adq; done";
  const person = Bun.spawn(["sh", "-c", loop], { cwd: world.root, env: ENV, stderr: "ignore" });
  try {
    await world.tick(4);
  } finally {
    person.kill(9);
    await person.exited;
    await settled(world);
  }
  return whole(await world.wrong());
}

/** A git that was cut off may leave a lock; it is a person's, who removes it. */
async function settled(world: World): Promise<void> {
  const busy = () => Bun.spawnSync(["pgrep", "-f", `git.*${world.root}`]).exitCode === 0;
  for (let n = 0; n < 100 && busy(); n++) await Bun.sleep(20);
  await Bun.sleep(200);
}

async function cloned(): Promise<string> {
  const world = await worldOf({ ada: script("mkdir -p 'a b/ü'; echo x >'a b/ü/c'") });
  await world.tick(2);
  const place = join(temporaryFolder(), "clone");
  git(world.root, "-c", "transfer.fsckObjects=true", "clone", "--quiet", "--no-local", ".", place);
  const names = git(place, "ls-tree", "-r", "-t", "-z", "--name-only", "HEAD").split("\0");
  const wrong = names
    .flatMap((name) => name.split("/"))
    .filter((one) => /^\.{1,2}$|^\.git$/i.test(one));
  return whole([...git(place, "fsck", "--strict").split("\n").filter(Boolean), ...wrong]);
}

const whole = (wrong: string[]) => (wrong.length === 0 ? "nothing is wrong" : wrong.join("; "));

async function ofFormat(text: string): Promise<string> {
  const world = await worldOf({ ada: script() });
  await world.edit("world.json", (before) => before.replace(/ *"format": 1,\n/, text));
  const before = world.head();
  const { code, err } = await world.econ("tick");
  if (world.head() !== before) return "a cycle ran";
  return `exit code ${code}: ${err.split("\n")[0]?.replace(/^econ: /, "")}`;
}

export const HOST: Line[] = [
  tried(
    34,
    "git gc and repack without end, beside the cycles",
    "a whole world",
    "nothing is wrong",
    tidied,
  ),
  tried(35, "a clone that checks every object", "a whole world", "nothing is wrong", cloned),
  lacking("memory cannot be limited", "memory", group("memory")),
  lacking("processes cannot be counted", "processes", group("pids")),
  lacking("cpu time of a run cannot be summed", "cpu", group("cpuacct")),
  tried(
    46,
    "a machine without user namespaces",
    "worker",
    "worker; missing: isolation, disk; a foreign agent waits, the toolkit's own runs",
    () => without("echo 0 >/proc/sys/user/max_user_namespaces", ["--user", "--map-root-user"]),
    "groups",
  ),
  tried(
    46,
    "a Docker daemon on a machine that can limit neither memory nor processes",
    "docker",
    "docker; missing: memory, processes; a foreign agent waits",
    daemonLacking,
    "groups",
  ),
  tried(
    46,
    "one that lacks memory, swap, processes, cpu, the filter of system calls, one by one",
    "what it says of itself",
    "memory, memory, processes, cpu, isolation",
    daemonsLacking,
  ),
  tried(
    70,
    "a world of a later econ",
    "a whole world",
    "exit code 3: world.json:3: format: expected 1, got 2",
    () => ofFormat('  "format": 2,\n'),
  ),
  tried(
    70,
    "a world without a version",
    "a whole world",
    "exit code 3: world.json:1: format: expected 1, but it is missing",
    () => ofFormat(""),
  ),
];
