// A request for the Messages API as an agent wrote it, judged before it costs anything. What is
// sent on is built anew from what was understood here: two readers of the same bytes (of a key that
// stands twice, say) need not agree on them. What costs an unknown amount is refused.
import type { Model, Rules } from "../economy/rules.ts";
import { type ApiError, apiError, jsonOf } from "./wire.ts";

export type Understood = {
  /** The world's name of the model. */
  name: string;
  model: Model;
  /** The body as it goes to the provider, but for `max_tokens` and `model`. */
  body: Record<string, unknown>;
  stream: boolean;
  maxTokens: number;
  /** Of `thinking`; 0 where there is none. */
  thinkingTokens: number;
  /** No more input tokens than these; null where only the provider can tell (images). */
  inputMax: number | null;
  /** Bytes of text. 0 where there is more than text: then they say nothing about tokens. */
  textBytes: number;
};

export type Parsed = { ok: true; value: Understood } | { ok: false; error: ApiError };

/** What may stand in a request: what each costs is counted in tokens, or nothing. */
const FIELDS = new Set([
  "cache_control",
  "context_management",
  "max_tokens",
  "messages",
  "metadata",
  "model",
  "output_config",
  "output_format",
  "stop_sequences",
  "stream",
  "system",
  "temperature",
  "thinking",
  "tool_choice",
  "tools",
  "top_k",
  "top_p",
]);

/** Tools that run where the client is. All others run at the provider, at a price of their own. */
const CLIENT_TOOL = /^(custom|(bash|text_editor|computer|memory)_\d+)$/;

/**
 * What the provider writes into a prompt: around it, for the form of an answer, for the use of
 * tools, for a tool that it knows.
 */
const FRAME_TOKENS = 100;
const FORM_TOKENS = 500;
const TOOLS_TOKENS = 1_000;
const KNOWN_TOOL_TOKENS = 2_000;

/** In these a token is at least a byte of the request. */
const TEXT_BLOCKS = new Set([
  "text",
  "thinking",
  "redacted_thinking",
  "tool_use",
  "tool_result",
  "ephemeral",
]);

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Clients that have a list of models name one with its date, "claude-haiku-4-5-20251001". */
const DATE = /-\d{8}$/;

/** The model that a request names: by the world's name for it, or the provider's. */
export function modelNamed(rules: Rules, wanted: unknown): [string, Model] | ApiError {
  const all = Object.entries(rules.models);
  const undated = typeof wanted === "string" ? wanted.replace(DATE, "") : wanted;
  const found =
    all.find(([name]) => name === wanted) ??
    all.find(([, { id }]) => id === wanted) ??
    all.find(([, { id }]) => id === undated);
  if (found) return found;
  const names = all.map(([name]) => name).join(", ") || "none";
  const asked = typeof wanted === "string" ? JSON.stringify(wanted.slice(0, 100)) : "nothing";
  return apiError(404, `model: there is no ${asked}; this world has: ${names}`);
}

export function parseBody(text: string): Fields | ApiError {
  const value = jsonOf(text);
  return isFields(value) ? value : apiError(400, "the body is no JSON object, or too deep a one");
}

/** Everything about a request that can be judged without the provider. */
export function parseRequest(
  rules: Rules,
  fields: Fields,
  headers: Record<string, string>,
): Parsed {
  const found = modelNamed(rules, fields.model);
  if (!Array.isArray(found)) return { ok: false, error: found };
  const [name, model] = found;
  const wrong = betaRefusal(headers) ?? fieldRefusal(fields) ?? toolRefusal(fields.tools);
  if (wrong !== null) return refused(wrong);
  const content = contentOf(fields);
  if (content.refusal !== null) return refused(content.refusal);
  const { max_tokens: maxTokens, stream = false, thinking } = fields;
  if (typeof stream !== "boolean") return refused("stream: expected true or false");
  const thinkingTokens = isFields(thinking) ? (thinking.budget_tokens ?? 0) : 0;
  if (!isWhole(thinkingTokens)) return refused("thinking.budget_tokens: expected a whole number");
  const { model: _, max_tokens: __, ...body } = fields;
  const bytes = Buffer.byteLength(JSON.stringify(body));
  const inputMax = content.isText ? bytes + framing(fields) : null;
  const textBytes = content.isText ? content.textBytes : 0;
  const value = { name, model, body, stream, thinkingTokens, inputMax, textBytes };
  // Where tokens are only counted none are asked for.
  return { ok: true, value: { ...value, maxTokens: isWhole(maxTokens) ? maxTokens : 0 } };
}

