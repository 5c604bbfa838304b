// Which sandbox a world gets: the one asked for or a refusal, never a weaker one in its place.
import { mkdirSync, realpathSync } from "node:fs";
import { accept, type Result, refuse } from "../economy/result.ts";
import type { Rules } from "../economy/rules.ts";
import { docker, unenforcedBy } from "./docker.ts";
import { connectEngine, errorLine } from "./engine.ts";
import { imageRefusal, imageState } from "./image.ts";
import { removeLeftOver } from "./owner.ts";
import { probeBubblewrap, probeCgroups } from "./probe.ts";
import type { Sandbox } from "./sandbox.ts";
import { worker } from "./worker.ts";

export type ChooseOptions = {
  /** A folder for scratch; everything in it may be deleted while no run is on. */
  scratch: string;
  /** The toolkit's own folder: the one with package.json, src and templates. */
  toolkit: string;
  docker?: Rules["execution"]["docker"];
};

/** A sandbox by name: what it is, or why it cannot be had and what to do about it. */
export type Candidate = { name: Sandbox["name"]; found: Result<Sandbox> };

export async function chooseSandbox(
  wanted: Rules["execution"]["sandbox"],
  options: ChooseOptions,
): Promise<Result<Sandbox>> {
  const refusals: string[] = [];
  for (const name of wanted === "auto" ? ORDER : [wanted]) {
    const because = refusals.join("; ") || "it was asked for";
    const found = await sandboxNamed(name, options, because);
    if (found.ok) return found;
    refusals.push(found.reason);
  }
  return refuse(wanted === "auto" ? refusals.join("; ") : remedied(refusals.join("; ")));
}

const ORDER: Sandbox["name"][] = ["docker", "bubblewrap", "worker"];

const remedied = (reason: string) => `${reason}; or set execution.sandbox: auto`;

/** All of them, in the order in which `auto` takes them. */
export async function sandboxCandidates(options: ChooseOptions): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const name of ORDER) {
    candidates.push({ name, found: await sandboxNamed(name, options, "it was asked for") });
  }
  return candidates;
}

async function sandboxNamed(
  name: Sandbox["name"],
  options: ChooseOptions,
  because: string,
): Promise<Result<Sandbox>> {
  const places = resolved(options);
  if (!places.ok) return places;
  if (name === "docker") return dockerIn(places.value);
  if (name === "bubblewrap") return probeBubblewrap(places.value);
  return accept(worker({ ...places.value, cgroups: await probeCgroups(), because }));
}

/** Links are resolved once: newer versions of bubblewrap refuse to mount them. */
function resolved(options: ChooseOptions): Result<ChooseOptions> {
  const { scratch, toolkit } = options;
  try {
    mkdirSync(scratch, { recursive: true });
    const places = { scratch: realpathSync(scratch), toolkit: realpathSync(toolkit) };
    return accept({ ...options, ...places });
  } catch (error) {
    return refuse(`no place for runs: ${error}; make ${scratch} writable`);
  }
}

/** What a dead econ left on the daemon is cleared away on the occasion. */
async function dockerIn(options: ChooseOptions): Promise<Result<Sandbox>> {
  const { scratch, toolkit } = options;
  const { runtime = "", keep_warm: keepWarm = false } = options.docker ?? {};
  const engine = await connectEngine();
  if (!engine.ok) return engine;
  try {
    const state = await imageState(engine.value, toolkit);
    const wrong = imageRefusal(state);
    if (wrong) return refuse(wrong);
    const info = await engine.value.info();
    if (runtime !== "" && !info.runtimes.includes(runtime)) {
      const known = info.runtimes.join(", ");
      return refuse(
        `the Docker daemon has no runtime ${JSON.stringify(runtime)}, only ${known}; ` +
          "install it there, or correct execution.docker.runtime",
      );
    }
    if (runtime !== "" && keepWarm) {
      return refuse(
        "containers are kept warm with the daemon's own runtime only: " +
          'set execution.docker.keep_warm to false, or runtime to ""',
      );
    }
    await removeLeftOver(engine.value);
    const ours = { engine: engine.value, image: state.tag, scratch, runtime, keepWarm };
    return accept(docker(ours, unenforcedBy(info)));
  } catch (error) {
    return refuse(`the Docker daemon does not work: ${errorLine(error)}; see docker info`);
  }
}
