// The registry: birth, spawning, death. Every birth places one first bid from the newborn's
// credits, because who has no bid never wakes; who cannot afford it is not born.
import { withdrawPromptsOf } from "./attention.ts";
import { checkBid, EXPIRED, marketCost, placeBid } from "./bids.ts";
import { bidIdOf, checkNewId, nameChild } from "./ids.ts";
import { agentAccount, BURN, ISSUANCE, issuable, marketAccount } from "./ledger.ts";
import { formatAmount, type Micro, roundedAmount } from "./money.ts";
import type { Bundle } from "./resources.ts";
import { accept, assert, bug, type Result, refuse } from "./result.ts";
import {
  type Agent,
  addBid,
  type BidOrder,
  bidless,
  bidsOf,
  type Economy,
  type Event,
  type Folder,
  livingAgent,
  mustTransfer,
  newAgent,
  notify,
  type Payload,
  purseOf,
  record,
  removeBid,
} from "./state.ts";

/** What a folder says of how it wants to run. */
export type Logic = {
  folder: Folder;
  /** Code runs by itself; a folder without main.* needs a model. */
  kind: "code" | "model";
  payload: Payload;
  /** The first bid the folder asks for, from the front matter of its AGENTS.md. */
  bid: { resources: Bundle; amount: Micro | null; upTo: Micro | null } | null;
};

/** `source`: the account that its credits come from. */
export type Parentage = { lineage: string[]; credits: Micro; source: string };

export function isTaken(economy: Economy, id: string): boolean {
  return economy.agents.has(id) || economy.dead.has(id) || economy.people.has(id);
}

/** Give life to a folder under a free name: account, credits, first bid. */
export function bear(
  economy: Economy,
  id: string,
  logic: Logic,
  parents: Parentage,
): Result<Agent> {
  if (isTaken(economy, id)) bug(`${id} is taken`);
  const affordable = checkBirth(economy, logic, parents.credits);
  if (!affordable.ok) return affordable;
  if (parents.source === ISSUANCE && parents.credits > issuable(economy.ledger))
    return refuse("all the credits that one world can hold are issued");
  const agent: Agent = { ...newAgent(id, economy), lineage: parents.lineage };
  economy.agents.set(id, agent);
  economy.changes.agents.add(id);
  economy.changes.born.push({ agent: id, folder: logic.folder });
  if (parents.credits > 0)
    mustTransfer(economy, {
      kind: "endowment",
      from: parents.source,
      to: agentAccount(id),
      amount: parents.credits,
      memo: `birth of ${id}`,
    });
  const placed = placeBid(economy, id, firstOrder(economy, logic));
  if (!placed.ok) bug(`the first bid of ${id} was refused after its check`);
  return accept(agent);
}

function firstOrder(economy: Economy, logic: Logic): BidOrder {
  return {
    resources: logic.bid?.resources ?? (economy.rules.population.first_bid[logic.kind] as Bundle),
    payload: logic.payload,
    amount: logic.bid?.amount ?? null,
    upTo: logic.bid?.upTo ?? null,
    notBefore: 0,
  };
}

/** Whether a folder with so many credits could place its first bid; nothing changes. */
function checkBirth(economy: Economy, logic: Logic, credits: Micro): Result<null> {
  const { max_alive, max_births_per_cycle } = economy.rules.population;
  if (economy.agents.size >= max_alive) return refuse(`the world is full (${max_alive} agents)`);
  if (economy.changes.born.length >= max_births_per_cycle)
    return refuse(`no more than ${max_births_per_cycle} births in one cycle`);
  const bid = checkBid(economy, firstOrder(economy, logic), credits);
  return bid.ok ? accept(null) : refuse(`its first bid would be refused: ${bid.reason}`);
}

