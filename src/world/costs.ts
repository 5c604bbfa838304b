// costs/<k>/<cycle>.jsonl: what models cost in one cycle, a line for each agent and model. There is
// a file only where a model was called. Dollars are decimal strings, as amounts are.
import * as z from "zod";
import type { ModelCost } from "../economy/models.ts";
import { formatAmount } from "../economy/money.ts";
import * as field from "./fields.ts";
import { parseJson } from "./json.ts";
import { type Checked, checkText } from "./schema.ts";

/** The keys of a line are in their sorted order. */
export function costsText(costs: ModelCost[]): string {
  const lines = costs.map((cost) => {
    const { agent, cachedInput, cacheWrite, calls, dollars, input, milliTokens, model, output } =
      cost;
    const exact = formatAmount(dollars);
    const line = { agent, cacheWrite, cachedInput, calls, dollars: exact, input, milliTokens };
    return `${JSON.stringify({ ...line, model, output })}\n`;
  });
  return lines.join("");
}

const count = field.counter.max(Number.MAX_SAFE_INTEGER);

const schema = z.strictObject({
  agent: field.id,
  cacheWrite: count,
  cachedInput: count,
  calls: count,
  dollars: field.amount,
  input: count,
  milliTokens: count,
  model: z.string().max(200),
  output: count,
});

/** The costs of one cycle's file, checked line by line. */
export function readCosts(text: string, file: string): Checked<ModelCost[]> {
  const lines = text.split("\n");
  if (lines.pop() !== "") {
    const message = "the last line is cut off";
    return { ok: false, problems: [{ file, line: lines.length + 1, message }] };
  }
  const read = lines.map((line) => checkText(schema, parseJson(line), file));
  const problems = read.flatMap((checked, index) =>
    checked.ok ? [] : checked.problems.map((problem) => ({ ...problem, line: index + 1 })),
  );
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: read.flatMap((checked) => (checked.ok ? [checked.value] : [])) };
}
