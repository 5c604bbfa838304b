// A pipe of the kernel's own. Those that Bun gives a process are pairs of sockets, on which a
// program fails that opens its output by name, as `echo >/dev/stderr` does; Bun makes no other, so
// the C library is asked.
import { dlopen } from "bun:ffi";
import { closeSync } from "node:fs";

const CLOSE_ON_EXEC = 0o2000000;
/** Of glibc, and of musl. */
const LIBRARIES = ["libc.so.6", `libc.musl-${process.arch === "x64" ? "x86_64" : "aarch64"}.so.1`];

let open: ((ends: Int32Array, flags: number) => number) | null = null;

/** The function of the first library that is there. Throws where none is. */
function opener(): NonNullable<typeof open> {
  for (const name of LIBRARIES) {
    try {
      return dlopen(name, { pipe2: { args: ["ptr", "i32"], returns: "i32" } }).symbols.pipe2;
    } catch {
      // Another machine, another library.
    }
  }
  throw new Error(`no pipe: none of ${LIBRARIES.join(", ")} can be loaded`);
}

export type Pipe = {
  /** The end to write to, for as long as it takes to hand it down. */
  into<T>(hand: (write: number) => T): T;
  /** All that comes, until nobody has the other end open any more. */
  read(): AsyncIterable<Uint8Array>;
};

export function makePipe(): Pipe {
  open ??= opener();
  const ends = new Int32Array(2);
  if (open(ends, CLOSE_ON_EXEC) !== 0) throw new Error("no pipe: too many open files");
  const [read = -1, write = -1] = ends;
  return {
    into(hand) {
      try {
        return hand(write);
      } catch (error) {
        closeSync(read);
        throw error;
      } finally {
        closeSync(write);
      }
    },
    async *read() {
      try {
        yield* Bun.file(read).stream();
      } finally {
        closeSync(read);
      }
    },
  };
}
