// The human's attention: one slot, sold to the highest prompt. The winner pays when its prompt is
// shown; scores turn into new credits, the only ones there are after the endowments.
import { BID_HORIZON_CYCLES } from "./bids.ts";
import { quote } from "./ids.ts";
import { agentAccount, ISSUANCE, issuable, marketAccount } from "./ledger.ts";
import { recordSale, setPrice } from "./markets.ts";
import { deliver } from "./messages.ts";
import { AMOUNT_MAX, formatAmount, type Micro, mulDivDown, roundedAmount } from "./money.ts";
import { stepPrice } from "./pricing.ts";
import { bestFirst } from "./ranking.ts";
import { accept, type Result, refuse } from "./result.ts";
import {
  type Answer,
  type AnsweredPrompt,
  addPrompt,
  type Economy,
  inOrderOfIds,
  livingAgent,
  type Market,
  marketOf,
  mustTransfer,
  notify,
  type Prompt,
  promptsOf,
  purseOf,
  record,
  removePrompt,
  type Scores,
} from "./state.ts";

export const PROMPT_BYTES_MAX = 64 * 1024;
export const SCORE_MAX = 10;
export const SCORE_NAMES = ["interesting", "useful", "understandable"] as const;

/** Bid for the slot. */
export function askHuman(
  economy: Economy,
  agentId: string,
  ask: Pick<Prompt, "content" | "format" | "amount">,
): Result<Prompt> {
  const limit = economy.rules.attention.max_queued_per_agent;
  const waiting = promptsOf(economy, agentId).length;
  if (waiting >= limit)
    return refuse(`${waiting} of your prompts wait already; the limit is ${limit}`);
  if (ask.content.trim() === "") return refuse("an empty prompt is not shown to anyone");
  const market = marketOf(economy, "attention");
  if (market.supply === 0) return refuse("attention is not for sale here (supply 0)");
  if (ask.amount < market.price)
    return refuse(`the slot costs at least ${formatAmount(market.price)} credits now`);
  const purse = purseOf(economy, agentId);
  if (purse < ask.amount)
    return refuse(`needs ${formatAmount(ask.amount)} credits, has ${formatAmount(purse)}`);
  const agent = livingAgent(economy, agentId);
  agent.placed += 1;
  const id = `${agentId}-${agent.executions}-p${agent.placed}`;
  const prompt: Prompt = { ...ask, id, agent: agentId, placed: economy.cycle, shown: null };
  addPrompt(economy, prompt);
  economy.changes.agents.add(agentId);
  record(economy, "asked", agentId, `${agentId} bid ${roundedAmount(ask.amount)} for attention`);
  return accept(prompt);
}

/** Offer more for the slot while waiting. */
export function raisePrompt(
  economy: Economy,
  agentId: string,
  raise: { id: string; amount: Micro },
): Result<Prompt> {
  const found = ownPrompt(economy, agentId, raise.id);
  if (!found.ok) return found;
  const prompt = { ...found.value };
  if (raise.amount <= prompt.amount)
    return refuse(`a raise must be above the ${formatAmount(prompt.amount)} offered so far`);
  const purse = purseOf(economy, agentId);
  if (purse < raise.amount)
    return refuse(`needs ${formatAmount(raise.amount)} credits, has ${formatAmount(purse)}`);
  prompt.amount = raise.amount;
  addPrompt(economy, prompt);
  return accept(prompt);
}

export function withdrawPrompt(economy: Economy, agentId: string, id: string): Result<Prompt> {
  const found = ownPrompt(economy, agentId, id);
  if (found.ok) removePrompt(economy, id);
  return found;
}

function ownPrompt(economy: Economy, agentId: string, id: string): Result<Prompt> {
  const prompt = economy.queue.get(id);
  if (prompt?.agent === agentId) return accept(prompt);
  return refuse(`you have no waiting prompt ${quote(id)}`);
}

/** The queue as it will be served: highest amount first, ties by a hash nobody can aim at. */
function queueInOrder(economy: Economy, tieSeed: string): Prompt[] {
  return bestFirst([...economy.queue.values()], {
    scoreOf: ({ amount }) => amount,
    idOf: ({ id }) => id,
    tieSeed,
  });
}

/** If the slot is free, the highest prompt that is worth its price and can be paid takes it. */
export function fillSlot(economy: Economy, tieSeed: string): void {
  const market = marketOf(economy, "attention");
  if (!economy.active && market.supply > 0) {
    showBest(economy, market, tieSeed);
    if (!economy.active) coolDown(economy, market);
  }
  noteDemand(economy);
}

function showBest(economy: Economy, market: Market, tieSeed: string): void {
  for (const prompt of queueInOrder(economy, tieSeed)) {
    if (prompt.amount < market.price) return;
    if (purseOf(economy, prompt.agent) >= prompt.amount) {
      show(economy, prompt);
      return;
    }
    removePrompt(economy, prompt.id);
    notify(economy, prompt.agent, `your prompt ${prompt.id} was dropped: it could not be paid`);
  }
}

/**
 * A free slot that nobody takes comes back, step by step, to its initial price: otherwise the
 * price that a dead crowd bid up would stand for ever. Below that, only shown prompts move it.
 */
function coolDown(economy: Economy, market: Market): void {
  if (market.price <= market.initialPrice) return;
  const lower = stepPrice(market, false, economy.rules.pricing);
  setPrice(economy, market, Math.max(lower, market.initialPrice));
}

