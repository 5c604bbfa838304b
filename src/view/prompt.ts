// A prompt as it is shown to the human it was bought for. What the agent wrote is fenced by a gutter
// and made harmless; everything outside the gutter is econ's own.
import { SCORE_NAMES } from "../economy/attention.ts";
import type { AnsweredPrompt, Economy, Prompt } from "../economy/state.ts";
import { creditsText } from "./amounts.ts";
import { safeBlock } from "./safe-text.ts";
import type { Look } from "./tables.ts";

export function promptCard(economy: Economy, prompt: Prompt, look: Look): string {
  const { paint, width } = look;
  const paid = `${prompt.id} · paid ${creditsText(prompt.amount)}`;
  const waiting = economy.queue.size > 0 ? ` · ${economy.queue.size} more in the queue` : "";
  return [
    paint.strong(`=== PROMPT FROM ${prompt.agent} ===`),
    paint.quiet(paid + waiting),
    "",
    safeBlock(prompt.content, { width, gutter: "  │ " }),
    "",
  ].join("\n");
}

/** "interesting 7, useful 5, understandable 8". */
export function scoresText(scores: NonNullable<AnsweredPrompt["scores"]>): string {
  return SCORE_NAMES.map((name) => `${name} ${scores[name]}`).join(", ");
}
