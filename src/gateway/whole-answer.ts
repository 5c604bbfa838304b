// What became of a call at the provider, as the agent's answer: an error, a stream, or a message in
// one piece, which is read to its end here.
import { capCharge, chargeOf, errorEnd, type OpenCall } from "./open-call.ts";
import { streamAnswer } from "./stream-answer.ts";
import type { Upstream } from "./upstream.ts";
import { addCounts, type Counts } from "./usage.ts";
import { type Answer, apiError, JSON_TYPE } from "./wire.ts";

/** From the provider's answer to the agent's. */
export async function answerFrom(call: OpenCall, upstream: Upstream): Promise<Answer> {
  if (upstream.kind === "refused") return errorEnd(call, upstream.error, null, null);
  if (upstream.kind === "failed") {
    const { error, paid, retryAfter } = upstream;
    const failure = call.calledOff() ? null : error.message;
    return errorEnd(call, error, paid ? capCharge(call.cap) : null, failure, retryAfter);
  }
  if (call.understood.stream) return streamAnswer(call, upstream);
  return wholeAnswer(call, upstream);
}

const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

async function wholeAnswer(
  call: OpenCall,
  { response, redact }: Extract<Upstream, { kind: "answer" }>,
): Promise<Answer> {
  const text = await readWhole(response, call.signal);
  const message = text === null ? null : messageIn(text);
  if (text === null || message === null) {
    const reason = "the provider's answer was cut or malformed";
    const failure = call.calledOff() ? null : reason;
    return errorEnd(call, apiError(502, reason), capCharge(call.cap), failure);
  }
  const counts: Counts = {};
  addCounts(counts, message.usage);
  const received = Buffer.byteLength(JSON.stringify(message.content));
  const body = redact(text);
  const charge = chargeOf(call, counts, received);
  call.end({ status: 200, type: JSON_TYPE, body, charge, failure: null });
  return { status: 200, type: JSON_TYPE, body };
}

type Message = { content: unknown[]; usage?: unknown };

function messageIn(text: string): Message | null {
  try {
    const value = JSON.parse(text);
    return value?.type === "message" && Array.isArray(value.content) ? value : null;
  } catch {
    return null;
  }
}

/** The whole body as text; null if it breaks off, is too long or called off. */
async function readWhole(response: Response, signal: AbortSignal): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  if (!reader) return null;
  const stop = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (signal.aborted) return null;
      if (done) return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
      size += value.length;
      if (size > ANSWER_BYTES_MAX) return null;
      chunks.push(value);
    }
  } catch {
    return null;
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}
