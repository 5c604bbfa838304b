// Laws of what comes in as bytes while a run lasts: requests of agents, answers of providers, tars
// of containers and of other people's archives.
import { parseAnswer } from "../../src/agent/mind/wire.ts";
import { rulesSchema } from "../../src/economy/rules.ts";
import { readTar } from "../../src/execution/tar.ts";
import { capOf } from "../../src/gateway/estimate.ts";
import { eventsOf, eventText, type StreamEvent } from "../../src/gateway/events.ts";
import { parseBody, parseRequest } from "../../src/gateway/messages-request.ts";
import { addCounts, believable, type Counts } from "../../src/gateway/usage.ts";
import { jsonOf } from "../../src/gateway/wire.ts";
import { asJson, isCount, type Law, reasonWrong, same } from "./owed.ts";

const rules = rulesSchema.parse({});
const [model] = Object.values(rules.models);

/** Refused in the provider's shape, or understood: then what is sent on says the same again. */
function request(text: string): string | null {
  const fields = parseBody(text);
  if ("status" in fields && "message" in fields && typeof fields.status === "number")
    return reasonWrong(String(fields.message));
  const parsed = parseRequest(rules, fields, {});
  if (!parsed.ok) {
    const { status, message } = parsed.error;
    return status === 400 || status === 404 ? reasonWrong(message) : `status ${status}`;
  }
  const { name, body, maxTokens, thinkingTokens, inputMax, textBytes } = parsed.value;
  const counts = [maxTokens, thinkingTokens, textBytes, inputMax ?? 0];
  if (!counts.every(isCount)) return `it counts ${counts}`;
  const sent = JSON.stringify({ model: name, max_tokens: maxTokens, ...body });
  if (inputMax !== null && inputMax < textBytes) return `${textBytes} bytes of ${inputMax} at most`;
  const again = parseRequest(rules, JSON.parse(sent), {});
  if (!again.ok) return `what is sent on would be refused: ${again.error.message}`;
  return same(again.value, asJson(parsed.value)) ? null : "what is sent on is understood otherwise";
}

/** Cut anywhere, a stream is the same events; and what is sent on is the events again. */
function stream(text: string): string | null {
  const bytes = new TextEncoder().encode(text);
  const at = bytes.length >> 1;
  const whole = allEvents([bytes]);
  if (!same(allEvents([bytes.subarray(0, at), bytes.subarray(at)]), whole))
    return "a cut changes it";
  if (whole === null) return null;
  const again = allEvents([new TextEncoder().encode(whole.map(eventText).join(""))]);
  return same(again, asJson(whole)) ? null : "it is sent on otherwise";
}

function allEvents(pieces: Uint8Array[]): StreamEvent[] | null {
  const events = eventsOf((piece) => piece);
  const found: StreamEvent[] = [];
  for (const piece of pieces) {
    const more = events.push(piece);
    if (more === null) return null;
    found.push(...more);
  }
  return found;
}

/** What is believed of a provider's counts is never more than was set aside. */
function answer(text: string): string | null {
  const value = jsonOf(text);
  const read = parseAnswer(value);
  if (read?.usage && !Object.values(read.usage).every(isCount))
    return "the harness sees odd counts";
  if (read && typeof read.text !== "string") return "a text that is none";
  const counts: Counts = {};
  if (typeof value === "object" && value !== null && "usage" in value)
    addCounts(counts, value.usage);
  const cap = capOf(model!, 1_000, 500);
  const usage = believable(counts, { cap, inputMost: 1_000, sent: 0, received: 0 });
  if (usage === null) return null;
  const { output, ...input } = usage;
  const all = Object.values(input).reduce((sum, count) => sum + count, 0);
  return Object.values(usage).every(isCount) && all <= 1_000 && output <= 500
    ? null
    : `believed: ${JSON.stringify(usage)}`;
}

const FILES_MAX = 5;

/** Bytes of a tar of three small files, with their sums put right so that what is hostile is read. */
async function tar(text: string): Promise<string | null> {
  const bytes = summed(Buffer.from(text, "latin1"));
  const half = bytes.length >> 1;
  const { entries, whole } = await readTar([bytes], FILES_MAX);
  const files = entries.filter(({ kind }) => kind === "file");
  if (files.length > FILES_MAX + 1) return `${files.length} files`;
  const size = files.reduce((sum, file) => sum + file.bytes.length, 0);
  if (size > bytes.length) return `${size} bytes out of ${bytes.length}`;
  const odd = entries.find((one) => typeof one.name !== "string" || typeof one.kind !== "string");
  if (odd) return `an entry ${JSON.stringify(odd)}`;
  const pieces = await readTar([bytes.subarray(0, half), bytes.subarray(half)], FILES_MAX);
  return same(pieces, { entries, whole }) ? null : "a cut changes it";
}

const BLOCK = 512;

/** Of each block that could be a header, the sum of its bytes where a header has it. */
function summed(bytes: Buffer): Buffer {
  for (let at = 0; at + BLOCK <= bytes.length; at += BLOCK) {
    const head = bytes.subarray(at, at + BLOCK);
    if (!head.includes("ustar")) continue;
    head.fill(" ", 148, 156);
    const sum = head.reduce((total, byte) => total + byte, 0);
    head.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  }
  return bytes;
}

export const HEARD: Record<string, Law> = { request, stream, answer, tar };
