// A clock that jumps while the daemon runs: libfaketime stands between it and the system's clock,
// and reads its offset from a file that the test rewrites.
import { expect, test } from "bun:test";
import { join } from "node:path";
import {
  ENV,
  SANDBOXED,
  said,
  script,
  TOOLKIT,
  temporaryFolder,
  until,
  worldOf,
} from "../e2e/helpers.ts";

const [LIBRARY] = [...new Bun.Glob("usr/lib/**/faketime/libfaketime.so.1").scanSync("/")];
if (!LIBRARY && process.env.CI) throw new Error("libfaketime is missing: apt-get install faketime");
if (!LIBRARY) console.log("tests of the clock are skipped: apt-get install faketime");

/** Seconds from the real time to just before an instant. */
const before = (instant: string) => Math.round((Date.parse(instant) - Date.now()) / 1000) - 2;
const DAY = 86_400;

const JUMPS: [string, () => number][] = [
  ["an hour back", () => -3_600],
  ["ten days back", () => -10 * DAY],
  ["awake after a week", () => 7 * DAY],
  ["summer time begins", () => before("2026-03-29T01:00:00Z")],
  ["summer time ends", () => before("2026-10-25T01:00:00Z")],
  ["a leap second", () => before("2016-12-31T23:59:59Z")],
  ["a leap day", () => before("2028-02-29T00:00:00Z")],
  ["the year 9999", () => before("9999-06-01T00:00:00Z")],
  ["put right", () => 0],
];

test.skipIf(!LIBRARY || !SANDBOXED)(
  "econ serve goes on whatever the clock does",
  async () => {
    const rules = { clock: "wall", "allocation.schedule_seconds": 1, durable: "false" };
    const world = await worldOf({ ada: script("true") }, { rules, credits: { ada: 100_000 } });
    const offset = join(temporaryFolder(), "offset");
    await Bun.write(offset, "+0");
    const child = Bun.spawn(["sh", join(TOOLKIT, "bin/econ"), "--world", world.root, "serve"], {
      env: {
        ...ENV,
        TZ: "Europe/Berlin",
        LD_PRELOAD: `/${LIBRARY}`,
        FAKETIME_TIMESTAMP_FILE: offset,
        FAKETIME_NO_CACHE: "1",
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
      },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const cycle = async () => (await world.economy()).cycle;
    try {
      await until(async () => (await cycle()) >= 1, { what: "the first cycle" });
      for (const [name, seconds] of JUMPS) {
        const from = await cycle();
        const start = performance.now();
        const shift = seconds();
        await Bun.write(offset, `${shift < 0 ? "" : "+"}${shift}`);
        await until(async () => (await cycle()) >= from + 2, { what: `a cycle after: ${name}` });
        // One a second as ever: what was missed is not made up.
        const passed = (performance.now() - start) / 1000;
        expect([name, (await cycle()) - from <= passed + 2]).toEqual([name, true]);
        const { time } = await world.economy();
        const behind = Date.now() / 1000 + shift - Date.parse(time) / 1000;
        expect([name, Math.abs(behind) < DAY]).toEqual([name, true]);
      }
    } finally {
      child.kill("SIGINT");
    }
    const { code, err } = await said(child);
    expect([code, err]).toEqual([0, ""]);
    expect(await world.wrong()).toEqual([]);
  },
  180_000,
);
