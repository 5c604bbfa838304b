// What the provider says a call has used. It is believed as far as it can be true: counts that are
// missing, no numbers, more than the call could take or plainly too few are no counts.
import type { Usage } from "../economy/models.ts";
import type { Cap } from "./estimate.ts";

/** Counts as they come in, in one piece or along a stream. */
export type Counts = Partial<Usage>;

const FIELDS: [keyof Usage, string][] = [
  ["input", "input_tokens"],
  ["cachedInput", "cache_read_input_tokens"],
  ["cacheWrite", "cache_creation_input_tokens"],
  ["output", "output_tokens"],
];

/** The counts in a `usage` object; later ones of a stream replace earlier ones. */
export function addCounts(counts: Counts, usage: unknown): void {
  if (typeof usage !== "object" || usage === null) return;
  for (const [ours, theirs] of FIELDS) {
    const value = (usage as Record<string, unknown>)[theirs];
    // Where there is no cache it is null or missing: what is no number is found out below.
    if (value !== undefined && value !== null) counts[ours] = value as number;
  }
}

const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;

/** No token of any tokenizer stands for so many bytes of text. */
const BYTES_PER_TOKEN_MAX = 128;

export type Known = {
  cap: Cap;
  /** The most input tokens that the request can be. */
  inputMost: number;
  /** Bytes of text in the request, and in the answer so far. */
  sent: number;
  received: number;
};

/** The usage, if the counts can be true; null: nobody knows, and the cap has to be charged. */
export function believable(
  counts: Counts,
  { cap, inputMost, sent, received }: Known,
): Usage | null {
  const { input, output, cachedInput = 0, cacheWrite = 0 } = counts;
  if (input === undefined || output === undefined) return null;
  const usage = { input, cachedInput, cacheWrite, output };
  if (!Object.values(usage).every(isCount)) return null;
  const allInput = input + cachedInput + cacheWrite;
  if (allInput > inputMost || output > cap.usage.output) return null;
  if (allInput * BYTES_PER_TOKEN_MAX < sent) return null;
  if (output * BYTES_PER_TOKEN_MAX < received) return null;
  return usage;
}
