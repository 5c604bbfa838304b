// One action of one run, done or refused. The kernel and the agent's own side call this same
// function, so a "yes" inside the sandbox is the kernel's yes.
import type { Action, LogicSource } from "./actions.ts";
import { type Logic, spawnAgent } from "./agents.ts";
import { askHuman, raisePrompt, withdrawPrompt } from "./attention.ts";
import { placeBid, raiseBid, withdrawBid } from "./bids.ts";
import { nameChild, quote } from "./ids.ts";
import { agentAccount, personAccount } from "./ledger.ts";
import { sendMessage } from "./messages.ts";
import { roundedAmount } from "./money.ts";
import { accept, type Result, refuse } from "./result.ts";
import { type Economy, livingAgent, notify, record, transfer } from "./state.ts";

/** What the rules must know of the run beside the economy itself. */
export type RunContext = {
  agent: string;
  /** Turns the `logic` of a spawn into a folder, as the run left its workspace. */
  logicOf: (source: LogicSource) => Result<Logic>;
  /** Whether a name was taken when the run began: what its agent was told. */
  wasTaken: (id: string) => boolean;
  /** Names the run was told for its children → the names they got. Filled as it goes. */
  renamed: Map<string, string>;
};

/** The answer to an action: an id for what was made, true otherwise. */
export function perform(economy: Economy, run: RunContext, action: Action): Result<string | true> {
  const { agent } = run;
  switch (action.action) {
    case "bid":
      return idOf(placeBid(economy, agent, orderOf(action)));
    case "raise":
      return economy.queue.has(action.id)
        ? idOf(raisePrompt(economy, agent, action))
        : idOf(raiseBid(economy, agent, action));
    case "withdraw":
      return economy.queue.has(action.id)
        ? idOf(withdrawPrompt(economy, agent, action.id))
        : idOf(withdrawBid(economy, agent, action.id));
    case "transfer":
      return pay(economy, run, action);
    case "message":
      return post(economy, run, action);
    case "spawn":
      return spawn(economy, run, action);
    case "prompt": {
      const { content, format, amount } = action;
      return idOf(askHuman(economy, agent, { content, format, amount }));
    }
  }
}

function orderOf({ resources, payload, amount, upTo, notBefore }: Action & { action: "bid" }) {
  return { resources, payload, amount, upTo, notBefore };
}

function idOf(made: Result<{ id: string }>): Result<string> {
  return made.ok ? accept(made.value.id) : made;
}

function pay(
  economy: Economy,
  run: RunContext,
  { to: told, amount, memo }: Action & { action: "transfer" },
): Result<true> {
  const to = run.renamed.get(told) ?? told;
  if (to === run.agent) return refuse("a transfer to yourself moves nothing");
  const account = payable(economy, to);
  if (!account.ok) return account;
  const from = agentAccount(run.agent);
  const paid = transfer(economy, { kind: "payment", from, to: account.value, amount, memo });
  if (!paid.ok) return paid;
  record(economy, "paid", run.agent, `${run.agent} paid ${to} ${roundedAmount(amount)}: ${memo}`);
  return accept(true);
}

function payable(economy: Economy, to: string): Result<string> {
  if (economy.agents.has(to)) return accept(agentAccount(to));
  if (economy.people.has(to)) return accept(personAccount(to));
  return refuse(notThere(economy, to));
}

function post(
  economy: Economy,
  run: RunContext,
  letter: Action & { action: "message" },
): Result<true> {
  const to = run.renamed.get(letter.to) ?? letter.to;
  if (!economy.agents.has(to)) return refuse(notThere(economy, to));
  const sent = sendMessage(economy, run.agent, { to, content: letter.content });
  return sent.ok ? accept(true) : sent;
}

function notThere(economy: Economy, id: string): string {
  return economy.dead.has(id) ? `${id} is dead` : `there is no agent ${quote(id)}`;
}

function spawn(
  economy: Economy,
  run: RunContext,
  { name, logic: source, credits }: Action & { action: "spawn" },
): Result<string> {
  const logic = run.logicOf(source);
  if (!logic.ok) return refuse(`logic: ${logic.reason}`);
  const number = livingAgent(economy, run.agent).children + 1;
  const birth = { seed: economy.seed, parent: run.agent, number };
  const born = spawnAgent(economy, run.agent, { name, logic: logic.value, credits });
  if (!born.ok) return born;
  const told = nameChild(name, (id) => run.wasTaken(id) || run.renamed.has(id), birth);
  run.renamed.set(told, born.value.id);
  if (told !== born.value.id)
    notify(economy, run.agent, `your child ${told} is named ${born.value.id}: the name was taken`);
  return accept(born.value.id);
}
