import { describe, expect, test } from "bun:test";
import { seccompFilter } from "../../src/execution/seccomp.ts";

const ALLOWED = "allowed";

/** Runs the program as the kernel would, on one system call. */
function verdict(machine: string, audit: number, number: number, first = 0, second = 0): string {
  const program = seccompFilter(machine) ?? new Uint8Array();
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, number, true);
  data.setUint32(4, audit, true);
  data.setUint32(16, first, true);
  data.setUint32(24, second, true);
  const code = new DataView(program.buffer);
  let loaded = 0;
  for (let at = 0; at < program.length / 8; at++) {
    const value = code.getUint32(at * 8 + 4, true);
    const jump = (holds: boolean) => code.getUint8(at * 8 + (holds ? 2 : 3));
    const instruction = code.getUint16(at * 8, true);
    if (instruction === 0x20) loaded = data.getUint32(value, true);
    else if (instruction === 0x15) at += jump(loaded === value);
    else if (instruction === 0x35) at += jump(loaded >= value);
    else if (instruction === 0x45) at += jump((loaded & value) !== 0);
    else return word(value);
  }
  return "fell off the end";
}

function word(value: number): string {
  if (value === 0x7fff0000) return ALLOWED;
  return value === 0x80000000 ? "killed" : `error ${value & 0xffff}`;
}

const MACHINES = [
  { name: "x64", audit: 0xc000003e, read: 0, mount: 165, clone: 56, socket: 41, ioctl: 16 },
  { name: "arm64", audit: 0xc00000b7, read: 63, mount: 40, clone: 220, socket: 198, ioctl: 29 },
];

for (const { name, audit, read, mount, clone, socket, ioctl } of MACHINES) {
  describe(`the filter of system calls for ${name}`, () => {
    const judge = (number: number, first = 0, second = 0) =>
      verdict(name, audit, number, first, second);

    test("allows what programs need", () => {
      expect(judge(read)).toBe(ALLOWED);
      expect(judge(clone, 0x11)).toBe(ALLOWED);
      expect(judge(ioctl, 0, 0x5413)).toBe(ALLOWED);
      for (const family of [1, 2, 10]) expect(judge(socket, family)).toBe(ALLOWED);
    });

    test("refuses what reaches into the kernel", () => {
      expect(judge(mount)).toBe("error 1");
      expect(judge(425)).toBe("error 1");
      expect(judge(435)).toBe("error 38");
      expect(judge(clone, 0x10000000)).toBe("error 1");
      for (const request of [0x5412, 0x541c]) expect(judge(ioctl, 0, request)).toBe("error 1");
      for (const family of [0, 3, 16, 17, 40]) expect(judge(socket, family)).toBe("error 97");
    });

    test("kills what calls by another machine's numbers", () => {
      expect(verdict(name, 0x40000003, read)).toBe("killed");
    });
  });
}

test("on x86_64 the second set of numbers is refused", () => {
  expect(verdict("x64", 0xc000003e, 0x40000000)).toBe("error 1");
});

test("there is no filter for a machine whose numbers are not known", () => {
  expect(seccompFilter("riscv64")).toBeNull();
});
