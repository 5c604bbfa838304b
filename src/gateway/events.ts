// A stream of server-sent events, cut into its events. What is none, or has no end, is malformed.

/** One event: its JSON, and what the stream says about its type. */
export type StreamEvent = { type: string; data: Record<string, unknown> };

export type Events = {
  /** The events that a further chunk completes; null: this is no stream of events. */
  push(chunk: Uint8Array): StreamEvent[] | null;
};

const EVENT_CHARS_MAX = 4 * 1024 * 1024;

export function eventsOf(redact: (text: string) => string): Events {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  return {
    push(chunk) {
      try {
        rest += decoder.decode(chunk, { stream: true });
        const blocks = rest.split(/\r?\n\r?\n/);
        rest = blocks.pop() ?? "";
        if (rest.length > EVENT_CHARS_MAX) return null;
        return blocks.flatMap((block) => eventIn(redact(block)));
      } catch {
        return null;
      }
    },
  };
}

/** Throws where the data is no JSON object with a type. A comment is no event. */
function eventIn(block: string): StreamEvent[] {
  const lines = block.split(/\r?\n/).filter((line) => line.startsWith("data:"));
  if (lines.length === 0) return [];
  const data = JSON.parse(lines.map((line) => line.slice("data:".length)).join("\n"));
  if (typeof data?.type !== "string") throw new TypeError("an event without a type");
  return [{ type: data.type, data }];
}

export function eventText({ type, data }: StreamEvent): string {
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
