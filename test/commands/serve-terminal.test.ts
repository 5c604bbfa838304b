// The dashboard of `econ serve` at a real terminal (tmux): Ctrl-Z, fg, a terminal hardly there.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { TOOLKIT, temporaryFolder, worldOf } from "../e2e/helpers.ts";
import { TMUX, terminalWith } from "../security/tmux.ts";

describe.skipIf(TMUX === null)("econ serve at a terminal", () => {
  test("gives the screen back at Ctrl-Z, takes it at fg, and fits 20 columns and 5 rows", async () => {
    const world = await worldOf({});
    const terminal = terminalWith("sh -i", { columns: 60, rows: 16, cwd: temporaryFolder() });
    const { type, until, resize, look } = terminal;
    /** Whether the dashboard has the screen, and whether the cursor is seen. */
    const state = () => look("#{alternate_on} #{cursor_flag}");
    const foot = (screen: string) => screen.includes("a cycle every");
    try {
      type(`sh ${join(TOOLKIT, "bin/econ")} --world ${world.root} serve`, "Enter");
      await until(foot);
      expect(state()).toBe("1 0");
      type("C-z");
      await until((screen) => /Suspended|Stopped/.test(screen));
      expect(state()).toBe("0 1");
      type("echo still us''able", "Enter");
      await until((screen) => screen.includes("still usable") && !foot(screen));
      type("fg", "Enter");
      await until(foot);
      expect(state()).toBe("1 0");
      resize(20, 5);
      await until((screen) => foot(screen) && screen.split("\n").length <= 6);
      resize(60, 16);
      await until((screen) => foot(screen) && screen.includes("EVOLUTIONARY"));
      type("C-c");
      await until((screen) => screen.includes("Stopped. Nothing is lost"));
      expect(state()).toBe("0 1");
    } finally {
      terminal.close();
    }
  }, 120_000);
});
