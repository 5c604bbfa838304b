// Ask, do what was asked for, ask again: until the model is done, or what was bought is.

import { type Ask, type Question, sizeOf } from "./ask.ts";
import { oneLine } from "./clip.ts";
import { left, type Purse, tokensOf } from "./purse.ts";
import { type Hands, useTool } from "./tools.ts";
import { type Answer, type Block, type ToolUse, text } from "./wire.ts";

export type Talk = {
  ask: Ask;
  hands: Hands;
  question: Question;
  turns: number;
  /** Thousandths of tokens that must stay for later; asked before each turn. */
  reserve(): number;
  /** What the model is told after each turn beside its results. */
  remark(turnsLeft: number): string;
};

export type Ended = {
  /** "failed": the model could not be heard, which is not its doing. */
  kind: "done" | "turns" | "spent" | "failed";
  reason: string;
  /** The gateway answered, and said that the provider failed. */
  atProvider?: boolean;
  /** The model has answered at least once. */
  heard: boolean;
  /** The last words of the model. */
  said: string;
};

const WORDS_PRINTED = 1_000;
const COMMAND_PRINTED = 160;

export async function talk({ ask, hands, question, turns, reserve, remark }: Talk): Promise<Ended> {
  const { messages } = question;
  let size = sizeOf(question);
  let said = "";
  for (let turn = 1; turn <= turns; turn++) {
    const heard = await ask(withCacheEnd(question), size, reserve());
    if (heard.kind !== "answer") return { ...heard, heard: turn > 1, said };
    const { answer } = heard;
    if (answer.text !== "") said = answer.text;
    report(turn, answer);
    const next = await afterwards(hands, answer);
    if (next === null) return { kind: "done", reason: endOf(answer), heard: true, said };
    if (turn === turns) break;
    const reply = [...next, text(remark(turns - turn))];
    if (answer.content.length > 0) messages.push({ role: "assistant", content: answer.content });
    messages.push({ role: "user", content: reply });
    size = grown(size, answer, reply);
  }
  return { kind: "turns", reason: `${turns} turns are over`, heard: true, said };
}

/** What the user's side says next: results, or a word on what went wrong. Null: it is done. */
async function afterwards(hands: Hands, answer: Answer): Promise<Block[] | null> {
  const { calls, stop, content } = answer;
  const isCut = stop === "max_tokens";
  if (stop === "refusal" || stop === "model_context_window_exceeded") return null;
  if (calls.length > 0) {
    const results: Block[] = [];
    for (const [index, call] of calls.entries()) {
      // Where an answer is cut, so is what it last began to ask for.
      const isBroken = isCut && index === calls.length - 1;
      results.push(isBroken ? result(call, CUT, true) : await resultOf(hands, call));
    }
    return results;
  }
  if (content.length === 0) return null;
  if (isCut) return [text(CUT)];
  return stop === "pause_turn" ? [text("Go on.")] : null;
}

const CUT = "Your answer was cut where its room ended, so its end was not done. Be shorter.";

async function resultOf(hands: Hands, call: ToolUse): Promise<Block> {
  const done = await useTool(hands, call);
  return done.ok ? result(call, done.value, false) : result(call, done.reason, true);
}

function result({ id }: ToolUse, content: string, isError: boolean): Block {
  const error = isError ? { is_error: true } : {};
  return { type: "tool_result", tool_use_id: id, content, ...error };
}

/** The question, to be cached up to its end: the next turn begins with all of it. */
function withCacheEnd(question: Question): Question {
  const messages = [...question.messages];
  const last = messages.pop();
  if (!last) return question;
  const content = [...last.content];
  const end = content.pop();
  if (end) content.push({ ...end, cache_control: { type: "ephemeral" } });
  return { ...question, messages: [...messages, { ...last, content }] };
}

/** What the next question will be: as counted by the provider, where it did, plus what is new. */
function grown(size: number, { usage, content }: Answer, reply: Block[]): number {
  const added = tokensOf(JSON.stringify(reply));
  const answered = tokensOf(JSON.stringify(content));
  const counted = usage ? usage.input + usage.cachedInput + usage.cacheWrite : 0;
  // A server that counts nothing must not make the estimate smaller.
  if (counted < size / 4) return size + answered + added;
  return counted + Math.max(usage?.output ?? 0, 0) + added;
}

function endOf({ stop, text: words }: Answer): string {
  if (stop === "refusal") return "the model refused to go on";
  if (stop === "model_context_window_exceeded") return "the model can read no more";
  return words === "" ? "the model had no more to say" : "the model was done";
}

/** For people who read what a run printed. */
function report(turn: number, { text: words, calls }: Answer): void {
  if (words !== "") console.log(`${turn}. ${words.slice(0, WORDS_PRINTED).toWellFormed()}`);
  for (const { name, input } of calls)
    console.log(`${turn}. ${name} ${oneLine(JSON.stringify(input) ?? "", COMMAND_PRINTED)}`);
}

/** What is left, as the model is told. */
export function leftOver(purse: Purse, turnsLeft: number): string {
  return `tokens left: ${left(purse)}, turns left: ${turnsLeft}`;
}
