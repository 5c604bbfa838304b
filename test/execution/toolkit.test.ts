import { expect, test } from "bun:test";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toolkitFiles } from "../../src/execution/toolkit.ts";
import { TOOLKIT, temporaryFolder } from "./ground.ts";

test("what a sandbox is given is all that an agent's side imports, minds included", () => {
  const base = temporaryFolder();
  const outside = join(base, "project");
  // As an installer does that puts packages beside the toolkit: then each is named.
  mkdirSync(join(outside, "econ"), { recursive: true });
  symlinkSync(join(TOOLKIT, "node_modules"), join(outside, "node_modules"));
  for (const part of ["src", "package.json"])
    cpSync(join(TOOLKIT, part), join(outside, "econ", part), { recursive: true });
  const inside = join(base, "inside");
  for (const [host, place] of toolkitFiles(join(outside, "econ")))
    cpSync(host, join(inside, place), { recursive: true, dereference: true });
  const files = ["index.ts", "command.ts", "mind/live.ts"];
  const imports = files.map((file) => `await import("./src/agent/${file}");`).join("\n");
  writeFileSync(join(inside, "all.ts"), `${imports}\nconsole.log("all there");\n`);
  const run = Bun.spawnSync([process.execPath, "--no-install", join(inside, "all.ts")]);
  expect([run.stderr.toString(), run.stdout.toString()]).toEqual(["", "all there\n"]);
}, 60_000);
