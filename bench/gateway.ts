// What the gateway adds to a model call: the official client through a session, as a program in a
// sandbox has it, against the same client straight at the same provider. The provider is an HTTP
// server on this machine that answers after 20 ms, which is far quicker than any real one, and at
// once, which shows what is added by itself.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rulesSchema } from "../src/economy/rules.ts";
import { clientFor } from "../src/gateway/anthropic.ts";
import { liveModels } from "../src/gateway/live.ts";
import { bridge, cleanUp } from "../test/gateway/help.ts";
import { compare, inTurn } from "./measure.ts";

let upstreamMs = 0;
const ROUNDS = 200;

const usage = { input_tokens: 20, output_tokens: 5 };
const answer = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "bench",
  content: [{ type: "text", text: "Five tokens of an answer." }],
  stop_reason: "end_turn",
  stop_sequence: null,
  usage,
};

const events = [
  { type: "message_start", message: { ...answer, content: [], stop_reason: null } },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Five tokens." } },
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage },
  { type: "message_stop" },
]
  .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  .join("");

const upstream = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    const { stream } = (await request.json()) as { stream?: boolean };
    if (upstreamMs > 0) await Bun.sleep(upstreamMs);
    if (!stream) return Response.json(answer);
    return new Response(events, { headers: { "content-type": "text/event-stream" } });
  },
});

const key = "BENCH_GATEWAY_KEY";
process.env[key] = "none";
const url = `http://127.0.0.1:${upstream.port}`;
const price = { input: 1, cached_input: 0.1, cache_write: 1.25, output: 5 };
const rules = rulesSchema.parse({ models: { bench: { id: "bench", base_url: url, key, price } } });
const folder = mkdtempSync(join(tmpdir(), "econ-bench-gateway-"));
const spent = { today: 0, total: 0 };
const session = liveModels({ rules, folder, spent }).open({
  id: "bench-1-1",
  agent: "bench",
  tokens: 1_000_000,
});
const port = await bridge(session.gateway);

const request = {
  model: "bench",
  max_tokens: 100,
  messages: [{ role: "user" as const, content: "What is five tokens long?" }],
};
const direct = clientFor({ baseURL: url, key: "none" });
const through = clientFor({ baseURL: `http://127.0.0.1:${port}`, key: "none" });
for (upstreamMs of [20, 0]) {
  console.log(`a provider that takes ${upstreamMs} ms`);
  const [directly, whole, directStream, stream] = await inTurn(ROUNDS, [
    { name: "direct", run: () => direct.messages.create(request) },
    { name: "gateway", run: () => through.messages.create(request) },
    { name: "direct, streamed", run: () => direct.messages.stream(request).finalMessage() },
    { name: "gateway, streamed", run: () => through.messages.stream(request).finalMessage() },
  ]);
  if (!directly || !whole || !directStream || !stream) throw new Error("a way was not timed");
  const aim = upstreamMs > 0 ? { aim: "1.1 ×" } : {};
  compare({ name: "gateway", figures: whole }, { name: "direct", figures: directly, ...aim });
  compare({ name: "streamed", figures: stream }, { name: "direct", figures: directStream, ...aim });
}
await session.close();
await cleanUp();
await upstream.stop(true);
rmSync(folder, { recursive: true, force: true });
