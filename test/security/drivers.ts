// The sandboxes that this machine has, for the lines that are tried in each of them.
import { readdirSync } from "node:fs";
import type { Sandbox } from "../../src/execution/sandbox.ts";
import { daemonForTests, dockerForTests } from "../execution/dockerd.ts";
import { sandboxForTests, temporaryFolder } from "../execution/ground.ts";
import type { Driver } from "./row.ts";

const scratches = { bubblewrap: temporaryFolder(), worker: temporaryFolder() };

export const DRIVERS: Record<Driver, Sandbox | null> = {
  docker: await dockerForTests(),
  bubblewrap: await sandboxForTests("bubblewrap", scratches.bubblewrap),
  worker: await sandboxForTests("worker", scratches.worker),
};

/** What may be left of a run and must not be: files of the host and containers. */
export async function remains(): Promise<string[]> {
  const files = Object.values(scratches).flatMap((folder) => readdirSync(folder));
  return [...files, ...((await (await daemonForTests())?.settled()) ?? [])];
}
