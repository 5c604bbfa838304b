// The hostile inputs of docs/security.md, each tried, and the document held to what came of them.
// After a change of the table: UPDATE=1 sh bin/bun test test/security
import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pLimit from "p-limit";
import { processesWith } from "../execution/ground.ts";
import { DRIVERS, remains } from "./drivers.ts";
import { WORD } from "./greed.ts";
import { TAKES_AWAY } from "./host.ts";
import type { Driver, Line, Trial } from "./row.ts";
import { LINES, tableText } from "./table.ts";
import { TMUX } from "./tmux.ts";

const PAGE = join(import.meta.dir, "../../docs/security.md");
const TESTS = join(import.meta.dir, "..");
/** What is filled in where a test's title is the title of many. */
const OPEN = /\$\{[^}]*\}|%[sij]/g;
/** Runs take cpu time and memory on purpose: more at once would time each other out. */
const atOnce = pLimit(6);
/** Each of these starts a kernel. */
const kernelsAtOnce = pLimit(2);
/** With the wait for the others. */
const PATIENCE_MS = 300_000;

function isThere(needs: Trial["needs"]): boolean {
  if (needs === null) return true;
  if (needs === "groups") return TAKES_AWAY && isThere("bubblewrap") && isThere("docker");
  return (needs === "tmux" ? TMUX : DRIVERS[needs]) !== null;
}

function trialsWhere(needs: Trial["needs"]): [Line, Trial][] {
  return LINES.flatMap((line) =>
    "trials" in line
      ? line.trials.filter((one) => one.needs === needs).map((one): [Line, Trial] => [line, one])
      : [],
  );
}

for (const needs of ["docker", "gVisor", "bubblewrap", "worker", "tmux", "groups", null] as const)
  describe.skipIf(!isThere(needs))(`what is tried ${needs ? `with ${needs}` : "anywhere"}`, () => {
    const sandbox = needs !== null && needs in DRIVERS ? DRIVERS[needs as Driver] : null;
    for (const [{ number, input }, { outcome, attempt }] of trialsWhere(needs))
      test.concurrent(
        `${number}: ${input}: ${outcome}`,
        async () => {
          const room = needs === "gVisor" ? kernelsAtOnce : atOnce;
          expect(await room(async () => attempt(sandbox))).toBe(outcome);
        },
        PATIENCE_MS,
      );
  });

describe("what is stated elsewhere", () => {
  for (const line of LINES)
    if ("file" in line)
      test(`${line.number}: ${line.input}: is stated in ${line.file}`, () => {
        const source = readFileSync(join(TESTS, line.file), "utf8").replace(OPEN, "…");
        const isTitle = (title: string) =>
          [`"${title}"`, `\`${title}\``].some((quoted) => source.includes(quoted));
        expect(line.titles.filter((title) => !isTitle(title))).toEqual([]);
        expect(line.titles).not.toEqual([]);
      });
});

test("every number from 1 to 81 has an answer", () => {
  const answered = new Set(LINES.map(({ number }) => number));
  const all = Array.from({ length: 81 }, (_, n) => n + 1);
  expect(all.filter((number) => !answered.has(number))).toEqual([]);
});

test("docs/security.md shows this table, word for word", () => {
  const [before = "", after = ""] = readFileSync(PAGE, "utf8").split(/^### Money\n.*?(?=^## )/ms);
  const whole = `${before}${tableText()}\n${after}`;
  if (process.env.UPDATE) writeFileSync(PAGE, whole);
  expect(readFileSync(PAGE, "utf8")).toBe(whole);
});

afterAll(async () => {
  expect(processesWith(WORD)).toEqual([]);
  expect(await remains()).toEqual([]);
});
