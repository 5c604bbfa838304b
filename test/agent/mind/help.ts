// A mind at work: a real run of the harness against a real HTTP server that speaks the provider's
// API. What the model answers is scripted; everything else is as in a world.
import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LLMock } from "@copilotkit/aimock";
import type { Environment } from "../../../src/economy/environment.ts";
import { deliver } from "../../../src/economy/messages.ts";
import type { Bundle } from "../../../src/economy/resources.ts";
import {
  firstEnvironment,
  type Home,
  inRun,
  makeHome,
  type Ran,
  root,
  tinyEconomy,
  writeFiles,
} from "../help.ts";

export const BUNDLE: Bundle = { tokens: 4_000, cpu_seconds: 10, memory_mb: 160 };

/** An answer of the model: words, calls of tools, what it is said to have taken. */
export type Scripted = {
  say?: string;
  use?: [tool: string, input: unknown][];
  stop?: string;
  usage?: { input_tokens: number; output_tokens: number };
  /** A failure instead. */
  status?: number;
};

const USAGE = { input_tokens: 1_000, output_tokens: 50 };

/** A provider that gives the answers in their order, and the last one for ever. */
export async function provider(script: Scripted[]): Promise<LLMock> {
  const mock = new LLMock({ port: 0 });
  let asked = 0;
  mock.on({ predicate: () => true }, () => {
    const answer = script[Math.min(asked, script.length - 1)] ?? {};
    asked += 1;
    const { say = "", use = [], stop, usage = USAGE, status } = answer;
    if (status) return { error: { message: `scripted ${status}`, type: "api_error" }, status };
    const toolCalls = use.map(([name, input], index) => ({
      name,
      arguments: JSON.stringify(input),
      id: `toolu_${asked}_${index}`,
    }));
    const rest = { usage, ...(stop ? { finishReason: stop } : {}) };
    return toolCalls.length > 0
      ? { content: say, toolCalls, ...rest }
      : { content: say || "…", ...rest };
  });
  await mock.start();
  return mock;
}

export type Lived = Ran & {
  home: Home;
  /** The lines of actions.jsonl. */
  actions: Record<string, unknown>[];
  /** The bodies that were sent, in order. */
  asked: Asked[];
};

export type Asked = {
  model: string;
  max_tokens: number;
  system?: { text: string }[];
  tools: { name: string }[];
  messages: { role: string; content: { type: string; [key: string]: unknown }[] }[];
};

export type Life = {
  files?: Record<string, string>;
  bundle?: Bundle;
  change?: (environment: Environment) => void;
};

/** What one agent with a mind is told when it wakes. */
export async function wake({ bundle = BUNDLE, change }: Life = {}): Promise<Environment> {
  const economy = tinyEconomy();
  deliver(economy, { from: "bob", to: "ada", content: "hello" });
  const environment = await firstEnvironment("ada", economy);
  environment.execution = {
    ...environment.execution,
    resources: bundle,
    payload: ["econ", "model"],
  };
  change?.(environment);
  return environment;
}

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/** The folders of a run, with the commands that a sandbox has. */
export async function homeOf(life: Life = {}): Promise<Home> {
  const files = life.files ?? { "AGENTS.md": "# Ada\n\nYou watch prices.\n" };
  const home = makeHome(await wake(life), files);
  const start = `exec ${quoted(process.execPath)} --config=/dev/null --no-env-file`;
  mkdirSync(join(home.home, "bin"));
  writeFiles(home.home, {
    "bin/econ": `#!/bin/sh\n${start} ${quoted(join(root, "src/agent/command.ts"))} "$@"\n`,
  });
  chmodSync(join(home.home, "bin/econ"), 0o755);
  return home;
}

/** A whole run against a provider. */
export async function lives(script: Scripted[], life: Life = {}): Promise<Lived> {
  const home = await homeOf(life);
  const mock = await provider(script);
  try {
    const ran = await inRun(home, ["econ", "model"], "", {
      ANTHROPIC_BASE_URL: mock.url,
      ANTHROPIC_API_KEY: "none",
    });
    const lines = readFileSync(home.actions, "utf8").split("\n").filter(Boolean);
    const actions = lines.map((line) => JSON.parse(line));
    // The journal has the requests as the server took them apart; what was sent is beside it.
    return { ...ran, home, actions, asked: bodies(mock) };
  } finally {
    await mock.stop();
  }
}

function bodies(mock: LLMock): Asked[] {
  return mock.getRequests().map(({ body }) => body as unknown as Asked);
}

export const BID: [string, unknown] = [
  "shell",
  { command: "econ bid --tokens 4000 --cpu 4 --memory 128 --not-before +10" },
];
