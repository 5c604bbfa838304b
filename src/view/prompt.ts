import type { Economy, Prompt } from "../economy/state.ts";
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
