// The last step on the host's side before a sandbox: a shell that enters the control group, takes
// on the limits and becomes the sandbox. In the shell and not after the start, so that nothing
// runs unlimited even for a moment; with ulimit and not prlimit, which macOS does not have.
import type { Group } from "./cgroup.ts";
import type { Limits } from "./sandbox.ts";

/** A limit that cannot be set was lower already, or is named in `unenforced`. */
const LAUNCH = `
while [ "$1" != -- ]; do echo $$ >"$1" || exit 96; shift; done
ulimit -c 0
ulimit -n 1024 2>/dev/null || :
ulimit -S -t "$2" 2>/dev/null || :
ulimit -H -t $(($2 + 1)) 2>/dev/null || :
ulimit -f "$3" 2>/dev/null || :
[ "$4" = 0 ] || ulimit -v "$4" 2>/dev/null || :
shift 4
exec "$@"
`;

/** ulimit counts file sizes in blocks of 512 bytes. */
const BLOCKS_PER_MB = 2048;

/** `addressMb` limits the memory of each process where nothing better does; 0 leaves it out. */
export function launched(
  command: string[],
  group: Group | null,
  limits: Limits,
  addressMb = 0,
): string[] {
  const cpu = Math.max(1, Math.ceil(limits.cpuSeconds));
  const file = Math.ceil(limits.diskMb * BLOCKS_PER_MB);
  const numbers = [cpu, file, Math.ceil(addressMb * 1024)].map(String);
  return ["/bin/sh", "-c", LAUNCH, "sh", ...(group?.doors ?? []), "--", ...numbers, ...command];
}
