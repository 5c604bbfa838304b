// Anthropic's SDK: a client of the Messages API that knows its headers, credentials and errors. The
// gateway speaks with it to a provider, the harness in a sandbox to the gateway. It takes 50 ms to
// load, so whoever may not need it imports this file when the first call is made.
import { Anthropic, APIConnectionError, APIError, APIUserAbortError } from "@anthropic-ai/sdk";

export type ClientOptions = { baseURL: string; key: string };

const ITS_OWN_API = "https://api.anthropic.com";

/**
 * A client of one endpoint. The SDK sends the key as a bearer token; of the endpoints that speak
 * the same API some know only that, some only `x-api-key`, so those get both. It follows no
 * redirect, since that would take the key to another host, logs nothing, whatever the environment
 * says, and makes no call twice by itself: that is for who pays for it. Each call has a connection
 * of its own, because one that breaks on an old connection cannot be told from one that was worked
 * on.
 */
export function clientFor({ baseURL, key }: ClientOptions): Anthropic {
  return new Anthropic({
    baseURL,
    apiKey: key,
    maxRetries: 0,
    logLevel: "off",
    defaultHeaders: new URL(baseURL).origin === ITS_OWN_API ? {} : { "x-api-key": key },
    fetchOptions: { redirect: "manual", keepalive: false },
  });
}

/** What came of one attempt. Only the first kind has cost anything for certain. */
export type Posted =
  | { kind: "answer"; response: Response }
  | { kind: "error"; status: number; type: string; message: string; retryAfter: string | null }
  /** No connection came about: nothing was sent. */
  | { kind: "unreached"; reason: string }
  /** The request may have been worked on; no answer came. */
  | { kind: "lost"; reason: string };

export type Post = {
  path: string;
  body: unknown;
  headers: Record<string, string>;
  signal: AbortSignal;
  /** How long the first byte of an answer may take. */
  timeoutMs: number;
};

/** One attempt at one call, with no retry. Texts in the result are the provider's, or plain. */
export async function post(client: Anthropic, { path, ...options }: Post): Promise<Posted> {
  const { timeoutMs: timeout, ...rest } = options;
  try {
    const response = await client.post(path, { ...rest, timeout, maxRetries: 0 }).asResponse();
    return { kind: "answer", response };
  } catch (error) {
    if (error instanceof APIUserAbortError) return { kind: "lost", reason: "it was called off" };
    if (error instanceof APIConnectionError) return unconnected(error);
    if (error instanceof APIError && error.status !== undefined) return errorOf(error);
    throw error;
  }
}

const UNREACHED = new Map([
  ["ConnectionRefused", "it refuses connections"],
  ["ECONNREFUSED", "it refuses connections"],
  ["ENOTFOUND", "there is no such host"],
  ["FailedToOpenSocket", "no connection came about"],
]);

/** The texts of such errors may quote a header: only their codes are passed on. */
function unconnected({ cause }: APIConnectionError): Posted {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : "";
  const reason = UNREACHED.get(String(code));
  if (reason !== undefined) return { kind: "unreached", reason };
  return { kind: "lost", reason: "the connection broke or took too long" };
}

function errorOf({ status, error, headers }: APIError): Posted {
  const body = detailOf(error);
  const retryAfter = headers?.get("retry-after") ?? null;
  return { kind: "error", status: status ?? 500, ...body, retryAfter };
}

/** `{ type: "error", error: { type, message } }`, as far as it is that. */
function detailOf(body: unknown): { type: string; message: string } {
  const outer: unknown = typeof body === "object" && body !== null ? body : {};
  const inner = (outer as { error?: unknown }).error ?? {};
  const { type, message } = inner as { type?: unknown; message?: unknown };
  return {
    type: typeof type === "string" ? type : "api_error",
    message: typeof message === "string" ? message : "the provider gave no reason",
  };
}
