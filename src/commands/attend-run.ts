// `econ attend` at work: the conversation at a terminal, or scores given as words.
import { createInterface, type Interface } from "node:readline/promises";
import { awardFor, SCORE_NAMES } from "../economy/attention.ts";
import { agentAccount, balanceOf } from "../economy/ledger.ts";
import { roundedAmount, toCredits } from "../economy/money.ts";
import type { Economy, Prompt, Scores } from "../economy/state.ts";
import { loadEconomy, scoreActive } from "../kernel.ts";
import { creditsText } from "../view/amounts.ts";
import { promptCard } from "../view/prompt.ts";
import { hint } from "../view/tables.ts";
import { readHolder } from "../world/lock.ts";
import { type Context, EXIT, failWith, inWorld, misused, printJson } from "./context.ts";

export type Options = { prompt?: string; json?: true; once?: true };

export function run(context: Context, words: string[], options: Options): Promise<number> {
  return inWorld(context, (root) => {
    if (words.length > 0) return scoreByWords(context, root, { words, ...options });
    const interactive = context.stdin.isTTY === true && context.outWidth !== null;
    if (!interactive || options.json) return showOnly(context, root, options.json === true);
    return converse(context, root, options.once === true);
  });
}

async function scoreByWords(
  context: Context,
  root: string,
  { words, prompt, json }: Options & { words: string[] },
): Promise<number> {
  if (words.length < SCORE_NAMES.length)
    return misused(context, `three scores are needed, 0 to 10: ${SCORE_NAMES.join(", ")}`);
  const [interesting = "", useful = "", understandable = "", ...rest] = words;
  const scores = { interesting: 0, useful: 0, understandable: 0 };
  for (const [name, word] of Object.entries({ interesting, useful, understandable })) {
    const score = parseScore(word);
    if (score === null) return misused(context, `${name}: expected 0 to 10, got "${word}"`);
    scores[name as keyof Scores] = score;
  }
  const done = await scoreActive(root, { scores, reason: rest.join(" ") }, prompt);
  if (!done.ok) return failWith(context, done.problems);
  const { id, agent } = done.value;
  if (json) return printJson(context, { prompt: id, agent, scores });
  context.out(`Saved for ${id} of ${agent}. The award comes with the next cycle.`);
  return EXIT.ok;
}

async function showOnly(context: Context, root: string, json: boolean): Promise<number> {
  const loaded = await loadEconomy(root);
  if (!loaded.ok) return failWith(context, loaded.problems);
  const { economy, read } = loaded.value;
  const prompt = economy.active;
  const isScored = read.answer !== null && read.answer !== "incomplete";
  if (json) {
    const shown = prompt && {
      id: prompt.id,
      agent: prompt.agent,
      paid: toCredits(prompt.amount),
      shown: prompt.shown,
      format: prompt.format,
      content: prompt.content,
    };
    return printJson(context, { prompt: shown, waiting: economy.queue.size });
  }
  if (prompt) {
    context.out(promptCard(economy, prompt, context.look));
    const how = "econ attend <interesting> <useful> <understandable> [reason], each 0-10";
    context.out(isScored ? `${SCORED} To score it anew: ${how}` : `Score it: ${how}`);
  } else context.out(nothingToScore(economy));
  return EXIT.ok;
}

const POLL_MS = 500;
const SCORED = "It is scored; `econ tick` makes it count.";

/** At a terminal: prompt after prompt. Leaves on Ctrl-C, Ctrl-D, or an empty line. */
async function converse(context: Context, root: string, once: boolean): Promise<number> {
  const reader = createInterface({ input: context.stdin, output: process.stdout });
  let gone = false;
  const leave = new AbortController();
  const stop = () => {
    gone = true;
    leave.abort();
  };
  reader.on("close", stop).on("SIGINT", () => reader.close());
  try {
    while (!gone) {
      const next = await nextPrompt(context, root, () => gone);
      if (typeof next === "number") return next;
      const { economy, prompt } = next;
      context.out(promptCard(economy, prompt, context.look));
      const verdict = await ask(reader, context, leave.signal);
      if (!verdict) break;
      const award = awardFor(verdict.scores, economy.rules.economy.attention_conversion_rates);
      const done = await scoreActive(root, verdict, prompt.id);
      if (!done.ok) context.out(done.problems.map(({ message }) => message).join("\n"));
      else await settle(context, root, { prompt, award, isGone: () => gone });
      if (once || !isServed(root)) break;
    }
  } finally {
    reader.close();
  }
  return EXIT.ok;
}

