// The models of a run that is played again: every answer comes from what was recorded, in no
// network and at no cost. A request that was not made then is the first difference between the two.
import { busyCount } from "./busy.ts";
import type { ModelCall, Models, SessionRecord, SessionRequest } from "./contract.ts";
import { serveSession } from "./serve-session.ts";
import { type Answer, type Asked, apiError, errorAnswer, jsonOf } from "./wire.ts";

/** A request that the recording does not have. */
export type Difference = { agent: string; bid: string; digest: string; differs: string };

export type Replaying = Models & {
  /** The first one of all sessions; null while everything was as recorded. */
  difference(): Difference | null;
};

/** `recorded`: what each agent's session left, its calls in their order. */
export function replaying(recorded: Map<string, SessionRecord>): Replaying {
  let first: Difference | null = null;
  return {
    open({ id, agent }: SessionRequest) {
      const { calls: all, providerFailed } = recorded.get(agent) ?? NOTHING;
      const left = [...all];
      const calls: ModelCall[] = [];
      const answer = async (asked: Asked): Promise<Answer> => {
        const at = left.findIndex(({ digest }) => digest === asked.digest);
        if (at < 0) {
          const differs = differenceOf(asked, left[0]);
          first ??= { agent, bid: id, digest: asked.digest, differs };
          return errorAnswer(apiError(404, `this call was not recorded: ${differs}`));
        }
        const [call] = left.splice(at, 1) as [ModelCall];
        calls.push(call);
        const { status, type, retryAfter, body } = call;
        return { status, type, body, ...(retryAfter !== undefined && { retryAfter }) };
      };
      const { connect, environment, close } = serveSession({ answer, hosts: [] });
      return {
        gateway: { connect, environment, onBusy: busyCount().on },
        async close() {
          await close();
          return { calls, providerFailed };
        },
      };
    },
    costs: () => [],
    committed: () => {},
    difference: () => first,
  };
}

const NOTHING: SessionRecord = { calls: [], providerFailed: null };

/** In a few words, what of the request is not as it was; `expected` is the next one recorded. */
function differenceOf(asked: Asked, expected: ModelCall | undefined): string {
  if (!expected) return "nothing more was asked then";
  const [now, then] = [jsonOf(asked.body), expected.request];
  return (
    firstDifference(now, then, "request") ?? `${asked.method} ${asked.path} was not asked then`
  );
}

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** The place at which two JSON values part; null if they are the same. */
function firstDifference(now: unknown, then: unknown, start: string): string | null {
  const waiting: [unknown, unknown, string][] = [[now, then, start]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [a, b, place] = next;
    if (Object.is(a, b)) continue;
    if (!isTree(a) || !isTree(b)) return `${place} is ${short(a)}; it was ${short(b)}`;
    const keys = [...new Set([...Object.keys(b), ...Object.keys(a)])].reverse();
    for (const key of keys) waiting.push([a[key], b[key], `${place}.${key}`.slice(-100)]);
  }
  return null;
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
