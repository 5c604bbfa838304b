// One call to a provider: the key, the attempts, what became of it. A call is made again only where
// it cannot have cost anything: the provider said that it is too busy, or was not reached.
import type { Model } from "../economy/rules.ts";
import { type ApiError, apiError } from "./wire.ts";

export type Upstream =
  | { kind: "answer"; response: Response; redact: (text: string) => string }
  /** It refused the request: the agent's to put right. */
  | { kind: "refused"; error: ApiError }
  /** It failed. `paid`: nobody knows whether it worked on the call. */
  | { kind: "failed"; error: ApiError; paid: boolean; retryAfter?: string };

export type Asking = {
  model: Model;
  path: string;
  body: unknown;
  headers: Record<string, string>;
  /** Its reason, where that is a text, is why there is no answer. */
  signal: AbortSignal;
  /** The first pause between two attempts; each next one is twice as long. */
  pauseMs: number;
};

/** The longest that a call stays open, attempts and pauses included. */
export const CALL_MS_MAX = 300_000;
const ATTEMPTS_MAX = 4;
/** A limit by the minute is waited for. */
const PAUSE_MS_MAX = 60_000;
const TOO_BUSY = new Set([429, 503, 529]);
/** The agent wrote what the provider will not take. All else is others' affair. */
const AGENTS_FAULT = new Set([400, 413, 422]);

export async function ask(asking: Asking): Promise<Upstream> {
  const { model, signal } = asking;
  const key = keyOf(model);
  if (key === null)
    return failed(401, `its key is missing: set ${model.key} where econ runs`, false);
  const { clientFor, post } = await import("./anthropic.ts");
  const client = clientFor({ baseURL: model.base_url, key });
  const redact = redactor(key);
  for (let attempt = 1; ; attempt++) {
    if (signal.aborted) return failed(504, "it was called off", false);
    const posted = await post(client, { ...asking, timeoutMs: CALL_MS_MAX });
    if (posted.kind === "answer") return { kind: "answer", response: posted.response, redact };
    const isLast = attempt === ATTEMPTS_MAX || signal.aborted;
    if (posted.kind === "lost") {
      const reason = typeof signal.reason === "string" ? signal.reason : posted.reason;
      return failed(504, `no answer: ${reason}`, true);
    }
    const pause = isLast ? null : pauseBefore(posted, asking.pauseMs * 2 ** (attempt - 1));
    if (pause !== null && (await rested(pause, signal))) continue;
    if (posted.kind === "unreached") return failed(502, `not reached: ${posted.reason}`, false);
    const { status, type, message, retryAfter } = posted;
    const error = { status: sane(status), type: redact(type), message: redact(message) };
    if (isAgentsFault(error)) return { kind: "refused", error };
    const after = retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? { retryAfter } : {};
    return { kind: "failed", error, paid: false, ...after };
  }
}

/** From the environment at the time of the call, so that it stands nowhere else. */
function keyOf({ key }: Model): string | null {
  const value = process.env[key]?.trim() ?? "";
  return /^[\x21-\x7e]{1,1000}$/.test(value) ? value : null;
}

/** A shorter key is none, but a word for a model that asks for no key: "none", "local", "x". */
const SECRET_CHARS_MIN = 8;

/** A provider may quote the key it was given: no text of it reaches the agent or the world. */
function redactor(key: string): (text: string) => string {
  if (key.length < SECRET_CHARS_MIN) return (text) => text;
  const escaped = JSON.stringify(key).slice(1, -1);
  return (text) => text.replaceAll(key, "[key]").replaceAll(escaped, "[key]");
}

function failed(status: number, message: string, paid: boolean): Upstream {
  return { kind: "failed", error: apiError(status, message), paid };
}

/** What is no error status (a redirect) reads as a failure of the provider. */
const sane = (status: number) => (status >= 400 && status <= 599 ? status : 502);

/** That the operator's account is empty comes as a bad request. */
function isAgentsFault({ status, message }: ApiError): boolean {
  return AGENTS_FAULT.has(status) && !/credit balance/i.test(message);
}

type Retryable =
  | { kind: "unreached" }
  | { kind: "error"; status: number; retryAfter: string | null };

/** How long to wait before it is tried again; null: not to be tried again. */
function pauseBefore(posted: Retryable, pauseMs: number): number | null {
  if (posted.kind === "unreached") return Math.min(pauseMs, PAUSE_MS_MAX);
  if (!TOO_BUSY.has(posted.status)) return null;
  const wanted = Number(posted.retryAfter ?? 0) * 1_000;
  if (Number.isNaN(wanted)) return Math.min(pauseMs, PAUSE_MS_MAX);
  return wanted > PAUSE_MS_MAX ? null : Math.min(Math.max(wanted, pauseMs), PAUSE_MS_MAX);
}

/** False if the call was called off meanwhile. */
function rested(ms: number, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(true), ms);
  const off = () => {
    clearTimeout(timer);
    resolve(false);
  };
  signal.addEventListener("abort", off, { once: true });
  if (signal.aborted) off();
  return promise.finally(() => signal.removeEventListener("abort", off));
}
