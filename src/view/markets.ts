// The markets in detail: prices against their start, demand against supply, who bids and who
// bought.

import { roundedAmount } from "../economy/money.ts";
import type { Bidding } from "../economy/overview.ts";
import { marketOf, type Sale } from "../economy/state.ts";
import { amountColumn, percentText, quantityText } from "./amounts.ts";
import { tokensClosed } from "./costs.ts";
import { trend } from "./dashboard.ts";
import { bundleText, MARKET_ORDER, outlooksOf, RESOURCE_NAMES } from "./outlook.ts";
import { type Cell, type Column, hint, type Look, section, table } from "./tables.ts";

const SALES_SHOWN = 10;
const BIDS_SHOWN = 20;

export function marketsView(economy: Bidding, look: Look): string {
  return [
    prices(economy, look),
    section("Bids for the next clearing", pendingBids(economy, look), look),
    section("Last sales", lastSales(economy, look), look),
  ].join("\n\n");
}

function prices(economy: Bidding, look: Look): string {
  const markets = MARKET_ORDER.map((resource) => marketOf(economy, resource));
  const now = amountColumn(markets.map(({ price }) => price));
  const start = amountColumn(markets.map(({ initialPrice }) => initialPrice));
  const columns: Column[] = [
    { title: "MARKET" },
    { title: "PRICE", align: "right" },
    { title: "" },
    { title: "CREDITS PER" },
    { title: "AT START", align: "right" },
    { title: "SUPPLY", align: "right" },
    { title: "DEMAND", align: "right" },
    { title: "SOLD", align: "right" },
  ];
  const rows = markets.map((market, i): Cell[] => {
    const { name, unit } = RESOURCE_NAMES[market.resource];
    const closed = market.supply === 0;
    return [
      { text: name, style: closed ? look.paint.quiet : look.paint.strong },
      now[i] ?? "",
      trend(economy, market, look.paint),
      unit,
      start[i] ?? "",
      closed ? "closed" : quantityText(market.supply),
      quantityText(market.demand),
      closed ? "" : percentText(market.utilization),
    ];
  });
  const closed = tokensClosed(economy);
  return closed
    ? `${table(columns, rows, look)}\n${hint(closed, look)}`
    : table(columns, rows, look);
}

function pendingBids(economy: Bidding, look: Look): string {
  const all = outlooksOf(economy, economy.bids.values());
  if (all.length === 0) return hint("No bid is pending.", look);
  const shown = look.width === null ? all : all.slice(0, BIDS_SHOWN);
  const offers = amountColumn(shown.map(({ offer }) => offer));
  const costs = amountColumn(shown.map(({ cost }) => cost));
  const columns: Column[] = [
    { title: "AGENT", flexible: true },
    { title: "OFFERS", align: "right" },
    { title: "COSTS", align: "right" },
    { title: "LOST", align: "right" },
    { title: "NEXT" },
    { title: "WANTS", flexible: true },
  ];
  const rows = shown.map(({ bid, state }, i): Cell[] => [
    bid.agent,
    offers[i] ?? "",
    costs[i] ?? "",
    String(bid.lost),
    state === "not due" ? `cycle ${bid.notBefore}` : state,
    bundleText(bid.resources),
  ]);
  const rest = all.length - shown.length;
  return [table(columns, rows, look), ...(rest > 0 ? [hint(`and ${rest} more`, look)] : [])].join(
    "\n",
  );
}

function lastSales(economy: Bidding, look: Look): string {
  const sales = [...economy.markets.values()].flatMap(({ resource, sales: own }) =>
    own.map((sale) => ({ resource, sale })),
  );
  if (sales.length === 0) return hint("Nothing was sold yet.", look);
  const newest = sales.sort((a, b) => b.sale.cycle - a.sale.cycle).slice(0, SALES_SHOWN);
  const amounts = amountColumn(newest.map(({ sale }) => sale.amount));
  const columns: Column[] = [
    { title: "CYCLE", align: "right" },
    { title: "MARKET" },
    { title: "AGENT", flexible: true },
    { title: "QUANTITY", align: "right" },
    { title: "PAID", align: "right" },
    { title: "EACH", align: "right" },
  ];
  const rows = newest.map(({ resource, sale }, i): Cell[] => [
    String(sale.cycle),
    RESOURCE_NAMES[resource].name,
    sale.agent,
    quantityText(sale.quantity),
    amounts[i] ?? "",
    eachText(sale),
  ]);
  return table(columns, rows, look);
}

function eachText({ amount, quantity }: Sale): string {
  return quantity === 0 ? "" : roundedAmount(Math.round(amount / quantity));
}
