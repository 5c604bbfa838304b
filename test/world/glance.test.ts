// A glance reads a part of what a cycle reads. The law: it says the same of it, in whatever state a
// person has left the files.
import { afterAll, expect, test } from "bun:test";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { bidsOf, type Economy } from "../../src/economy/state.ts";
import type { Problem } from "../../src/world/change.ts";
import { readBidding, readCensus, readOverview, readSight } from "../../src/world/glance.ts";
import { readWorld } from "../../src/world/read.ts";
import type { Reader } from "../../src/world/reader.ts";
import { economies } from "./economies.ts";
import * as fixture from "./fixture.ts";
import { put, smallWorld } from "./fixture.ts";

afterAll(fixture.removeTempFolders);

type Glance<T> = (reader: Reader, options: object) => Promise<T | null>;

async function glanceAt<T>(root: string, read: Glance<T>) {
  const reader: Reader = { root, problems: [] };
  return { seen: await read(reader, {}), problems: reader.problems };
}

const RECORDS = /^(agents\/[^/]+\/agent\.json|bids\/.+)$/;

/** What a person may do to the files of a world, to one that `pick` chooses. */
const ACCIDENTS: Record<string, (root: string, pick: number) => void> = {
  "a record is broken": (root, pick) => spoil(root, "agents", pick, (id) => `${id}/agent.json`),
  "a bid is broken": (root, pick) => spoil(root, "bids", pick, (name) => name),
  "a market is broken": (root, pick) => spoil(root, "markets", pick, (name) => name),
  "a prompt is broken": (root, pick) => spoil(root, "attention/queue", pick, (name) => name),
  "the world's record is broken": (root) => put(root, { "world.json": "{}" }),
  "the balances are broken": (root) => put(root, { "ledger/balances.json": "[]" }),
  "a person's page is broken": (root) => put(root, { "humans/pat/human.md": "---\n" }),
  "the score sheet is broken": (root) => put(root, { "attention/active.md": "---\n" }),
  "a record is lost": (root, pick) =>
    chosen(root, "agents", pick, (id) => rmSync(join(root, "agents", id, "agent.json"))),
  "a record is a link to nothing": (root, pick) =>
    chosen(root, "agents", pick, (id) => {
      rmSync(join(root, "agents", id, "agent.json"));
      symlinkSync("nowhere", join(root, "agents", id, "agent.json"));
    }),
  "a folder is lost": (root, pick) =>
    chosen(root, "agents", pick, (id) => rmSync(join(root, "agents", id), { recursive: true })),
  "a record is spelled otherwise": (root, pick) =>
    chosen(root, "agents", pick, (id) => {
      const file = `agents/${id}/agent.json`;
      const spelled = (name: string) => name.replace(/^./, (c) => `\\u00${hex(c)}`);
      const text = readFileSync(join(root, file), "utf8");
      put(root, {
        [file]: text.replaceAll(/"([a-z][a-z0-9-]*)"(?!:)/g, (_, n) => `"${spelled(n)}"`),
      });
    }),
  "somebody is dead and alive": (root, pick) =>
    chosen(root, "agents", pick, (id) => {
      const grave = join(root, "graveyard", id);
      rmSync(grave, { recursive: true, force: true });
      cpSync(join(root, "agents", id), grave, { recursive: true, verbatimSymlinks: true });
    }),
  "somebody has died": (root) => put(root, { "graveyard/old/agent.json": "{}" }),
  "a grave is empty": (root) => mkdirSync(join(root, "graveyard/none"), { recursive: true }),
  "a newcomer": (root) => put(root, { "agents/newcomer/workspace/main.ts": "// new\n" }),
  "an empty folder": (root) => mkdirSync(join(root, "agents/nobody"), { recursive: true }),
  "a letter is dropped": (root, pick) =>
    chosen(root, "agents", pick, (id) => put(root, { [`agents/${id}/inbox/hello.md`]: "hello\n" })),
  "a file astray": (root, pick) =>
    chosen(root, "agents", pick, (id) => put(root, { [`agents/${id}/notes.txt`]: "x" })),
  "a name that is none": (root) => mkdirSync(join(root, "agents/Bad_Name"), { recursive: true }),
  "a bid of nobody": (root) => put(root, { "bids/zed-0-1.json": "{}" }),
  "a bid under a name of its own": (root) => put(root, { "bids/mine.json": "{}" }),
  "a bid under another's name": (root, pick) =>
    chosen(root, "bids", pick, (name) =>
      chosen(root, "agents", pick + 1, (id) =>
        cpSync(join(root, "bids", name), join(root, "bids", `${id}-7-7.json`)),
      ),
    ),
};

const hex = (char: string) => char.charCodeAt(0).toString(16).padStart(2, "0");

function chosen(root: string, folder: string, pick: number, act: (name: string) => void): void {
  const names = [...new Bun.Glob("*").scanSync({ cwd: join(root, folder), onlyFiles: false })];
  const name = names.sort()[pick % names.length];
  if (name !== undefined) act(name);
}

/** In its place, not through it: it may be a link out of the world. */
function spoil(root: string, folder: string, pick: number, file: (name: string) => string): void {
  chosen(root, folder, pick, (name) => {
    const path = join(root, folder, file(name));
    rmSync(path);
    writeFileSync(path, "{");
  });
}

const accidents = fc.array(
  fc.record({ kind: fc.constantFrom(...Object.keys(ACCIDENTS)), pick: fc.nat(10) }),
  { maxLength: 3 },
);

