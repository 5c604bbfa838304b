import { afterAll, expect, test } from "bun:test";
import { mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Prompt } from "../../src/economy/state.ts";
import { diskOf, readTransfers, readWorkspace, readWorld } from "../../src/world/read.ts";
import { agentText } from "../../src/world/records.ts";
import { changesOf } from "../../src/world/write.ts";
import * as fixture from "./fixture.ts";
import { apply, type Files, put, smallWorld } from "./fixture.ts";

afterAll(fixture.removeTempFolders);

/** ada's prompt is before the human. */
function worldWithPrompt(): { root: string; active: Prompt; sheet: string } {
  const { root, economy } = smallWorld();
  economy.active = fixture.newPrompt("ada", { shown: 1 });
  economy.changes.prompts.add(economy.active.id);
  const changes = changesOf(economy, { disk: diskOf(root) });
  apply(root, changes);
  const sheet = changes.find(({ path }) => path === "attention/active.md")?.file?.bytes;
  return { root, active: economy.active, sheet: new TextDecoder().decode(sheet) };
}

const fill = (sheet: string, scores: Record<string, string>) =>
  Object.entries(scores).reduce((s, [key, to]) => s.replace(`${key}:\n`, `${key}: ${to}\n`), sheet);

test("a sound world is read without a problem", async () => {
  const { root, economy } = smallWorld();
  const read = await readWorld(root);
  expect(read.problems).toEqual([]);
  expect(fixture.plain(read.economy as never)).toEqual(fixture.plain(economy));
});

test("a folder that is no world is problems, never an exception", async () => {
  const { economy, problems } = await readWorld(fixture.tempFolder());
  expect(economy).toBe(null);
  expect(problems.map(({ file }) => file)).toContain("econ.yaml");
});

