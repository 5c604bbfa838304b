// Records that people read as text: messages, prompts, answers. Front matter is the kernel's, the
// body somebody else's. A body is set off by one empty line and one final newline, which are ours,
// so that whatever it holds ("---" included) comes back as it was.
import * as z from "zod";
import { isScore, SCORE_MAX, SCORE_NAMES } from "../economy/attention.ts";
import { ID } from "../economy/ids.ts";
import { formatAmount } from "../economy/money.ts";
import type { Answer, AnsweredPrompt, Message, Prompt, Scores } from "../economy/state.ts";
import type { Problem } from "./change.ts";
import * as field from "./fields.ts";
import { type FrontMatter, parseFrontMatter, stringifyFrontMatter } from "./front-matter.ts";
import { type Checked, checkSchema, problemOf, show, unknownKey } from "./schema.ts";

const MESSAGE_KEYS = ["from", "to", "cycle", "at"] as const;

const messageSchema = z.strictObject({
  from: field.id,
  to: field.id,
  cycle: field.cycle,
  at: field.instant,
});

export function messageText({ from, to, cycle, at, content }: Message): string {
  return stringifyFrontMatter({ from, to, cycle, at }, bodyOf(content));
}

/** A message that the kernel delivered as number `n`. */
export function readMessage(parsed: FrontMatter, n: number, file: string): Checked<Message> {
  const checked = checkSchema(messageSchema, parsed.located, file);
  if (!checked.ok) return checked;
  return { ok: true, value: { n, ...checked.value, content: contentOf(parsed.body) } };
}

/** Whether the front matter is that of a delivered message, however damaged. */
export function isDelivered({ data }: FrontMatter): boolean {
  return MESSAGE_KEYS.slice(1).some((key) => Object.hasOwn(data, key));
}

/** What a person dropped into an inbox: free text, with a sender if it names one. */
export function readDroppedMail(parsed: FrontMatter): Pick<Message, "from" | "content"> {
  const { from } = parsed.data;
  const sender = typeof from === "string" && ID.test(from) ? from : "human";
  return { from: sender, content: contentOf(parsed.body.replaceAll("\r\n", "\n")) };
}

const prompt = {
  id: field.recordId,
  from: field.id,
  amount: field.amount,
  placed: field.cycle,
  shown: field.cycle.optional(),
  format: z.enum(["markdown", "json"]),
};

function promptData({ id, agent, amount, placed, shown, format }: Prompt) {
  const since = shown === null ? {} : { shown };
  return { id, from: agent, amount: formatAmount(amount), placed, ...since, format };
}

export function promptText(prompt: Prompt): string {
  return stringifyFrontMatter(promptData(prompt), bodyOf(prompt.content));
}

export function readPrompt(text: string, file: string): Checked<Prompt> {
  const read = readProse(z.strictObject(prompt), text, file);
  if (!read.ok) return read;
  const { from, shown, ...rest } = read.value.data;
  const { content } = read.value;
  return { ok: true, value: { ...rest, agent: from, content, shown: shown ?? null } };
}

const HOW_TO_SCORE = ` Your scores, each a number from 0 to 10; then save. They become credits for
 the agent. A reason is optional, and the agent reads it.`;

/** The active prompt as a person sees it: the same, with the scores to fill in. */
export function activeText(prompt: Prompt): string {
  const blank = { interesting: null, useful: null, understandable: null, reason: null };
  const comments = { interesting: HOW_TO_SCORE };
  return stringifyFrontMatter(
    { ...promptData(prompt), ...blank },
    bodyOf(prompt.content),
    comments,
  );
}

/** The same filled in, as a person who scored it would have saved it. */
export function scoredText(prompt: Prompt, answer: Omit<Answer, "prompt">): string {
  const { scores, reason, by } = answer;
  return stringifyFrontMatter(
    { ...promptData(prompt), ...scores, reason: reason || null, by },
    bodyOf(prompt.content),
  );
}

/** What stands in attention/active.md. `stale`: not the prompt that is before the human now. */
export type ScoreSheet = {
  answer: Answer | "incomplete" | null;
  stale: boolean;
  problems: Problem[];
};

const SHEET_KEYS = [...Object.keys(prompt), ...SCORE_NAMES, "reason", "by"];