function show(economy: Economy, prompt: Prompt): void {
  removePrompt(economy, prompt.id);
  if (prompt.amount > 0)
    mustTransfer(economy, {
      kind: "attention",
      from: agentAccount(prompt.agent),
      to: marketAccount("attention"),
      amount: prompt.amount,
      memo: prompt.id,
    });
  prompt.shown = economy.cycle;
  economy.active = prompt;
  const { agent, id, amount } = prompt;
  recordSale(economy, "attention", { cycle: economy.cycle, bid: id, agent, quantity: 1, amount });
  const market = marketOf(economy, "attention");
  setPrice(economy, market, stepPrice(market, economy.queue.size > 0, economy.rules.pricing));
  record(economy, "shown", agent, `${agent}'s prompt ${id} is before the human`);
}

function noteDemand(economy: Economy): void {
  const market = marketOf(economy, "attention");
  const demand = economy.queue.size + (economy.active ? 1 : 0);
  const utilization = economy.active ? 100 : 0;
  if (market.demand === demand && market.utilization === utilization) return;
  market.demand = demand;
  market.utilization = utilization;
  economy.changes.markets.add("attention");
}

/** A person's scores for the active prompt become its owner's award. Others are ignored. */
export function settleAnswer(economy: Economy, answer: Answer): Result<AnsweredPrompt> {
  const prompt = economy.active;
  if (prompt?.id !== answer.prompt)
    return refuse(`${quote(answer.prompt)} is not before the human`);
  for (const name of SCORE_NAMES)
    if (!isScore(answer.scores[name])) return refuse(`${name} must be from 0 to ${SCORE_MAX}`);
  const earned = awardFor(answer.scores, economy.rules.economy.attention_conversion_rates);
  const award = Math.min(earned, mintableToday(economy));
  if (award > 0) mint(economy, prompt, award);
  const settled = leaveSlot(economy, { ...answer, outcome: "scored", award });
  tellOwner(economy, settled, earned);
  const { agent, id } = prompt;
  record(economy, "scored", agent, `${agent} was awarded ${roundedAmount(award)} for ${id}`);
  return accept(settled);
}

/** A person's file may hold anything: "10" and [10] are compared like 10. */
export function isScore(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= SCORE_MAX;
}

/** Each score (0–10, to a thousandth) times its rate. */
export function awardFor(scores: Scores, rates: Scores): Micro {
  let award = 0;
  for (const name of SCORE_NAMES)
    award += mulDivDown(rates[name], Math.round(scores[name] * 1000), 1000);
  return Math.min(award, AMOUNT_MAX);
}

function mintedToday({ minted, time }: Economy): Economy["minted"] {
  const day = time.slice(0, 10);
  return { day, amount: minted.day === day ? minted.amount : 0 };
}

function mintableToday(economy: Economy): Micro {
  const left = economy.rules.economy.daily_mint_cap - mintedToday(economy).amount;
  return Math.min(Math.max(0, left), issuable(economy.ledger));
}

function mint(economy: Economy, prompt: Prompt, amount: Micro): void {
  const { day, amount: before } = mintedToday(economy);
  economy.minted = { day, amount: before + amount };
  mustTransfer(economy, {
    kind: "award",
    from: ISSUANCE,
    to: agentAccount(prompt.agent),
    amount,
    memo: prompt.id,
  });
}

function leaveSlot(
  economy: Economy,
  answer: Pick<AnsweredPrompt, "outcome" | "award"> & Partial<AnsweredPrompt>,
): AnsweredPrompt {
  const prompt = economy.active as Prompt;
  const settled: AnsweredPrompt = {
    ...prompt,
    answered: economy.cycle,
    outcome: answer.outcome,
    award: answer.award,
    scores: answer.scores ?? null,
    reason: answer.reason ?? "",
    by: answer.by ?? "",
  };
  economy.changes.answered.push(settled);
  economy.active = null;
  noteDemand(economy);
  return settled;
}

function tellOwner(economy: Economy, settled: AnsweredPrompt, earned: Micro): void {
  const { scores, award, id, reason } = settled;
  const lines = [
    `Your prompt ${id} was scored.`,
    ...SCORE_NAMES.map((name) => `${name}: ${scores?.[name]}`),
    `award: ${formatAmount(award)} credits`,
  ];
  if (award < earned) lines.push(`(the mint cap cut it from ${formatAmount(earned)})`);
  if (reason) lines.push(`reason: ${reason}`);
  deliver(economy, { from: "human", to: settled.agent, content: lines.join("\n") });
}

/** Prompts that nobody saw in time leave: the queue like a bid, the slot after its own time. */
export function expirePrompts(economy: Economy): void {
  const oldest = economy.cycle - BID_HORIZON_CYCLES;
  const expired = [...economy.queue.values()].filter(({ placed }) => placed < oldest);
  for (const { id, agent } of inOrderOfIds(expired)) {
    removePrompt(economy, id);
    notify(economy, agent, `your prompt ${id} was dropped: it expired`);
  }
  leaveUnanswered(economy);
}

/** An unanswered prompt leaves the slot; what was paid stays paid. */
function leaveUnanswered(economy: Economy): void {
  const prompt = economy.active;
  if (prompt?.shown == null) return;
  if (economy.cycle - prompt.shown < economy.rules.attention.timeout_cycles) return;
  leaveSlot(economy, { outcome: "timed out", award: 0 });
  notify(economy, prompt.agent, `your prompt ${prompt.id} got no answer in time`);
  record(economy, "timed out", prompt.agent, `${prompt.agent}'s prompt ${prompt.id} got no answer`);
}

/** The prompts of the dead are of no use to anyone. */
export function withdrawPromptsOf(economy: Economy, agentId: string): void {
  for (const prompt of promptsOf(economy, agentId)) removePrompt(economy, prompt.id);
  if (economy.active?.agent === agentId) leaveSlot(economy, { outcome: "withdrawn", award: 0 });
}
