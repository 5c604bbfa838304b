// What passes between an agent's program and the gateway: a request as it was read, an answer as it
// is sent, and refusals in the provider's own shape, so that any client knows what to do with them.
import { isDeep } from "../economy/lines.ts";
import type { ModelCall } from "./contract.ts";

export type Asked = {
  method: string;
  /** With the query, as the agent sent it. */
  path: string;
  body: string;
  /** Headers of the API that are passed on: its version, its betas. */
  headers: Record<string, string>;
  /** SHA-256 of method, path and body. */
  digest: string;
};

/** Answers one request. `gone` tells that the agent's program no longer waits. */
export type Answerer = (asked: Asked, gone: AbortSignal) => Promise<Answer>;

export type ApiError = { status: number; type: string; message: string };

const TYPES: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  500: "api_error",
  502: "api_error",
  504: "timeout_error",
  529: "overloaded_error",
};

export function apiError(status: number, message: string): ApiError {
  return { status, type: TYPES[status] ?? "api_error", message };
}

export function errorBody({ type, message }: ApiError): string {
  return JSON.stringify({ type: "error", error: { type, message } });
}

/** An answer to the agent: no header but these two reaches it. */
export type Answer = {
  status: number;
  type: string;
  retryAfter?: string;
  body: string | ReadableStream<Uint8Array>;
};

export type WholeAnswer = Answer & { body: string };

export const JSON_TYPE = "application/json";
export const STREAM_TYPE = "text/event-stream; charset=utf-8";

export function errorAnswer(error: ApiError): WholeAnswer {
  return { status: error.status, type: JSON_TYPE, body: errorBody(error) };
}

/** A call that used nothing, as the trace keeps it. */
export function freeCall(asked: Asked, answer: WholeAnswer, model: string): ModelCall {
  const { status, type, body } = answer;
  const nothing = { usage: null, milliTokens: 0, dollars: 0, failed: false };
  return {
    digest: asked.digest,
    model,
    request: jsonOf(asked.body),
    status,
    type,
    body,
    ...nothing,
  };
}

/** The schema of a tool may be deep; nothing that is meant is deeper than this. */
const DEPTH_MAX = 100;

/** Null where it is no JSON, or so deep that it could not be written again. */
export function jsonOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isDeep(value, DEPTH_MAX) ? null : value;
  } catch {
    return null;
  }
}
