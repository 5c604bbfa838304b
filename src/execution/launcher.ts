// The last step on the host's side before a sandbox: a shell that enters the control group, takes
// on the limits and becomes the sandbox. In the shell and not after the start, so that nothing
// runs unlimited even for a moment; with ulimit and not prlimit, which macOS does not have.
import type { Group } from "./cgroup.ts";
import type { Limits } from "./sandbox.ts";

/** A limit that cannot be set was lower already, or is named in `unenforced`. */
const LAUNCH = `
while [ "$1" != -- ]; do echo 0 >"$1" || exit 96; shift; done
ulimit -c 0
ulimit -n 1024 2>/dev/null || :
ulimit -S -t "$2" 2>/dev/null || :
ulimit -H -t $(($2 + 1)) 2>/dev/null || :
ulimit -f "$3" 2>/dev/null || :
[ "$4" = 0 ] || ulimit -v "$4" 2>/dev/null || :
[ "$5" = 0 ] || read -r go || exit 98
shift 5
exec "$@"
`;

/** ulimit counts file sizes in blocks of 512 bytes. */
const BLOCKS_PER_MB = 2048;

/**
 * `addressMb` limits the memory of each process where nothing better does; 0 leaves it out. `waits`
 * is for a line on the input before the sandbox starts: where the kernel takes its time to let a
 * process into a group, the host can do something else meanwhile.
 */
export function launched(
  command: string[],
  group: Group | null,
  limits: Limits,
  { addressMb = 0, waits = false } = {},
): string[] {
  const cpu = Math.max(1, Math.ceil(limits.cpuSeconds));
  const file = Math.ceil(limits.diskMb * BLOCKS_PER_MB);
  const numbers = [cpu, file, Math.ceil(addressMb * 1024), waits ? 1 : 0].map(String);
  const doors = group?.doors ?? [];
  return ["/bin/sh", "-c", LAUNCH, "sh", ...doors, "--", ...numbers, ...command];
}

type Local = { command: string[]; env: Record<string, string>; cwd: string };

/** An open file, or one end of a new pair of sockets. */
type HandedDown = number | "pipe";

/**
 * A process of this host, without its ends. Open files are handed down as 2, 3, 4, …; nothing else
 * is.
 */
export function spawned<Errors extends "pipe" | number = "pipe">(
  { command, env, cwd }: Local,
  { fds = [] as HandedDown[], stdin = true, stderr = "pipe" as Errors } = {},
) {
  return Bun.spawn(command, {
    cwd,
    env,
    stdio: [stdin ? "pipe" : "ignore", "pipe", stderr, ...fds],
    // A session of its own, so that Ctrl-C reaches econ alone, which then ends its runs.
    detached: true,
  });
}
