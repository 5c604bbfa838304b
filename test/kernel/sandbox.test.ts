// What a process remembers of the sandbox that it once chose for a world.
import { expect, test } from "bun:test";
import { sandboxFor } from "../../src/kernel.ts";
import { living, worldOf } from "../e2e/helpers.ts";

living("the sandbox of a world", () => {
  test("is no longer the last resort when there is a better one again", async () => {
    const world = await worldOf({});
    const { rules } = await world.economy();
    const auto = { ...rules, execution: { ...rules.execution, sandbox: "auto" as const } };
    const path = process.env.PATH;
    process.env.PATH = "/nowhere";
    const without = await sandboxFor(world.root, auto);
    process.env.PATH = path;
    expect(without).toMatchObject({ ok: true, value: { name: "worker" } });
    const again = await sandboxFor(world.root, auto);
    expect(again).toMatchObject({ ok: true, value: { name: expect.not.stringMatching("worker") } });
    expect(await sandboxFor(world.root, auto)).toBe(again);
  });
});
