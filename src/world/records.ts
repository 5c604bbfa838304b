// The kernel's JSON records: what stands in each file, and its way back. Keys are the state's own
// names; amounts are decimal strings; what is null is left out; an unknown key is a problem.
import * as z from "zod";
import type { Ledger } from "../economy/ledger.ts";
import { formatAmount, type Micro } from "../economy/money.ts";
import { RESOURCES } from "../economy/resources.ts";
import { NOTHING_SPENT } from "../economy/spending.ts";
import type { Agent, Bid, BidOrder, Economy, Market } from "../economy/state.ts";
import * as field from "./fields.ts";
import { canonicalJson, parseJson } from "./json.ts";
import { type Checked, checkText } from "./schema.ts";

/** Raised when the files of a world change in a way that an older econ would misread. */
const WORLD_FORMAT = 1;

const positive = z.number().gt(0).max(1_000_000_000).optional();

const order = {
  resources: z.strictObject({
    tokens: positive,
    cpu_seconds: positive,
    memory_mb: positive,
    gpu_seconds: positive,
  }),
  payload: z.array(z.string()),
  amount: field.amount.optional(),
  upTo: field.amount.optional(),
  notBefore: field.cycle,
};
const orderSchema = z.strictObject(order);

export const moment = z.strictObject({ cycle: field.cycle, at: field.instant });

/** Lineages grow with the generations, origins with the worlds: an import bounds both. */
export const originSchema = z.strictObject({
  id: field.id,
  world: field.worldId,
  cycle: field.cycle,
  lineage: z.array(field.id),
});

const agentSchema = z.strictObject({
  id: field.id,
  status: z.enum(["alive", "dead"]),
  lineage: z.array(field.id),
  origins: z.array(originSchema).default([]),
  created: moment,
  executions: field.counter,
  lastExecution: moment.optional(),
  earned: field.amount,
  spent: field.amount,
  children: field.counter,
  letters: field.counter,
  placed: field.counter,
  crashes: field.counter,
  providerFailures: field.counter.optional(),
  notices: z.array(z.strictObject({ cycle: field.cycle, text: z.string() })),
  lastOrder: orderSchema.optional(),
  death: z.strictObject({ ...moment.shape, cause: z.string() }).optional(),
});

export function agentText(agent: Agent): string {
  const { inbox: _, createdCycle, createdAt, lastExecution, lastOrder, death, ...others } = agent;
  const { origins, providerFailures, ...rest } = others;
  return canonicalJson({
    ...rest,
    ...(origins.length > 0 && { origins }),
    ...(providerFailures > 0 && { providerFailures }),
    status: death ? "dead" : "alive",
    created: { cycle: createdCycle, at: createdAt },
    earned: formatAmount(agent.earned),
    spent: formatAmount(agent.spent),
    ...(lastExecution && { lastExecution }),
    ...(lastOrder && { lastOrder: orderJson(lastOrder) }),
    ...(death && { death }),
  });
}

/** The record of an agent; its inbox is read from its letters. */
export function readAgent(text: string, file: string): Checked<Agent> {
  const checked = checkText(agentSchema, parseJson(text), file);
  if (!checked.ok) return checked;
  const { status, created, lastExecution, lastOrder, death, ...rest } = checked.value;
  if ((status === "dead") !== (death !== undefined))
    return mismatch(file, `status: is "${status}", but "death" says otherwise`);
  const agent: Agent = {
    ...rest,
    providerFailures: rest.providerFailures ?? 0,
    createdCycle: created.cycle,
    createdAt: created.at,
    lastExecution: lastExecution ?? null,
    lastOrder: lastOrder ? orderOf(lastOrder) : null,
    death: death ?? null,
    inbox: [],
  };
  return { ok: true, value: agent };
}

function orderJson({ resources, payload, amount, upTo, notBefore }: BidOrder) {
  return {
    resources,
    payload,
    notBefore,
    ...(amount !== null && { amount: formatAmount(amount) }),
    ...(upTo !== null && { upTo: formatAmount(upTo) }),
  };
}

function orderOf({ resources, amount, upTo, ...rest }: z.output<typeof orderSchema>): BidOrder {
  // The schema gives a missing resource as absent, never as undefined.
  const bundle = resources as BidOrder["resources"];
  return { ...rest, resources: bundle, amount: amount ?? null, upTo: upTo ?? null };
}

