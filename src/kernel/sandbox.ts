// The sandbox of a world, chosen once per process: the choice runs a probe, which costs more than
// a run.
import { join } from "node:path";
import type { Result } from "../economy/result.ts";
import type { Rules } from "../economy/rules.ts";
import {
  type Candidate,
  type ChooseOptions,
  chooseSandbox,
  sandboxCandidates,
} from "../execution/choose.ts";
import type { Sandbox } from "../execution/sandbox.ts";
import { TOOLKIT } from "../execution/toolkit.ts";
import { PRIVATE } from "../world/layout.ts";

const chosen = new Map<string, Promise<Result<Sandbox>>>();

export function sandboxFor(root: string, rules: Rules): Promise<Result<Sandbox>> {
  const { sandbox: wanted, docker } = rules.execution;
  const key = JSON.stringify([wanted, docker, root]);
  const known = chosen.get(key);
  if (known) return known;
  const choice = chooseSandbox(wanted, optionsFor(root, rules));
  chosen.set(key, choice);
  // What failed may work the next time, and with it a better one than the last resort: a daemon
  // must not remember it for ever.
  choice.then(
    (found) => isLasting(found, wanted) || chosen.delete(key),
    () => chosen.delete(key),
  );
  return choice;
}

function isLasting(found: Result<Sandbox>, wanted: Rules["execution"]["sandbox"]): boolean {
  return found.ok && (found.value.name !== "worker" || wanted === "worker");
}

/** What this machine has, one by one, for a person to see. */
export function sandboxesFor(root: string, rules: Rules): Promise<Candidate[]> {
  return sandboxCandidates(optionsFor(root, rules));
}

function optionsFor(root: string, { execution: { docker } }: Rules): ChooseOptions {
  return { scratch: join(root, PRIVATE, "scratch"), toolkit: TOOLKIT, docker };
}
