// Where everything of a world is. The only file that spells a path; all are relative to the world's
// folder, with "/" between names.

export const CONFIG = "econ.yaml";
export const WORLD = "world.json";
export const RULES = "RULES.md";
export const GITIGNORE = ".gitignore";
/** Git-ignored: lock, scratch, caches. Can be deleted at rest. */
export const PRIVATE = ".econ";
/** How files are called while they are written; a crash leaves some, and repair removes them. */
export const TEMPORARY = ".econ-write-";

export const AGENTS = "agents";
export const GRAVEYARD = "graveyard";
export const HUMANS = "humans";
export const LEDGER = "ledger";
export const COSTS = "costs";
export const MARKETS = "markets";
export const BIDS = "bids";
export const ATTENTION = "attention";

export const BALANCES = `${LEDGER}/balances.json`;
/** The prompt as the person sees and scores it; the kernel's record of it stays in the queue. */
export const ACTIVE = `${ATTENTION}/active.md`;
export const QUEUE = `${ATTENTION}/queue`;

/** What may stand in an agent's folder; all that is its own is in the workspace. */
export const AGENT_FOLDER = ["agent.json", "inbox", "runs", "workspace"] as const;

export const agentFolder = (id: string) => `${AGENTS}/${id}`;
/** The agent whose folder a path is in, if it is in one. */
export const agentIn = (path: string) => /^agents\/([^/]+)\//.exec(path)?.[1];
export const agentRecord = (id: string) => `${AGENTS}/${id}/agent.json`;
export const workspaceOf = (id: string) => `${AGENTS}/${id}/workspace`;
export const inboxOf = (id: string) => `${AGENTS}/${id}/inbox`;
export const runTrace = (id: string, cycle: number) => `${AGENTS}/${id}/runs/${cycle}.jsonl`;
export const graveOf = (id: string) => `${GRAVEYARD}/${id}`;
export const personFile = (name: string) => `${HUMANS}/${name}/human.md`;
export const marketFile = (resource: string) => `${MARKETS}/${resource}.json`;
export const bidFile = (id: string) => `${BIDS}/${id}.json`;
export const promptFile = (id: string) => `${QUEUE}/${id}.md`;

type Letter = { n: number; from: string; to: string };
export const unreadMail = ({ n, from, to }: Letter) => `${inboxOf(to)}/${n}-${from}.md`;
export const readMail = ({ n, from, to }: Letter) => `${inboxOf(to)}/read/${n}-${from}.md`;

/** Folders of a thousand, so that none grows with the age of the world. */
export const shelfOf = (cycle: number) => String(Math.floor(cycle / 1000));
export const journalFile = (cycle: number) => `${LEDGER}/${shelfOf(cycle)}/${cycle}.jsonl`;
export const costsFile = (cycle: number) => `${COSTS}/${shelfOf(cycle)}/${cycle}.jsonl`;
export const answeredFile = (prompt: { id: string; answered: number }) =>
  `${ATTENTION}/answered/${shelfOf(prompt.answered)}/${prompt.id}.md`;

const MAIL_NAME = /^([1-9][0-9]{0,14})-([a-z][a-z0-9-]{0,31})\.md$/;

/** The number and sender in the name of a message file, or null: then a person dropped it there. */
export function parseMailName(name: string): { n: number; from: string } | null {
  const match = MAIL_NAME.exec(name);
  return match ? { n: Number(match[1]), from: match[2] as string } : null;
}

/** 42 from "42.jsonl"; null for any other name, "042.jsonl" included. */
export function parseCycleName(name: string): number | null {
  const match = /^(0|[1-9][0-9]{0,14})\.jsonl$/.exec(name);
  return match ? Number(match[1]) : null;
}
