// The ledger: double entry over integer accounts. A transfer debits one account and credits one
// other of the same asset, so per asset all balances sum to zero, issuance and burn included.
// Holds are two-phase transfers (as in TigerBeetle): pending, then settled in parts or released.
import { AMOUNT_MAX, formatAmount, type Micro } from "./money.ts";
import { drop, ownedBy, put } from "./owned.ts";
import { accept, bug, type Result, refuse } from "./result.ts";

/** The currency. Other assets (shares) use the same accounts under their own name. */
export const CREDIT = "credit";

export const ISSUANCE = "issuance";
export const BURN = "burn";

export const agentAccount = (id: string) => `agent:${id}`;
export const personAccount = (name: string) => `human:${name}`;
export const marketAccount = (name: string) => `market:${name}`;

export const TRANSFER_KINDS = [
  "endowment",
  "grant",
  "award",
  "execution",
  "attention",
  "spawn",
  "message",
  "payment",
  "estate",
] as const;
export type TransferKind = (typeof TRANSFER_KINDS)[number];

/** One movement of money. `n` numbers the transfers of its cycle from 1. */
export type Transfer = {
  cycle: number;
  n: number;
  asset: string;
  kind: TransferKind;
  from: string;
  to: string;
  amount: Micro;
  memo: string;
};

export type Hold = { account: string; asset: string; amount: Micro };

export type Ledger = {
  /** asset → account → balance. An account with nothing is not there. */
  balances: Map<string, Map<string, Micro>>;
  /** Amounts promised but not moved yet, by the id of what they are for. */
  holds: Map<string, Hold>;
};

export function emptyLedger(): Ledger {
  return { balances: new Map([[CREDIT, new Map()]]), holds: new Map() };
}

const accountOf = (hold: Hold) => hold.account;

export function balanceOf(ledger: Ledger, account: string, asset = CREDIT): Micro {
  return ledger.balances.get(asset)?.get(account) ?? 0;
}

/** The balance less what is on hold: what the account can spend now. */
export function availableTo(ledger: Ledger, account: string, asset = CREDIT): Micro {
  const balance = balanceOf(ledger, account, asset);
  // Money is on hold only from the clearing until its runs are settled.
  return ledger.holds.size === 0 ? balance : balance - heldOf(ledger, account, asset);
}

function heldOf({ holds }: Ledger, account: string, asset: string): Micro {
  let held = 0;
  for (const hold of ownedBy(holds, account, accountOf))
    if (hold.asset === asset) held += hold.amount;
  return held;
}

/** Only issuance may go below zero, and nothing but the kernel draws on it. */
function mayOverdraw(account: string): boolean {
  return account === ISSUANCE;
}

/** What may still be issued of an asset. */
export function issuable(ledger: Ledger, asset = CREDIT): Micro {
  return AMOUNT_MAX + balanceOf(ledger, ISSUANCE, asset);
}

/** Markets and the burn only ever receive. */
function mayNotSpend(account: string): boolean {
  return account === BURN || account.startsWith("market:");
}

export type Movement = Omit<Transfer, "cycle" | "n" | "asset"> & { asset?: string };

/** Move money, or say why not. Nothing changes on a refusal. */
export function move(ledger: Ledger, movement: Movement): Result<Micro> {
  const { from, to, amount, asset = CREDIT } = movement;
  if (!Number.isSafeInteger(amount)) bug(`transfer of ${amount}`);
  if (amount <= 0) return refuse("an amount must be more than 0");
  if (amount > AMOUNT_MAX) return refuse("the amount is more than anyone can hold");
  if (from === to) return refuse("an account cannot pay itself");
  if (mayNotSpend(from)) bug(`${from} spends`);
  if (from === ISSUANCE && amount > issuable(ledger, asset))
    return refuse(`no more than ${formatAmount(AMOUNT_MAX)} can be issued in one world`);
  const available = availableTo(ledger, from, asset);
  if (!mayOverdraw(from) && available < amount)
    return refuse(`needs ${formatAmount(amount)} credits, has ${formatAmount(available)}`);
  add(accountsOf(ledger, asset), from, -amount);
  add(accountsOf(ledger, asset), to, amount);
  return accept(amount);
}

/** An empty account has no entry, so that the books do not grow with the number of the dead. */
function add(accounts: Map<string, Micro>, account: string, amount: Micro): void {
  const balance = (accounts.get(account) ?? 0) + amount;
  if (balance === 0) accounts.delete(account);
  else accounts.set(account, balance);
}

/** Promise an amount of an account to `id`; it can no longer be spent elsewhere. */
export function hold(ledger: Ledger, id: string, promise: Hold): Result<Micro> {
  if (ledger.holds.has(id)) bug(`hold ${id} exists`);
  const available = availableTo(ledger, promise.account, promise.asset);
  if (available < promise.amount)
    return refuse(`needs ${formatAmount(promise.amount)} credits, has ${formatAmount(available)}`);
  put(ledger.holds, id, promise, accountOf);
  return accept(promise.amount);
}

/** Give a hold back to its account. */
export function releaseHold(ledger: Ledger, id: string): Hold {
  const held = ledger.holds.get(id) ?? bug(`no hold ${id}`);
  drop(ledger.holds, id, accountOf);
  return held;
}

/** Zero for every asset of a sound ledger. */
export function sumOfBalances(ledger: Ledger, asset: string): Micro {
  let sum = 0;
  for (const balance of ledger.balances.get(asset)?.values() ?? []) sum += balance;
  return sum;
}

/** Law 4, as a check: what is wrong with these books, in words; empty when they are right. */
export function auditBalances(ledger: Ledger): string[] {
  const problems: string[] = [];
  for (const [asset, accounts] of ledger.balances) {
    const sum = sumOfBalances(ledger, asset);
    if (sum !== 0)
      problems.push(`${asset}: all balances must sum to 0, they sum to ${formatAmount(sum)}`);
    for (const [account, balance] of accounts)
      if (balance < 0 && !mayOverdraw(account))
        problems.push(`${asset}: ${account} is below zero (${formatAmount(balance)})`);
  }
  return problems;
}

function accountsOf(ledger: Ledger, asset: string): Map<string, Micro> {
  let accounts = ledger.balances.get(asset);
  if (!accounts) {
    accounts = new Map();
    ledger.balances.set(asset, accounts);
  }
  return accounts;
}
