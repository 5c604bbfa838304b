// One run of an experiment: a whole economy from its first cycle to its last, and what was
// measured.
import type { CycleReport } from "../economy/cycle.ts";
import { agentAccount } from "../economy/ledger.ts";
import { toCredits } from "../economy/money.ts";
import type { Rules } from "../economy/rules.ts";
import { type Economy, marketOf } from "../economy/state.ts";
import { risksOf } from "./alarms.ts";
import { columnsOf } from "./csv.ts";
import { division, neutral } from "./division.ts";
import {
  CHILD_FILE,
  drawGenes,
  forager,
  GENE_NAMES,
  GENES,
  type Genes,
  type Heredity,
} from "./forager.ts";
import type { Taste } from "./human.ts";
import { mean, type Row, sum, volatility } from "./measures.ts";
import { byLot } from "./nulls.ts";
import { circular } from "./rings.ts";
import {
  INSTRUCTIONS,
  instructionsFor,
  readInstructions,
  SKILL_PATHS,
  scribe,
  skillText,
  type Teaching,
  type Writing,
} from "./scribe.ts";
import {
  type AnyStrategy,
  type Hatch,
  type Member as Living,
  type Simulation,
  simulate,
  type Workspace,
} from "./simulate.ts";
import { strategyNamed, TEMPLATES } from "./strategies.ts";
import { admit, CAUSES, type Life, newTally, note, type Tally } from "./tally.ts";

export type Member = {
  strategy: string;
  credits?: number | undefined;
  count: number;
  of?: string[] | undefined;
  heredity: Heredity;
  /** Founders' genes; drawn at random where they are not given. */
  genes?: Partial<Genes> | undefined;
  writing: Writing;
  teaching: Teaching;
  /** How far children's genes may lie from their parent's, as a share of their range. */
  mutation: number;
  /** How many of the founders have all the skills. */
  skilled: number;
};

export type Stop = { measure: string; above?: number | undefined; below?: number | undefined };

export type Payees = "chosen" | "lot";

/** All that decides a run, as plain data: it goes to a worker, and its hash names its result. */
export type RunSpec = {
  treatment: string;
  seed: string;
  cycles: number;
  rules: Rules;
  cast: Record<string, Member>;
  human: Taste;
  /** chosen: who is paid is whom the payer named. lot: anybody else alive, the same amounts. */
  payees: Payees;
  /** The chance of each agent to be removed by lot in each cycle. */
  hazard: number;
  stop: Stop[];
};

export type RunResult = { treatment: string; seed: string; figures: Row; rows: Row[] };

/** A run without its rows, of which there are too many to keep those of all runs in memory. */
export type RunSummary = Omit<RunResult, "rows"> & { cycles: number; columns: string[] };

export function summaryOf({ treatment, seed, figures, rows }: RunResult): RunSummary {
  return { treatment, seed, figures, cycles: rows.length, columns: columnsOf(rows) };
}

type Founder = {
  id: string;
  kind: string;
  member: Member;
  genes: Genes | null;
  /** Of a scribe. */
  files: Workspace;
};

/** Who looks on: before the first cycle, and after each. */
export type Watch = {
  start?: (simulation: Simulation) => Promise<void>;
  cycle?: (row: Row, report: CycleReport) => Promise<void> | void;
};