/** What can be put in the place of a record, and how it is refused. */
const HOSTILE: Record<string, [place: (path: string) => void, reason: RegExp]> = {
  "a fifo": [(path) => Bun.spawnSync(["mkfifo", path]), /is a fifo/],
  "a symbolic link to a file": [(path) => symlinkSync("/etc/hostname", path), /symbolic link/],
  "a symbolic link to a device": [(path) => symlinkSync("/dev/zero", path), /symbolic link/],
  "a symbolic link to nothing": [(path) => symlinkSync("/nonexistent", path), /symbolic link/],
  "a folder": [(path) => mkdirSync(path), /is a folder/],
  "a sparse terabyte": [
    (path) => {
      writeFileSync(path, "");
      truncateSync(path, 2 ** 40);
    },
    /1099511627776 bytes long; expected at most/,
  ],
  "nothing at all": [() => {}, /is missing; restore it \(git checkout/],
  "0 bytes": [(path) => writeFileSync(path, ""), /empty \(0 bytes\)/],
  "a byte order mark": [(path) => writeFileSync(path, "\ufeff{}\n"), /BOM/],
  "Windows line ends": [(path) => writeFileSync(path, "{\r\n}\r\n"), /CRLF/],
  "a NUL byte": [(path) => writeFileSync(path, '{\n"a": "\0"\n}\n'), /NUL/],
  "bytes that are not UTF-8": [
    (path) => writeFileSync(path, Buffer.from("7b0a22ff22", "hex")),
    /not UTF-8/,
  ],
};

for (const [name, [place, reason]] of Object.entries(HOSTILE))
  for (const file of ["world.json", "ledger/balances.json", "markets/tokens.json", "econ.yaml"])
    test(`${name} instead of ${file} is a problem by name, at once`, async () => {
      const { root } = smallWorld();
      rmSync(join(root, file));
      place(join(root, file));
      const start = performance.now();
      const { economy, problems } = await readWorld(root);
      expect(performance.now() - start).toBeLessThan(500);
      expect(economy).toBe(null);
      const messages = problems.filter((problem) => problem.file === file);
      expect(messages.map(({ message }) => message).join()).toMatch(reason);
    });

test("the line of what is not text is named", async () => {
  const { root } = smallWorld();
  writeFileSync(join(root, "world.json"), Buffer.from("7b0a0a22ff220a", "hex"));
  put(root, { "markets/tokens.json": "{\n\n\n\0}" });
  const { problems } = await readWorld(root);
  expect(problems.map(({ file, line }) => [file, line])).toEqual([
    ["world.json", 3],
    ["markets/tokens.json", 4],
  ]);
});

for (const folder of ["agents", "agents/ada", "agents/ada/inbox", "bids", "markets", "ledger/0"])
  test(`a link instead of the folder ${folder} is a problem, and nobody is removed`, async () => {
    const { root } = smallWorld();
    const elsewhere = fixture.tempFolder();
    const path = join(root, folder);
    if (folder !== "agents/ada/inbox") renameSync(path, join(elsewhere, "moved"));
    else mkdirSync(join(elsewhere, "moved"));
    symlinkSync(join(elsewhere, "moved"), path);
    const { problems, removed } = await readWorld(root);
    expect(problems.map(({ file }) => file)).toContain(folder);
    expect(removed).toEqual([]);
  });

/** Files put into a small world → the one problem it has then. */
const ASTRAY: Record<string, [files: Files, file: string, message: RegExp]> = {
  "a bid of nobody": [
    { "bids/zed-0-1.json": bid("zed", "zed-0-1") },
    "bids/zed-0-1.json",
    /no living agent zed/,
  ],
  "a bid under another name": [
    { "bids/ada-9-9.json": bid("ada", "ada-0-2") },
    "bids/ada-9-9.json",
    /id: expected "ada-9-9", as the file's name/,
  ],
  "a file that is no bid": [{ "bids/notes.txt": "x" }, "bids/notes.txt", /<id>\.json/],
  "a market there is not": [{ "markets/gold.json": "{}" }, "markets/gold.json", /one of tokens/],
  "a program beside the workspace": [
    { "agents/ada/main.ts": "" },
    "agents/ada/main.ts",
    /move it to agents\/ada\/workspace\//,
  ],
  "instructions beside the workspace of a newcomer": [
    { "agents/cy/AGENTS.md": "# cy\n" },
    "agents/cy/AGENTS.md",
    /move it to agents\/cy\/workspace\//,
  ],
  "two names that differ in case only": [
    { "agents/Ada/workspace/main.ts": "" },
    "agents/Ada",
    /"Ada" is not a name/,
  ],
  "a newcomer with a name of the economy": [
    { "agents/issuance/workspace/main.ts": "" },
    "agents/issuance",
    /reserved/,
  ],
  "a newcomer with a dead one's name": [
    { "agents/eve/workspace/main.ts": "", "graveyard/eve/agent.json": "{}" },
    "agents/eve",
    /belongs to a dead agent/,
  ],
  "an agent both alive and dead": [
    { "graveyard/ada/agent.json": "{}" },
    "agents/ada/agent.json",
    /econ revive ada/,
  ],
  "an agent under another name": [
    { "agents/ada/agent.json": agentText(fixture.newAgent("bo")) },
    "agents/ada/agent.json",
    /id: expected "ada"/,
  ],
  "a picture in an inbox": [
    { "agents/ada/inbox/cat.png": "x" },
    "agents/ada/inbox/cat.png",
    /expected only messages/,
  ],
  "mail that is a program": [
    { "agents/ada/inbox/x.md": "---js\n{}\n---\n" },
    "agents/ada/inbox/x.md",
    /YAML, nothing else/,
  ],
  "a letter with a forged sender": [
    { "agents/ada/inbox/1-bo.md": letter("human", "ada") },
    "agents/ada/inbox/1-bo.md",
    /from: expected bo/,
  ],
  "a letter to somebody else": [
    { "agents/ada/inbox/1-bo.md": letter("bo", "bo") },
    "agents/ada/inbox/1-bo.md",
    /to: expected ada/,
  ],
  "a journal on the wrong shelf": [{ "ledger/1/7.jsonl": "" }, "ledger/1/7.jsonl", /thousand/],
  "a person misspelt": [
    { "humans/pat/human.md": "---\nnmae: Pat\n---\n" },
    "humans/pat/human.md",
    /unknown key "nmae"; did you mean "name"/,
  ],
};

for (const [name, [files, file, message]] of Object.entries(ASTRAY))
  test(`${name} is a problem that names the file`, async () => {
    const { root } = smallWorld();
    put(root, files);
    const { problems } = await readWorld(root);
    expect(problems.map((problem) => problem.file)).toContain(file);
    expect(problems.find((problem) => problem.file === file)?.message).toMatch(message);
  });

test("books that do not sum to zero are a problem", async () => {
  const { root } = smallWorld();
  const file = join(root, "ledger/balances.json");
  writeFileSync(file, (await Bun.file(file).text()).replace('"1000"', '"1001"'));
  const { problems } = await readWorld(root);
  expect(problems).toEqual([
    {
      ...{ file: "ledger/balances.json", line: null },
      message: "credit: all balances must sum to 0, they sum to 1",
    },
  ]);
});

test("what editors leave behind is no problem", async () => {
  const { root } = smallWorld();
  put(root, { "bids/.ada.swp": "", "attention/active.md~": "", "agents/.DS_Store": "\0" });
  symlinkSync("pat@host.1234", join(root, "agents/ada/.#agent.json"));
  expect((await readWorld(root)).problems).toEqual([]);
});

test("a folder with a workspace and no record is a birth by hand", async () => {
  const { root } = smallWorld();
  put(root, { "agents/cy/workspace/main.ts": "run()\n", "agents/cy/workspace/memory/a.md": "" });
  const { newborn, problems } = await readWorld(root);
  expect(problems).toEqual([]);
  expect(newborn.map(({ id, folder }) => [id, ...folder.keys()])).toEqual([
    ["cy", "main.ts", "memory/a.md"],
  ]);
});

test("an empty folder is no birth yet", async () => {
  const { root } = smallWorld();
  mkdirSync(join(root, "agents/cy/workspace"), { recursive: true });
  const { newborn, removed, problems } = await readWorld(root);
  expect({ newborn, removed, problems }).toEqual({ newborn: [], removed: [], problems: [] });
});

test("a lost record is a problem, not a birth", async () => {
  const { root } = smallWorld();
  rmSync(join(root, "agents/ada/agent.json"));
  const { problems, newborn } = await readWorld(root);
  expect(newborn).toEqual([]);
  expect(problems.map(({ message }) => message).join()).toMatch(/is missing; restore it/);
});

test("a folder that is gone is a removal by hand, and its last record is recalled", async () => {
  const { root } = smallWorld();
  const last = agentText(fixture.newAgent("ada", { executions: 7 }));
  rmSync(join(root, "agents/ada"), { recursive: true });
  const recall = async (path: string) => (path === "agents/ada/agent.json" ? last : null);
  const recalled = await readWorld(root, { recall });
  expect(recalled).toMatchObject({ problems: [], removed: ["ada"] });
  expect(recalled.economy?.agents.get("ada")?.executions).toBe(7);
  const unknown = await readWorld(root);
  expect(unknown).toMatchObject({ problems: [], removed: ["ada"] });
  expect(unknown.economy?.agents.get("ada")?.executions).toBe(0);
});

test("a dropped .md is mail: it gets a number, and a sender if it names none", async () => {
  const { root, economy } = smallWorld();
  put(root, {
    "agents/ada/inbox/1-bo.md": letter("bo", "ada"),
    "agents/ada/inbox/hello.md": "Look at this.\r\nPlease.\n",
    "agents/ada/inbox/9-notes.md": "no front matter\n",
    "agents/ada/inbox/zz.md": "---\nfrom: bo\n---\nhi\n",
    "agents/ada/inbox/later.md": "",
  });
  const read = await readWorld(root);
  expect(read.problems).toEqual([]);
  const inbox = read.economy?.agents.get("ada")?.inbox ?? [];
  expect(inbox.map(({ n, from, content }) => [n, from, content])).toEqual([
    [1, "bo", "hello"],
    [2, "human", "no front matter"],
    [3, "human", "Look at this.\nPlease."],
    [4, "bo", "hi"],
  ]);
  expect(read.mail.map(({ path, message }) => [path, message.n])).toEqual([
    ["agents/ada/inbox/9-notes.md", 2],
    ["agents/ada/inbox/hello.md", 3],
    ["agents/ada/inbox/zz.md", 4],
  ]);
  expect(inbox[2]).toMatchObject({ cycle: economy.cycle, at: economy.time, to: "ada" });
});

test("complete scores are an answer", async () => {
  const { root, active, sheet } = worldWithPrompt();
  const scores = { interesting: "7", useful: "0", understandable: "9.5", reason: "news: to me" };
  put(root, { "attention/active.md": fill(sheet, { ...scores, reason: '"news: to me"' }) });
  const { answer, problems, sheetStale } = await readWorld(root);
  expect({ problems, sheetStale }).toEqual({ problems: [], sheetStale: false });
  expect(answer).toEqual({
    prompt: active.id,
    scores: { interesting: 7, useful: 0, understandable: 9.5 },
    reason: "news: to me",
    by: "pat",
  });
});

test("scores that are not complete are no answer yet, and no problem", async () => {
  const { root, sheet } = worldWithPrompt();
  expect((await readWorld(root)).answer).toBe(null);
  put(root, { "attention/active.md": fill(sheet, { interesting: "7" }) });
  expect(await readWorld(root)).toMatchObject({ answer: "incomplete", problems: [] });
});

for (const [name, score] of Object.entries({
  "above ten": "11",
  "below zero": "-1",
  "in words": "nine",
  "in quotes": '"9"',
  "without end": ".inf",
  "not a number": ".nan",
}))
  test(`a score ${name} is a problem with its line`, async () => {
    const { root, sheet } = worldWithPrompt();
    put(root, { "attention/active.md": fill(sheet, { useful: score }) });
    const { problems, answer } = await readWorld(root);
    expect(answer).toBe(null);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file: "attention/active.md", line: 11 });
    expect(problems[0]?.message).toMatch(/useful: expected a number from 0 to 10, got/);
  });

