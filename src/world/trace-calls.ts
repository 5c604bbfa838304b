// The model calls of a run, as lines of its trace. An agent that talks with a model sends all that
// was said before with every call: a line leaves out what the call before it already had. Nothing
// is left out that answering the same calls again needs.

import { isDeep } from "../economy/lines.ts";
import type { Usage } from "../economy/models.ts";
import { formatAmount, parseAmount } from "../economy/money.ts";
import type { ModelCall } from "../gateway/contract.ts";

/**
 * The request of a line: whole, or by what is new in it. `keys` are all its keys in their order;
 * those that `request` lacks are as in the call before, and `same` of the messages are too. `cut`:
 * it is not kept, because the call used nothing and the request is long.
 */
type RequestLine =
  | { request: unknown }
  | { keys: string[]; same: number; request: Record<string, unknown> }
  | { cut: true };

type CallLine = RequestLine & {
  call: Omit<ModelCall, "request" | "dollars"> & { dollars: string };
  /** The same call, answered alike, so many times running. */
  times?: number;
};

/** Of a request that used nothing: whoever may send any number of them fills no repository. */
const UNUSED_BYTES_MAX = 4 * 1024;
const LEVELS_MAX = 1_000;
/** A run may make no more of them: a line of a trace that somebody wrote may say anything. */
const CALLS_MAX = 1_000;

/** Lines of JSON, each with its end. */
export function callLines(calls: ModelCall[]): string {
  const lines: string[] = [];
  let base: Fields | null = null;
  let last = { text: "", times: 0 };
  const flush = () => {
    if (last.times === 0) return;
    const times = last.times > 1 ? `"times":${last.times},` : "";
    lines.push(`{${times}${last.text.slice(1)}\n`);
  };
  for (const call of calls) {
    const { request, dollars, ...rest } = call;
    const stored = requestLine(call, base);
    const line: CallLine = { call: { ...rest, dollars: formatAmount(dollars) }, ...stored };
    const text = JSON.stringify(line);
    if (text === last.text) {
      last.times += 1;
      continue;
    }
    flush();
    last = { text, times: 1 };
    if (!("cut" in stored) && isFields(request)) base = request;
  }
  flush();
  return lines.join("");
}

/**
 * The calls of a trace, exactly as they were, but for requests that are not kept: those are
 * undefined. Lines of other things are passed over.
 */
export function readCalls(trace: string): ModelCall[] {
  const calls: ModelCall[] = [];
  let base: Fields | null = null;
  for (const line of callLinesIn(trace)) {
    const request = requestOf(line, base);
    const call = { ...line.call, request, dollars: dollarsIn(line) };
    const times = Math.min(line.times ?? 1, CALLS_MAX - calls.length);
    for (let n = 0; n < times; n++) calls.push(call);
    if (isFields(request)) base = request;
  }
  return calls;
}

/** What a person is shown of a call. */
export type CallSummary = {
  model: string;
  status: number;
  failed: boolean;
  times: number;
  usage: Usage | null;
  /** It was not counted, or not truly: the worst case was charged. */
  worst: boolean;
  milliTokens: number;
  /** Millionths of a dollar. */
  dollars: number;
};

/** The same without the texts. */
export function summariesOf(trace: string): CallSummary[] {
  return callLinesIn(trace).map(({ call, times = 1 }) => {
    const { model, status, failed, usage, milliTokens } = call;
    const worst = call.worst === true;
    const dollars = dollarsIn({ call });
    return { model, status, failed, times, usage, worst, milliTokens, dollars };
  });
}

/** Nobody was ever paid less than nothing. */
function dollarsIn({ call }: Pick<CallLine, "call">): number {
  const dollars = parseAmount(call.dollars);
  return dollars.ok ? Math.max(0, dollars.value) : 0;
}

type Fields = Record<string, unknown>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function requestLine({ request, usage }: ModelCall, base: Fields | null): RequestLine {
  // Cut once, cut again: what is read and written anew has to be the same, or no replay would be.
  if (request === undefined || isDeep(request, LEVELS_MAX)) return { cut: true };
  const line = base && isFields(request) ? difference(request, base) : { request };
  if (usage === null && JSON.stringify(line).length > UNUSED_BYTES_MAX) return { cut: true };
  return line;
}

function difference(request: Fields, base: Fields): RequestLine {
  const fresh: [string, unknown][] = [];
  let same = 0;
  for (const [key, value] of Object.entries(request)) {
    const before = Object.hasOwn(base, key) ? base[key] : undefined;
    if (before !== undefined && isSame(value, before)) continue;
    if (key === "messages" && Array.isArray(value) && Array.isArray(before)) {
      same = commonLead(value, before);
      fresh.push([key, value.slice(same)]);
    } else fresh.push([key, value]);
  }
  return { keys: Object.keys(request), same, request: Object.fromEntries(fresh) };
}

function commonLead(a: unknown[], b: unknown[]): number {
  const end = a.findIndex((value, index) => index >= b.length || !isSame(value, b[index]));
  return end < 0 ? a.length : end;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function requestOf(line: CallLine, base: Fields | null): unknown {
  if ("cut" in line) return undefined;
  if (!("keys" in line)) return line.request;
  const before = base ?? {};
  const { request, keys, same } = line;
  const isKnown = (key: string) => [request, before].some((part) => Object.hasOwn(part, key));
  if (!keys.every(isKnown)) return undefined;
  const value = (key: string) => {
    if (!Object.hasOwn(request, key)) return before[key];
    const fresh = request[key];
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    if (key !== "messages" || !Array.isArray(fresh) || !Array.isArray(old)) return fresh;
    return [...old.slice(0, same), ...fresh];
  };
  return Object.fromEntries(keys.map((key) => [key, value(key)]));
}

function callLinesIn(trace: string): CallLine[] {
  return trace.split("\n").flatMap((text) => {
    if (!text.includes('"call":')) return [];
    try {
      const line: unknown = JSON.parse(text);
      return isCallLine(line) ? [line] : [];
    } catch {
      return [];
    }
  });
}

/** Whether a line has the parts that are read here: a person may have edited it. */
function isCallLine(line: unknown): line is CallLine {
  if (!isFields(line) || !isFields(line.call)) return false;
  const { call, keys, same, times, request } = line;
  const texts = [call.digest, call.model, call.type, call.body, call.dollars];
  const usage = call.usage === null || (isFields(call.usage) && isUsage(call.usage));
  const isDelta = keys === undefined || (isFields(request) && areKeys(keys) && isCount(same));
  const isCounted = times === undefined || isCount(times);
  const numbers = [call.status, call.milliTokens].every(isCount);
  const isFailed = typeof call.failed === "boolean";
  const areTexts = texts.every((text) => typeof text === "string");
  return areTexts && usage && isDelta && isCounted && numbers && isFailed;
}

function isUsage({ input, cachedInput, cacheWrite, output }: Fields): boolean {
  return [input, cachedInput, cacheWrite, output].every(isCount);
}

const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;

const areKeys = (value: unknown) =>
  Array.isArray(value) && value.every((key) => typeof key === "string");
