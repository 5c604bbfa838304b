// The system calls an agent may not make: as a classic BPF program for bubblewrap's --seccomp, and
// as a profile for Docker, whose own lets agents trace each other and open sockets to the machine's
// hypervisor. A deny list, because an allow list breaks with each new libc: what is refused is what
// reaches into the kernel beyond one's own processes, files and memory.

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

const RETURN_ALLOW = 0x7fff0000;
const RETURN_ERRNO = 0x00050000;
const RETURN_KILL = 0x80000000;

/** Name → number on x86_64 and on aarch64; null where that machine has no such call. */
const DENIED: [string, number | null, number | null][] = [
  ["ptrace", 101, 117],
  ["mount", 165, 40],
  ["umount2", 166, 39],
  ["pivot_root", 155, 41],
  ["chroot", 161, 51],
  ["unshare", 272, 97],
  ["setns", 308, 268],
  ["bpf", 321, 280],
  ["perf_event_open", 298, 241],
  ["userfaultfd", 323, 282],
  ["add_key", 248, 217],
  ["request_key", 249, 218],
  ["keyctl", 250, 219],
  ["process_vm_readv", 310, 270],
  ["process_vm_writev", 311, 271],
  ["kexec_load", 246, 104],
  ["kexec_file_load", 320, 294],
  ["init_module", 175, 105],
  ["finit_module", 313, 273],
  ["delete_module", 176, 106],
  ["swapon", 167, 224],
  ["swapoff", 168, 225],
  ["reboot", 169, 142],
  ["name_to_handle_at", 303, 264],
  ["open_by_handle_at", 304, 265],
  ["acct", 163, 89],
  ["quotactl", 179, 60],
  ["settimeofday", 164, 170],
  ["clock_settime", 227, 112],
  ["adjtimex", 159, 171],
  ["clock_adjtime", 305, 266],
  ["syslog", 103, 116],
  ["sethostname", 170, 161],
  ["setdomainname", 171, 162],
  ["vhangup", 153, 58],
  ["kcmp", 312, 272],
  ["move_pages", 279, 239],
  ["migrate_pages", 256, 238],
  ["fanotify_init", 300, 262],
  ["lookup_dcookie", 212, 18],
  ["iopl", 172, null],
  ["ioperm", 173, null],
  ["modify_ldt", 154, null],
  ["uselib", 134, null],
  // From here on the numbers are the same everywhere.
  ["io_uring_setup", 425, 425],
  ["io_uring_enter", 426, 426],
  ["io_uring_register", 427, 427],
  ["open_tree", 428, 428],
  ["move_mount", 429, 429],
  ["fsopen", 430, 430],
  ["fsconfig", 431, 431],
  ["fsmount", 432, 432],
  ["fspick", 433, 433],
  ["pidfd_getfd", 438, 438],
  ["process_madvise", 440, 440],
  ["mount_setattr", 442, 442],
  ["quotactl_fd", 443, 443],
];

/** AUDIT_ARCH_* and the calls that are judged by their arguments. */
const MACHINES = {
  x64: { audit: 0xc000003e, column: 1, clone: 56, socket: 41, ioctl: 16 },
  arm64: { audit: 0xc00000b7, column: 2, clone: 220, socket: 198, ioctl: 29 },
} as const;

/** AF_UNIX, AF_INET, AF_INET6: the network namespace has nothing but loopback. */
const SOCKET_FAMILIES = [1, 2, 10];
/** TIOCSTI types into the terminal of the one who watches; TIOCLINUX pastes into it. */
const IOCTLS_DENIED = [0x5412, 0x541c];
/** CLONE_NEW*: new namespaces. */
const CLONE_NAMESPACES = 0x7e020000;
const CLONE3 = 435;
const X32_BIT = 0x40000000;

type Instruction = [code: number, ifTrue: number, ifFalse: number, value: number];

const load = (offset: number): Instruction => [0x20, 0, 0, offset];
const loadArgument = (n: number): Instruction => load(16 + 8 * n);
const give = (value: number): Instruction => [0x06, 0, 0, value];
const deny = (errno: number): Instruction => give(RETURN_ERRNO | errno);
const skipUnlessEqual = (value: number, skip: number): Instruction => [0x15, 0, skip, value];
const skipIfEqual = (value: number, skip: number): Instruction => [0x15, skip, 0, value];
const skipUnlessBits = (bits: number, skip: number): Instruction => [0x45, 0, skip, bits];
const skipIfBelow = (value: number, skip: number): Instruction => [0x35, 0, skip, value];

