// Every published result that the lab repeats, by name, in the order of the documentation.
import { baseFee } from "./base-fee.ts";
import { conservation } from "./conservation.ts";
import { extinction, fixationByDrift, lineages } from "./drift.ts";
import { greedyBundles } from "./greedy-bundles.ts";
import { orderStatistics } from "./order-statistics.ts";
import type { Reproduction } from "./reproduction.ts";
import { truthfulPayments } from "./truthful-payments.ts";
import { wealth } from "./wealth.ts";

export const REPRODUCTIONS: Reproduction[] = [
  greedyBundles,
  truthfulPayments,
  orderStatistics,
  baseFee,
  wealth,
  fixationByDrift,
  extinction,
  lineages,
  conservation,
];
