// The session of one run: which of its requests go to a provider, and what becomes of them.
import type { Rules } from "../economy/rules.ts";
import { hostFailure } from "../world/durable.ts";
import { type Account, accountOf } from "./account.ts";
import type { Answers } from "./answers.ts";
import { type Busy, busyCount } from "./busy.ts";
import type { ModelCall, Session, SessionRequest } from "./contract.ts";
import { type Excuses, excusesOf } from "./excuses.ts";
import { parseBody, parseRequest, type Understood } from "./messages-request.ts";
import { modelList } from "./model-list.ts";
import { type CallEnding, lostNote, noteOf, type OpenCall } from "./open-call.ts";
import { type Counted, planCall, TIMELY_TOKENS } from "./plan.ts";
import { type Purse, purseOf } from "./purse.ts";
import { serveSession } from "./serve-session.ts";
import { type Turns, turnsOf } from "./turns.ts";
import { ask } from "./upstream.ts";
import { answerFrom } from "./whole-answer.ts";
import {
  type Answer,
  type ApiError,
  type Asked,
  apiError,
  errorAnswer,
  freeCall,
  JSON_TYPE,
  type WholeAnswer,
} from "./wire.ts";

export type Live = {
  rules: Rules;
  answers: Answers;
  dollars: Purse;
  pauseMs: number;
  /** The longest that a call stays open, attempts and pauses included. */
  callMs: number;
};

/** What the requests of one run share. */
type Run = Live & {
  request: SessionRequest;
  account: Account;
  busy: Busy;
  turns: Turns;
  excuses: Excuses;
  /** In the order in which they were begun; null while they are open. */
  calls: (ModelCall | null)[];
  /** Each resolves when it is settled. */
  open: Set<Promise<unknown>>;
  over: AbortController;
  counts: number;
  /** Models whose provider has no endpoint to count tokens. */
  uncounted: Set<string>;
  /** Calls that the provider failed. */
  failures: number;
  /** A full disk fails the run; a bug comes out where the session is closed. */
  broke(error: unknown): void;
};

/** A provider that failed so often is not waited for any more: the run's clock stands meanwhile. */
const FAILURES_MAX = 5;
/** Of one run at once. */
const REQUESTS_MAX = 4;

export function liveSession(live: Live, request: SessionRequest): Session {
  const turns = turnsOf(REQUESTS_MAX);
  const excuses = excusesOf(turns.crowded);
  const bugs: unknown[] = [];
  const bought = Math.round(request.tokens * 1_000);
  const run: Run = {
    ...live,
    request,
    account: accountOf(purseOf(bought), live.dollars, bought, excuses.host),
    busy: busyCount(),
    turns,
    excuses,
    calls: [],
    open: new Set(),
    over: new AbortController(),
    counts: 0,
    uncounted: new Set(),
    failures: 0,
    broke(error) {
      const reason = hostFailure(error);
      if (reason === null) bugs.push(error);
      else excuses.host(reason);
    },
  };
  const { hosts } = live.rules.execution;
  const serving = serveSession({ answer: guarded(run), hosts });
  const { connect, environment } = serving;
  return {
    gateway: { connect, environment, onBusy: run.busy.on },
    async close() {
      run.over.abort();
      await serving.close();
      await Promise.all(run.open);
      if (bugs.length > 0) throw bugs[0];
      const calls = run.calls.filter((call) => call !== null);
      return { calls, providerFailed: excuses.after(calls) };
    },
  };
}

function guarded(run: Run) {
  return (asked: Asked, gone: AbortSignal): Promise<Answer> => {
    const answer = answerTo(run, asked, gone).catch((error) => {
      run.broke(error);
      return errorAnswer(apiError(500, "the gateway failed"));
    });
    return tracked(run, answer);
  };
}

function tracked<T>(run: Run, work: Promise<T>): Promise<T> {
  run.open.add(work);
  void work.then(() => run.open.delete(work));
  return work;
}

