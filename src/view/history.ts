// Transfers as a person reads them: who paid whom, and why. Newest first.
import type { Transfer } from "../economy/ledger.ts";
import { amountColumn } from "./amounts.ts";
import { type Cell, type Column, hint, type Look, table } from "./tables.ts";

export function historyView(transfers: Transfer[], look: Look): string {
  if (transfers.length === 0)
    return hint("No transfer matches. Credits move when a cycle runs: `econ tick`.", look);
  const amounts = amountColumn(transfers.map(({ amount }) => amount));
  const columns: Column[] = [
    { title: "CYCLE", align: "right" },
    { title: "AMOUNT", align: "right" },
    { title: "KIND" },
    { title: "FROM" },
    { title: "TO" },
    { title: "MEMO", flexible: true },
  ];
  const rows = transfers.map(({ cycle, kind, from, to, memo }, i): Cell[] => [
    { text: String(cycle), style: look.paint.quiet },
    amounts[i] ?? "",
    kind,
    accountText(from),
    accountText(to),
    memo,
  ]);
  return table(columns, rows, look);
}

/** agent:scribe reads as scribe; the other accounts keep their names. */
function accountText(account: string): string {
  return account.startsWith("agent:") ? account.slice(6) : account;
}

/** "scribe" → agent:scribe; "agent:scribe" and "market:tokens" as they are. */
export function involves({ from, to }: Transfer, who: string): boolean {
  const names = who.includes(":") ? [who] : [`agent:${who}`, `human:${who}`, who];
  return names.includes(from) || names.includes(to);
}
