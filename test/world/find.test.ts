import { afterAll, expect, test } from "bun:test";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { findWorld } from "../../src/world/find.ts";
import { removeTempFolders, tempFolder } from "./fixture.ts";

afterAll(removeTempFolders);

test("the world is the nearest folder above that has an econ.yaml", () => {
  const root = tempFolder({ "econ.yaml": "#\n", "agents/ada/workspace/main.ts": "" });
  for (const cwd of [root, join(root, "agents/ada/workspace")])
    expect(findWorld({ cwd })).toEqual({ ok: true, value: root });
});

test("else it is the folder `world` here", () => {
  const root = tempFolder({ "world/econ.yaml": "#\n" });
  expect(findWorld({ cwd: root })).toEqual({ ok: true, value: join(root, "world") });
});

test("a folder given by name is that world, or refused", () => {
  const root = tempFolder({ "econ.yaml": "#\n", "b/econ.yaml": "#\n", "c/x": "" });
  expect(findWorld({ cwd: root, world: "b" })).toEqual({ ok: true, value: join(root, "b") });
  const refused = findWorld({ cwd: root, world: "c" });
  expect(refused.ok ? "" : refused.reason).toMatch(/c is not a world.*econ init c/);
});

test("a world inside another is found, unless an agent made it", () => {
  const root = tempFolder({
    "econ.yaml": "#\n",
    "inner/econ.yaml": "#\n",
    "agents/eve/workspace/econ.yaml": "#\n",
    "agents/eve/workspace/agents/x/econ.yaml": "#\n",
    "graveyard/mallory/workspace/econ.yaml": "#\n",
  });
  const from = (path: string) => findWorld({ cwd: join(root, path) });
  expect(from("inner")).toEqual({ ok: true, value: join(root, "inner") });
  for (const path of ["agents/eve/workspace", "agents/eve/workspace/agents/x"])
    expect(from(path)).toEqual({ ok: true, value: root });
  expect(from("graveyard/mallory/workspace")).toEqual({ ok: true, value: root });
});

test("without a world the refusal says how to make one", () => {
  const root = tempFolder();
  mkdirSync(join(root, "world"));
  symlinkSync("/dev/null", join(root, "world/econ.yaml"));
  const refused = findWorld({ cwd: root });
  expect(refused.ok ? "" : refused.reason).toMatch(/econ init my-world/);
});
