// The end of a run without a pending bid. The model is told once, in a small question of its own
// that costs little, and for which tokens are kept back until there is a bid. What it then does is
// its own choice; but who could not be heard made none, and gets a bid in its place.

import type { Bundle } from "../../economy/resources.ts";
import { getEnvironment, placeBid } from "../methods.ts";
import type { Ask, Question } from "./ask.ts";
import { head, oneLine } from "./clip.ts";
import { type Ended, leftOver, talk } from "./loop.ts";
import { hasBid, marketCost, proposedBid } from "./now.ts";
import { costOf, type Purse } from "./purse.ts";
import type { Self } from "./self.ts";
import { type Hands, tools } from "./tools.ts";
import { text } from "./wire.ts";

const SAID_BYTES = 300;
const HEARTBEAT_BYTES = 300;
/** A first try, and one more if the bid was refused. */
const TURNS = 2;
const ANSWER = 150;
const TOOLS_TOKENS = 1_200;
/** Cycles before it is tried again with a model that cannot be heard: doubled each time. */
const PAUSE = { first: 10, most: 640 };

export type LastWord = { ask: Ask; purse: Purse; hands: Hands; self: Self };

/**
 * Tokens to keep back while there is no bid, in thousandths. A gateway whose provider cannot
 * count takes each byte for a token, and so much for tools: it has to fit even then.
 */
export function lastReserve(purse: Purse, self: Self): number {
  if (hasBid()) return 0;
  const room = { reason: "x".repeat(200), said: "x".repeat(SAID_BYTES) };
  const bytes = Buffer.byteLength(JSON.stringify(lastQuestion(self, room)));
  return costOf(purse, bytes + TOOLS_TOKENS, ANSWER);
}

/** Tell it. The answer is how that ended; whether there is a bid now is seen by looking. */
export async function tellOnce(
  { ask, purse, hands, self }: LastWord,
  before: Ended,
): Promise<Ended> {
  console.log("no bid is pending: it is told once");
  return talk({
    ask,
    hands,
    question: lastQuestion(self, before),
    turns: TURNS,
    reserve: () => 0,
    remark: (turns) =>
      hasBid() ? "You live. Stop now." : `No bid yet; ${leftOver(purse, turns)}.`,
  });
}

function lastQuestion(self: Self, { reason, said }: Pick<Ended, "reason" | "said">): Question {
  const { id, balance } = getEnvironment().self;
  const words = oneLine(said, SAID_BYTES);
  const heartbeat = head(self.heartbeat, HEARTBEAT_BYTES, () => "cut");
  const lines = [
    `You are ${id}, an agent that lives as long as it has a pending bid. Your run is over ` +
      `(${oneLine(reason, 200)}) and no bid of yours is pending: if you leave none now, you die.`,
    `You have ${balance} credits; a run like this costs ` +
      `${marketCost(getEnvironment().execution.resources)}. Bid in the shell, for instance:`,
    proposedBid(self.pause),
    ...(heartbeat === "" ? [] : [`HEARTBEAT.md: ${heartbeat}`]),
    ...(words === "" ? [] : [`You last said: ${words}`]),
  ];
  const shell = tools.filter(({ name }) => name === "shell");
  return {
    system: [],
    tools: shell,
    messages: [{ role: "user", content: [text(lines.join("\n"))] }],
  };
}

/**
 * A bid in place of a mind that could not be heard `failures` times in a row. Where that cannot be
 * had, one without tokens: it wakes to find that it bought too few, and the prices may be others.
 */
export function standIn(resources: Bundle, failures: number): void {
  const { cycle, execution } = getEnvironment();
  const pause = Math.min(PAUSE.most, PAUSE.first * 2 ** Math.min(20, Math.max(0, failures - 1)));
  const { tokens: _, ...cheap } = resources;
  for (const bundle of [resources, cheap]) {
    const answer = placeBid(bundle, execution.payload, { notBefore: cycle + pause });
    if (answer.ok) {
      console.log(`a bid was left in its place: ${answer.id}, from cycle ${cycle + pause}`);
      return;
    }
    console.log(`no bid could be left in its place: ${answer.reason}`);
  }
}