export async function runOnce(spec: RunSpec, watch: Watch = {}): Promise<RunResult> {
  const { rules, seed, human, hazard } = spec;
  const paying = spec.payees === "lot" ? byLot : (strategy: AnyStrategy) => strategy;
  const founders = Object.entries(spec.cast).flatMap(([kind, member]) =>
    foundersOf(kind, member, seed),
  );
  const book: Book = { tally: newTally(), kindOf: new Map(), genesOf: new Map() };
  for (const { id, kind } of founders) book.kindOf.set(id, kind);
  const cast = Object.fromEntries(
    founders.map((founder) => {
      const member = membership(founder);
      return [founder.id, { ...member, strategy: paying(member.strategy) }];
    }),
  );
  const hatch: Hatch = (agent, files) => {
    const parent = economy.agents.get(agent)?.lineage[0] ?? "";
    const kind = book.kindOf.get(parent) ?? "";
    const member = spec.cast[kind];
    const written = files.get(INSTRUCTIONS);
    const drawn = files.get(CHILD_FILE);
    if (!member || (written === undefined && drawn === undefined)) return null;
    book.kindOf.set(agent, kind);
    const genes = written === undefined ? JSON.parse(drawn ?? "") : readInstructions(written);
    book.genesOf.set(agent, genes as Genes);
    const { heredity, mutation } = member;
    return paying(
      written === undefined ? forager(genes, heredity, { mutation }) : scribe(files, member),
    );
  };
  const simulation = simulate({
    rules,
    seed,
    cast,
    children: Object.fromEntries(
      Object.entries(TEMPLATES).map(([name, strategy]) => [name, paying(strategy)]),
    ),
    hatch,
    human,
    hazard,
  });
  const { economy, workspaces, step } = simulation;
  const budget = toCredits(rules.economy.initial_credit_budget);
  for (const { id, kind, member, genes } of founders)
    admit(book.tally, id, {
      kind,
      genes,
      generation: 0,
      born: 0,
      endowment: member.credits ?? budget,
    });
  const initial = pricesOf(economy);
  await watch.start?.(simulation);
  for (let cycle = 1; cycle <= spec.cycles; cycle++) {
    const report = await step();
    admitBorn(book, economy);
    const row = note(book.tally, economy, workspaces);
    await watch.cycle?.(row, report);
    if (shouldStop(spec.stop, row)) break;
  }
  const { rows } = book.tally;
  const figures = { ...figuresOf(book.tally, initial, rules), ...nullsOf(book.tally, seed) };
  return { treatment: spec.treatment, seed, figures: brief(figures), rows: rows.map(brief) };
}

/** Nine digits: what is finer is noise, and these are most of a result's bytes. */
function brief(row: Row): Row {
  const short = (value: number | null) => (value === null ? null : Number(value.toPrecision(9)));
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, short(value)]));
}

type Book = { tally: Tally; kindOf: Map<string, string>; genesOf: Map<string, Genes> };

/** One keeps its kind's name, several are numbered. */
export function namesOf(kind: string, { count }: Member): string[] {
  if (count === 1) return [kind];
  return Array.from({ length: count }, (_, i) => `${kind}-${i + 1}`);
}

function foundersOf(kind: string, member: Member, seed: string): Founder[] {
  return namesOf(kind, member).map((id, index) => {
    const { strategy, skilled } = member;
    const drawn = { ...drawGenes(seed, `founder ${id}`), ...known(member.genes) };
    const genes = strategy === "forager" || strategy === "scribe" ? drawn : null;
    const files: Workspace = new Map();
    if (strategy === "scribe") {
      files.set(INSTRUCTIONS, instructionsFor(drawn));
      if (index < skilled) for (const path of SKILL_PATHS) files.set(path, skillText(path));
    }
    return { id, kind, member, genes, files };
  });
}

const known = (genes: Partial<Genes> = {}) =>
  Object.fromEntries(Object.entries(genes).filter(([, value]) => value !== undefined));

function membership({ member, genes, files }: Founder): Living {
  const { strategy: name, of = [], heredity, mutation, credits } = member;
  const strategy =
    name === "scribe"
      ? scribe(files, member)
      : strategyNamed(name, { of, heredity, mutation, ...(genes && { genes }) });
  return credits === undefined ? { strategy, files } : { strategy, credits, files };
}

/** A child's kind is the folder it came from; one that was written by its parent is of its kind. */
function admitBorn({ tally, kindOf, genesOf }: Book, { cycle, changes, agents }: Economy): void {
  for (const { agent, folder } of changes.born) {
    const kind = kindOf.get(agent) ?? [...folder.keys()][0] ?? "";
    kindOf.set(agent, kind);
    const gift = changes.transfers.find(
      (entry) => entry.kind === "endowment" && entry.to === agentAccount(agent),
    );
    const endowment = toCredits(gift?.amount ?? 0);
    const genes = genesOf.get(agent) ?? null;
    const generation = agents.get(agent)?.lineage.length ?? 0;
    admit(tally, agent, { kind, genes, generation, born: cycle, endowment });
  }
}

function shouldStop(stop: Stop[], row: Row): boolean {
  if (row.alive === 0) return true;
  return stop.some(({ measure, above, below }) => {
    const figure = row[measure] ?? null;
    if (figure === null) return false;
    return (above !== undefined && figure > above) || (below !== undefined && figure < below);
  });
}

/** Compute and the slot, those of them that anyone here can buy. */
function pricesOf(economy: Economy): Row {
  const row: Row = {};
  for (const resource of ["cpu_seconds", "memory_mb", "attention"] as const) {
    const { supply, price } = marketOf(economy, resource);
    if (supply > 0) row[`price_${resource}`] = toCredits(price);
  }
  return row;
}

