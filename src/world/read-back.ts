// The economy after a commit as the files now say it, from the few files that the commit changed:
// what was written is read with the codecs of any reading, all else was read before.
import type { Ledger } from "../economy/ledger.ts";
import { assert } from "../economy/result.ts";
import { type Agent, type Economy, type Message, noChanges } from "../economy/state.ts";
import type { Change } from "./change.ts";
import { parseFrontMatter } from "./front-matter.ts";
import { readJournal } from "./journal.ts";
import * as layout from "./layout.ts";
import { readMessage, readPrompt } from "./prose.ts";
import * as records from "./records.ts";
import type { Checked } from "./schema.ts";

/** `economy` is used up; `changes` are all that its own changes became. */
export function readBack(economy: Economy, changes: Change[]): Economy {
  const files: Files = new Map(changes.map(({ path, file }) => [path, file?.bytes]));
  const { rules, ledger, agents, dead, people, markets, bids, active, queue, recent } = economy;
  const delivered = new Set(economy.changes.mail);
  for (const id of economy.changes.agents) {
    const agent = agents.get(id);
    if (agent) agents.set(id, readAgentBack(agent, files, delivered));
  }
  for (const id of economy.changes.bids)
    if (bids.has(id)) bids.set(id, readFrom(files, layout.bidFile(id), records.readBid));
  for (const name of economy.changes.markets)
    markets.set(name, readFrom(files, layout.marketFile(name), records.readMarket));
  const isWritten = (id: string) => economy.changes.prompts.has(id);
  const readPromptBack = (id: string) => readFrom(files, layout.promptFile(id), readPrompt);
  for (const id of queue.keys()) if (isWritten(id)) queue.set(id, readPromptBack(id));
  return {
    rules,
    ...readFrom(files, layout.WORLD, records.readWorldRecord),
    ledger: { balances: balancesInOrder(ledger), holds: new Map() },
    agents: inOrder(agents),
    dead: new Set([...dead].sort()),
    people,
    markets,
    bids: inOrder(bids),
    active: active && isWritten(active.id) ? readPromptBack(active.id) : active,
    queue: inOrder(queue),
    recent: economy.changes.transfers.length > 0 ? readRecentBack(recent, files) : recent,
    changes: noChanges(),
  };
}

type Files = Map<string, Uint8Array | undefined>;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function readFrom<T>(
  files: Files,
  path: string,
  codec: (text: string, file: string) => Checked<T>,
): T {
  const bytes = files.get(path);
  assert(bytes, `${path} was changed, but not written`);
  const checked = codec(decoder.decode(bytes), path);
  assert(checked.ok, `${path} was written as it cannot be read`);
  return checked.value;
}

function readAgentBack(agent: Agent, files: Files, delivered: Set<Message>): Agent {
  const inbox = agent.inbox.map((message) => {
    if (!delivered.has(message)) return message;
    return readFrom(files, layout.unreadMail(message), (text, file) => {
      const parsed = parseFrontMatter(text);
      return parsed.ok ? readMessage(parsed.value, message.n, file) : { ok: false, problems: [] };
    });
  });
  return { ...readFrom(files, layout.agentRecord(agent.id), records.readAgent), inbox };
}

/** The last of the journals: only that of the cycle, or of the one to come, was written. */
function readRecentBack(recent: Economy["recent"], files: Files): Economy["recent"] {
  const { cycle } = recent.at(-1)!;
  const earlier = recent.filter((transfer) => transfer.cycle !== cycle);
  const read = (text: string, file: string) => readJournal(text, cycle, file);
  return [...earlier, ...readFrom(files, layout.journalFile(cycle), read)];
}

const inOrder = <T>(map: Map<string, T>) => new Map([...map].sort(([a], [b]) => (a < b ? -1 : 1)));

const balancesInOrder = ({ balances }: Ledger) =>
  inOrder(new Map([...balances].map(([asset, accounts]) => [asset, inOrder(accounts)])));
