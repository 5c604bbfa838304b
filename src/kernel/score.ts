// Scoring by command does what an editor would: it saves attention/active.md. The mint is the next
// cycle's; no lock is needed, because the file is replaced at once and settles by its prompt's id.
import { join } from "node:path";
import { isScore, SCORE_MAX, SCORE_NAMES } from "../economy/attention.ts";
import { accept, refuse } from "../economy/result.ts";
import type { Answer, Prompt } from "../economy/state.ts";
import { ACTIVE } from "../world/layout.ts";
import { scoredText } from "../world/prose.ts";
import { replaceWorldFile } from "../world/work-files.ts";
import { loadEconomy } from "./load.ts";
import { blockedBy, type Outcome } from "./outcome.ts";

export type Verdict = Omit<Answer, "prompt" | "by"> & { by?: string };

/** Score the active prompt. `expected`: refuse if another prompt is before the human by now. */
export async function scoreActive(
  root: string,
  verdict: Verdict,
  expected?: string,
): Promise<Outcome<Prompt>> {
  for (const name of SCORE_NAMES) {
    if (!isScore(verdict.scores[name]))
      return blockedBy(refuse(`${name}: expected a number from 0 to ${SCORE_MAX}`));
  }
  const loaded = await loadEconomy(root);
  if (!loaded.ok) return loaded;
  const { economy } = loaded.value;
  const prompt = economy.active;
  if (!prompt) return blockedBy(refuse("no prompt is before the human"));
  if (expected && prompt.id !== expected)
    return blockedBy(refuse(`${expected} is no longer before the human; ${prompt.id} is`));
  const by = verdict.by ?? [...economy.people][0] ?? "human";
  const bytes = new TextEncoder().encode(scoredText(prompt, { ...verdict, by }));
  replaceWorldFile(join(root, ACTIVE), { bytes, executable: false }, economy.rules.durable);
  return accept(prompt);
}
