// What `econ agent adopt` finds in a folder, loaded when it is needed.
import { logicOfFolder } from "../agent/logic.ts";
import type { Logic } from "../economy/agents.ts";
import { accept, type Result, refuse } from "../economy/result.ts";
import type { Rules } from "../economy/rules.ts";
import type { Folder } from "../economy/state.ts";
import { readSource } from "../kernel.ts";
import type { Adoption } from "../view/adoption.ts";
import { mindOf } from "../view/portrait.ts";
import { portraitOf } from "../world/portrait.ts";

export { adoptionView } from "../view/adoption.ts";

/** The folder at a path as an agent to be; `from` is what the person called it. */
export function adoptionOf(
  path: string,
  from: string,
  rules: Rules,
): Result<Adoption & { logic: Logic }> {
  const source = readSource(path, rules);
  if (!source.ok) return source;
  const { folder, left } = source.value;
  const logic = logicOfFolder(folder);
  if (!logic.ok) return refuse(`${from}: ${logic.reason}${otherwiseCalled(folder)}`);
  return accept({ from, folder, portrait: portraitOf(folder), left, logic: logic.value });
}

/** Other runtimes read their instructions from files of their own name. */
const INSTRUCTIONS_ELSEWHERE = ["CLAUDE.md", "GEMINI.md", ".pi/SYSTEM.md", "SOUL.md"];

function otherwiseCalled(folder: Folder): string {
  const found = INSTRUCTIONS_ELSEWHERE.find((path) => folder.has(path));
  return found ? `; its ${found} would do, copied to AGENTS.md` : "";
}

export function adoptionJson({ folder, portrait, left }: Adoption, rules: Rules): object {
  const [mind, name] = mindOf(portrait, rules);
  const understood = { ...portrait, mind: `${mind}: ${name}` };
  return { understood, taken: [...folder.keys()], left };
}
