// What a person does to the economy by hand: grant credits, write to an agent, bring one back. Like
// an agent's actions they change the state or are refused with a reason, and nothing in between.
import { memoText } from "./actions.ts";
import { bear, die, type Logic } from "./agents.ts";
import { checkNewId, quote } from "./ids.ts";
import { agentAccount, ISSUANCE, personAccount } from "./ledger.ts";
import { deliver, MESSAGE_BYTES_MAX } from "./messages.ts";
import { formatAmount, type Micro } from "./money.ts";
import { accept, type Result, refuse } from "./result.ts";
import {
  type Agent,
  type Economy,
  notify,
  type Origin,
  type Pause,
  record,
  transfer,
} from "./state.ts";
import { bytesOf } from "./text.ts";

/** New credits for an agent or a person, out of issuance. */
export function grantCredits(
  economy: Economy,
  { to, amount, memo }: { to: string; amount: Micro; memo: string },
): Result<string> {
  const isAgent = economy.agents.has(to);
  if (!isAgent && !economy.people.has(to)) return refuse(notAlive(economy, to));
  const reason = memoText(memo);
  if (!reason.ok) return refuse(`memo: ${reason.reason}`);
  const account = isAgent ? agentAccount(to) : personAccount(to);
  const moved = transfer(economy, { kind: "grant", from: ISSUANCE, to: account, amount, memo });
  if (!moved.ok) return moved;
  const text = `${to} was granted ${formatAmount(amount)} credits: ${memo}`;
  notify(economy, to, `you were granted ${formatAmount(amount)} credits: ${memo}`);
  record(economy, "granted", to, text);
  return accept(text);
}

/** A person's message: free, and read when the agent next wakes. */
export function tellAgent(
  economy: Economy,
  { to, content }: { to: string; content: string },
): Result<string> {
  if (!economy.agents.has(to)) return refuse(notAlive(economy, to));
  if (content.trim() === "") return refuse("the message is empty");
  const bytes = bytesOf(content);
  if (bytes > MESSAGE_BYTES_MAX)
    return refuse(`the message has ${bytes} bytes, the limit is ${MESSAGE_BYTES_MAX}`);
  const { n } = deliver(economy, { from: "human", to, content });
  const text = `a person wrote to ${to} (message ${n})`;
  record(economy, "sent", to, text);
  return accept(text);
}

export type Admission = {
  id: string;
  logic: Logic;
  credits: Micro;
  /** The agent it is a copy of, living or dead. */
  parent?: Agent;
  origins?: Origin[];
  /** "was made from the template saver": the rest of the line in the chronicle. */
  how: string;
};

/** A birth that a person asked for by command, by the same rules as every other. */
export function admitAgent(economy: Economy, wish: Admission): Result<Agent> {
  const { id, logic, credits, parent, origins = [], how } = wish;
  const name = checkNewId(id);
  if (!name.ok) return name;
  const taken = whoseName(economy, id);
  if (taken) return refuse(`the name ${id} is taken: ${taken}`);
  const lineage = parent ? [parent.id, ...parent.lineage] : [];
  const born = bear(economy, id, logic, { lineage, credits, source: ISSUANCE });
  if (!born.ok) return refuse(`${id} cannot be born: ${born.reason}`);
  born.value.origins = origins;
  const living = parent && economy.agents.get(parent.id);
  if (living) {
    living.children += 1;
    economy.changes.agents.add(living.id);
  }
  record(economy, "born", id, `${id} ${how}, with ${formatAmount(credits)} credits`);
  return born;
}

function whoseName(economy: Economy, id: string): string | null {
  if (economy.agents.has(id)) return "an agent lives under it";
  if (economy.dead.has(id)) return "a dead agent bears it";
  return economy.people.has(id) ? "a person bears it" : null;
}

/**
 * Bring a dead agent back under its own name: its folder as it lies in the graveyard, fresh
 * credits, one first bid. What it was (lineage, counters) goes on.
 */
export function reviveAgent(
  economy: Economy,
  { grave, logic, credits }: { grave: Agent; logic: Logic; credits: Micro },
): Result<string> {
  const { id } = grave;
  if (economy.agents.has(id)) return refuse(`${id} is alive`);
  if (!economy.dead.has(id)) return refuse(`there is no dead agent ${quote(id)}`);
  economy.dead.delete(id);
  const born = bear(economy, id, logic, { lineage: grave.lineage, credits, source: ISSUANCE });
  if (!born.ok) {
    economy.dead.add(id);
    return refuse(`${id} cannot be revived: ${born.reason}`);
  }
  resume(born.value, grave);
  const text = `${id} was revived with ${formatAmount(credits)} credits`;
  notify(economy, id, `you died (${grave.death?.cause ?? "cause unknown"}) and were revived`);
  record(economy, "born", id, text);
  return accept(text);
}

/** Nothing happens any more until somebody resumes the world. */
export function pauseWorld(
  economy: Economy,
  { by, reason }: { by: string; reason: string },
): Result<string> {
  if (economy.paused) return refuse(pausedText(economy.paused));
  const checked = memoText(reason);
  if (!checked.ok) return refuse(`reason: ${checked.reason}`);
  economy.paused = { by, at: economy.time, reason };
  return accept(`the world is paused${because(reason)}; go on with \`econ resume\``);
}

export function resumeWorld(economy: Economy): Result<string> {
  if (!economy.paused) return refuse("the world is not paused");
  const { by, at } = economy.paused;
  economy.paused = null;
  return accept(`the world goes on; ${by} had paused it at ${at}`);
}

/** "the world is paused by Ada: reason; …": why no cycle runs. */
export function pausedText({ by, reason }: Pause): string {
  return `the world is paused by ${by}${because(reason)}; go on with \`econ resume\``;
}

/** A person ends an agent: what it leaves goes the way of every estate. */
export function killAgent(
  economy: Economy,
  { id, by, reason }: { id: string; by: string; reason: string },
): Result<string> {
  if (!economy.agents.has(id)) return refuse(notAlive(economy, id));
  const checked = memoText(reason);
  if (!checked.ok) return refuse(`reason: ${checked.reason}`);
  const cause = `killed by ${by}${because(reason)}`;
  die(economy, id, cause);
  return accept(`${id} was ${cause}; undo it with \`econ revive ${id}\``);
}

function because(reason: string): string {
  return reason === "" ? "" : `: ${reason}`;
}

/** Counters go on where they stopped, so that no message number or child's name comes twice. */
function resume(agent: Agent, grave: Agent): void {
  agent.createdCycle = grave.createdCycle;
  agent.createdAt = grave.createdAt;
  agent.origins = grave.origins;
  agent.executions = grave.executions;
  agent.lastExecution = grave.lastExecution;
  agent.earned += grave.earned;
  agent.spent += grave.spent;
  agent.children = grave.children;
  agent.letters = grave.letters;
}

function notAlive(economy: Economy, id: string): string {
  return economy.dead.has(id) ? `${id} is dead` : `there is no agent ${quote(id)}`;
}
