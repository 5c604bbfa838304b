// Laws of what is kept and read again: what a person, an older econ or a stranger's folder may have
// put there in the meantime. Where a reader takes a path, the text lies in a real file.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { logicOfFolder } from "../../src/agent/logic.ts";
import { recall } from "../../src/agent/mind/record.ts";
import { readSelf } from "../../src/agent/mind/self.ts";
import { rulesSchema } from "../../src/economy/rules.ts";
import type { Folder } from "../../src/economy/state.ts";
import { openAnswers, type Paid } from "../../src/gateway/answers.ts";
import { permissionsAsked, permissionsMissing, permit } from "../../src/kernel/permissions.ts";
import { costsText, readCosts } from "../../src/world/costs.ts";
import { readJournal } from "../../src/world/crash-journal.ts";
import type { Repository } from "../../src/world/git.ts";
import { readHolder } from "../../src/world/lock.ts";
import { manifestText, readManifest } from "../../src/world/manifest.ts";
import { portraitOf } from "../../src/world/portrait.ts";
import { callLines, readCalls, summariesOf } from "../../src/world/trace-calls.ts";
import { asJson, FILE, isCount, type Law, reasonWrong, rereads, same } from "./owed.ts";

/** The text in a file of a folder that is there as long as this takes. */
function inFile(path: string, law: (root: string, text: string) => string | null): Law {
  return (text) => {
    const root = mkdtempSync(join(tmpdir(), "econ-test-fuzz-"));
    try {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
      return law(root, text);
    } finally {
      rmSync(root, { recursive: true });
    }
  };
}

/** A run may make a thousand requests. */
const CALLS_MAX = 1_000;

/** What is read of a trace can be answered from, shown, and written down again. */
function traceCalls(text: string): string | null {
  const calls = readCalls(text);
  if (calls.length > CALLS_MAX) return "more calls than a run may make";
  const odd = [...calls, ...summariesOf(text)].find(
    ({ status, milliTokens, dollars, usage }) =>
      ![status, milliTokens, dollars, ...Object.values(usage ?? {})].every(isCount),
  );
  if (odd) return `an odd count in ${JSON.stringify(odd).slice(0, 200)}`;
  const again = readCalls(callLines(calls));
  const asKept = calls.map((call, n) =>
    again[n] && again[n].request === undefined ? { ...call, request: undefined } : call,
  );
  if (!same(asJson(again), asJson(asKept))) return "it reads differently again";
  return callLines(again) === callLines(calls) ? null : "it is written differently again";
}

const bytesOf = (text: string) => ({ bytes: new TextEncoder().encode(text), executable: false });

/** A stranger's folder: it is shown and judged, whatever its files say. */
function portrait(text: string): string | null {
  const names = ["AGENTS.md", "HEARTBEAT.md", "SOUL.md", "skills/x/SKILL.md"];
  const folder: Folder = new Map(names.map((name) => [name, bytesOf(text)]));
  const { model, skills, heartbeat } = portraitOf(folder);
  const [skill] = skills;
  if (!skill || typeof skill.name !== "string") return "the skill is not seen";
  if (skill.description.length > 300) return "a description without end";
  if (model !== null && (typeof model !== "string" || model === "")) return "a model of no name";
  const { seconds = null, cycles = null } = heartbeat ?? {};
  if (![seconds, cycles].every((n) => n === null || (n > 0 && Number.isFinite(n))))
    return `it wakes every ${seconds} s, ${cycles} cycles`;
  const logic = logicOfFolder(folder);
  if (!logic.ok) return reasonWrong(logic.reason);
  const wished = Object.values(logic.value.bid?.resources ?? {});
  return wished.every((n) => n > 0 && Number.isFinite(n))
    ? null
    : `it wants ${JSON.stringify(wished)}`;
}

