// The economy as far as one agent can know it, rebuilt from its environment: enough to answer its
// actions by the kernel's own rules.
import type { Environment } from "./environment.ts";
import { agentAccount, CREDIT, emptyLedger, ISSUANCE } from "./ledger.ts";
import { credits, type Micro } from "./money.ts";
import type { Bundle } from "./resources.ts";
import { mapAmounts } from "./rule-amounts.ts";
import { NOTHING_SPENT } from "./spending.ts";
import { type Economy, newAgent, noChanges, type Prompt } from "./state.ts";

/** The economy as far as one agent can know it: enough to answer its actions by the same rules. */
export function economyFrom(environment: Environment): Economy {
  const { self } = environment;
  // Who stands behind a model is not told, and no rule that an agent is answered by asks for it.
  const rules = { ...mapAmounts(environment.config, credits), models: {} };
  const agents = new Map(environment.agents.map((id) => [id, newAgent(id, null)]));
  agents.set(self.id, {
    ...newAgent(self.id, null),
    lineage: self.lineage,
    executions: self.executionCount + 1,
    children: self.children,
  });
  const economy: Economy = {
    rules,
    seed: environment.nameSeed,
    cycle: environment.cycle,
    time: environment.time,
    ledger: emptyLedger(),
    agents,
    dead: new Set(),
    people: new Set(environment.people),
    markets: new Map(),
    bids: new Map(),
    active: null,
    queue: new Map(),
    minted: { day: "", amount: 0 },
    spent: NOTHING_SPENT,
    paused: null,
    recent: [],
    changes: noChanges(),
  };
  restoreBooks(economy, self.id, credits(self.balance));
  restoreMarkets(economy, environment);
  return economy;
}

function restoreBooks(economy: Economy, self: string, balance: Micro): void {
  if (balance === 0) return;
  economy.ledger.balances.set(
    CREDIT,
    new Map([
      [agentAccount(self), balance],
      [ISSUANCE, -balance],
    ]),
  );
}

function restoreMarkets(economy: Economy, environment: Environment): void {
  for (const state of Object.values(environment.markets))
    economy.markets.set(state.resourceType, {
      resource: state.resourceType,
      supply: state.availableSupply,
      price: credits(state.currentMarketPrice),
      initialPrice: credits(state.initialPrice),
      utilization: state.currentUtilization,
      averageUtilization: state.averageUtilization,
      demand: state.demand,
      sales: [],
    });
  for (const view of environment.pendingBids) {
    const { id, agent, payload, notBefore, lost } = view;
    const amount = view.amount === null ? null : credits(view.amount);
    const upTo = view.upTo === null ? null : credits(view.upTo);
    const resources = view.resources as Bundle;
    const bid = { id, agent, payload, notBefore, lost, amount, upTo, resources };
    economy.bids.set(id, { ...bid, placed: environment.cycle });
  }
  for (const { id, amount, status, placed } of environment.prompts) {
    const known = { id, agent: environment.self.id, content: "", format: "markdown" as const };
    const prompt: Prompt = { ...known, amount: credits(amount), placed, shown: null };
    if (status === "active") economy.active = { ...prompt, shown: placed };
    else economy.queue.set(id, prompt);
  }
}
