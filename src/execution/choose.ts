// Which sandbox a world gets: the one asked for or a refusal, never a weaker one in its place.
import { mkdirSync, realpathSync } from "node:fs";
import { accept, type Result, refuse } from "../economy/result.ts";
import type { Rules } from "../economy/rules.ts";
import { probeBubblewrap, probeCgroups } from "./probe.ts";
import type { Sandbox } from "./sandbox.ts";
import { worker } from "./worker.ts";

export type ChooseOptions = {
  /** A folder for scratch; everything in it may be deleted while no run is on. */
  scratch: string;
  /** The toolkit's own folder: the one with package.json, src and templates. */
  toolkit: string;
};

export async function chooseSandbox(
  wanted: Rules["execution"]["sandbox"],
  options: ChooseOptions,
): Promise<Result<Sandbox>> {
  const places = resolved(options);
  if (!places.ok) return places;
  if (wanted === "worker") return accept(await workerIn(places.value, "it was asked for"));
  const probed = await probeBubblewrap(places.value);
  if (probed.ok) return probed;
  if (wanted === "auto") return accept(await workerIn(places.value, probed.reason));
  return refuse(`${probed.reason}; or set execution.sandbox: auto`);
}

/** Links are resolved once: newer versions of bubblewrap refuse to mount them. */
function resolved({ scratch, toolkit }: ChooseOptions): Result<ChooseOptions> {
  try {
    mkdirSync(scratch, { recursive: true });
    return accept({ scratch: realpathSync(scratch), toolkit: realpathSync(toolkit) });
  } catch (error) {
    return refuse(`no place for runs: ${error}; make ${scratch} writable`);
  }
}

async function workerIn(places: ChooseOptions, because: string): Promise<Sandbox> {
  return worker({ ...places, cgroups: await probeCgroups(), because });
}
