import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { NO_PAINT, paintFor, wantsColor } from "../../src/view/color.ts";
import { type Column, facts, hint, PLAIN, table } from "../../src/view/tables.ts";

const columns: Column[] = [
  { title: "AGENT" },
  { title: "BALANCE", align: "right" },
  { title: "MEMO", flexible: true },
];

describe("tables", () => {
  test("names stand left, numbers right, wide characters keep the line", () => {
    const rows = [
      ["genesis", "1,000", "日本 first"],
      ["a", "2.5", "second"],
    ];
    expect(table(columns, rows, PLAIN)).toMatchInlineSnapshot(`
      "  AGENT    BALANCE  MEMO
        genesis    1,000  日本 first
        a            2.5  second"
    `);
  });

  test("at a terminal the flexible column gives way", () => {
    const rows = [["genesis", "1,000", "a memo that goes on and on"]];
    expect(table(columns, rows, { width: 34, paint: NO_PAINT })).toMatchInlineSnapshot(`
      "  AGENT    BALANCE  MEMO
        genesis    1,000  a memo that g…"
    `);
  });

  test("in a pipe nothing is cut", () => {
    const memo = "x".repeat(1_000);
    expect(table(columns, [["a", "1", memo]], PLAIN)).toContain(memo);
  });

  test("law: no line is wider than the terminal, whatever the cells hold", () => {
    const cell = fc.string({ unit: "grapheme", maxLength: 60 });
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 120 }),
        fc.array(fc.tuple(cell, cell, cell)),
        (width, rows) => {
          for (const line of table(columns, rows, { width, paint: NO_PAINT }).split("\n"))
            expect(Bun.stringWidth(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  test("a cell cannot bring its own escape sequences, and styles do not shift columns", () => {
    const { bad } = paintFor(true);
    const rows = [[{ text: "\u001b[2Jx", style: bad }, "1", ""]];
    const painted = table(columns, rows, { width: 80, paint: paintFor(true) });
    expect(painted).toContain("\u001b[31m␛[2Jx\u001b[39m");
    expect(Bun.stripANSI(painted)).toBe(
      table(columns, rows, { width: 80, paint: NO_PAINT }).replaceAll(/\u001b\[\d+m/g, ""),
    );
  });

  test("a fact keeps part of its value in the narrowest terminal", () => {
    const pairs: [string, string][] = [["Credits in circulation", "1,301.65 (agents 1,301.65)"]];
    const look = { width: 20, paint: NO_PAINT };
    expect(facts(pairs, look)).toBe("  Credits i…  1,301…");
    const hinted = hint("Further back: econ history --agent gone --files", look).split("\n");
    for (const line of hinted) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(20);
  });

  test("hints are wrapped to the terminal", () => {
    expect(hint("Nothing has happened yet here.", { width: 24, paint: NO_PAINT })).toBe(
      "  Nothing has happened\n  yet here.",
    );
  });
});

describe("colour", () => {
  test("only at a terminal, and never against the person's wish", () => {
    expect(wantsColor(true, true, {})).toBe(true);
    expect(wantsColor(false, true, {})).toBe(false);
    expect(wantsColor(true, false, {})).toBe(false);
    expect(wantsColor(true, true, { NO_COLOR: "1" })).toBe(false);
    expect(wantsColor(true, true, { NO_COLOR: "" })).toBe(true);
    expect(wantsColor(true, true, { TERM: "dumb" })).toBe(false);
  });
});
