import { grantCredits } from "../economy/acts.ts";
import { formatAmount, type Micro, parseAmount } from "../economy/money.ts";
import { accept, type Result, refuse } from "../economy/result.ts";
import { defineAct } from "./command.ts";
import { actAs, misused } from "./context.ts";

export const grant = defineAct<{ memo?: string }>({
  name: "grant",
  summary: "give an agent new credits",
  about:
    "Creates credits and gives them to an agent (or a person), as a commit of its own. Beside " +
    "scored prompts it is the only way in which new credits come into a running economy, so " +
    "it is in the journal with its memo for everyone to see.",
  examples: [
    ["econ grant scribe 50", "50 credits for scribe"],
    ['econ grant scribe 12.5 --memo "for the essay"', "with a reason"],
  ],
  arguments: [
    { name: "<agent>", about: "who gets them", complete: "agents" },
    { name: "<credits>", about: "how many, at most 6 decimals" },
  ],
  options: [{ flags: "--memo <text>", about: "why, for the journal" }],
  run: async (context, [to = "", text = ""], { memo = "a grant", json }) => {
    const amount = positiveCredits(text);
    if (!amount.ok) return misused(context, amount.reason);
    const subject = `grant ${formatAmount(amount.value)} credits to ${to}`;
    return actAs(context, { command: "grant", subject, json }, (economy) =>
      grantCredits(economy, { to, amount: amount.value, memo }),
    );
  },
});

/** Credits as a person types them: "50", "12.5"; more than 0. */
export function positiveCredits(text: string): Result<Micro> {
  const amount = parseAmount(text);
  const how = "write it like 12.5 (at most 6 decimals, below 9 billion)";
  if (!amount.ok) return refuse(`${JSON.stringify(text)} is not an amount; ${how}`);
  return amount.value > 0 ? accept(amount.value) : refuse("an amount must be more than 0");
}