async function answerTo(run: Run, asked: Asked, gone: AbortSignal): Promise<Answer> {
  const slot = run.calls.push(null) - 1;
  let over = () => {};
  // A request is over when it is noted: that of a stream when its end is known.
  const note = (call: ModelCall) => {
    run.calls[slot] = call;
    over();
  };
  const free = (answer: WholeAnswer, model = "") => {
    note(freeCall(asked, answer, model));
    return answer;
  };
  const [path] = asked.path.split("?", 1);
  const route = `${asked.method} ${path}`;
  if (route === "GET /v1/models") return free(modelList(run.rules));
  const isCount = route === "POST /v1/messages/count_tokens";
  if (!isCount && route !== "POST /v1/messages") {
    return free(errorAnswer(apiError(404, "there is nothing here; see RULES.md")));
  }
  const fields = parseBody(asked.body);
  if (isError(fields)) return free(errorAnswer(fields));
  const stored = isCount ? null : run.answers.take(run.request.id, asked.digest);
  if (stored) {
    run.account.reuse(stored.milliTokens);
    note(stored);
    return { status: stored.status, type: stored.type, body: stored.body };
  }
  const parsed = parseRequest(run.rules, fields, asked.headers);
  if (!parsed.ok) return free(errorAnswer(parsed.error));
  const understood = parsed.value;
  if (run.failures >= FAILURES_MAX) {
    const answer = errorAnswer(apiError(529, "the provider failed too often in this run"));
    note({ ...freeCall(asked, answer, understood.name), failed: true });
    return answer;
  }
  over = await run.turns.take();
  if (isOff(run, gone)) return free(errorAnswer(CALLED_OFF), understood.name);
  if (isCount) return free(await countAnswer(run, understood, asked, gone), understood.name);
  return messageAnswer({ run, asked, gone, understood, note, free });
}

const CALLED_OFF = apiError(504, "it was called off");
/** Who goes away, or ends its run meanwhile, has no failure of the provider to show for it. */
const isOff = (run: Run, gone: AbortSignal) => gone.aborted || run.over.signal.aborted;

const isError = (value: object): value is ApiError => "status" in value && "message" in value;

/** How often an agent may let tokens be counted: it costs nothing, but the provider's patience. */
const COUNTS_MAX = 100;

async function countAnswer(
  run: Run,
  understood: Understood,
  asked: Asked,
  gone: AbortSignal,
): Promise<WholeAnswer> {
  run.counts += 1;
  if (run.counts > COUNTS_MAX) {
    return errorAnswer(apiError(429, `one run may let tokens be counted ${COUNTS_MAX} times`));
  }
  const counted = await countTokens(run, understood, asked, gone);
  if (counted.kind === "count") {
    const body = JSON.stringify({ input_tokens: counted.tokens });
    return { status: 200, type: JSON_TYPE, body };
  }
  if (counted.kind === "failed" && counted.isFailure) {
    run.excuses.provider(understood.name, counted.error);
  }
  return errorAnswer(counted.error);
}

/** What the provider's counting understands of a request. */
const COUNTED_FIELDS = [
  "cache_control",
  "context_management",
  "messages",
  "output_config",
  "output_format",
  "system",
  "thinking",
  "tool_choice",
  "tools",
];

async function countTokens(
  run: Run,
  { name, model, body: whole }: Understood,
  { headers }: Asked,
  gone: AbortSignal,
): Promise<Counted> {
  if (run.uncounted.has(name)) {
    return { kind: "failed", error: apiError(404, "tokens cannot be counted"), isFailure: false };
  }
  const counted = COUNTED_FIELDS.filter((key) => whole[key] !== undefined);
  const body = Object.fromEntries([
    ["model", model.id],
    ...counted.map((key) => [key, whole[key]]),
  ]);
  const { signal, done } = timed(run, gone);
  run.busy.add(1);
  try {
    const path = "/v1/messages/count_tokens";
    const upstream = await ask({ model, path, body, headers, signal, pauseMs: run.pauseMs });
    if (upstream.kind === "refused") return upstream;
    if (upstream.kind === "failed") {
      const { error } = upstream;
      const isUncounted = error.status === 404;
      if (isUncounted) run.uncounted.add(name);
      const isFailure = !isUncounted && !isOff(run, gone);
      if (isFailure) run.failures += 1;
      return { kind: "failed", error, isFailure };
    }
    const answer: unknown = await upstream.response.json().catch(() => null);
    const tokens = (answer as { input_tokens?: unknown } | null)?.input_tokens;
    if (Number.isSafeInteger(tokens) && (tokens as number) >= 0) {
      return { kind: "count", tokens: tokens as number };
    }
    const error = apiError(502, "the provider's count of tokens is malformed");
    return { kind: "failed", error, isFailure: !isOff(run, gone) };
  } finally {
    run.busy.add(-1);
    done();
  }
}

