// What an execution can ask for, as it arrives: one JSON object per line. Everything here is
// hostile until parsed: exact types, known keys only, a reason for each refusal. The sender is not
// a field; the kernel knows whose run it is.
import { PROMPT_BYTES_MAX } from "./attention.ts";
import { checkId, quote } from "./ids.ts";
import { isDeep, TOO_DEEP } from "./lines.ts";
import { MESSAGE_BYTES_MAX } from "./messages.ts";
import { type Micro, positiveMicro } from "./money.ts";
import { BUNDLE_RESOURCES, type Bundle, type BundleResource, checkQuantity } from "./resources.ts";
import { accept, type Refusal, type Result, refuse } from "./result.ts";
import type { BidOrder, Payload } from "./state.ts";
import { bytesOf, refuseHalves, refuseLine } from "./text.ts";

/** A folder in the parent's workspace, or the files themselves. */
export type LogicSource = string | Record<string, string>;

export type Action =
  | ({ action: "bid" } & BidOrder)
  | { action: "raise"; id: string; amount: Micro; upTo: Micro | null }
  | { action: "withdraw"; id: string }
  | { action: "transfer"; to: string; amount: Micro; memo: string }
  | { action: "message"; to: string; content: string }
  | { action: "spawn"; name: string; logic: LogicSource; credits: Micro }
  | { action: "prompt"; content: string; format: "markdown" | "json"; amount: Micro };

export type ActionKind = Action["action"];

const FIELDS: Record<ActionKind, { required: string[]; optional: string[] }> = {
  bid: { required: ["resources", "payload"], optional: ["amount", "upTo", "notBefore"] },
  raise: { required: ["id", "amount"], optional: ["upTo"] },
  withdraw: { required: ["id"], optional: [] },
  transfer: { required: ["to", "amount"], optional: ["memo"] },
  message: { required: ["to", "content"], optional: [] },
  spawn: { required: ["logic", "credits"], optional: ["name"] },
  prompt: { required: ["content", "amount"], optional: [] },
};

export const ACTION_KINDS = Object.keys(FIELDS) as ActionKind[];
const PAYLOAD_BYTES_MAX = 4 * 1024;
const MEMO_CHARS_MAX = 200;
const LOGIC_FILES_MAX = 200;

type Fields = Record<string, unknown>;

/** One parsed JSON value → an action, or why it is none. */
export function parseAction(value: unknown): Result<Action> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return refuse('an action is a JSON object like {"action":"transfer","to":"…","amount":5}');
  if (isDeep(value)) return refuse(TOO_DEEP);
  const fields = value as Fields;
  const kind = fields.action;
  // String() of a stranger's object calls what it brought as toString, so only text is quoted.
  if (typeof kind !== "string") return refuse(`action must be one of ${ACTION_KINDS.join(", ")}`);
  if (!Object.hasOwn(FIELDS, kind))
    return refuse(`unknown action ${quote(kind)}; one of ${ACTION_KINDS.join(", ")}`);
  const { required, optional } = FIELDS[kind as ActionKind];
  for (const key of Object.keys(fields))
    if (key !== "action" && !required.includes(key) && !optional.includes(key))
      return refuse(`${kind}: unknown key ${quote(key)}${key === "from" ? FORGED : ""}`);
  for (const key of required)
    if (!Object.hasOwn(fields, key) || fields[key] === undefined)
      return refuse(`${kind}: ${key} is missing`);
  return PARSERS[kind as ActionKind](fields);
}

const FORGED = " (the sender is always the agent that runs)";

const PARSERS: Record<ActionKind, (fields: Fields) => Result<Action>> = {
  bid: parseBid,
  raise: parseRaise,
  withdraw: (fields) => within("id", text(fields.id, 100), (id) => ({ action: "withdraw", id })),
  transfer: parseTransfer,
  message: (fields) =>
    within("to", checkId(fields.to), (to) =>
      within("content", content(fields.content, MESSAGE_BYTES_MAX), ({ body }) => ({
        action: "message",
        to,
        content: body,
      })),
    ),
  spawn: parseSpawn,
  prompt: (fields) =>
    within("amount", positiveMicro(fields.amount), (amount) =>
      within("content", content(fields.content, PROMPT_BYTES_MAX), ({ body, format }) => ({
        action: "prompt",
        content: body,
        format,
        amount,
      })),
    ),
};

/** Step by step, where the others nest: nearly every action of an economy is a bid. */
function parseBid(fields: Fields): Result<Action> {
  const resources = bundle(fields.resources);
  if (!resources.ok) return inField("resources", resources);
  const argv = payload(fields.payload);
  if (!argv.ok) return inField("payload", argv);
  const amount = maybeAmount(fields.amount);
  if (!amount.ok) return inField("amount", amount);
  const upTo = maybeAmount(fields.upTo);
  if (!upTo.ok) return inField("upTo", upTo);
  const notBefore = cycleNumber(fields.notBefore);
  if (!notBefore.ok) return inField("notBefore", notBefore);
  return accept({
    action: "bid",
    resources: resources.value,
    payload: argv.value,
    amount: amount.value,
    upTo: upTo.value,
    notBefore: notBefore.value,
  });
}

