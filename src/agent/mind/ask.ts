// One call of the model, and what its failures mean. A refusal for want of tokens is the agent's
// own; anything else that goes wrong is the provider's or the host's, and nobody may die of it.
import { clientFor } from "../../gateway/anthropic.ts";
import { oneLine } from "./clip.ts";
import type { Clock } from "./clock.ts";
import { answerRoom, count, type Purse, tokensOf } from "./purse.ts";
import { type Answer, type Block, type Message, parseAnswer, type Tool } from "./wire.ts";

export type Question = { system: Block[]; tools: Tool[]; messages: Message[] };

/**
 * "spent": no call fits into what is left. "failed": the model could not be heard; `atProvider`:
 * the gateway says so, and then it tells the host as well.
 */
export type Heard =
  | { kind: "answer"; answer: Answer }
  | { kind: "spent"; reason: string }
  | { kind: "failed"; reason: string; atProvider: boolean };

export type Ask = (question: Question, input: number, reserve: number) => Promise<Heard>;

/** The gateway itself gives a call up before. */
const CALL_SECONDS = 330;
/** What the provider adds to a question that has tools. */
const FRAME_TOKENS = 400;

/** `name` is the world's name of the model. The gateway's address is in the environment. */
export function askWith(name: string, purse: Purse, clock: Clock): Ask {
  const baseURL = process.env.ANTHROPIC_BASE_URL ?? "";
  let client: ReturnType<typeof clientFor> | undefined;
  return async (question, input, reserve) => {
    if (baseURL === "") return failed("there is no gateway to any model here");
    const room = answerRoom(purse, input, reserve);
    if (room === 0) return { kind: "spent", reason: tooLittle(name, purse) };
    const { system, ...rest } = question;
    const body = { model: name, max_tokens: room, ...(system.length > 0 && { system }), ...rest };
    let came: unknown;
    try {
      client ??= clientFor({ baseURL, key: process.env.ANTHROPIC_API_KEY || "none" });
      const options = { timeout: CALL_SECONDS * 1_000 };
      // Its types know each kind of block; ours are whatever the server answered before.
      came = await clock.held(client.messages.create(body as never, options));
    } catch (error) {
      return failure(error as Failure);
    }
    const answer = parseAnswer(came);
    const worst = { input, cachedInput: 0, cacheWrite: 0, output: room };
    count(purse, answer?.usage ?? worst);
    if (answer === null) return failed("the answer cannot be understood");
    return { kind: "answer", answer };
  };
}

function tooLittle(name: string, { calls, bought }: Purse): string {
  if (calls > 0) return "what is left is too little for another turn";
  return `${bought / 1000} tokens are too few for one turn with ${oneLine(name, 64)}`;
}

/** About how many tokens a question is, before any of it was counted by a provider. */
export function sizeOf({ system, tools, messages }: Question): number {
  return tokensOf(JSON.stringify([system, tools, messages])) + FRAME_TOKENS;
}

function failed(reason: string, atProvider = false): Heard {
  return { kind: "failed", reason, atProvider };
}

/** What a provider says of a request: the gateway takes that for the agent's own affair. */
const REQUEST_AT_FAULT = new Set([400, 413, 422]);

/** `error` is the answer's body, where that was JSON. */
type Failure = { status?: number; message: string; error?: unknown };

/** What an error of the provider's shape says, or null. */
function saidIn(body: unknown): string | null {
  const inner = (body as { error?: { message?: unknown } } | null | undefined)?.error?.message;
  return typeof inner === "string" ? inner : null;
}

/**
 * Payment required is also what the operator's ceiling says, and that is not the agent's doing. It
 * is where the gateway speaks of what was bought.
 */
function failure({ status, message, error }: Failure): Heard {
  const said = saidIn(error);
  const reason = oneLine(said === null ? message : `${status}: ${said}`, 200);
  if (status === 402 && message.includes("you bought")) return { kind: "spent", reason };
  return failed(reason, status !== undefined && !REQUEST_AT_FAULT.has(status));
}
