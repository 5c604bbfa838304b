// The living in a list, and the dead.
import { agentAccount, balanceOf } from "../economy/ledger.ts";
import type { Census, Life, Overview } from "../economy/overview.ts";
import type { Agent } from "../economy/state.ts";
import { amountColumn, counted } from "./amounts.ts";
import { nobodyAlive } from "./dashboard.ts";
import { type BidOutlook, firstOutlooks } from "./outlook.ts";
import { type Cell, type Column, hint, type Look, section, table } from "./tables.ts";

/** The names of the living, the richest first. */
export function byBalance({ agents, ledger }: Overview): string[] {
  const held = [...agents.keys()].map((id) => ({ id, has: balanceOf(ledger, agentAccount(id)) }));
  return held.sort((a, b) => b.has - a.has || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
}

/** The same with their records. */
export function livesByBalance(economy: Census): Life[] {
  return byBalance(economy).flatMap((id) => economy.agents.get(id) ?? []);
}

export function agentsView(economy: Census, look: Look): string {
  const agents = livesByBalance(economy);
  if (agents.length === 0) return hint(nobodyAlive(economy), look);
  const balances = amountColumn(
    agents.map(({ id }) => balanceOf(economy.ledger, agentAccount(id))),
  );
  const earned = amountColumn(agents.map((agent) => agent.earned));
  const spent = amountColumn(agents.map((agent) => agent.spent));
  const outlooks = firstOutlooks(economy);
  const columns: Column[] = [
    { title: "AGENT", flexible: true },
    { title: "BALANCE", align: "right" },
    { title: "EARNED", align: "right" },
    { title: "SPENT", align: "right" },
    { title: "RUNS", align: "right" },
    { title: "LAST RUN", align: "right" },
    { title: "NEXT", flexible: true },
  ];
  const rows = agents.map((agent, i): Cell[] => [
    { text: agent.id, style: look.paint.strong },
    balances[i] ?? "",
    earned[i] ?? "",
    spent[i] ?? "",
    String(agent.executions),
    agent.lastExecution ? `cycle ${agent.lastExecution.cycle}` : "never",
    nextText(economy, agent.id, outlooks.get(agent.id)),
  ]);
  const dead = economy.dead.size
    ? [hint(`${economy.dead.size} dead: econ agents --dead`, look)]
    : [];
  return [table(columns, rows, look), ...dead].join("\n");
}

/** What wakes an agent next, in a word. */
function nextText(economy: Overview, id: string, first: BidOutlook | undefined): string {
  if (!first) return economy.active?.agent === id ? "waits for your score" : "no bid";
  if (first.state === "ready") return "bids next cycle";
  return first.state === "not due" ? `sleeps to cycle ${first.bid.notBefore}` : first.state;
}

export type Grave = { id: string; agent: Agent | null };

export function deadView(graves: Grave[], look: Look): string {
  if (graves.length === 0) return hint("Nobody has died yet.", look);
  const columns: Column[] = [
    { title: "AGENT" },
    { title: "BORN", align: "right" },
    { title: "DIED", align: "right" },
    { title: "RUNS", align: "right" },
    { title: "CAUSE", flexible: true },
  ];
  const rows = graves.map(({ id, agent }): Cell[] => [
    id,
    agent ? `cycle ${agent.createdCycle}` : "",
    agent?.death ? `cycle ${agent.death.cycle}` : "",
    agent ? String(agent.executions) : "",
    agent?.death?.cause ?? "its folder is not in the graveyard",
  ]);
  const title = `Graveyard: ${counted(graves.length, "agent")}`;
  return section(title, table(columns, rows, look), look);
}
