// Tables as Parquet, read back by a library that did not write them here.
import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parquetReadObjects } from "hyparquet";
import { writeParquet } from "../../src/lab/parquet.ts";
import { econ } from "../commands/terminal.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), "econ-parquet-"));
  folders.push(folder);
  return folder;
}

async function rowsOf(path: string): Promise<Record<string, unknown>[]> {
  const bytes = readFileSync(path);
  return parquetReadObjects({ file: bytes.buffer.slice(0, bytes.byteLength) as ArrayBuffer });
}

test("any table comes back as it was, and what does not exist as null", async () => {
  const figure = fc.option(fc.double({ noNaN: true }), { nil: null });
  const row = fc.record({ seed: fc.string({ unit: "grapheme" }), a: figure }, { requiredKeys: [] });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (drawn) => {
      const path = join(place(), "t.parquet");
      const rows = drawn.map((own) => ({ seed: "", ...own }));
      writeParquet(path, { text: ["seed"], figures: ["a", "b"], rows });
      const expected = rows.map(({ seed, a = null }) => ({ seed, a, b: null }));
      expect(await rowsOf(path)).toEqual(expected);
    }),
    { numRuns: 25 },
  );
});

test("more rows than one group holds are all there, in order", async () => {
  const path = join(place(), "t.parquet");
  const rows = Array.from({ length: 10_500 }, (_, n) => ({ seed: `seed-${n % 7}`, n: n / 3 }));
  writeParquet(path, { text: ["seed"], figures: ["n"], rows: rows.values() });
  expect(await rowsOf(path)).toEqual(rows);
});

test("a table that breaks off leaves the file that was there", () => {
  const folder = place();
  const path = join(folder, "t.parquet");
  writeFileSync(path, "before");
  function* breaking() {
    yield { seed: "a" };
    throw new Error("gone");
  }
  const table = { text: ["seed"], figures: [], rows: breaking() };
  expect(() => writeParquet(path, table)).toThrow("gone");
  expect(readFileSync(path, "utf8")).toBe("before");
  expect(readdirSync(folder)).toEqual(["t.parquet"]);
});

test("econ lab run --parquet leaves the tables of the CSV with the same figures", async () => {
  const cwd = place();
  const text = "name: tiny\ncycles: 5\nseeds: 2\ncast:\n  genesis: { credits: 300 }\n";
  writeFileSync(join(cwd, "tiny.yaml"), text);
  const { code } = await econ(["lab", "run", "tiny.yaml", "--parquet", "--out", "a"], { cwd });
  expect(code).toBe(0);
  for (const name of ["runs", "cycles"]) {
    const [head = "", ...lines] = readFileSync(join(cwd, "a", `${name}.csv`), "utf8")
      .trimEnd()
      .split("\n");
    const columns = head.split(",");
    const rows = await rowsOf(join(cwd, "a", `${name}.parquet`));
    const cells = rows.map((row) => columns.map((column) => String(row[column] ?? "")).join(","));
    expect(cells).toEqual(lines);
  }
});