const bidSchema = z.strictObject({
  ...order,
  id: field.recordId,
  agent: field.id,
  placed: field.cycle,
  lost: field.counter,
});

export function bidText(bid: Bid): string {
  const { id, agent, placed, lost } = bid;
  return canonicalJson({ ...orderJson(bid), id, agent, placed, lost });
}

export function readBid(text: string, file: string): Checked<Bid> {
  const checked = checkText(bidSchema, parseJson(text), file);
  if (!checked.ok) return checked;
  const { id, agent, placed, lost, ...rest } = checked.value;
  return { ok: true, value: { ...orderOf(rest), id, agent, placed, lost } };
}

const marketSchema = z.strictObject({
  resource: z.enum(RESOURCES),
  supply: z.number().min(0).max(1_000_000_000),
  price: field.amount,
  initialPrice: field.amount,
  utilization: z.number().min(0).max(100),
  averageUtilization: z.number().min(0).max(100).nullable().default(null),
  demand: z.number().min(0),
  sales: z.array(
    z.strictObject({
      cycle: field.cycle,
      bid: field.recordId,
      agent: field.id,
      quantity: z.number().min(0),
      amount: field.amount,
    }),
  ),
});

export function marketText({ averageUtilization, ...market }: Market): string {
  return canonicalJson({
    ...market,
    ...(averageUtilization !== null && { averageUtilization }),
    price: formatAmount(market.price),
    initialPrice: formatAmount(market.initialPrice),
    sales: market.sales.map((sale) => ({ ...sale, amount: formatAmount(sale.amount) })),
  });
}

export function readMarket(text: string, file: string): Checked<Market> {
  return checkText(marketSchema, parseJson(text), file);
}

const worldSchema = z.strictObject({
  format: z.literal(WORLD_FORMAT),
  cycle: field.cycle,
  time: field.instant,
  seed: z.string().min(1).max(200),
  minted: z.strictObject({ day: z.string().max(10), amount: field.amount }),
  spent: z
    .strictObject({ day: z.string().max(10), today: field.amount, total: field.amount })
    .refine(({ today, total }) => today <= total, "expected no more today than in total")
    .optional(),
  paused: z.strictObject({ by: z.string(), at: field.instant, reason: z.string() }).optional(),
});

export type WorldRecord = Pick<Economy, "cycle" | "time" | "seed" | "minted" | "spent" | "paused">;

/** What never was (a dollar spent, a pause) is left out. */
export function worldText({ cycle, time, seed, minted, spent, paused }: WorldRecord): string {
  const { day, today, total } = spent;
  return canonicalJson({
    ...{ format: WORLD_FORMAT, cycle, time, seed },
    minted: { day: minted.day, amount: formatAmount(minted.amount) },
    // Dollars have six decimals, as credits have.
    ...(total > 0 && { spent: { day, today: formatAmount(today), total: formatAmount(total) } }),
    ...(paused && { paused }),
  });
}

export function readWorldRecord(text: string, file: string): Checked<WorldRecord> {
  const checked = checkText(worldSchema, parseJson(text), file);
  if (!checked.ok) return checked;
  const { format: _, spent = NOTHING_SPENT, paused = null, ...record } = checked.value;
  return { ok: true, value: { ...record, spent, paused } };
}

const accountsSchema = z.record(field.account, field.balance);
const balancesSchema = z.record(field.asset, accountsSchema);

export function balancesText(balances: Ledger["balances"]): string {
  const assets = [...balances].map(([asset, accounts]) => [
    asset,
    Object.fromEntries([...accounts].map(([account, held]) => [account, formatAmount(held)])),
  ]);
  return canonicalJson(Object.fromEntries(assets));
}

export function readBalances(text: string, file: string): Checked<Ledger["balances"]> {
  const checked = checkText(balancesSchema, parseJson(text), file);
  if (!checked.ok) return checked;
  const balances = new Map<string, Map<string, Micro>>();
  for (const [asset, accounts] of Object.entries(checked.value))
    balances.set(asset, new Map(Object.entries(accounts)));
  return { ok: true, value: balances };
}

function mismatch(file: string, message: string): Checked<never> {
  return { ok: false, problems: [{ file, line: null, message }] };
}