export function readScoreSheet(
  text: string,
  file: string,
  context: { active: Prompt | null; by: string },
): ScoreSheet {
  const { active } = context;
  if (!active) return { answer: null, stale: true, problems: [] };
  const parsed = parseFrontMatter(text);
  if (!parsed.ok) return sheet([problemOf(file, parsed)]);
  const { data, located } = parsed.value;
  // A buffer that was opened before the slot changed hands cannot score the next prompt.
  if (Object.hasOwn(data, "id") && data.id !== active.id)
    return { answer: null, stale: true, problems: [] };
  const problem = (key: string, message: string) => ({
    file,
    line: located.lineOf([key]),
    message,
  });
  if (!Object.hasOwn(data, "id"))
    return sheet([
      problem("id", `id: expected the prompt's id, "${active.id}", but it is missing`),
    ]);
  const problems = Object.keys(data)
    .filter((key) => !SHEET_KEYS.includes(key))
    .map((key) => problem(key, unknownKey(key, SHEET_KEYS)));
  for (const name of SCORE_NAMES)
    if (isFilled(data[name]) && !isScore(data[name]))
      problems.push(
        problem(name, `${name}: expected a number from 0 to ${SCORE_MAX}, got ${show(data[name])}`),
      );
  if (problems.length > 0) return sheet(problems);
  const filled = SCORE_NAMES.filter((name) => isFilled(data[name]));
  if (filled.length < SCORE_NAMES.length)
    return { answer: filled.length > 0 ? "incomplete" : null, stale: false, problems };
  const { interesting, useful, understandable } = data as Scores;
  const scores = { interesting, useful, understandable };
  const reason = isFilled(data.reason) ? String(data.reason).trim() : "";
  const by = typeof data.by === "string" && ID.test(data.by) ? data.by : context.by;
  return { answer: { prompt: active.id, scores, reason, by }, stale: false, problems };
}

function sheet(problems: Problem[]): ScoreSheet {
  return { answer: null, stale: false, problems };
}

function isFilled(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

const score = z.number().min(0).max(SCORE_MAX).optional();

const answeredSchema = z.strictObject({
  ...prompt,
  answered: field.cycle,
  outcome: z.enum(["scored", "timed out", "withdrawn"]),
  interesting: score,
  useful: score,
  understandable: score,
  reason: z.string().optional(),
  award: field.amount,
  by: z.string().optional(),
});

export function answeredText(prompt: AnsweredPrompt): string {
  const { answered, outcome, scores, reason, award, by } = prompt;
  const data = {
    ...promptData(prompt),
    answered,
    outcome,
    ...scores,
    ...(reason && { reason: clean(reason) }),
    award: formatAmount(award),
    ...(by && { by }),
  };
  return stringifyFrontMatter(data, bodyOf(prompt.content));
}

export function readAnswered(text: string, file: string): Checked<AnsweredPrompt> {
  const read = readProse(answeredSchema, text, file);
  if (!read.ok) return read;
  const { from, shown, interesting, useful, understandable, reason, by, ...rest } = read.value.data;
  const complete =
    interesting !== undefined && useful !== undefined && understandable !== undefined;
  const scores = complete ? { interesting, useful, understandable } : null;
  const said = { scores, reason: reason ?? "", by: by ?? "" };
  const { content } = read.value;
  return { ok: true, value: { ...rest, ...said, agent: from, content, shown: shown ?? null } };
}

function readProse<S extends z.ZodType>(
  schema: S,
  text: string,
  file: string,
): Checked<{ data: z.output<S>; content: string }> {
  const parsed = parseFrontMatter(text);
  if (!parsed.ok) return { ok: false, problems: [problemOf(file, parsed)] };
  const checked = checkSchema(schema, parsed.value.located, file);
  if (!checked.ok) return checked;
  return { ok: true, value: { data: checked.value, content: contentOf(parsed.value.body) } };
}

function bodyOf(content: string): string {
  return `\n${clean(content)}\n`;
}

function contentOf(body: string): string {
  return body.replace(/^\n/, "").replace(/\n$/, "");
}

/** Without what UTF-8 cannot hold, and NUL, which makes a file unreadable to us and to git diff. */
function clean(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\ufffd");
}

/** A new person's file. */
export function personText(display: string): string {
  const note = "This file is you: change the name above as you like.";
  return stringifyFrontMatter({ name: display }, bodyOf(note));
}

const personSchema = z.strictObject({
  name: z.string().max(200).optional(),
  ticker: z.string().max(8).optional(),
  keys: z.array(z.string()).optional(),
});

export function checkPerson(text: string, file: string): Problem[] {
  const read = readProse(personSchema, text, file);
  return read.ok ? [] : read.problems;
}
