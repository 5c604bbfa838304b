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
  because?: string;
};

type Request = { max_tokens: number; messages: { content: unknown }[] };
export type Script =
  | Scripted[]
  | ((request: Request, asked: number) => Scripted | Promise<Scripted>);

const USAGE = { input_tokens: 1_000, output_tokens: 50 };

/** A provider that gives the answers in their order, and the last one for ever. */
export async function provider(script: Script): Promise<LLMock> {
  const mock = new LLMock({ port: 0 });
  let asked = 0;
  mock.on({ predicate: () => true }, async (request) => {
    const turn = asked;
    asked += 1;
    const answer =
      typeof script === "function"
        ? await script(request as Request, turn)
        : (script[Math.min(turn, script.length - 1)] ?? {});
    const { say = "", use = [], stop, usage = USAGE, status, because = "scripted" } = answer;
    if (status) return { error: { message: because, type: "api_error" }, status };
    const toolCalls = use.map(([name, input], index) => ({
      name,
      arguments: JSON.stringify(input),
      id: `toolu_${turn}_${index}`,
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
  /** The bodies that were sent, in order, byte for byte. */
  sent: string[];
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
  /** What the server sends in place of the scripted answers. */
  instead?: () => Response;
  /** Another address than the server's. */
  gateway?: string;
};

/** What one agent with a mind is told when it wakes. */
export async function wake({ bundle = BUNDLE, change }: Life = {}): Promise<Environment> {
  const economy = tinyEconomy();
  deliver(economy, { from: "bob", to: "ada", content: "hello" });
  // As a run reads it: a copy, since rules share what they have by default.
  const environment = structuredClone(await firstEnvironment("ada", economy));
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
export async function lives(script: Script, life: Life = {}): Promise<Lived> {
  const home = await homeOf(life);
  const mock = await provider(script);
  const listener = listenTo(mock, life.instead);
  try {
    const ran = await inRun(home, ["econ", "model"], "", {
      ANTHROPIC_BASE_URL: life.gateway ?? listener.url,
    });
    const lines = readFileSync(home.actions, "utf8").split("\n").filter(Boolean);
    const actions = lines.map((line) => JSON.parse(line));
    const { sent } = listener;
    return { ...ran, home, actions, sent, asked: sent.map((body) => JSON.parse(body)) };
  } finally {
    listener.stop();
    await mock.stop();
  }
}

/** Passes everything on and keeps what was sent: the provider keeps only what it understood. */
function listenTo(
  mock: LLMock,
  instead?: () => Response,
): { url: string; sent: string[]; stop(): void } {
  const sent: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const body = await request.text();
      sent.push(body);
      if (instead) return instead();
      const { pathname } = new URL(request.url);
      const { method, headers } = request;
      return fetch(`${mock.url}${pathname}`, { method, headers, body });
    },
  });
  return { url: server.url.origin, sent, stop: () => server.stop(true) };
}

export const BID: [string, unknown] = [
  "shell",
  { command: "econ bid --tokens 4000 --cpu 4 --memory 128 --not-before +10" },
];
