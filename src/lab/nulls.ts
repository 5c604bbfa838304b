// Null models of trade: what of a figure comes of payments as such, whoever they go to.
import type { ActionRequest, Wake } from "../agent/strategy.ts";
import { keyedHash } from "../economy/hash.ts";
import { sleep, spare } from "./provokers.ts";
import type { AnyStrategy } from "./simulate.ts";

/** The null model of trade: what is paid is paid as before, but to anybody else alive, by lot. */
export function byLot(strategy: AnyStrategy): AnyStrategy {
  return (wake) => {
    const decision = strategy(wake);
    const actions = decision.actions.map((action, n) =>
      action.action === "transfer" ? { ...action, to: anybody(wake, `payee ${n}`) } : action,
    );
    return { ...decision, actions };
  };
}

/** Random exchange: half of what it can spare goes to anybody, for nothing. */
export const giver: AnyStrategy = (wake) => {
  const amount = Math.floor(spare(wake) / 2);
  const to = anybody(wake, "gift");
  const give: ActionRequest[] =
    amount < 1 ? [] : [{ action: "transfer", to, amount, memo: "gift" }];
  return { actions: [sleep(wake), ...give], state: null };
};

function anybody({ agents, self, nameSeed, cycle }: Wake<unknown>, what: string): string {
  const others = agents.filter((id) => id !== self.id);
  return others[keyedHash(nameSeed, `${what} ${self.id} ${cycle}`) % others.length] ?? self.id;
}
