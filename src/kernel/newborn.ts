// Folders that a person made by hand, as births; one that cannot run is a broken edit.
import { logicOfFolder } from "../agent/logic.ts";
import type { CycleInput } from "../economy/cycle.ts";
import { accept, refuse } from "../economy/result.ts";
import type { Economy } from "../economy/state.ts";
import type { Problem } from "../world/change.ts";
import { workspaceOf } from "../world/layout.ts";
import type { WorldRead } from "../world/read.ts";
import { blocked, type Outcome } from "./outcome.ts";

export function newbornOf(economy: Economy, read: WorldRead): Outcome<CycleInput["newborn"]> {
  const newborn: CycleInput["newborn"] = [];
  const problems: Problem[] = [];
  for (const { id, folder } of read.newborn) {
    const isPerson = economy.people.has(id);
    const logic = isPerson ? refuse(`the name ${id} is a person's`) : logicOfFolder(folder);
    if (logic.ok) newborn.push({ id, logic: logic.value });
    else problems.push({ file: workspaceOf(id), line: null, message: logic.reason });
  }
  return problems.length > 0 ? blocked(...problems) : accept(newborn);
}
