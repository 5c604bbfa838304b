import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { econ } from "../commands/terminal.ts";

const EXPERIMENT = `name: tiny
cycles: 8
seeds: 3
cast:
  genesis: { credits: 300 }
  spammer: { credits: 300 }
treatments:
  usual:
  closed: { human: { taste: none } }
`;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), "econ-lab-"));
  folders.push(folder);
  writeFileSync(join(folder, "tiny.yaml"), EXPERIMENT);
  return folder;
}

const TABLES = ["cycles.csv", "runs.csv", "report.html"];
const read = (folder: string) => TABLES.map((name) => readFileSync(join(folder, name), "utf8"));

describe("econ lab run", () => {
  test("leaves tables and a report that the number of workers does not change", async () => {
    const cwd = place();
    const one = await econ(["lab", "run", "tiny.yaml", "--workers", "1", "--out", "a"], { cwd });
    expect(one.err).toBe("");
    expect(one.code).toBe(0);
    expect(one.out).toContain("6 runs; means ± 95 % over 3 seeds");
    await econ(["lab", "run", "tiny.yaml", "--workers", "4", "--out", "b"], { cwd });
    expect(read(join(cwd, "b"))).toEqual(read(join(cwd, "a")));
    const [cycles = "", runs = ""] = read(join(cwd, "a"));
    expect(runs.trimEnd().split("\n").length).toBe(1 + 6);
    expect(cycles.trimEnd().split("\n").length).toBe(1 + 6 * 8);
  });

  test("does only the runs that are missing, and ends with the same bytes", async () => {
    const cwd = place();
    await econ(["lab", "run", "tiny.yaml", "--out", "a"], { cwd });
    const whole = read(join(cwd, "a"));
    const runs = join(cwd, "a", "runs");
    const files = readdirSync(runs).sort();
    expect(files.length).toBe(6);
    const kept = join(runs, files[1] ?? "");
    const before = statSync(kept).mtimeMs;
    rmSync(join(runs, files[0] ?? ""));
    writeFileSync(join(runs, files[2] ?? ""), "{ half a fi");
    const again = await econ(["lab", "run", "tiny.yaml", "--out", "a", "--json"], { cwd });
    const { treatments } = JSON.parse(again.out);
    expect(treatments[0].measures.alive.n).toBe(3);
    expect(again.err).toContain("4 of 6 runs are done already");
    expect(statSync(kept).mtimeMs).toBe(before);
    expect(read(join(cwd, "a"))).toEqual(whole);
  });

  test("writes into no folder that it did not make", async () => {
    const cwd = place();
    const answer = await econ(["lab", "run", "tiny.yaml", "--out", "."], { cwd });
    expect(answer.code).toBe(1);
    expect(answer.err).toContain("name another with --out");
    expect(readdirSync(cwd)).toEqual(["tiny.yaml"]);
  });

  test("names the file and line of a mistake, and the nearest word for a misspelt name", async () => {
    const cwd = place();
    writeFileSync(join(cwd, "wrong.yaml"), EXPERIMENT.replace("genesis:", "genisis:"));
    const wrong = await econ(["lab", "run", "wrong.yaml"], { cwd });
    expect(wrong.code).toBe(3);
    expect(wrong.err).toContain('wrong.yaml:5: cast.genisis: unknown strategy "genisis"');
    const none = await econ(["lab", "run", "genesis-gain"], { cwd });
    expect(none.err).toContain("did you mean genesis-gains?");
    const what = await econ(["lab", "rnu"], { cwd });
    expect([what.code, what.err]).toEqual([
      2,
      'econ: nothing in the lab is called "rnu": did you mean run?',
    ]);
  });
});

test("econ lab list shows every shipped experiment with what it claims", async () => {
  const { out } = await econ(["lab", "list"]);
  for (const name of ["genesis-gains", "specialist-lives", "wasteful-die", "prices-settle"])
    expect(out).toMatch(new RegExp(`${name} .*[A-Z]`));
});
