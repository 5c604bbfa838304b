// The one list of which rules are amounts of money. Apart from the schema, because the agent's side
// converts them too and must not load a schema library for it.
import type { Rules } from "./rules.ts";

/** The rules with every amount converted: micro-credits ↔ credits. The same keys as econ.yaml. */
export function mapAmounts<R extends Pick<Rules, "economy" | "resources">>(
  rules: R,
  convert: (amount: number) => number,
): R {
  const { economy, resources } = rules;
  const rates = economy.attention_conversion_rates;
  return {
    ...rules,
    economy: {
      ...economy,
      initial_credit_budget: convert(economy.initial_credit_budget),
      spawn_cost: convert(economy.spawn_cost),
      message_cost: convert(economy.message_cost),
      daily_mint_cap: convert(economy.daily_mint_cap),
      attention_conversion_rates: {
        interesting: convert(rates.interesting),
        useful: convert(rates.useful),
        understandable: convert(rates.understandable),
      },
    },
    resources: Object.fromEntries(
      Object.entries(resources).map(([name, { supply, initial_price }]) => [
        name,
        { supply, initial_price: convert(initial_price) },
      ]),
    ) as Rules["resources"],
  };
}
