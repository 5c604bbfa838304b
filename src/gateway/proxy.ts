// The hosts that a run may reach (`execution.hosts`): a proxy as HTTP has it, CONNECT and requests
// with a whole address. Nothing is reached that the list does not name, and a name on the list does
// not lead into the operator's own network.
import { lookup } from "node:dns/promises";
import { BlockList, connect as connectSocket, isIP, type Socket } from "node:net";
import { type Reader, readUntil } from "./read-until.ts";
import { apiError, errorBody, JSON_TYPE } from "./wire.ts";

export type Dialled =
  | { socket: Socket; first: Buffer; greeting?: Buffer; mayPass: (bytes: number) => boolean }
  | { refusal: Buffer };

export type HostProxy = {
  /** `first`: what the agent has said so far on this connection. */
  dial(first: Buffer, reader: Reader): Promise<Dialled>;
};

const HEAD_BYTES_MAX = 16 * 1024;
/** To and from all hosts together, in one run. */
const SESSION_BYTES_MAX = 64 * 1024 * 1024;
const DIAL_MS_MAX = 10_000;

/** Does a connection begin with a request to a proxy? Null: more of it is needed to tell. */
export function isForProxy(bytes: Buffer): boolean | null {
  const space = bytes.indexOf(" ");
  if (space < 0) return bytes.length < 16 ? null : false;
  if (space > 16) return false;
  if (bytes.toString("latin1", 0, space) === "CONNECT") return true;
  const next = bytes[space + 1];
  if (next === undefined) return null;
  return next !== "/".charCodeAt(0) && next !== "*".charCodeAt(0);
}

export function proxyTo(hosts: string[]): HostProxy {
  let passed = 0;
  const mayPass = (bytes: number) => {
    passed += bytes;
    return passed <= SESSION_BYTES_MAX;
  };
  return {
    async dial(first, reader) {
      const isWhole = (bytes: Buffer) =>
        bytes.indexOf("\r\n\r\n") >= 0 || bytes.length > HEAD_BYTES_MAX;
      const bytes = await readUntil(reader, isWhole, first);
      const wish = wishIn(bytes);
      if (wish === null) return refusal(400, "this is no request to a proxy");
      const { host, port } = wish;
      if (!isListed(hosts, host, port)) {
        const listed = hosts.join(", ") || "none";
        return refusal(403, `${host}:${port} may not be reached; execution.hosts lists: ${listed}`);
      }
      const address = await addressOf(host);
      if (address === null) return refusal(403, `${host} has no address that may be reached`);
      const socket = await dialled(address, port);
      if (socket === null) return refusal(502, `${host}:${port} is not reached`);
      return { socket, mayPass, ...wish.opening };
    },
  };
}

type Wish = { host: string; port: number; opening: { first: Buffer; greeting?: Buffer } };

/** What the head of a request to a proxy asks for; null if it is none. */
function wishIn(bytes: Buffer): Wish | null {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0 || end > HEAD_BYTES_MAX) return null;
  const [line = "", ...headers] = bytes.toString("latin1", 0, end).split("\r\n");
  const rest = bytes.subarray(end + 4);
  const tunnel = /^CONNECT ([a-z0-9.-]{1,253}):([0-9]{1,5}) HTTP\/1\.1$/i.exec(line);
  if (tunnel) {
    const [, host = "", port = ""] = tunnel;
    const greeting = Buffer.from("HTTP/1.1 200 Connection Established\r\n\r\n");
    return { host: host.toLowerCase(), port: Number(port), opening: { first: rest, greeting } };
  }
  const plain =
    /^([A-Z]{1,16}) http:\/\/([a-z0-9.-]{1,253})(?::([0-9]{1,5}))?(\/[!-~]*)? HTTP\/1\.1$/i.exec(
      line,
    );
  if (!plain) return null;
  const [, method, host = "", port = "80", path = "/"] = plain;
  // What the request is for stands in its first line; a header that says otherwise goes.
  const own = /^(host|connection|proxy-[a-z-]+):/i;
  const kept = headers.filter((header) => !own.test(header));
  const authority = port === "80" ? host : `${host}:${port}`;
  const head = [`${method} ${path} HTTP/1.1`, `Host: ${authority}`, "Connection: close", ...kept];
  const first = Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"), rest]);
  return { host: host.toLowerCase(), port: Number(port), opening: { first } };
}

/** An entry without a port means those of the web. */
function isListed(hosts: string[], host: string, port: number): boolean {
  if (hosts.includes(`${host}:${port}`)) return true;
  return hosts.includes(host) && (port === 443 || port === 80);
}

const inside = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const)
  inside.addSubnet(net, bits, "ipv4");

/**
 * Resolved once, so that the address that was judged is the one that is dialled. An address or
 * "localhost" that the operator has listed is meant as it stands. IPv6 has too many ways to write
 * an inner address; a host that has nothing else is not reached.
 */
async function addressOf(host: string): Promise<string | null> {
  if (isIP(host) || host === "localhost") return host === "localhost" ? "127.0.0.1" : host;
  const found = await lookup(host, { family: 4, all: true }).catch(() => []);
  const outer = found.filter(({ address }) => !inside.check(address, "ipv4"));
  // A name that leads inside as well is not to be trusted at all.
  return outer.length === found.length ? (outer[0]?.address ?? null) : null;
}

function dialled(address: string, port: number): Promise<Socket | null> {
  const { promise, resolve } = Promise.withResolvers<Socket | null>();
  if (port < 1 || port > 65_535) return Promise.resolve(null);
  const socket = connectSocket({ host: address, port });
  const fail = () => {
    socket.destroy();
    resolve(null);
  };
  const timer = setTimeout(fail, DIAL_MS_MAX);
  socket.on("error", fail);
  socket.once("connect", () => resolve(socket));
  return promise.finally(() => clearTimeout(timer));
}

const REASONS: Record<number, string> = {
  400: "Bad Request",
  403: "Forbidden",
  502: "Bad Gateway",
};

function refusal(status: number, message: string): Dialled {
  const body = errorBody(apiError(status, message));
  const head = [
    `HTTP/1.1 ${status} ${REASONS[status]}`,
    `content-type: ${JSON_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  return { refusal: Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`) };
}
