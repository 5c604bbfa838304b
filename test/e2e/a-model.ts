// A model for worlds of tests: the HTTP server of a library that speaks the provider's API, with
// answers by a script. It can be told to fail as providers do.
import { afterAll } from "bun:test";
import { LLMock } from "@copilotkit/aimock";

export const KEY_VARIABLE = "ECON_TEST_MODEL_KEY";
export const KEY = "sk-a-key-that-nobody-may-see";
process.env[KEY_VARIABLE] = KEY;

const running = new Set<LLMock>();
afterAll(async () => {
  for (const mock of running) await mock.stop();
});

export type Model = { url: string; mock: LLMock; stop: () => Promise<unknown> };

type Asked = { messages: { role: string; content: unknown }[] };

/** A mind that bids, remembers, reports a new figure, and ends its run. */
function lifeOf({ messages }: Asked) {
  const said = messages.filter(({ role }) => role === "assistant").length;
  const usage = { input_tokens: 1_400 + 60 * said, output_tokens: 60 };
  const command = SCRIPT[said];
  if (command === undefined) return { content: "I am done.", usage };
  const call = { name: "shell", arguments: JSON.stringify({ command }), id: `toolu_${said}` };
  return { content: "", toolCalls: [call], usage };
}

const REPORT = "# CPU\n\nA second of it costs $(econ market cpu_seconds | cut -d' ' -f2) credits.";
const SCRIPT = [
  "econ bid --tokens 4000 --cpu 2 --memory 128 --not-before +1",
  "econ time >>MEMORY.md",
  `[ "$(wc -l <MEMORY.md)" -gt 12 ] || econ prompt 40 "${REPORT}" || true`,
];

export async function aModel(): Promise<Model> {
  const mock = new LLMock({ port: 0 });
  mock.on({ predicate: () => true }, (request) => lifeOf(request as unknown as Asked));
  await mock.start();
  running.add(mock);
  const stop = async () => running.delete(mock) && mock.stop();
  return { url: mock.url, mock, stop };
}
