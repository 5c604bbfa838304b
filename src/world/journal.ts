// The journal: what a line of it looks like, and which movements it may hold. Kept apart from the
// balances, so that each can be checked against the other.
import * as z from "zod";
import { TRANSFER_KINDS, type Transfer, type TransferKind } from "../economy/ledger.ts";
import { formatAmount, parseAmount } from "../economy/money.ts";
import type { Problem } from "./change.ts";
import * as field from "./fields.ts";
import { parseJson } from "./json.ts";
import { type Checked, checkText } from "./schema.ts";

/** One line, without its newline. The keys are in their sorted order. */
export function transferLine(transfer: Transfer): string {
  const { amount, asset, cycle, from, kind, memo, n, to } = transfer;
  const exact = formatAmount(amount);
  return JSON.stringify({ amount: exact, asset, cycle, from, kind, memo, n, to });
}

export function journalText(transfers: Transfer[]): string {
  return transfers.map((transfer) => `${transferLine(transfer)}\n`).join("");
}

const schema = z.strictObject({
  amount: field.amount.refine((amount) => amount > 0, { error: "an amount must be more than 0" }),
  asset: field.asset,
  cycle: field.cycle,
  from: field.account,
  kind: z.enum(TRANSFER_KINDS),
  memo: z.string(),
  n: field.counter.min(1),
  to: field.account,
});

/** The transfers of one cycle's file, checked one by one and as a sequence. */
export function readJournal(text: string, cycle: number, file: string): Checked<Transfer[]> {
  const problems: Problem[] = [];
  const transfers: Transfer[] = [];
  const lines = text.split("\n");
  if (lines.pop() !== "")
    problems.push({ file, line: lines.length + 1, message: "the last line is cut off" });
  for (const [index, line] of lines.entries()) {
    const read = readLine(line, file, index + 1);
    if (!read.ok) {
      problems.push(...read.problems);
      continue;
    }
    const transfer = read.value;
    transfers.push(transfer);
    const message = wrongIn(transfer, { cycle, n: index + 1 });
    if (message) problems.push({ file, line: index + 1, message });
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: transfers };
}

function readLine(line: string, file: string, number: number): Checked<Transfer> {
  const quick = readOwnLine(line);
  if (quick) return { ok: true, value: quick };
  const checked = checkText(schema, parseJson(line), file);
  if (checked.ok) return checked;
  const problems = checked.problems.map((problem) => ({ ...problem, line: number }));
  return { ok: false, problems };
}

/** A line as we write them, at a fraction of the cost: right if written again it is the same. */
function readOwnLine(line: string): Transfer | null {
  try {
    const raw = JSON.parse(line);
    const amount = parseAmount(raw.amount);
    if (!amount.ok || amount.value <= 0 || !TRANSFER_KINDS.includes(raw.kind)) return null;
    const { asset, cycle, from, kind, memo, n, to } = raw;
    const numbers = Number.isSafeInteger(cycle) && Number.isSafeInteger(n);
    if (!numbers || typeof memo !== "string" || !isAsset(asset)) return null;
    if (!isAccount(from) || !isAccount(to)) return null;
    const transfer: Transfer = { cycle, n, asset, kind, from, to, amount: amount.value, memo };
    return transferLine(transfer) === line ? transfer : null;
  } catch {
    return null;
  }
}

const ACCOUNTS = new Set<string>();

/** Whether it is well formed; remembered, because the same few pay again and again. */
function isAccount(name: unknown): boolean {
  if (typeof name !== "string") return false;
  if (ACCOUNTS.has(name)) return true;
  if (!field.account.safeParse(name).success) return false;
  if (ACCOUNTS.size < 100_000) ACCOUNTS.add(name);
  return true;
}

function isAsset(name: unknown): boolean {
  return name === "credit" || field.asset.safeParse(name).success;
}

type Party = "issuance" | "burn" | "agent" | "human" | "market";

const ANYONE: Party[] = ["agent", "human"];

/** Who may pay whom, by kind. Markets and the burn never pay; new credits have three reasons. */
const ROUTES: Record<TransferKind, { from: Party[]; to: Party[] }> = {
  endowment: { from: ["issuance", "agent"], to: ANYONE },
  grant: { from: ["issuance", "human"], to: ANYONE },
  award: { from: ["issuance"], to: ANYONE },
  execution: { from: ["agent"], to: ["market"] },
  attention: { from: ANYONE, to: ["market"] },
  spawn: { from: ANYONE, to: ["market"] },
  message: { from: ANYONE, to: ["market"] },
  payment: { from: ANYONE, to: ANYONE },
  estate: { from: ANYONE, to: ["burn", "agent", "human"] },
};

function wrongIn(transfer: Transfer, place: { cycle: number; n: number }): string | null {
  const { cycle, n, kind, from, to } = transfer;
  if (cycle !== place.cycle)
    return `cycle: expected ${place.cycle}, as the file's name, got ${cycle}`;
  if (n !== place.n) return `n: expected ${place.n} (numbered from 1 without a gap), got ${n}`;
  if (from === to) return `to: ${to} pays itself`;
  const route = ROUTES[kind];
  if (!route.from.includes(partyOf(from)))
    return `from: ${from} cannot pay a transfer of kind "${kind}" (only ${route.from.join(", ")})`;
  if (!route.to.includes(partyOf(to)))
    return `to: ${to} cannot receive a transfer of kind "${kind}" (only ${route.to.join(", ")})`;
  return null;
}

function partyOf(account: string): Party {
  const colon = account.indexOf(":");
  return (colon < 0 ? account : account.slice(0, colon)) as Party;
}
