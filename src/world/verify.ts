// The audit of a world from its files alone: the journal, replayed from the first line, has to give
// the balances, account by account. One cycle's file is in memory at a time.
import { join } from "node:path";
import { ISSUANCE, type Transfer } from "../economy/ledger.ts";
import { formatAmount, type Micro } from "../economy/money.ts";
import { totalOf } from "../economy/spending.ts";
import type { Problem } from "./change.ts";
import { LEDGER_BYTES_MAX, readLines } from "./files.ts";
import { readJournal } from "./journal.ts";
import { parseJson } from "./json.ts";
import * as layout from "./layout.ts";
import { listJournals, readCostsFrom, readWorld, type WorldRead } from "./read.ts";
import { load, type Reader, type ReadOptions, report } from "./reader.ts";
import { readBalances, readWorldRecord } from "./records.ts";

type Books = Map<string, Map<string, Micro>>;

/** All that is wrong with a world; nothing, if it is sound. */
export async function verifyWorld(root: string, options: ReadOptions = {}): Promise<Problem[]> {
  return verifyRead(root, await readWorld(root, options));
}

/** The same of a world that was just read. */
export function verifyRead(root: string, { problems }: WorldRead): Problem[] {
  const reader: Reader = { root, problems: [] };
  const books: Books = new Map();
  const replayed = replay(reader, books);
  if (replayed) compare(reader, books);
  checkCosts(reader);
  return unique([...problems, ...reader.problems]);
}

/** Book every journal on empty books; whether all of it could be read. */
function replay(reader: Reader, books: Books): boolean {
  const journals = listJournals(reader.root);
  if (!journals.ok) {
    reader.problems.push(...journals.problems);
    return false;
  }
  const world = load(reader, layout.WORLD, readWorldRecord);
  let isComplete = true;
  for (const cycle of journals.value) {
    const file = layout.journalFile(cycle);
    const text = readLines(join(reader.root, file), LEDGER_BYTES_MAX);
    if (!text.ok) {
      report(reader, file, text.reason, text.line);
      isComplete = false;
      continue;
    }
    const read = readJournal(text.value, cycle, file);
    if (!read.ok) reader.problems.push(...read.problems);
    isComplete &&= read.ok;
    if (world && cycle > world.cycle + 1)
      report(reader, file, `the world is at cycle ${world.cycle} only`);
    if (read.ok) for (const transfer of read.value) book(reader, books, { transfer, file });
  }
  return isComplete;
}

/** What the files say was spent, against the world's total. */
function checkCosts(reader: Reader): void {
  const costs = readCostsFrom(reader.root);
  if (!costs.ok) {
    reader.problems.push(...costs.problems);
    return;
  }
  let lineOf: (path: string[]) => number | null = () => null;
  const world = load({ root: reader.root, problems: [] }, layout.WORLD, (text, name) => {
    const parsed = parseJson(text);
    if (parsed.ok) lineOf = parsed.lineOf;
    return readWorldRecord(text, name);
  });
  // What is wrong with the record itself was said when it was read.
  if (!world) return;
  let total = 0;
  for (const { cycle, costs: lines } of costs.value) {
    total += totalOf(lines);
    if (cycle > world.cycle)
      report(reader, layout.costsFile(cycle), `the world is at cycle ${world.cycle} only`);
  }
  if (total === world.spent.total) return;
  const message = `spent.total: the files in ${layout.COSTS}/ sum to ${quoted(total)}, got`;
  report(
    reader,
    layout.WORLD,
    `${message} ${quoted(world.spent.total)}`,
    lineOf(["spent", "total"]),
  );
}

function book(
  reader: Reader,
  books: Books,
  { transfer, file }: { transfer: Transfer; file: string },
): void {
  const { asset, from, to, amount, n } = transfer;
  let accounts = books.get(asset);
  if (!accounts) {
    accounts = new Map();
    books.set(asset, accounts);
  }
  const left = (accounts.get(from) ?? 0) - amount;
  if (left < 0 && from !== ISSUANCE)
    report(
      reader,
      file,
      `${from} pays ${formatAmount(amount)} and has only ${formatAmount(left + amount)}`,
      n,
    );
  accounts.set(from, left);
  accounts.set(to, (accounts.get(to) ?? 0) + amount);
}

function compare(reader: Reader, books: Books): void {
  const file = layout.BALANCES;
  const read = (path: string) => readLines(path, LEDGER_BYTES_MAX);
  let lineOf: (path: string[]) => number | null = () => null;
  const stated = load(
    reader,
    file,
    (text, name) => {
      const parsed = parseJson(text);
      if (parsed.ok) lineOf = parsed.lineOf;
      return readBalances(text, name);
    },
    read,
  );
  if (!stated) return;
  for (const asset of new Set([...books.keys(), ...stated.keys()])) {
    const expected = books.get(asset) ?? new Map<string, Micro>();
    const found = stated.get(asset) ?? new Map<string, Micro>();
    for (const account of new Set([...expected.keys(), ...found.keys()])) {
      const right = expected.get(account);
      const wrong = found.get(account);
      // An account at zero that nobody ever touched does no harm; one left out says nothing wrong.
      if ((right ?? 0) === (wrong ?? 0)) continue;
      const got = wrong === undefined ? "but it is missing" : `got ${quoted(wrong)}`;
      const message = `${account}: the journal gives ${quoted(right ?? 0)} ${asset}, ${got}`;
      report(reader, file, message, lineOf([asset, account]));
    }
  }
}

function quoted(amount: Micro): string {
  return `"${formatAmount(amount)}"`;
}

function unique(problems: Problem[]): Problem[] {
  const seen = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...seen.values()];
}