/** The filter for this machine, or null where no table of numbers is known. */
export function seccompFilter(architecture: string): Uint8Array | null {
  if (architecture !== "x64" && architecture !== "arm64") return null;
  const machine = MACHINES[architecture];
  const program: Instruction[] = [
    load(4),
    skipIfEqual(machine.audit, 1),
    give(RETURN_KILL),
    load(0),
    // On x86_64 a second set of numbers (x32) means the same calls.
    ...(architecture === "x64" ? [skipIfBelow(X32_BIT, 1), deny(EPERM)] : []),
  ];
  for (const row of DENIED) {
    const number = row[machine.column];
    if (number !== null) program.push(skipUnlessEqual(number, 1), deny(EPERM));
  }
  // clone3 hides its flags behind a pointer; without it libc falls back to clone.
  program.push(skipUnlessEqual(CLONE3, 1), deny(ENOSYS));
  program.push(skipUnlessEqual(machine.clone, 3));
  program.push(loadArgument(0), skipUnlessBits(CLONE_NAMESPACES, 1), deny(EPERM));
  program.push(load(0), skipUnlessEqual(machine.ioctl, IOCTLS_DENIED.length * 2 + 1));
  program.push(loadArgument(1));
  for (const request of IOCTLS_DENIED) program.push(skipUnlessEqual(request, 1), deny(EPERM));
  program.push(load(0), skipUnlessEqual(machine.socket, SOCKET_FAMILIES.length + 2));
  program.push(loadArgument(0));
  SOCKET_FAMILIES.forEach((family, at) => {
    program.push(skipIfEqual(family, SOCKET_FAMILIES.length - at));
  });
  program.push(deny(EAFNOSUPPORT));
  program.push(give(RETURN_ALLOW));
  return assemble(program);
}

/** By name, because no table of numbers is needed there; Docker's own profile refuses them too. */
const DENIED_BY_NAME = [
  ...["_sysctl", "create_module", "get_kernel_syms", "get_mempolicy", "ipc", "mbind"],
  ...["nfsservctl", "personality", "query_module", "set_mempolicy", "set_mempolicy_home_node"],
  ...["socketcall", "stime", "sysfs", "umount", "ustat", "vm86", "vm86old", "clock_settime64"],
  ...["clock_adjtime64", "fanotify_mark", "memfd_secret"],
];

/** What outlives all processes of a container and is in no file: it would reach the next run. */
const MEMORY_OF_THE_KERNEL = ["shmget", "shmat", "msgget", "semget", "mq_open"];

type Argument = { index: number; op: string; value: number; valueTwo?: number };

/** The same as a seccomp profile of Docker's, in JSON; `lasting` for a container of many runs. */
export function seccompProfile({ lasting }: { lasting: boolean }): string {
  const refuse = (names: string[], errnoRet: number, arg?: Argument) => ({
    names,
    action: "SCMP_ACT_ERRNO",
    errnoRet,
    ...(arg ? { args: [arg] } : {}),
  });
  const named = [...DENIED.map(([name]) => name), ...DENIED_BY_NAME];
  const equal = (index: number, value: number) => ({ index, op: "SCMP_CMP_EQ", value });
  const last = Math.max(...SOCKET_FAMILIES);
  const others = Array.from({ length: last }, (_, family) => family).filter(
    (family) => !SOCKET_FAMILIES.includes(family),
  );
  const beyond = { index: 0, op: "SCMP_CMP_GT", value: last };
  return JSON.stringify({
    defaultAction: "SCMP_ACT_ALLOW",
    archMap: [
      {
        architecture: "SCMP_ARCH_X86_64",
        subArchitectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"],
      },
      { architecture: "SCMP_ARCH_AARCH64", subArchitectures: ["SCMP_ARCH_ARM"] },
    ],
    syscalls: [
      refuse(lasting ? [...named, ...MEMORY_OF_THE_KERNEL] : named, EPERM),
      refuse(["clone3"], ENOSYS),
      ...bitsOf(CLONE_NAMESPACES).map((bit) => {
        const has = { index: 0, op: "SCMP_CMP_MASKED_EQ", value: bit, valueTwo: bit };
        return refuse(["clone"], EPERM, has);
      }),
      ...IOCTLS_DENIED.map((request) => refuse(["ioctl"], EPERM, equal(1, request))),
      ...others.map((family) => refuse(["socket"], EAFNOSUPPORT, equal(0, family))),
      refuse(["socket"], EAFNOSUPPORT, beyond),
    ],
  });
}

function bitsOf(mask: number): number[] {
  return Array.from({ length: 31 }, (_, n) => 2 ** n).filter((bit) => (mask & bit) !== 0);
}

function assemble(program: Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  program.forEach(([code, ifTrue, ifFalse, value], at) => {
    view.setUint16(at * 8, code, true);
    view.setUint8(at * 8 + 2, ifTrue);
    view.setUint8(at * 8 + 3, ifFalse);
    view.setUint32(at * 8 + 4, value >>> 0, true);
  });
  return bytes;
}
