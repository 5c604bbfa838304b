// Names of agents and people: plain ASCII, so that no two look alike and none is a path.
import { shortHash } from "./hash.ts";
import { accept, type Result, refuse } from "./result.ts";

export const ID = /^[a-z][a-z0-9-]{0,31}$/;

/** Names that read like a part of the economy itself. */
const RESERVED = new Set(["human", "market", "issuance", "burn", "system", "kernel", "econ"]);

export function checkId(value: unknown): Result<string> {
  if (typeof value !== "string") return refuse("a name must be text");
  if (!ID.test(value))
    return refuse(`${quote(value)} is not a name: use a-z, 0-9 and -, from a letter, up to 32`);
  return accept(value);
}

export function checkNewId(value: unknown): Result<string> {
  const id = checkId(value);
  if (id.ok && RESERVED.has(id.value)) return refuse(`${quote(id.value)} is a reserved name`);
  return id;
}

/** The wished name if it is free, else that name with a short hash of (seed, parent, number). */
export function nameChild(
  wish: string,
  taken: (id: string) => boolean,
  birth: { seed: string; parent: string; number: number },
): string {
  if (!taken(wish)) return wish;
  const stem = wish.slice(0, 24);
  for (let attempt = 0; ; attempt++) {
    const text = `${birth.parent}/${birth.number}/${attempt}`;
    const name = `${stem}-${shortHash(birth.seed, text)}`;
    if (!taken(name)) return name;
  }
}

/** The id of the bid that an agent has just placed: its name, its runs and its bids so far. */
export function bidIdOf(agent: { id: string; executions: number; placed: number }): string {
  return `${agent.id}-${agent.executions}-${agent.placed}`;
}

/** Whose bid it is, as its id tells; null: it is no id of a bid. */
export function bidderIn(id: string): string | null {
  const [, agent = ""] = /^(.+)-[0-9]+-[0-9]+$/.exec(id) ?? [];
  return ID.test(agent) ? agent : null;
}

/** A short, safe quotation of something a stranger wrote, for a reason. */
export function quote(text: string): string {
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return JSON.stringify(shown);
}