function parseRaise(fields: Fields): Result<Action> {
  return within("id", text(fields.id, 100), (id) =>
    within("amount", positiveMicro(fields.amount), (amount) =>
      within("upTo", maybeAmount(fields.upTo), (upTo) => ({ action: "raise", id, amount, upTo })),
    ),
  );
}

function parseTransfer(fields: Fields): Result<Action> {
  return within("to", checkId(fields.to), (to) =>
    within("amount", positiveMicro(fields.amount), (amount) =>
      within("memo", memoText(fields.memo ?? ""), (memo) => ({
        action: "transfer",
        to,
        amount,
        memo: memo || "payment",
      })),
    ),
  );
}

function parseSpawn(fields: Fields): Result<Action> {
  return within("name", checkId(fields.name ?? "child"), (name) =>
    within("logic", logicSource(fields.logic), (logic) =>
      within("credits", positiveMicro(fields.credits), (credits) => ({
        action: "spawn",
        name,
        logic,
        credits,
      })),
    ),
  );
}

/** Go on with a checked field, or refuse with its name in front of the reason. */
function within<T>(
  field: string,
  checked: Result<T>,
  next: (value: T) => Action | Result<Action>,
): Result<Action> {
  if (!checked.ok) return inField(field, checked);
  const value = next(checked.value);
  return "ok" in value ? value : accept(value);
}

function inField(field: string, { reason }: Refusal): Refusal {
  return refuse(`${field}: ${reason}`);
}

export function bundle(value: unknown): Result<Bundle> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return refuse('expected quantities like {"cpu_seconds":1,"memory_mb":96}');
  const quantities: Bundle = {};
  const named = Object.keys(value);
  for (const name of named) {
    if (!(BUNDLE_RESOURCES as readonly string[]).includes(name))
      return refuse(`unknown resource ${quote(name)}; one of ${BUNDLE_RESOURCES.join(", ")}`);
    const quantity = checkQuantity((value as Fields)[name]);
    if (!quantity.ok) return refuse(`${name}: ${quantity.reason}`);
    quantities[name as BundleResource] = quantity.value;
  }
  if (named.length === 0) return refuse("names no resource");
  return accept(quantities);
}

export function payload(value: unknown): Result<Payload> {
  if (!Array.isArray(value) || value.length === 0)
    return refuse('expected a command like ["bun","main.ts"]');
  let bytes = 0;
  for (const part of value) {
    if (typeof part !== "string") return refuse("every part of the command must be text");
    if (part.includes("\u0000")) return refuse("a command cannot hold a NUL");
    const wrong = refuseHalves(part);
    if (wrong) return refuse(wrong);
    bytes += bytesOf(part) + 1;
  }
  if (value[0] === "") return refuse("the command has no name");
  if (bytes > PAYLOAD_BYTES_MAX) return refuse(`the command is over ${PAYLOAD_BYTES_MAX} bytes`);
  return accept(value as string[]);
}

export function maybeAmount(value: unknown): Result<Micro | null> {
  return value === undefined || value === null ? accept(null) : positiveMicro(value);
}

function cycleNumber(value: unknown): Result<number> {
  if (value === undefined) return accept(0);
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    return refuse("expected the number of a cycle");
  // Minus zero is written as 0, and would come back as another value than it went.
  return accept(value + 0);
}

/** What a transfer is for, by an agent or a person. */
export function memoText(value: unknown): Result<string> {
  return text(value, MEMO_CHARS_MAX);
}

function text(value: unknown, charsMax: number): Result<string> {
  if (typeof value !== "string") return refuse("expected text");
  if (value.length > charsMax) return refuse(`longer than ${charsMax} characters`);
  // Memos and ids end up on one line of a journal that people read.
  const wrong = refuseLine(value);
  return wrong ? refuse(wrong) : accept(value);
}

type Content = { body: string; format: "markdown" | "json" };

/** Text as it is; any other JSON value as JSON. */
function content(value: unknown, bytesMax: number): Result<Content> {
  if (value === null || value === undefined) return refuse("is empty");
  const isText = typeof value === "string";
  const body = isText ? value : JSON.stringify(value, null, 2);
  const wrong = refuseHalves(body);
  if (wrong) return refuse(wrong);
  if (bytesOf(body) > bytesMax) return refuse(`longer than ${bytesMax} bytes`);
  return accept({ body, format: isText ? "markdown" : "json" });
}

function logicSource(value: unknown): Result<LogicSource> {
  if (typeof value === "string") return value ? accept(value) : refuse("names no folder");
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return refuse('expected a folder of your workspace, or files like {"main.ts":"…"}');
  const files = Object.entries(value);
  if (files.length === 0 || files.length > LOGIC_FILES_MAX)
    return refuse(`expected 1 to ${LOGIC_FILES_MAX} files`);
  for (const [path, body] of files)
    if (typeof body !== "string") return refuse(`${quote(path)}: expected text`);
  return accept(value as Record<string, string>);
}
