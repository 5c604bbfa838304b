// Answers that are paid for and not in the books yet (.econ/answers.jsonl): each is on disk before
// the agent has all of it. After a crash the same run asks the same again and is answered from
// here, at no new dollars; what was paid for an attempt that came to nothing is still summed up. A
// call stands there from its beginning, at its worst case: if econ is killed while the provider
// works on it, nobody will ever know what it took, and no ceiling may be passed that way.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import * as z from "zod";
import type { ModelCost } from "../economy/models.ts";
import { removeFile, syncFolder } from "../world/durable.ts";
import type { ModelCall } from "./contract.ts";

/** A call with the run that made it. */
export type Paid = { bid: string; agent: string; call: ModelCall };

export type Answers = {
  /** The answer to the same request of the same run, each as often as it was paid for. */
  take(bid: string, digest: string): ModelCall | null;
  /**
   * Notes a call before it is made. What comes back is to be told how it ended: what was paid for
   * it, which no crash can take back from then on, or null if nothing was.
   */
  begin(worst: Paid): (paid: Paid | null) => void;
  /** Everything kept since the last commit, by agent and model. */
  costs(): ModelCost[];
  dollars(): number;
  clear(): void;
};

const whole = z.number().int().min(0);
const paid = z.object({
  bid: z.string(),
  agent: z.string(),
  call: z.object({
    digest: z.string(),
    model: z.string(),
    request: z.unknown(),
    status: whole,
    type: z.string(),
    body: z.string(),
    usage: z
      .object({ input: whole, cachedInput: whole, cacheWrite: whole, output: whole })
      .nullable(),
    milliTokens: whole,
    dollars: whole,
    worst: z.literal(true).optional(),
    failed: z.boolean(),
  }),
});

/** The beginning of a call, or its end; without `paid` it came to nothing. */
const storedLine = z.union([
  z.object({ begun: whole, worst: paid }),
  z.object({ ended: whole, paid: paid.optional() }),
]);
type StoredLine = z.output<typeof storedLine>;

/** The store in a file. `durable: false` does not wait for the disk: for worlds of a test. */
export function openAnswers(path: string, durable: boolean): Answers {
  const { kept, lastNumber } = readKept(path);
  let next = lastNumber + 1;
  const taken = new Map<string, number>();
  const before = kept.filter(({ call }) => call.status === 200 && !call.failed);
  return {
    take(bid, digest) {
      const key = `${bid} ${digest}`;
      const nth = taken.get(key) ?? 0;
      taken.set(key, nth + 1);
      const same = before.filter((paid) => paid.bid === bid && paid.call.digest === digest);
      return same[nth]?.call ?? null;
    },
    begin(worst) {
      const number = next++;
      append(path, { begun: number, worst }, false);
      return (paid) => {
        if (paid) kept.push(paid);
        append(path, { ended: number, ...(paid && { paid }) }, durable && paid !== null);
      };
    },
    costs: () => summedUp(kept),
    dollars: () => kept.reduce((sum, { call }) => sum + call.dollars, 0),
    clear() {
      kept.length = 0;
      before.length = 0;
      taken.clear();
      removeFile(path, durable);
    },
  };
}

/**
 * What was paid, and the last number of a call. A line without its end was being written when the
 * power went: it is cut off. Of a call that has no end the worst is taken for paid.
 */
function readKept(path: string): { kept: Paid[]; lastNumber: number } {
  if (!existsSync(path)) return { kept: [], lastNumber: -1 };
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf("\n") + 1;
  if (end < bytes.length) truncateSync(path, end);
  const lines = bytes.subarray(0, end).toString().split("\n").slice(0, -1);
  const kept: Paid[] = [];
  const open = new Map<number, Paid>();
  let lastNumber = -1;
  for (const line of lines) {
    const parsed = storedLine.safeParse(jsonOf(line));
    if (!parsed.success) continue;
    if ("begun" in parsed.data) {
      const { begun, worst } = parsed.data;
      lastNumber = Math.max(lastNumber, begun);
      open.set(begun, worst);
    } else {
      open.delete(parsed.data.ended);
      if (parsed.data.paid) kept.push(parsed.data.paid);
    }
  }
  return { kept: [...kept, ...open.values()], lastNumber };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function append(path: string, line: StoredLine, durable: boolean): void {
  const folder = dirname(path);
  const isNew = !existsSync(path);
  mkdirSync(folder, { recursive: true });
  const file = openSync(path, "a", 0o600);
  try {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    if (durable) fsyncSync(file);
  } finally {
    closeSync(file);
  }
  if (isNew && durable) syncFolder(folder);
}

function summedUp(kept: Paid[]): ModelCost[] {
  const sums = new Map<string, ModelCost>();
  for (const { agent, call } of kept) {
    const { model, milliTokens, dollars } = call;
    const { input, cachedInput, cacheWrite, output } = call.usage ?? NOTHING;
    const key = `${agent} ${model}`;
    const so = sums.get(key) ?? { agent, model, calls: 0, milliTokens: 0, dollars: 0, ...NOTHING };
    sums.set(key, {
      agent,
      model,
      calls: so.calls + 1,
      input: so.input + input,
      cachedInput: so.cachedInput + cachedInput,
      cacheWrite: so.cacheWrite + cacheWrite,
      output: so.output + output,
      milliTokens: so.milliTokens + milliTokens,
      dollars: so.dollars + dollars,
    });
  }
  return [...sums.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

const NOTHING = { input: 0, cachedInput: 0, cacheWrite: 0, output: 0 };
const keyOf = ({ agent, model }: ModelCost) => `${agent} ${model}`;