test("a misspelt score is a problem that names the right word", async () => {
  const { root, sheet } = worldWithPrompt();
  const text = sheet.replace("useful:\n", "usefull: 3\n");
  put(root, { "attention/active.md": text });
  const { problems } = await readWorld(root);
  expect(problems[0]?.message).toBe('unknown key "usefull"; did you mean "useful"?');
});

test("an old buffer saved over the next prompt scores nothing", async () => {
  const { root, sheet, active } = worldWithPrompt();
  const scores = { interesting: "9", useful: "9", understandable: "9" };
  const old = fill(sheet, scores).replace(`id: ${active.id}`, "id: bo-1-p1");
  put(root, { "attention/active.md": old });
  const read = await readWorld(root);
  expect(read).toMatchObject({ answer: null, problems: [], sheetStale: true });
  expect(read.economy?.active?.id).toBe(active.id);
});

test("a sheet without a prompt before the human is only to be removed", async () => {
  const { root } = smallWorld();
  put(root, { "attention/active.md": "---\nbroken: [\n---\n" });
  expect(await readWorld(root)).toMatchObject({ answer: null, problems: [], sheetStale: true });
});

test("a deleted score sheet is to be restored", async () => {
  const { root } = worldWithPrompt();
  rmSync(join(root, "attention/active.md"));
  expect(await readWorld(root)).toMatchObject({ problems: [], sheetStale: true });
});

