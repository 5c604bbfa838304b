// Worlds for tests: a fixture is an object literal of path → content, in a folder of its own.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Transfer } from "../../src/economy/ledger.ts";
import { newEconomy as emptyEconomy } from "../../src/economy/new-economy.ts";
import { rulesSchema } from "../../src/economy/rules.ts";
import {
  type Agent,
  type Bid,
  newAgent as bornAgent,
  type Economy,
  type Folder,
  type Message,
  noChanges,
  type Prompt,
  transfer,
} from "../../src/economy/state.ts";
import type { Change } from "../../src/world/change.ts";
import { diskOf } from "../../src/world/read.ts";
import { initialWorld } from "../../src/world/write.ts";

export type Files = Record<string, string | Uint8Array>;

export const T0 = "2026-01-01T00:00:00.000Z";

const roots: string[] = [];

export function tempFolder(files: Files = {}): string {
  const root = mkdtempSync(join(tmpdir(), "econ-world-"));
  roots.push(root);
  put(root, files);
  return root;
}

export function removeTempFolders(): void {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
}

export function put(root: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

/** What git will do with the changes, on the work tree alone. */
export function apply(root: string, changes: Change[]): void {
  for (const { path, file } of changes) {
    const target = join(root, path);
    if (!file) {
      if (!diskOf(root).exists(path)) throw new Error(`${path} is deleted but not there`);
      rmSync(target);
      continue;
    }
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, file.bytes);
    chmodSync(target, file.executable ? 0o755 : 0o644);
  }
}

export function folderOf(files: Files): Folder {
  const entries = Object.entries(files).map(([path, content]) => {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    return [path, { bytes, executable: false }] as const;
  });
  return new Map(entries);
}

export function newEconomy(): Economy {
  return { ...emptyEconomy(rulesSchema.parse({}), "seed", T0), people: new Set(["pat"]) };
}

export function newAgent(id: string, more: Partial<Agent> = {}): Agent {
  return {
    ...bornAgent(id, { cycle: 0, time: T0 }),
    ...more,
  };
}

export function newBid(agent: string, more: Partial<Bid> = {}): Bid {
  const order = { resources: { cpu_seconds: 1 }, payload: ["bun", "main.ts"], notBefore: 0 };
  const offer = { amount: null, upTo: null };
  return { ...order, ...offer, id: `${agent}-0-1`, agent, placed: 0, lost: 0, ...more };
}

export function newPrompt(agent: string, more: Partial<Prompt> = {}): Prompt {
  const asked = { content: "Is this of use?", format: "markdown", amount: 50_000_000 } as const;
  return { ...asked, id: `${agent}-1-p1`, agent, placed: 1, shown: null, ...more };
}

export function newMessage(to: string, more: Partial<Message> = {}): Message {
  return { n: 1, from: "bo", to, cycle: 1, at: T0, content: "hello", ...more };
}

/** An agent with 1,000 credits, a workspace and a bid. */
export function bear(economy: Economy, id: string): Agent {
  const agent = newAgent(id);
  economy.agents.set(id, agent);
  economy.changes.agents.add(id);
  economy.changes.born.push({ agent: id, folder: folderOf({ "main.ts": `// ${id}\n` }) });
  endow(economy, id, 1_000_000_000);
  const bid = newBid(id);
  economy.bids.set(bid.id, bid);
  economy.changes.bids.add(bid.id);
  return agent;
}

export function endow(economy: Economy, id: string, amount: number): void {
  const memo = `birth of ${id}`;
  transfer(economy, { kind: "endowment", from: "issuance", to: `agent:${id}`, amount, memo });
}

export const TEMPLATE = folderOf({ "econ.yaml": "# the rules\n", "RULES.md": "# Rules\n" });

/** The files of a new world with these agents. */
export function worldOf(economy: Economy): string {
  const root = tempFolder();
  const people = [{ id: "pat", display: "Pat" }];
  apply(root, initialWorld(economy, { template: TEMPLATE, people }));
  economy.changes = noChanges();
  return root;
}

/** A world of ada and bo at cycle 0. */
export function smallWorld(): { root: string; economy: Economy } {
  const economy = newEconomy();
  bear(economy, "ada");
  bear(economy, "bo");
  return { root: worldOf(economy), economy };
}

export function paid(n: number, more: Partial<Transfer> = {}): Transfer {
  const parties = { from: "issuance", to: "agent:ada", kind: "endowment" } as const;
  return { ...parties, cycle: 1, n, asset: "credit", amount: 1, memo: "", ...more };
}

/** An economy as plain data, without order where there is none. */
export function plain(economy: Economy): unknown {
  const { changes: _, ...rest } = economy;
  return JSON.parse(
    JSON.stringify(rest, (_key, value) => {
      if (value instanceof Set) return [...value].sort();
      if (value instanceof Map) return [...value].sort(([a], [b]) => (a < b ? -1 : 1));
      return value;
    }),
  );
}
