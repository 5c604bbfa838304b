import { describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { econ } from "./terminal.ts";

describe("wrong usage is exit code 2, one line of what, one of how", () => {
  const cases: [line: string, said: string][] = [
    ["stauts", "econ: unknown command 'stauts'\n(Did you mean status?)\nHow to use it: econ help"],
    ["marktes", "(Did you mean markets?)"],
    ["toString", "unknown command 'toString'"],
    ["status --jsn", "(Did you mean --json?)\nHow to use it: econ help status"],
    ["status now", "too many arguments"],
    ["agent", "missing required argument 'agent'"],
    ["agent new", "econ: what is it to be called? econ agent new NAME"],
    ["agent fork a b", "too many arguments"],
    ["agent adopt x --nmae y", "(Did you mean --name?)"],
    ["agent new x --credits 0", "econ: an amount must be more than 0"],
    ["agent scribe twice", "too many arguments"],
    ["grant scribe", "missing required argument 'credits'"],
    ["grant scribe much", 'econ: "much" is not an amount; write it like 12.5'],
    ["grant scribe 0", "econ: an amount must be more than 0"],
    ["grant scribe -5", "econ: an amount must be more than 0"],
    ["grant scribe 1e3", "is not an amount"],
    ["grant scribe 0.0000001", "is not an amount"],
    ["revive scribe --credits none", '"none" is not an amount'],
    ["tick -n 0", "Expected a whole number from 1 up."],
    ["tick -n 1.5", "Expected a whole number from 1 up."],
    ["history --kind theft", "Allowed choices are endowment, grant, award"],
    ["help stat", "econ: unknown command 'stat'\n(Did you mean status?)"],
    ["stat\u001b[2J\rus\nx", "unknown command 'stat␛[2J␍us↵x'"],
    ["verify \u001b]52;c;T1dO\u0007", "got 1: ␛]52;c;T1dO␇."],
    ["completion tcsh", 'no completion for "tcsh"'],
  ];
  for (const [line, said] of cases)
    test(line, async () => {
      const { code, out, err } = await econ(line.split(" "));
      expect(err).toContain(said);
      expect([code, out]).toEqual([2, ""]);
    });
});

test("--version is the package's", async () => {
  const { version } = await Bun.file(join(import.meta.dir, "../../package.json")).json();
  expect(await econ(["--version"])).toEqual({ code: 0, out: version, err: "" });
});

describe("outside of a world", () => {
  test("`econ doctor` tells of this machine, by the rules of a new world", async () => {
    const nowhere = mkdtempSync(join(tmpdir(), "econ-nowhere-"));
    try {
      const { code, out, err } = await econ(["doctor", "--json"], { cwd: nowhere });
      expect([code, err]).toEqual([0, ""]);
      const { repository, sandboxes, models } = JSON.parse(out);
      expect([repository, sandboxes.length]).toEqual([null, 3]);
      // The environment of these tests' terminal is empty: no key is set in it.
      expect(models).toMatchObject([{ key: "ANTHROPIC_API_KEY", keyIsSet: false }]);
      expect(readdirSync(nowhere)).toEqual([]);
      const other = await econ(["--world", "there", "doctor"], { cwd: nowhere });
      expect([other.code, other.out]).toEqual([1, ""]);
    } finally {
      rmSync(nowhere, { recursive: true });
    }
  });

  const lines = ["status", "agents", "agent x", "markets", "history", "config", "tick", "verify"];
  const acts = ["grant x 1", "tell x hello", "revive x"];
  const moves = ["new x", "adopt .", "fork x", "export x", "import x", "edit x", "show x"];
  for (const line of [...lines, ...acts, ...moves.map((move) => `agent ${move}`)])
    test(`\`econ ${line}\` is refused with exit code 1 and says what to do`, async () => {
      const nowhere = mkdtempSync(join(tmpdir(), "econ-nowhere-"));
      try {
        const { code, out, err } = await econ(line.split(" "), { cwd: nowhere });
        expect([code, out]).toEqual([1, ""]);
        expect(err).toMatch(/^econ: .*econ init/);
      } finally {
        rmSync(nowhere, { recursive: true });
      }
    });
});