test("a workspace is read with its executable bits, sorted", async () => {
  const { root } = smallWorld();
  put(root, { "agents/ada/workspace/b/c.md": "c", "agents/ada/workspace/a.sh": "#!/bin/sh\n" });
  Bun.spawnSync(["chmod", "+x", join(root, "agents/ada/workspace/a.sh")]);
  const folder = await readWorkspace(root, "ada");
  expect(folder.ok && [...folder.value].map(([path, file]) => [path, file.executable])).toEqual([
    ["a.sh", true],
    ["b/c.md", false],
    ["main.ts", false],
  ]);
});

for (const [name, [place, reason]] of Object.entries(HOSTILE).slice(0, 4))
  test(`${name} in a workspace is refused by name, at once`, async () => {
    const { root } = smallWorld();
    mkdirSync(join(root, "agents/ada/workspace/deep"));
    place(join(root, "agents/ada/workspace/deep/x"));
    const start = performance.now();
    const folder = await readWorkspace(root, "ada");
    expect(performance.now() - start).toBeLessThan(500);
    expect(folder.ok ? "" : folder.reason).toMatch(reason);
    expect(folder.ok ? "" : folder.reason).toStartWith("agents/ada/workspace/deep/x: ");
  });

test("a repository in a workspace is refused: git would swallow it", async () => {
  const { root } = smallWorld();
  put(root, { "agents/ada/workspace/lib/.git/HEAD": "ref: refs/heads/main\n" });
  const folder = await readWorkspace(root, "ada");
  expect(folder.ok ? "" : folder.reason).toMatch(/lib\/\.git: a repository inside/);
});

test("transfers are read from a cycle on, over the thousands", () => {
  const line = (cycle: number) => `${JSON.stringify({ ...journalLine, cycle })}\n`;
  const root = fixture.tempFolder({
    "ledger/balances.json": "{}\n",
    "ledger/0/9.jsonl": line(9),
    "ledger/0/998.jsonl": line(998),
    "ledger/1/1000.jsonl": line(1000),
    "ledger/10/10000.jsonl": line(10_000),
  });
  const read = readTransfers(root, 998);
  expect(read.ok && read.value.map(({ cycle }) => cycle)).toEqual([998, 1000, 10_000]);
});

const journalLine = {
  ...{ amount: "1", asset: "credit", from: "issuance", kind: "grant", memo: "", n: 1 },
  to: "agent:ada",
};

function bid(agent: string, id: string): string {
  const order = { resources: { cpu_seconds: 1 }, payload: ["bun", "main.ts"], notBefore: 0 };
  return JSON.stringify({ ...order, id, agent, placed: 0, lost: 0 });
}

function letter(from: string, to: string): string {
  return `---\nfrom: ${from}\nto: ${to}\ncycle: 1\nat: ${fixture.T0}\n---\n\nhello\n`;
}