/**
 * A glance finds what the whole reading finds in the files of its own, and nothing else; but where
 * that one names what is wrong in somebody's folder, a glance may only know that nobody is there.
 */
function compareProblems(name: string, ours: Problem[], whole: Problem[], opens: RegExp): void {
  const lines = (problems: Problem[]) => problems.map((problem) => JSON.stringify(problem));
  const all = new Set(lines(whole));
  const isNamed = ({ message }: Problem) => {
    const [, absent] = /^agent: there is no living agent (.+)$/.exec(message) ?? [];
    return whole.some(({ file }) => absent && file.startsWith(`agents/${absent}/`));
  };
  const more = ours.filter((problem) => !isNamed(problem));
  expect([name, lines(more).filter((line) => !all.has(line))]).toEqual([name, []]);
  const own = whole.filter(({ file }) => opens.test(file));
  const said = new Set(lines(ours));
  expect([name, lines(own).filter((line) => !said.has(line))]).toEqual([name, []]);
}

const COMMON = /^(econ\.yaml|world\.json|ledger\/balances\.json|markets\/.*|attention\/queue\/.*)$/;

function namesIn(economy: Economy) {
  const { bids, recent: _, changes: __, ...others } = economy;
  return { ...others, agents: names(economy.agents), bids: names(bids) };
}

const names = (known: Pick<ReadonlySet<string>, "keys">) => [...known.keys()].sort();
const plain = (value: object) => fixture.plain(value as Economy);

test("what a glance says is what a cycle would read, whatever has happened to the files", async () => {
  await fc.assert(
    fc.asyncProperty(economies, accidents, async (economy, happened) => {
      const root = fixture.worldOf(economy);
      for (const { kind, pick } of happened) {
        try {
          ACCIDENTS[kind]?.(root, pick);
        } catch (error) {
          // Another accident has taken away what this one is about.
          if ((error as { code?: string }).code !== "ENOENT") throw error;
        }
      }
      const whole = await readWorld(root);
      const overview = await glanceAt(root, readOverview);
      const bidding = await glanceAt(root, readBidding);
      const census = await glanceAt(root, readCensus);
      const found = { overview, bidding, census };
      for (const [name, { seen, problems }] of Object.entries(found)) {
        expect([name, seen === null]).toEqual([name, problems.length > 0]);
        const opens = name === "census" ? RECORDS : name === "bidding" ? /^bids\// : COMMON;
        compareProblems(name, problems, whole.problems, opens);
        compareProblems(name, problems, whole.problems, COMMON);
      }
      for (const id of [...economy.agents.keys(), "newcomer", "old", "zed"]) {
        const sight = await glanceAt(root, (reader, options) => readSight(reader, options, id));
        const own = new RegExp(`^(agents/${id}/.*|bids/${id}-[0-9]+-[0-9]+\\.json)$`);
        compareProblems(id, sight.problems, whole.problems, own);
        if (whole.economy) compareSight(whole.economy, id, sight.seen);
      }
      if (!whole.economy) return;
      const all = namesIn(whole.economy);
      for (const { seen } of [overview, bidding, census]) {
        if (!seen) throw new Error("a sound world was not seen");
        const seenNames = { ...seen, agents: names(seen.agents), bids: names(seen.bids) };
        expect(plain(seenNames)).toEqual(plain(all));
      }
      expect(plain({ bids: bidding.seen?.bids })).toEqual(plain({ bids: whole.economy.bids }));
      expect(plain({ bids: census.seen?.bids })).toEqual(plain({ bids: whole.economy.bids }));
      const records = (agents: object) =>
        JSON.stringify(plain(agents), (key, value) =>
          key === "inbox" || key === "letters" ? undefined : value,
        );
      expect(records(census.seen?.agents ?? {})).toBe(records(whole.economy.agents));
    }),
    { numRuns: 40 },
  );
});

function compareSight(
  economy: Economy,
  id: string,
  sight: Awaited<ReturnType<typeof readSight>>,
): void {
  if (!sight) throw new Error(`${id} was not seen in a sound world`);
  expect(names(sight.overview.agents)).toEqual(names(economy.agents));
  expect(sight.agent).toEqual(economy.agents.get(id) ?? null);
  expect(sight.bids).toEqual(bidsOf(economy, id));
  const children = [...economy.agents.values()].filter(({ lineage }) => lineage[0] === id);
  expect(sight.children).toEqual(children.map((child) => child.id).sort());
}

test("a child is found however its record spells the parent's name", async () => {
  const { root } = smallWorld();
  const file = "agents/bo/agent.json";
  const text = readFileSync(join(root, file), "utf8");
  for (const parent of ["ada", "\\u0061da", "a\\u0064\\u0061"]) {
    put(root, { [file]: text.replace('"lineage": []', `"lineage": ["${parent}"]`) });
    const { seen } = await glanceAt(root, (reader, none) => readSight(reader, none, "ada"));
    expect(seen?.children).toEqual(["bo"]);
  }
});

test("one agent can be seen while another is broken", async () => {
  const { root } = smallWorld();
  put(root, { "agents/bo/agent.json": "{", "bids/bo-0-1.json": "{", "agents/bo/x": "" });
  const ada = await glanceAt(root, (reader, none) => readSight(reader, none, "ada"));
  expect([ada.seen?.agent?.id, ada.problems]).toEqual(["ada", []]);
  const bo = await glanceAt(root, (reader, none) => readSight(reader, none, "bo"));
  expect(bo.problems.map(({ file }) => file)).toEqual([
    "agents/bo/x",
    "agents/bo/agent.json",
    "bids/bo-0-1.json",
  ]);
});