/** A run in one row: how it ended, totals, what each kind came to, risks and alarms. */
function figuresOf(tally: Tally, initial: Row, rules: Rules): Row {
  const { rows } = tally;
  const lives = [...tally.lives.values()];
  const last = rows.at(-1) ?? {};
  const of = (column: string) => rows.map((row) => row[column] ?? 0);
  const figures: Row = {
    cycles: rows.length,
    alive: last.alive ?? 0,
    born: sum(of("born")),
    died: sum(of("died")),
  };
  for (const cause of CAUSES)
    figures[`died_${cause}`] = lives.filter((life) => life.cause === cause).length;
  for (const column of ["gini", "top_share", "circulating", "issued", "burnt", "sunk"])
    figures[column] = last[column] ?? null;
  for (const column of ["velocity", "runs", "shown"]) figures[column] = mean(of(column));
  figures.awards = sum(of("awards"));
  figures.payments = sum(of("payments"));
  figures.payment_share = last.payment_share ?? null;
  figures.generation = last.generation ?? null;
  for (const [column, start] of Object.entries(initial))
    Object.assign(figures, priceFigures(of(column), column, start ?? 0, rules));
  for (const column of Object.keys(last).filter((name) => name.startsWith("use_")))
    figures[column] = mean(of(column));
  for (const [kind, own] of Map.groupBy(lives, (life) => life.kind))
    Object.assign(figures, kindFigures(kind, own, rows.length));
  for (const column of Object.keys(last).filter((name) => name.startsWith("skilled_")))
    figures[column] = last[column] ?? null;
  for (const gene of GENE_NAMES) {
    const [start, end] = [rows[0]?.[`gene_${gene}`], last[`gene_${gene}`]];
    if (start === undefined || start === null || end === undefined || end === null) continue;
    figures[`gene_${gene}`] = end;
    // As a share of what it could move, so that genes compare.
    figures[`moved_${gene}`] = (end - start) / (GENES[gene].most - GENES[gene].least);
  }
  return { ...figures, ...risksOf(tally, initial) };
}

/** What was found beside what chance alone would have made of it. */
function nullsOf({ lives, rows, flows }: Tally, seed: string): Row {
  const all = [...lives.values()];
  const payments = sum(all.map((life) => life.payments));
  const earned = payments + sum(all.map(({ awards }) => awards));
  const round = circular(flows) ?? 0;
  const figures: Row = {
    // Without what came back to its payer.
    trade_share: earned === 0 ? 0 : (payments * (1 - round)) / earned,
    division: division(all),
    division_by_lot: division(all.map(({ awards, byLot }) => ({ awards, payments: byLot }))),
  };
  const { lifetime, luck } = neutral(all, rows.length, seed);
  for (const [kind, cycles] of lifetime) {
    figures[`neutral_lifetime_${kind}`] = cycles;
    figures[`luck_${kind}`] = luck.get(kind) ?? null;
  }
  return figures;
}

function priceFigures(series: number[], column: string, start: number, rules: Rules): Row {
  const third = Math.ceil(series.length / 3);
  const late = series.slice(-third);
  const floor = start * rules.pricing.floor_times_initial;
  const ceiling = start * rules.pricing.ceiling_times_initial;
  const share = (at: (price: number) => boolean) => late.filter(at).length / (late.length || 1);
  const resource = column.replace("price_", "");
  return {
    [column]: mean(late),
    [`swing_early_${resource}`]: volatility(series.slice(0, third)),
    [`swing_late_${resource}`]: volatility(late),
    [`at_floor_${resource}`]: share((price) => price <= floor * 1.01),
    [`at_ceiling_${resource}`]: share((price) => price >= ceiling * 0.99),
  };
}

/** The living count with the age they have reached: a life that goes on is no shorter than that. */
function kindFigures(kind: string, lives: Life[], cycles: number): Row {
  const average = (of: (life: Life) => number) => mean(lives.map(of));
  const total = (of: (life: Life) => number) => sum(lives.map(of));
  const spent = total((life) => life.spent);
  return {
    [`alive_${kind}`]: lives.filter(({ died }) => died === null).length,
    [`lifetime_${kind}`]: average(({ born, died }) => (died ?? cycles) - born),
    [`gain_${kind}`]: average(({ wealth, endowment }) => wealth - endowment),
    [`awards_${kind}`]: total((life) => life.awards),
    [`payments_${kind}`]: total((life) => life.payments),
    // Above 1: others paid for more than it cost to live.
    [`paid_by_others_${kind}`]: spent === 0 ? null : total((life) => life.payments) / spent,
  };
}