type Next = { economy: Economy; prompt: Prompt };

async function nextPrompt(
  context: Context,
  root: string,
  isGone: () => boolean,
): Promise<Next | number> {
  let told = false;
  while (!isGone()) {
    const loaded = await loadEconomy(root);
    if (!loaded.ok) return failWith(context, loaded.problems);
    const { economy, read } = loaded.value;
    const answered = read.answer !== null && read.answer !== "incomplete";
    if (economy.active && !answered) return { economy, prompt: economy.active };
    if (!isServed(root)) {
      context.out(answered ? SCORED : nothingToScore(economy));
      return EXIT.ok;
    }
    if (!told) context.out(hint("Waiting for the next prompt … (Ctrl-C leaves)", context.look));
    told = true;
    await Bun.sleep(POLL_MS);
  }
  return EXIT.ok;
}

function nothingToScore(economy: Economy): string {
  if (economy.queue.size > 0) return "No prompt is shown yet: the next cycle fills the slot.";
  return "No prompt is before you. Agents bid for your attention as cycles go by: econ tick";
}

/**
 * Whether a daemon will run the next cycle. The file of one that was killed may still lie there.
 */
function isServed(root: string): boolean {
  const holder = readHolder(root, "serve");
  if (!holder) return false;
  try {
    return process.kill(holder.pid, 0);
  } catch {
    return false;
  }
}

async function ask(
  reader: Interface,
  { out, look }: Context,
  signal: AbortSignal,
): Promise<{ scores: Scores; reason: string } | null> {
  const scores: Scores = { interesting: 0, useful: 0, understandable: 0 };
  const width = Math.max(...SCORE_NAMES.map((name) => name.length));
  try {
    for (const name of SCORE_NAMES) {
      const label = `  ${name[0]?.toUpperCase()}${name.slice(1)}`.padEnd(width + 3);
      let score: number | null = null;
      while (score === null) {
        const answer = (await reader.question(`${label} (0-10): `, { signal })).trim();
        if (answer === "") return null;
        score = parseScore(answer);
        if (score === null) out(look.paint.bad("  a number from 0 to 10; Enter alone leaves"));
      }
      scores[name] = score;
    }
    const reason = await reader.question(`${"  Reason".padEnd(width + 3)} (optional): `, {
      signal,
    });
    return { scores, reason: reason.trim() };
  } catch {
    // Ctrl-C or Ctrl-D in the middle of a question: nothing was saved.
    out("");
    return null;
  }
}

/** Wait for the cycle in which the scores count, if one is to come. */
async function settle(
  context: Context,
  root: string,
  { prompt, award, isGone }: { prompt: Prompt; award: number; isGone: () => boolean },
): Promise<void> {
  context.out("");
  const { paint } = context.look;
  if (!isServed(root)) {
    context.out(`Saved: ${paint.good(creditsText(award))} for ${prompt.agent}.`);
    context.out("They come with the next cycle: econ tick");
    return;
  }
  while (!isGone() && isServed(root)) {
    const loaded = await loadEconomy(root);
    if (loaded.ok && loaded.value.economy.active?.id !== prompt.id) {
      const { ledger } = loaded.value.economy;
      const balance = balanceOf(ledger, agentAccount(prompt.agent));
      context.out(`Credits awarded: ${paint.good(roundedAmount(award))} (based on scores)`);
      context.out(`${prompt.agent} new balance: ${creditsText(balance)}\n`);
      return;
    }
    await Bun.sleep(POLL_MS);
  }
}

/** "7", "7.5": from 0 to 10, else null. */
function parseScore(text: string): number | null {
  if (!/^[0-9]{1,2}(\.[0-9]{1,3})?$/.test(text)) return null;
  const score = Number(text);
  return score <= 10 ? score : null;
}
