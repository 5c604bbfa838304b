// The risks that the specification names (§10.2), each as one figure with the threshold at which it
// is an alarm. The thresholds are judgements; the figures stand beside them.
import { SCORE_MAX, SCORE_NAMES } from "../economy/attention.ts";
import { mean, type Row, sum } from "./measures.ts";
import { circular } from "./rings.ts";
import type { Life, Tally } from "./tally.ts";
import { turnTaking } from "./turns.ts";

/** How far back "lately" reaches. */
export const RECENT_CYCLES = 100;

export type Risk = { name: string; about: string; alarm: (figure: number) => boolean };

/** A mean of shares that are all 0.6 may come out a hair above 0.6: that is no alarm. */
const ROUNDING = 1e-9;
const above = (limit: number) => (figure: number) => figure > limit + ROUNDING;

export const RISKS: Risk[] = [
  {
    name: "extinction",
    about: "share of the largest population that is gone at the end; alarm above 0.8",
    alarm: above(0.8),
  },
  {
    name: "useless",
    about: "share of the living that earned nothing for 100 cycles; alarm above 0.6",
    alarm: above(0.6),
  },
  {
    name: "spiral",
    about: "highest price of compute or the slot, in initial prices; alarm above 20",
    alarm: above(20),
  },
  {
    name: "hoarding",
    about:
      "share of wealth whose owners earned nothing and spent under a tenth of it in 100 cycles; " +
      "alarm above 0.5",
    alarm: above(0.5),
  },
  {
    name: "spam",
    about:
      "share of prompts that brought less than the slot cost and scored under a third, " +
      "in the worst 20; alarm above 0.8",
    alarm: above(0.8),
  },
  {
    name: "gaming",
    about: "share of awards for prompts shown before word for word; alarm above 0.25",
    alarm: above(0.25),
  },
  {
    name: "rewording",
    about:
      "share of awards for prompts whose figures were shown before, in other words; " +
      "alarm above 0.25",
    alarm: above(0.25),
  },
  {
    name: "collusion",
    about:
      "share of payments between agents that came back to the payer, through others too; " +
      "alarm above 0.5",
    alarm: above(0.5),
  },
  {
    name: "turns",
    about: "how much less often bidders for the slot meet than by chance; alarm above 0.75",
    alarm: above(0.75),
  },
  {
    name: "monoculture",
    about: "share of the commonest kind among five or more living; alarm above 0.8",
    alarm: above(0.8),
  },
];

const TOO_YOUNG = 20;

/** The risks that a cycle's state shows. Null: nobody to tell it of. */
export function riskRow(living: Life[], cycle: number): Row {
  const grown = living.filter(({ born }) => cycle - born >= TOO_YOUNG);
  const idle = grown.filter(({ earnedIn }) => cycle - earnedIn >= Math.min(RECENT_CYCLES, cycle));
  const old = living.filter(({ spending }) => spending.length > RECENT_CYCLES);
  const held = sum(old.map(({ wealth }) => wealth));
  const hoarders = old.filter((life) => isHoarder(life, cycle));
  const hoarded = sum(hoarders.map(({ wealth }) => wealth));
  const kinds = Map.groupBy(living, ({ kind }) => kind);
  const commonest = Math.max(0, ...[...kinds.values()].map(({ length }) => length));
  return {
    risk_useless: grown.length === 0 ? null : idle.length / grown.length,
    risk_hoarding: held === 0 ? null : hoarded / held,
    risk_monoculture: living.length < 5 ? null : commonest / living.length,
  };
}

/** Who earns more than it can use is rich, and no hoarder while it does. */
function isHoarder({ spending, wealth, earnedIn }: Life, cycle: number): boolean {
  if (cycle - earnedIn < RECENT_CYCLES) return false;
  return (spending.at(-1) ?? 0) - (spending[0] ?? 0) < wealth / 10;
}

/** The figures of a whole run, and `alarm_…`: 1 where the threshold was passed. */
export function risksOf(tally: Tally, initialPrices: Row): Row {
  const { rows, prompts } = tally;
  const last = rows.slice(Math.floor((rows.length * 2) / 3));
  const lately = (column: string) => {
    const known = last.map((row) => row[column] ?? null).filter((figure) => figure !== null);
    return known.length === 0 ? null : mean(known);
  };
  const peak = Math.max(...rows.map(({ alive }) => alive ?? 0), tally.lives.size > 0 ? 1 : 0);
  const awarded = sum(prompts.map(({ award }) => award));
  const awardsOf = (which: "repeated" | "reworded") =>
    sum(prompts.filter((prompt) => prompt[which]).map(({ award }) => award));
  const figures: Record<string, number | null> = {
    extinction: 1 - (rows.at(-1)?.alive ?? 0) / peak,
    useless: lately("risk_useless"),
    spiral: highestPrice(rows, initialPrices),
    hoarding: lately("risk_hoarding"),
    spam: worstShare(prompts.map((prompt) => (isSpam(prompt) ? 1 : 0))),
    gaming: awarded === 0 ? null : awardsOf("repeated") / awarded,
    rewording: awarded === 0 ? null : awardsOf("reworded") / awarded,
    collusion: circular(tally.flows),
    turns: turnTaking(tally.wishes),
    monoculture: lately("risk_monoculture"),
  };
  const row: Row = {};
  for (const { name, alarm } of RISKS) {
    const figure = figures[name] ?? null;
    row[`risk_${name}`] = figure;
    row[`alarm_${name}`] = figure !== null && alarm(figure) ? 1 : 0;
  }
  return row;
}

/** Who overpays for something worth hearing loses by it, and bothers nobody. */
function isSpam({ cost, award, points }: Tally["prompts"][number]): boolean {
  return award < cost && points < POINTS_MAX / 3;
}

const POINTS_MAX = SCORE_NAMES.length * SCORE_MAX;

/** Of so many in a row: crowds die, and then a whole run's share says little. */
const IN_A_ROW = 20;

function worstShare(bad: number[]): number | null {
  if (bad.length < IN_A_ROW) return null;
  let worst = 0;
  for (let end = IN_A_ROW; end <= bad.length; end++)
    worst = Math.max(worst, mean(bad.slice(end - IN_A_ROW, end)));
  return worst;
}

function highestPrice(rows: Row[], initial: Row): number {
  let highest = 0;
  for (const row of rows)
    for (const [column, start] of Object.entries(initial))
      highest = Math.max(highest, (row[column] ?? 0) / (start || 1));
  return highest;
}