type Messages = {
  run: Run;
  asked: Asked;
  gone: AbortSignal;
  understood: Understood;
  note: (call: ModelCall) => void;
  free: (answer: WholeAnswer, model?: string) => WholeAnswer;
};

async function messageAnswer(messages: Messages): Promise<Answer> {
  const { run, asked, gone, understood, free } = messages;
  const { name, model, body } = understood;
  const plan = await planCall(
    {
      account: run.account,
      count: () => countTokens(run, understood, asked, gone),
      onFailure: (error) => run.excuses.provider(name, error),
    },
    understood,
  );
  if (!plan.ok) return free(errorAnswer(plan.error), name);
  const call = openCall(messages, plan);
  if (call === null) return free(errorAnswer(apiError(500, "the gateway failed")), name);
  run.busy.add(1);
  try {
    const upstream = await ask({
      model,
      path: pathOf(asked),
      body: { ...body, model: model.id, max_tokens: plan.maxTokens, ...thought(body, plan) },
      headers: asked.headers,
      signal: call.signal,
      pauseMs: run.pauseMs,
    });
    return await answerFrom(call, upstream);
  } finally {
    run.busy.add(-1);
  }
}

/** Clients of betas ask for them here as well. Anything else might make the provider stumble. */
function pathOf({ path }: Asked): string {
  return path.endsWith("?beta=true") ? "/v1/messages?beta=true" : "/v1/messages";
}

/** What the request says of thinking, with what it may take of the output that fits. */
function thought({ thinking }: Understood["body"], { thinkingTokens }: { thinkingTokens: number }) {
  if (thinkingTokens === 0 || typeof thinking !== "object" || thinking === null) return {};
  return { thinking: { ...thinking, budget_tokens: thinkingTokens } };
}

/** A stream of which nothing more was heard for so long has stopped. */
const SILENCE_MS = 30_000;

/** Null where the disk does not take a note of it: then it is not made. */
function openCall(
  { run, asked, gone, understood, note }: Messages,
  plan: Pick<OpenCall, "cap" | "inputMost" | "maxTokens">,
): OpenCall | null {
  const { id: bid, agent } = run.request;
  const paid = (call: ModelCall) => ({ bid, agent, call });
  let keep: ReturnType<Answers["begin"]>;
  try {
    keep = run.answers.begin(paid(lostNote(asked, understood.name, plan.cap)));
  } catch (error) {
    run.account.settle(plan.cap, null);
    run.broke(error);
    return null;
  }
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  void tracked(run, ended);
  let waiting = 0;
  let heardAt = Number.NEGATIVE_INFINITY;
  let isOver = false;
  // No failure of the provider: the agent reads slowly, or wanted more than there is time for.
  const isAgents = () => {
    const isSpeaking = performance.now() - heardAt < SILENCE_MS;
    return understood.stream && (waiting === 0 || (isSpeaking && plan.maxTokens > TIMELY_TOKENS));
  };
  const { signal, done, isTooLong } = timed(run, gone, isAgents);
  const end = (ending: CallEnding) => {
    if (isOver) return;
    isOver = true;
    done();
    run.account.settle(plan.cap, ending.charge);
    if (ending.failure !== null) {
      run.failures += 1;
      run.excuses.provider(understood.name, { ...ending, message: ending.failure });
    }
    const call = noteOf(asked, understood.name, ending);
    note(call);
    try {
      keep(call.status === 200 || ending.charge ? paid(call) : null);
    } catch (error) {
      run.broke(error);
    }
    resolve();
  };
  const busy = (isBusy: boolean) => {
    waiting += isBusy ? 1 : -1;
    if (!isBusy) heardAt = performance.now();
    run.busy.add(isBusy ? 1 : -1);
  };
  const calledOff = () => gone.aborted || run.over.signal.aborted || isTooLong();
  return { understood, ...plan, signal, calledOff, end, busy };
}

/** A signal for as long as somebody waits, the run lasts and a call may stay open. */
function timed(run: Run, gone: AbortSignal, isAgents = () => false) {
  const time = new AbortController();
  let slow = false;
  const timer = setTimeout(() => {
    slow = isAgents();
    time.abort(`it took longer than ${run.callMs / 1_000} s`);
  }, run.callMs);
  const signal = AbortSignal.any([time.signal, gone, run.over.signal]);
  return { signal, done: () => clearTimeout(timer), isTooLong: () => slow };
}