function refused(message: string): Parsed {
  return { ok: false, error: apiError(400, message) };
}

const isWhole = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

/** Betas that change the price of a token. */
const DEAR_BETA = /(?:^|,)\s*((?:context-1m|fast-mode|advisor|server-side)[^,]*)/i;

function betaRefusal(headers: Record<string, string>): string | null {
  const [, beta] = DEAR_BETA.exec(headers["anthropic-beta"] ?? "") ?? [];
  return beta === undefined ? null : `anthropic-beta: ${beta} has a price of its own; leave it out`;
}

function fieldRefusal(fields: Fields): string | null {
  const unknown = Object.keys(fields).find((key) => !FIELDS.has(key));
  if (unknown !== undefined) {
    return `${unknown.slice(0, 100)}: what it costs cannot be known before the call; leave it out`;
  }
  const edits = isFields(fields.context_management) ? fields.context_management.edits : undefined;
  const isClearing = (edit: unknown) => isFields(edit) && String(edit.type).startsWith("clear_");
  const list = Array.isArray(edits) ? edits : [];
  if (fields.context_management !== undefined && !list.every(isClearing)) {
    return "context_management: only edits that clear are possible; others cost calls of their own";
  }
  return null;
}

function toolRefusal(tools: unknown): string | null {
  if (tools === undefined) return null;
  if (!Array.isArray(tools)) return "tools: expected a list";
  for (const tool of tools) {
    const type = isFields(tool) ? (tool.type ?? "custom") : "nothing";
    if (typeof type === "string" && CLIENT_TOOL.test(type)) continue;
    const what = String(type).slice(0, 100);
    return `tools: ${what} would run at the provider, at a price of its own; use your own tools`;
  }
  return null;
}

function framing({ tools, output_config, output_format }: Fields): number {
  const isFormed = output_config !== undefined || output_format !== undefined;
  const list = Array.isArray(tools) ? tools : [];
  const known = list.filter((tool) => isFields(tool) && (tool.type ?? "custom") !== "custom");
  const rules = (list.length > 0 ? TOOLS_TOKENS : 0) + (isFormed ? FORM_TOKENS : 0);
  return FRAME_TOKENS + rules + known.length * KNOWN_TOOL_TOKENS;
}

type Content = { refusal: string | null; isText: boolean; textBytes: number };

/** Looks at all that messages and the system prompt hold, however deep; without recursion. */
function contentOf({ messages, system, cache_control, tools }: Fields): Content {
  const content: Content = { refusal: null, isText: true, textBytes: 0 };
  const waiting: unknown[] = [messages, system, { cache_control }];
  // The schemas of tools are the agent's own JSON; only the price of keeping them is looked at.
  if (Array.isArray(tools)) {
    for (const tool of tools) if (isFields(tool)) waiting.push({ c: tool.cache_control });
  }
  while (waiting.length > 0 && content.refusal === null) {
    const value = waiting.pop();
    if (typeof value === "string") content.textBytes += Buffer.byteLength(value);
    else if (Array.isArray(value)) for (const each of value) waiting.push(each);
    else if (isFields(value)) look(value, content, waiting);
  }
  return content;
}

function look(block: Fields, content: Content, waiting: unknown[]): void {
  const { type, ttl } = block;
  if (type === "ephemeral" && ttl !== undefined && ttl !== "5m") {
    content.refusal = "cache_control: only a ttl of 5m has a price here";
    return;
  }
  if ((type === "url" || type === "file") && ("url" in block || "file_id" in block)) {
    content.refusal = `source: the provider would fetch a ${type} for you; send the content itself`;
    return;
  }
  if (typeof type === "string" && !TEXT_BLOCKS.has(type)) content.isText = false;
  // What a tool was called with is the agent's own JSON: text, whatever its keys are.
  const { input, ...own } = block;
  if (type === "tool_use") content.textBytes += Buffer.byteLength(JSON.stringify(input ?? ""));
  else waiting.push(input);
  for (const value of Object.values(own)) waiting.push(value);
}
