// The sandboxes that this machine has, for the lines that are tried in each of them.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sandbox } from "../../src/execution/sandbox.ts";
import { daemonForTests, dockerForTests } from "../execution/dockerd.ts";
import { sandboxForTests } from "../execution/ground.ts";
import type { Driver } from "./row.ts";

const scratch = () => mkdtempSync(join(tmpdir(), "econ-test-scratch-"));
const scratches = { bubblewrap: scratch(), worker: scratch() };

/** Everything is dearer in gVisor, minutes in all: docs/testing.md has the command. */
const tryGVisor = process.env.ECON_SWEEP === "all" && Bun.which("runsc") !== null;

export const DRIVERS: Record<Driver, Sandbox | null> = {
  docker: await dockerForTests(),
  gVisor: tryGVisor ? await dockerForTests({ runtime: "runsc" }) : null,
  bubblewrap: await sandboxForTests("bubblewrap", scratches.bubblewrap),
  worker: await sandboxForTests("worker", scratches.worker),
};

/** After all runs: what is left of them and must not be, files of the host and containers. */
export async function remains(): Promise<string[]> {
  const folders = Object.values(scratches);
  const files = folders.flatMap((folder) => readdirSync(folder));
  for (const folder of folders) rmSync(folder, { recursive: true });
  return [...files, ...((await (await daemonForTests())?.settled()) ?? [])];
}
