// The HTTP/1.1 server of one session. Bun's own server reads what the agent sends: a parser of HTTP
// is nothing to write again. It listens on a socket in a folder that only this user may enter, and
// `connect` leads to it, so that a driver carries bytes and nothing else.
import { carry } from "./carry.ts";
import type { Gateway } from "./contract.ts";
import { proxyTo } from "./proxy.ts";
import { makeSocketFolder, removeLeftSockets } from "./socket-folder.ts";
import {
  type Answer,
  type Answerer,
  type ApiError,
  type Asked,
  apiError,
  errorAnswer,
} from "./wire.ts";

export type SessionServer = Pick<Gateway, "connect" | "environment"> & { close(): Promise<void> };

export type Serving = {
  answer: Answerer;
  /** Hosts that are proxied to. */
  hosts: string[];
};

const BODY_BYTES_MAX = 4 * 1024 * 1024;
/** Of all requests of a run: they stand in its trace. */
const SESSION_BYTES_MAX = 32 * 1024 * 1024;
const REQUESTS_MAX = 1_000;
/**
 * A connection on which nobody speaks, and on which no answer is awaited. Bun's types have it for
 * ports only; without it, its sockets end every call after ten seconds.
 */
const IDLE = { idleTimeout: 30 } as object;

export function serveSession({ answer, hosts }: Serving): SessionServer {
  const left = removeLeftSockets();
  const { socket, remove } = makeSocketFolder();
  const limits = { requests: 0, bytes: 0 };
  const server = Bun.serve({
    unix: socket,
    ...IDLE,
    maxRequestBodySize: 2 * BODY_BYTES_MAX,
    async fetch(request) {
      server.timeout(request, 0);
      const asked = await read(request, limits);
      if ("status" in asked) return responseOf(errorAnswer(asked));
      return responseOf(await answer(asked, request.signal));
    },
    error: () => responseOf(errorAnswer(apiError(500, "the gateway failed"))),
  });
  const carried = carry(socket, proxyTo(hosts));
  return {
    connect: carried.connect,
    environment: (port) => environmentOf(port, hosts.length > 0),
    async close() {
      carried.close();
      await server.stop(true);
      remove();
      await left;
    },
  };
}

/** HTTP wants a date. This one is the same whenever a run is played. */
const NO_DATE = "Thu, 01 Jan 1970 00:00:00 GMT";

/** No header differs between two runs. */
function responseOf({ status, type, retryAfter, body }: Answer): Response {
  const again = retryAfter === undefined ? {} : { "retry-after": retryAfter };
  return new Response(body, { status, headers: { "content-type": type, date: NO_DATE, ...again } });
}

async function read(
  request: Request,
  limits: { requests: number; bytes: number },
): Promise<Asked | ApiError> {
  limits.requests += 1;
  if (limits.requests > REQUESTS_MAX) {
    return apiError(429, `one run may make ${REQUESTS_MAX} requests`);
  }
  const bytes = await bodyOf(request, Math.min(BODY_BYTES_MAX, SESSION_BYTES_MAX - limits.bytes));
  if (bytes === null) {
    return apiError(413, "a request may have 4 MB, and all of one run together 32 MB");
  }
  limits.bytes += bytes.length;
  const { pathname, search } = new URL(request.url);
  const path = pathname + search;
  const digest = new Bun.CryptoHasher("sha256").update(`${request.method} ${path}\n`).update(bytes);
  return {
    method: request.method,
    path,
    body: new TextDecoder().decode(bytes),
    headers: passedOn(request.headers),
    digest: digest.digest("hex"),
  };
}

async function bodyOf(request: Request, max: number): Promise<Uint8Array | null> {
  if (Number(request.headers.get("content-length") ?? 0) > max) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (request.body) {
    for await (const chunk of request.body) {
      size += chunk.length;
      if (size > max) return null;
      chunks.push(chunk);
    }
  }
  return Buffer.concat(chunks);
}

const PASSED_ON: Record<string, RegExp> = {
  "anthropic-version": /^[0-9a-z-]{1,40}$/,
  "anthropic-beta": /^[a-z0-9 ,.-]{1,1000}$/i,
};

function passedOn(headers: Headers): Record<string, string> {
  const pairs = Object.entries(PASSED_ON).flatMap(([name, allowed]) => {
    const value = headers.get(name);
    return value !== null && allowed.test(value) ? [[name, value]] : [];
  });
  return Object.fromEntries(pairs);
}

/** A client wants a key before it makes a call. This is none. */
const NO_KEY = "the-gateway-has-the-key";

function environmentOf(port: number, isProxy: boolean): Record<string, string> {
  const url = `http://127.0.0.1:${port}`;
  const own = { ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: NO_KEY };
  if (!isProxy) return own;
  const direct = "127.0.0.1,localhost";
  // Some programs read the one spelling, some the other.
  const upper = { HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: direct };
  return { ...own, ...upper, http_proxy: url, https_proxy: url, no_proxy: direct };
}
