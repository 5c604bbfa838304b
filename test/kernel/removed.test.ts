// An agent that a person removed is known for as long as it takes a cycle to let it die, also when
// the removal was committed on the way.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { grantCredits } from "../../src/economy/acts.ts";
import { act, createWorld, loadEconomy, tick, verifyWorld } from "../../src/kernel.ts";

let folder = "";
let root = "";
const options = { command: "test", durable: false };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "econ-removed-"));
  root = join(folder, "world");
  // Without credits to begin with there is no account to remember it by: only its bid.
  const settings: [string, string][] = [
    ["resources.cpu_seconds.initial_price", "0"],
    ["resources.memory_mb.initial_price", "0"],
  ];
  const cast = { genesis: { template: "genesis" }, poor: { template: "idler", credits: 0 } };
  const made = await createWorld(root, { preset: "default", settings, cast, durable: false });
  expect(made).toMatchObject({ ok: true });
  rmSync(join(root, "agents/poor"), { recursive: true });
});

afterEach(() => rmSync(folder, { recursive: true }));

test("before anything else happened", async () => {
  expect(await loadEconomy(root)).toMatchObject({ ok: true });
  expect(await verifyWorld(root)).toEqual([]);
});

test("nothing can be given to it any more: that would bring half of it back", async () => {
  const granted = await act(root, { ...options, subject: "x" }, (economy) =>
    grantCredits(economy, { to: "poor", amount: 1_000_000, memo: "x" }),
  );
  expect(granted).toMatchObject({ ok: false });
});

test("after an act of a person has committed the removal", async () => {
  const grant = { to: "genesis", amount: 1_000_000, memo: "x" };
  const granted = await act(root, { ...options, subject: "x" }, (economy) =>
    grantCredits(economy, grant),
  );
  expect(granted).toMatchObject({ ok: true });
  expect(await verifyWorld(root)).toEqual([]);
  const done = await tick(root, options);
  expect(done.ok ? done.value.events : done.problems).toContainEqual({
    kind: "died",
    agent: "poor",
    text: "poor died: a person removed its folder",
  });
});
