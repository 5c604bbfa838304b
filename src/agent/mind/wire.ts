// The Messages API as far as the harness speaks it: what it sends, and what came back, parsed. An
// endpoint may be any server that calls itself compatible, so nothing of an answer is believed
// before it was looked at.
import type { Usage } from "../../economy/models.ts";

/** A block of content. What came from the model goes back to it as it came, whatever it is. */
export type Block = { type: string; [key: string]: unknown };
export type Message = { role: "user" | "assistant"; content: Block[] };
export type ToolUse = { id: string; name: string; input: unknown };
export type Tool = { name: string; description: string; input_schema: object };

export type Answer = {
  content: Block[];
  calls: ToolUse[];
  text: string;
  stop: string;
  /** Null: the server did not say, so the worst must be assumed. */
  usage: Usage | null;
};

export function text(words: string): Block {
  return { type: "text", text: words };
}

/** Null: not an answer of this API. */
export function parseAnswer(value: unknown): Answer | null {
  if (!isObject(value) || !Array.isArray(value.content)) return null;
  const content: Block[] = [];
  const calls: ToolUse[] = [];
  for (const block of value.content) {
    if (!isObject(block) || typeof block.type !== "string") return null;
    // The API refuses to be sent the empty texts that it may answer with.
    if (block.type === "text" && !(typeof block.text === "string" && block.text.trim())) continue;
    content.push(block as Block);
    if (block.type !== "tool_use") continue;
    const { id, name, input } = block;
    if (typeof id !== "string" || typeof name !== "string") return null;
    calls.push({ id, name, input });
  }
  const texts = content.flatMap((block) => (block.type === "text" ? [String(block.text)] : []));
  const stop = typeof value.stop_reason === "string" ? value.stop_reason : "end_turn";
  return { content, calls, text: texts.join("\n"), stop, usage: parseUsage(value.usage) };
}

function parseUsage(value: unknown): Usage | null {
  if (!isObject(value)) return null;
  const count = (name: string, otherwise: number | null) => {
    const found = value[name] ?? otherwise;
    return typeof found === "number" && Number.isSafeInteger(found) && found >= 0 ? found : null;
  };
  const input = count("input_tokens", null);
  const output = count("output_tokens", null);
  const cachedInput = count("cache_read_input_tokens", 0);
  const cacheWrite = count("cache_creation_input_tokens", 0);
  if (input === null || output === null || cachedInput === null || cacheWrite === null) return null;
  return { input, output, cachedInput, cacheWrite };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
