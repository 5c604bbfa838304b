import { marketsJson } from "../view/json.ts";
import { marketsView } from "../view/markets.ts";
import { defineCommand, JSON_OPTION } from "./command.ts";
import { EXIT, glancing, printJson } from "./context.ts";

export const markets = defineCommand<{ json?: true }>({
  name: "markets",
  summary: "prices, supply and demand, bids and sales",
  about:
    "Shows every market: its price now and at the start and where it is going, supply, demand " +
    "and the share sold at the last clearing. Below, the bids that wait for the next clearing " +
    "with what each will offer, and the last sales.",
  examples: [
    ["econ markets", "all markets"],
    ["econ markets --json | jq .tokens.currentMarketPrice", "one price, for a script"],
  ],
  options: [JSON_OPTION],
  run: (context, _, { json }) =>
    glancing(
      context,
      ({ readBidding }) => readBidding,
      (economy) => {
        if (json) return printJson(context, marketsJson(economy));
        context.out(marketsView(economy, context.look));
        return EXIT.ok;
      },
    ),
});