/** An agent makes another: the fee to the market, the credits to the child, who is independent. */
export function spawnAgent(
  economy: Economy,
  parentId: string,
  wish: { name: string; logic: Logic; credits: Micro },
): Result<Agent> {
  const parent = livingAgent(economy, parentId);
  const name = checkNewId(wish.name);
  if (!name.ok) return name;
  const fee = economy.rules.economy.spawn_cost;
  const purse = purseOf(economy, parentId);
  if (purse < fee + wish.credits)
    return refuse(
      `spawning needs ${formatAmount(fee + wish.credits)} credits, you have ${formatAmount(purse)}`,
    );
  const affordable = checkBirth(economy, wish.logic, wish.credits);
  if (!affordable.ok) return affordable;
  const number = parent.children + 1;
  const birth = { seed: economy.seed, parent: parentId, number };
  const id = nameChild(name.value, (taken) => isTaken(economy, taken), birth);
  if (fee > 0)
    mustTransfer(economy, {
      kind: "spawn",
      from: agentAccount(parentId),
      to: marketAccount("spawn"),
      amount: fee,
      memo: `spawn of ${id}`,
    });
  const lineage = [parentId, ...parent.lineage];
  const born = bear(economy, id, wish.logic, {
    lineage,
    credits: wish.credits,
    source: agentAccount(parentId),
  });
  assert(born.ok, `a checked birth failed: ${born.ok ? "" : born.reason}`);
  parent.children = number;
  economy.changes.agents.add(parentId);
  const cost = roundedAmount(fee + wish.credits);
  record(economy, "born", id, `${parentId} spawned ${id} (cost: ${cost} credits)`);
  return born;
}

/** Death: bids and prompts are withdrawn, the balance goes to the estate, the name stays taken. */
export function die(economy: Economy, id: string, cause: string): void {
  const agent = livingAgent(economy, id);
  for (const bid of bidsOf(economy, id)) removeBid(economy, bid.id);
  withdrawPromptsOf(economy, id);
  settleEstate(economy, agent);
  agent.death = { cycle: economy.cycle, at: economy.time, cause };
  economy.agents.delete(id);
  economy.dead.add(id);
  economy.changes.died.push(agent);
  record(economy, "died", id, `${id} died: ${cause}`);
}

function settleEstate(economy: Economy, agent: Agent): void {
  const amount = purseOf(economy, agent.id);
  if (amount === 0) return;
  const heir =
    economy.rules.economy.estate === "parent"
      ? agent.lineage.find((ancestor) => ancestor !== agent.id && economy.agents.has(ancestor))
      : undefined;
  mustTransfer(economy, {
    kind: "estate",
    from: agentAccount(agent.id),
    to: heir ? agentAccount(heir) : BURN,
    amount,
    memo: `estate of ${agent.id}`,
  });
  if (heir) notify(economy, heir, `you inherited ${formatAmount(amount)} from ${agent.id}`);
}

/** Who has no pending bid can never wake, and dies; unless its prompt is before the human. */
export function cull(economy: Economy): void {
  const ending = bidless(economy);
  if (ending.length === 0) return;
  const events = Map.groupBy(economy.changes.events, (event) => event.agent);
  for (const agent of ending) {
    if (economy.active?.agent === agent.id && agent.lastOrder) keepLastBid(economy, agent);
    else die(economy, agent.id, causeOf(economy, agent, events.get(agent.id) ?? []));
  }
}

/** Its last bid counts as pending while its prompt is active, so that the award can wake it. */
function keepLastBid(economy: Economy, agent: Agent): void {
  assert(agent.lastOrder, `${agent.id} never ran`);
  agent.placed += 1;
  const id = bidIdOf(agent);
  const bid = { ...agent.lastOrder, notBefore: economy.cycle + 1 };
  addBid(economy, { ...bid, id, agent: agent.id, placed: economy.cycle, lost: 0 });
  economy.changes.agents.add(agent.id);
}

/** In the words of the last thing that went wrong this cycle. */
function causeOf(economy: Economy, agent: Agent, own: Event[]): string {
  // Who ran this cycle had another bid than the one that was dropped, and could have left a third.
  const ran = agent.lastExecution?.cycle === economy.cycle;
  const dropped = ran ? undefined : own.findLast(({ kind }) => kind === "bid dropped");
  if (dropped) return dropped.text.endsWith(EXPIRED) ? dropped.text : `broke: ${dropped.text}`;
  const refused = own.findLast(({ kind, text }) => kind === "refused" && text.includes(" bid "));
  if (refused) return `it left no bid (${refused.text})`;
  const purse = purseOf(economy, agent.id);
  const cost = agent.lastOrder ? marketCost(economy, agent.lastOrder.resources) : 0;
  if (purse >= cost) return "it left no bid";
  return `broke, with ${roundedAmount(purse)} credits where a run cost ${roundedAmount(cost)}`;
}
