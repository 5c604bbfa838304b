// The models of a world, towards their providers: for each run that bought tokens a session that
// answers its calls, counts them and keeps what was paid.
import { join } from "node:path";
import type { MicroDollars } from "../economy/models.ts";
import type { Rules } from "../economy/rules.ts";
import { type Answers, openAnswers } from "./answers.ts";
import type { Models } from "./contract.ts";
import { liveSession } from "./live-session.ts";
import { purseOf } from "./purse.ts";
import { CALL_MS_MAX } from "./upstream.ts";

export type LiveOptions = {
  rules: Rules;
  /** Where what was paid is kept until it is in the books: the world's private folder. */
  folder: string;
  /** What the world's books say was spent on this day and in all. */
  spent: { today: MicroDollars; total: MicroDollars };
  /** False: do not wait for the disk. For worlds that live only as long as a test. */
  durable?: boolean;
  /** The first pause before a failed attempt is made again. */
  pauseMs?: number;
  /** The longest that a call stays open. */
  callMs?: number;
};

const ANSWERS = "answers.jsonl";
const PAUSE_MS = 500;

/** For one cycle: what was spent before it is a number here. */
export function liveModels(options: LiveOptions): Models {
  const { rules, folder, durable = true } = options;
  const { pauseMs = PAUSE_MS, callMs = CALL_MS_MAX } = options;
  const answers = openAnswers(join(folder, ANSWERS), durable);
  const dollars = purseOf(roomFor(options, answers));
  return {
    open: (request) => liveSession({ rules, answers, dollars, pauseMs, callMs }, request),
    costs: answers.costs,
    committed: answers.clear,
  };
}

/** What may still be spent: by the books, and by what was paid since they were written. */
function roomFor({ rules, spent }: LiveOptions, answers: Answers): MicroDollars {
  const { dollars_per_day, dollars_per_world } = rules.spending;
  const micro = (dollars: number) => Math.floor(dollars * 1_000_000);
  const today = micro(dollars_per_day) - spent.today;
  const ever = micro(dollars_per_world) - spent.total;
  return Math.max(0, Math.min(today, ever) - answers.dollars());
}