/** The same files as the harness reads them, within what a prompt may cost. */
const self = inFile("AGENTS.md", (root, text) => {
  for (const name of ["HEARTBEAT.md", "MEMORY.md", "skills/x/SKILL.md"]) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  const { sections, turns, pause } = readSelf({ workspace: root, home: root }, 60);
  const long = sections.find((section) => section.text.length > 13_000);
  if (long) return `${long.name} has ${long.text.length} characters`;
  return [turns, pause].every((n) => Number.isInteger(n) && n >= 1 && n <= 1_000)
    ? null
    : `${turns} turns, a pause of ${pause}`;
});

const remembered = inFile("mind.json", (root) => {
  const record = recall({ workspace: root, home: root });
  if (record === null) return null;
  const { model, ended, ...counts } = record;
  if (model.length > 64 || ended.length > 300) return "a text without end";
  return Object.values(counts).every((n) => n >= 0 && n < 1e12) ? null : "an odd count";
});

const NOTHING = { usage: null, milliTokens: 0, failed: true };
const ANSWER = { status: 504, type: "application/json", body: "", request: null, ...NOTHING };
const LOST: Paid = {
  bid: "ada-1-1",
  agent: "ada",
  call: { digest: "d", model: "haiku", ...ANSWER, dollars: 1_000_000 },
};

/** What is in the store is summed up, is so again after a crash, and what comes is added. */
const answers = inFile("answers.jsonl", (root) => {
  const file = join(root, "answers.jsonl");
  const first = openAnswers(file, false);
  const counts = first.costs().flatMap(({ agent, model, ...numbers }) => Object.values(numbers));
  if (!counts.every(isCount) || !isCount(first.dollars())) return `it sums to ${counts}`;
  first.take("ada-1-1", "d");
  first.begin(LOST);
  const second = openAnswers(file, false);
  const kept = second.dollars() - first.dollars();
  if (kept !== LOST.call.dollars) return `of an open call ${kept} is kept`;
  second.clear();
  return openAnswers(file, false).dollars() === 0 ? null : "it is not cleared";
});

const ASKING = rulesSchema.parse({
  models: {},
  execution: { sandbox: "worker", hosts: ["api.example.com", "example.com"] },
});

/** A text permits what it lists word for word, and nothing else. */
const permits = inFile("econ/permitted.json", (commonDir, text) => {
  const repo = { commonDir, prefix: "" } as Repository;
  const asked = permissionsAsked(ASKING);
  const missing = permissionsMissing(repo, ASKING);
  const given = asked.filter((permission) => !missing.includes(permission));
  const unsaid = given.find((permission) => !valuesIn(text).includes(permission));
  if (unsaid) return `it permits ${unsaid}`;
  permit(repo, ASKING);
  return permissionsMissing(repo, ASKING).length === 0 ? null : "a yes is not kept";
});

const valuesIn = (text: string): unknown[] => JSON.parse(text);

const crashJournal = inFile(".econ/journal.json", (root) => {
  const journal = readJournal({ root } as Repository);
  if (journal === null) return null;
  const { base, next, importer } = journal;
  const odd = [base, next].find((commit) => commit !== null && !/^[0-9a-f]{40,64}$/.test(commit));
  if (odd !== undefined) return `a commit ${odd}`;
  return isCount(importer) ? null : `a process ${importer}`;
});

const holder = inFile(".econ/holder.json", (root) => {
  const who = readHolder(root, "lock");
  if (who === null) return null;
  const { pid, command, since } = who;
  return isCount(pid) && [command, since].every((part) => typeof part === "string")
    ? null
    : `a holder ${JSON.stringify(who)}`;
});

export const KEPT: Record<string, Law> = {
  manifest: rereads(readManifest, manifestText),
  costs: rereads((text) => readCosts(text, FILE), costsText),
  "trace-calls": traceCalls,
  portrait,
  self,
  remembered,
  answers,
  permits,
  "crash-journal": crashJournal,
  holder,
};
