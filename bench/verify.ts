// `econ verify` of 100,000 transfers against `ledger` (apt-get install ledger) reading the same as
// a journal. Run it: sh bin/bun bench/verify.ts
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agentAccount } from "../src/economy/ledger.ts";
import { formatAmount } from "../src/economy/money.ts";
import { type Economy, mustTransfer } from "../src/economy/state.ts";
import { createLargeWorld, nameOf } from "./large-world.ts";
import { compare, inTurn, runQuietly } from "./measure.ts";

const AGENTS = 100;
const CYCLES = 1_000;
const scratch = mkdtempSync(join(tmpdir(), "econ-bench-"));
const [root, journal] = [join(scratch, "world"), join(scratch, "journal")];

/** A hundred payments in each of a thousand cycles. */
function past(economy: Economy): void {
  for (economy.cycle = 1; economy.cycle <= CYCLES; economy.cycle++)
    for (let index = 0; index < AGENTS; index++)
      mustTransfer(economy, {
        kind: "payment",
        from: agentAccount(nameOf(index)),
        to: agentAccount(nameOf((index + 1 + (economy.cycle % 7)) % AGENTS)),
        amount: 10_000 + index,
        memo: `for cycle ${economy.cycle}`,
      });
  economy.cycle = CYCLES;
}

const { recent } = await createLargeWorld(root, { agents: AGENTS, past });
const entries = recent.map(({ cycle, from, to, amount, memo }) => {
  const day = new Date(Date.UTC(2026, 0, 1 + cycle)).toISOString().slice(0, 10);
  return `${day} ${memo}\n  ${to}  ${formatAmount(amount)} C\n  ${from}\n`;
});
await Bun.write(journal, entries.join("\n"));

const econ = join(import.meta.dir, "../bin/econ");
const [peer, ours] = await inTurn(7, [
  { name: "ledger", run: () => runQuietly(["ledger", "-f", journal, "balance"]) },
  { name: "econ verify", run: () => runQuietly(["sh", econ, "verify", "--world", root]) },
]);
if (peer && ours)
  compare(
    { name: `econ verify of ${recent.length} transfers`, figures: ours },
    { name: "ledger balance", figures: peer, aim: "faster" },
  );
rmSync(scratch, { recursive: true });
