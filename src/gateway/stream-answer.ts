// A streamed answer on its way to the agent: event by event, at the pace at which the agent reads.
// The counts in it are read along. The last event is held back until the call is settled.
import { type Events, eventsOf, eventText, type StreamEvent } from "./events.ts";
import { capCharge, chargeOf, errorEnd, type OpenCall } from "./open-call.ts";
import type { Upstream } from "./upstream.ts";
import { addCounts, type Counts } from "./usage.ts";
import { type Answer, type ApiError, apiError, errorBody, STREAM_TYPE } from "./wire.ts";

type Progress = {
  call: OpenCall;
  reader: Pick<ReadableStreamDefaultReader<Uint8Array>, "read" | "cancel">;
  events: Events;
  counts: Counts;
  /** What the agent was sent so far. */
  sent: string[];
  /** Bytes of text in it. */
  received: number;
  /** The counts are complete only when the provider has said how much it wrote. */
  counted: boolean;
  ended: boolean;
  /** What the agent is still to get after that. */
  rest: string;
};

export function streamAnswer(
  call: OpenCall,
  { response, redact }: Extract<Upstream, { kind: "answer" }>,
): Answer {
  const { body, headers } = response;
  if (!body || !headers.get("content-type")?.startsWith("text/event-stream")) {
    const error = apiError(502, "the provider's answer is no stream of events");
    const failure = call.calledOff() ? null : error.message;
    void body?.cancel().catch(() => {});
    return errorEnd(call, error, capCharge(call.cap), failure);
  }
  const progress: Progress = {
    call,
    reader: body.getReader(),
    events: eventsOf(redact),
    counts: {},
    sent: [],
    received: 0,
    counted: false,
    ended: false,
    rest: "",
  };
  // Also when nobody reads any more: an agent that is gone reads nothing.
  const stop = () => {
    if (progress.ended) return;
    if (call.calledOff()) finish(progress, null);
    else progress.rest = failedText(progress, String(call.signal.reason));
  };
  call.signal.addEventListener("abort", stop, { once: true });
  if (call.signal.aborted) stop();
  return { status: 200, type: STREAM_TYPE, body: streamOf(progress) };
}

function streamOf(progress: Progress): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        progress.call.busy(true);
        const text = await nextText(progress).finally(() => progress.call.busy(false));
        if (text !== "") controller.enqueue(encoder.encode(text));
        if (progress.ended) controller.close();
      },
      cancel() {
        finish(progress, null);
      },
    },
    { highWaterMark: 1 },
  );
}

/** What the agent gets next; with it the stream may have ended. */
async function nextText(progress: Progress): Promise<string> {
  for (;;) {
    if (progress.ended) return progress.rest;
    const read = await progress.reader.read().catch(() => null);
    if (progress.ended) return progress.rest;
    if (read === null || read.done) return failedText(progress, "the provider's answer was cut");
    const events = progress.events.push(read.value);
    if (events === null) return failedText(progress, "the provider's answer is malformed");
    const text = forward(progress, events);
    if (text !== "") return text;
  }
}

/** The events as text for the agent, up to the one that ends the stream. */
function forward(progress: Progress, events: StreamEvent[]): string {
  let text = "";
  for (const event of events) {
    if (event.type === "error") return text + failedText(progress, messageOf(event));
    take(progress, event);
    const isTooMuch = overrun(progress);
    if (isTooMuch) return text + failedText(progress, isTooMuch);
    const piece = eventText(event);
    progress.sent.push(piece);
    text += piece;
    if (event.type !== "message_stop") continue;
    finish(progress, null);
    return text;
  }
  return text;
}

function take(progress: Progress, { type, data }: StreamEvent): void {
  const { message, usage, delta } = data as {
    message?: { usage?: unknown };
    [key: string]: unknown;
  };
  if (type === "message_start") addCounts(progress.counts, message?.usage);
  if (type === "message_delta") {
    addCounts(progress.counts, usage);
    progress.counted = true;
  }
  if (type !== "content_block_delta" || typeof delta !== "object" || delta === null) return;
  const { text, thinking, partial_json } = delta as Record<string, unknown>;
  for (const piece of [text, thinking, partial_json])
    if (typeof piece === "string") progress.received += Buffer.byteLength(piece);
}

/** No answer of so few tokens is so long. */
const BYTES_PER_TOKEN_MAX = 128;

function overrun({ counts, received, call }: Progress): string | null {
  const { maxTokens } = call;
  const isOver =
    Number(counts.output ?? 0) > maxTokens || received > maxTokens * BYTES_PER_TOKEN_MAX;
  return isOver ? `the answer was cut: it passed the ${maxTokens} tokens that it may have` : null;
}

function messageOf({ data }: StreamEvent): string {
  const { error } = data as { error?: { message?: unknown } };
  const message = error?.message;
  return typeof message === "string" ? message : "the provider failed within its answer";
}

function failedText(progress: Progress, reason: string): string {
  const error: ApiError = apiError(500, reason);
  const text = `event: error\ndata: ${errorBody(error)}\n\n`;
  progress.sent.push(text);
  finish(progress, progress.call.calledOff() ? null : reason);
  return text;
}

/** Once, whoever comes first: the last event, the agent that goes away, the time that is up. */
function finish(progress: Progress, failure: string | null): void {
  if (progress.ended) return;
  progress.ended = true;
  const { call, reader, counts, received, counted, sent } = progress;
  void reader.cancel().catch(() => {});
  const charge = counted ? chargeOf(call, counts, received) : capCharge(call.cap);
  call.end({ status: 200, type: STREAM_TYPE, body: sent.join(""), charge, failure });
}
