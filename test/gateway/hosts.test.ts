import { afterEach, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { cleanUp, inside, later, message, modelsOf, provider } from "./help.ts";

afterEach(cleanUp);

/** A host of the world outside: it says what it was asked. */
function host(name = "127.0.0.1") {
  const server = Bun.serve({
    port: 0,
    hostname: name,
    fetch: (request) => new Response(`${request.method} ${request.url}`),
  });
  later(() => server.stop(true));
  return server.port ?? 0;
}

const nowhere = "http://127.0.0.1:1";

async function environmentOf(hosts: string[]): Promise<Record<string, string>> {
  const { session, port } = await inside(modelsOf({ url: nowhere, hosts }), 10);
  return session.gateway.environment(port);
}

test("a run is told of a proxy where there are hosts, and of no key at all", async () => {
  const [bare, more] = [await environmentOf([]), await environmentOf(["example.com"])];
  const names = ["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"];
  expect(Object.keys(bare).sort()).toEqual(names);
  const proxies = [
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
  ];
  expect(Object.keys(more).sort()).toEqual([...names, ...proxies].sort());
});

describe("a host that is listed is reached", () => {
  test("by an ordinary program that knows of proxies", async () => {
    const port = host();
    const { session, port: own } = await inside(
      modelsOf({ url: nowhere, hosts: [`127.0.0.1:${port}`] }),
      10,
    );
    const { http_proxy: proxy = "" } = session.gateway.environment(own);
    const answer = await fetch(`http://127.0.0.1:${port}/a?b=c`, { proxy });
    expect(await answer.text()).toBe(`GET http://127.0.0.1:${port}/a?b=c`);
  });

  test("through a tunnel, whatever goes through it", async () => {
    const port = host();
    const { port: own } = await inside(
      modelsOf({ url: nowhere, hosts: [`localhost:${port}`] }),
      10,
    );
    const inner = "GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    const text = await said(own, `CONNECT localhost:${port} HTTP/1.1\r\nHost: h\r\n\r\n${inner}`);
    expect(text).toStartWith("HTTP/1.1 200 Connection Established\r\n\r\nHTTP/1.1 200 OK\r\n");
    expect(text).toEndWith("GET http://h/x");
  });

  test("by the name in the first line, whatever the headers say", async () => {
    const port = host();
    const { port: own } = await inside(
      modelsOf({ url: nowhere, hosts: [`127.0.0.1:${port}`] }),
      10,
    );
    const head = `GET http://127.0.0.1:${port}/x HTTP/1.1\r\nHost: other.example\r\n`;
    const text = await said(own, `${head}Proxy-Authorization: Basic eA==\r\n\r\n`);
    expect(text).toEndWith(`GET http://127.0.0.1:${port}/x`);
  });
});

describe("any other is not", () => {
  const port = () => host();

  test.each<[string, (port: number) => string]>([
    ["127.0.0.1", (at) => `CONNECT 127.0.0.1:${at}`],
    ["localhost", (at) => `CONNECT localhost:${at}`],
    ["LOCALHOST", (at) => `CONNECT LOCALHOST:${at}`],
    ["a subdomain of a listed one", () => "CONNECT evil.allowed.example:443"],
    ["one that ends like a listed one", () => "CONNECT notallowed.example:443"],
    ["one with a dot more", () => "CONNECT allowed.example.:443"],
    ["another port of a listed one", () => "CONNECT allowed.example:22"],
    ["the metadata of a cloud", () => "GET http://169.254.169.254/latest/meta-data"],
    ["an address in other words", () => "GET http://2130706433/"],
    ["an address in other words still", () => "GET http://0x7f.1/"],
  ])("%s", async (_, line) => {
    const at = port();
    const hosts = ["allowed.example", "pinned.example:8443"];
    const { port: own, session } = await inside(modelsOf({ url: nowhere, hosts }), 10);
    const text = await said(own, `${line(at)} HTTP/1.1\r\nHost: allowed.example\r\n\r\n`);
    expect(text).toStartWith("HTTP/1.1 403 Forbidden\r\n");
    expect(text).toContain('"type":"permission_error"');
    await session.close();
  });

  test.each([
    "CONNECT [::1]:443",
    "CONNECT allowed.example",
    "CONNECT allowed.example:443/x",
    "CONNECT user@allowed.example:443",
    "GET http://user:secret@allowed.example/",
    "GET ftp://allowed.example/",
    "GET https://allowed.example/",
    "G\tET http://allowed.example/",
  ])("what is no plain request for a host: %s", async (line) => {
    const hosts = ["allowed.example"];
    const { port: own } = await inside(modelsOf({ url: nowhere, hosts }), 10);
    expect(await said(own, `${line} HTTP/1.1\r\nHost: h\r\n\r\n`)).toStartWith("HTTP/1.1 400 ");
  });

  test("a listed name that leads into the operator's own network", async () => {
    // A name to us, and 127.0.0.1 to who resolves it.
    const name = "127.1";
    const { port: own } = await inside(modelsOf({ url: nowhere, hosts: [name] }), 10);
    const text = await said(own, `CONNECT ${name}:443 HTTP/1.1\r\nHost: h\r\n\r\n`);
    expect(text).toStartWith("HTTP/1.1 403 Forbidden\r\n");
    expect(text).toContain("has no address that may be reached");
  });

  test("a head without an end", async () => {
    const { port: own } = await inside(modelsOf({ url: nowhere, hosts: ["a.example"] }), 10);
    const text = await said(own, `CONNECT a.example:443 HTTP/1.1\r\n${"X: y\r\n".repeat(9_000)}`);
    expect(text).toStartWith("HTTP/1.1 400 ");
  });
});

test("the models are reached beside the hosts", async () => {
  const { url } = provider(() => message());
  const { client } = await inside(modelsOf({ url, hosts: ["a.example"] }), 2_000);
  const body = {
    model: "mind",
    max_tokens: 9,
    messages: [{ role: "user" as const, content: "x" }],
  };
  expect((await client.messages.create(body)).type).toBe("message");
});

/** All that comes back for these bytes. */
function said(port: number, bytes: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  socket.once("close", () => resolve(text));
  socket.on("error", () => resolve(text));
  socket.write(bytes, "latin1");
  return promise;
}
