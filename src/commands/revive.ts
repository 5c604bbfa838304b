import { reviveAgent } from "../economy/acts.ts";
import { refuse } from "../economy/result.ts";
import { defineAct } from "./command.ts";
import { actAs, archive, misused } from "./context.ts";
import { positiveCredits } from "./grant.ts";

export const revive = defineAct<{ credits?: string }>({
  name: "revive",
  summary: "bring a dead agent back",
  about:
    "Brings an agent back from the graveyard under its own name, with its workspace as it " +
    "died, new credits and one first bid, as a commit of its own. Without --credits it gets " +
    "what a newborn gets (economy.initial_credit_budget).",
  examples: [
    ["econ agents --dead", "who could be revived"],
    ["econ revive scribe", "with the credits of a newborn"],
    ["econ revive scribe --credits 200", "with 200"],
  ],
  arguments: [{ name: "<agent>", about: "the dead agent's name" }],
  options: [{ flags: "--credits <credits>", about: "how many credits it starts with" }],
  run: async (context, [id = ""], { credits: text, json }) => {
    const given = text === undefined ? null : positiveCredits(text);
    if (given && !given.ok) return misused(context, given.reason);
    const { graveGoods } = await archive();
    return actAs(context, { command: "revive", subject: `revive ${id}`, json }, (economy, root) => {
      if (economy.agents.has(id)) return refuse(`${id} is alive`);
      const goods = graveGoods(root, id);
      if (!goods.ok) return refuse(`${id} cannot be revived: ${goods.reason}`);
      const credits = given?.value ?? economy.rules.economy.initial_credit_budget;
      return reviveAgent(economy, { ...goods.value, credits });
    });
  },
});
