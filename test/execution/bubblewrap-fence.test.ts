import { expect, test } from "bun:test";
import { fenceTests } from "./fence.ts";
import { sandboxForTests, shell } from "./ground.ts";

const found = await sandboxForTests("bubblewrap");

fenceTests("bubblewrap", found);

test.skipIf(!found)("in bubblewrap nothing at all below /proc or /sys can be written", async () => {
  if (!found) return;
  const { output } = await shell(found, "find /proc /sys -writable ! -type l 2>/dev/null");
  expect(output).toBe("");
});
