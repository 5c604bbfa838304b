// What every parser of the world owes to any text: it answers, it does not throw; a refusal has a
// reason and a line that is there; what it accepts it writes so that it reads the same again.
import { parseAction } from "../../src/economy/actions.ts";
import { ID } from "../../src/economy/ids.ts";
import { actionLines } from "../../src/economy/lines.ts";
import { readConfig, setConfig } from "../../src/world/config.ts";
import { decode } from "../../src/world/files.ts";
import { parseFrontMatter, stringifyFrontMatter } from "../../src/world/front-matter.ts";
import { journalText, readJournal } from "../../src/world/journal.ts";
import { canonicalJson, parseJson } from "../../src/world/json.ts";
import * as prose from "../../src/world/prose.ts";
import * as records from "../../src/world/records.ts";
import { problemOf } from "../../src/world/schema.ts";
import { readTrace } from "../../src/world/trace.ts";
import { HEARD } from "./heard.ts";
import { KEPT } from "./kept.ts";
import { FILE, type Law, linesOf, problemsOf, refusalOf, rereads, same } from "./owed.ts";

function frontMatter(text: string): string | null {
  const first = parseFrontMatter(text);
  if (!first.ok) return refusalOf(first, linesOf(text));
  const { data, body } = first.value;
  if (Object.keys(data).length === 0) return null;
  const second = parseFrontMatter(stringifyFrontMatter(data, body));
  if (!second.ok) return `its own writing is refused: ${second.reason}`;
  if (second.value.body !== body) return "the body changes";
  return same(second.value.data, data) ? null : "the data change";
}

/** A rule set to what it is changes no other, and no rule is lost by it. */
function config(text: string): string | null {
  const first = readConfig(text);
  if (!first.ok) return problemsOf(first, text);
  const seconds = first.value.allocation.schedule_seconds;
  const edited = setConfig(text, "allocation.schedule_seconds", String(seconds));
  if (!edited.ok) return `a rule cannot be set: ${edited.reason}`;
  const second = readConfig(edited.value);
  return second.ok && same(second.value, first.value) ? null : "rules change";
}

function actions(text: string): string | null {
  for (const line of actionLines(new TextEncoder().encode(text))) {
    if (!line.ok) {
      const wrong = refusalOf({ ...line, line: null }, 1);
      if (wrong) return wrong;
      continue;
    }
    const first = parseAction(line.value);
    if (!first.ok) {
      const wrong = refusalOf({ ...first, line: null }, 1);
      if (wrong) return wrong;
      continue;
    }
    const second = parseAction(structuredClone(line.value));
    if (!second.ok || !same(second.value, first.value)) return "it is read otherwise";
    const amounts = Object.entries(first.value).filter(([, part]) => typeof part === "number");
    const odd = amounts.find(([, amount]) => !Number.isSafeInteger(amount) || Number(amount) < 0);
    if (odd) return `${odd[0]} is ${odd[1]}`;
  }
  return null;
}

/** Stricter than JSON.parse, never laxer, and of the same mind about the value. */
function json(text: string): string | null {
  const first = parseJson(text);
  if (!first.ok) return refusalOf(first, linesOf(text));
  if (!same(JSON.parse(text), first.value)) return "JSON.parse sees something else";
  const second = parseJson(canonicalJson(first.value));
  return second.ok && same(second.value, first.value) ? null : "it does not come back";
}

/** For people to look at: always something, and of the shape it says. */
function trace(text: string): string | null {
  const { ending, detail, done, refused, output } = readTrace(text, 1);
  const texts = [ending, detail, output, ...refused.flatMap((fate) => Object.values(fate))];
  const odd = texts.find((part) => typeof part !== "string");
  if (odd !== undefined) return `not a text: ${JSON.stringify(odd)}`;
  return done + refused.length <= text.split("\n").length ? null : "more fates than lines";
}

function readMail(text: string) {
  const parsed = parseFrontMatter(text);
  if (!parsed.ok) return { ok: false as const, problems: [problemOf(FILE, parsed)] };
  const { from, content } = prose.readDroppedMail(parsed.value);
  if (!ID.test(from) || typeof content !== "string") throw new Error("dropped mail from nobody");
  return prose.readMessage(parsed.value, 1, FILE);
}

const ACTIVE = {
  id: "genesis-1-p2",
  agent: "ada",
  content: "# See\n\n7",
  format: "markdown" as const,
  amount: 60_000_000,
  placed: 1,
  shown: 2,
};

/** Scores, nothing yet, or problems with a line; and complete scores are in range. */
function sheet(text: string): string | null {
  const { answer, problems } = prose.readScoreSheet(text, FILE, { active: ACTIVE, by: "pat" });
  if (problems.length > 0) return problemsOf({ ok: false, problems }, text);
  if (answer === null || answer === "incomplete") return null;
  const written = prose.scoredText(ACTIVE, answer);
  const again = prose.readScoreSheet(written, FILE, { active: ACTIVE, by: "pat" });
  return same(again.answer, answer) ? null : "the answer changes";
}

export const LAWS: Record<string, Law> = {
  "front-matter": frontMatter,
  config,
  actions,
  json,
  journal: rereads((text) => readJournal(text, 3, FILE), journalText),
  agent: rereads((text) => records.readAgent(text, FILE), records.agentText),
  bid: rereads((text) => records.readBid(text, FILE), records.bidText),
  market: rereads((text) => records.readMarket(text, FILE), records.marketText),
  world: rereads((text) => records.readWorldRecord(text, FILE), records.worldText),
  balances: rereads((text) => records.readBalances(text, FILE), records.balancesText),
  prompt: rereads((text) => prose.readPrompt(text, FILE), prose.promptText),
  answered: rereads((text) => prose.readAnswered(text, FILE), prose.answeredText),
  trace,
  "score-sheet": sheet,
  mail: rereads(readMail, prose.messageText),
  ...KEPT,
  ...HEARD,
};

/** These come as bytes; all others through the door of all files, which refuses what is no text. */
const BYTES = new Set(["actions", ...Object.keys(HEARD)]);

/** The law broken, or what was thrown: also a breach. */
export async function breach(parser: string, text: string): Promise<string | null> {
  const law = LAWS[parser];
  if (!law) throw new Error(`no parser ${parser}`);
  try {
    if (BYTES.has(parser)) return await law(text);
    const read = decode(new TextEncoder().encode(text));
    return read.ok ? await law(read.value) : refusalOf(read, linesOf(text));
  } catch (error) {
    return `it throws: ${error instanceof Error ? error.message : String(error)}`;
  }
}
