// What chance alone does to populations, through birth and death as in a world: the null models
// that selection has to be told apart from.
import { die, spawnAgent } from "../../economy/agents.ts";
import { assert } from "../../economy/result.ts";
import { type Economy, livingAgent } from "../../economy/state.ts";
import { type Dice, diceOf, poisson } from "./dice.ts";
import { averaged, type Figure, noiseOf, type Reproduction, times } from "./reproduction.ts";
import { bareEconomy, forget, found, LOGIC } from "./workbench.ts";

type Population = { economy: Economy; living: string[]; born: number };

function populate(founders: number): Population {
  const economy = bareEconomy();
  const living = times(founders, (n) => found(economy, `f${n}`));
  return { economy, living, born: 0 };
}

function spawnOf(population: Population, parent: string): string {
  const { economy } = population;
  population.born += 1;
  const wish = { name: `c${population.born}`, logic: LOGIC, credits: 0 };
  const child = spawnAgent(economy, parent, wish);
  assert(child.ok, `no birth: ${child.ok ? "" : child.reason}`);
  forget(economy);
  return child.value.id;
}

/** Who dies leaves its place to another: the order of the living is no part of the model. */
function replace({ economy, living }: Population, place: number, by: string | null): void {
  die(economy, living[place] as string, "chance");
  forget(economy);
  const last = by ?? (living.pop() as string);
  if (place < living.length) living[place] = last;
}

/** The founder at the root of an agent's line. */
const founderOf = (economy: Economy, id: string) => livingAgent(economy, id).lineage.at(-1) ?? id;

/** One mutant of fitness r among n - 1: whether all descend from it in the end. */
function fixates(n: number, fitness: number, dice: Dice): boolean {
  const population = populate(n);
  const { economy, living } = population;
  const isMutant = living.map((_, place) => place === 0);
  for (let mutants = 1; mutants > 0 && mutants < n; ) {
    const byMutant = dice.unit() * (fitness * mutants + n - mutants) < fitness * mutants;
    const places = living.flatMap((_, place) => (isMutant[place] === byMutant ? [place] : []));
    const parent = living[places[dice.below(places.length)] as number] as string;
    const child = spawnOf(population, parent);
    const place = dice.below(n);
    mutants += Number(byMutant) - Number(isMutant[place]);
    replace(population, place, child);
    isMutant[place] = byMutant;
  }
  const roots = new Set(living.map((id) => founderOf(economy, id)));
  assert(roots.has("f0") === isMutant[0], "a line lost its founder");
  return isMutant[0] as boolean;
}

/** So many never die out again, at least not in one of ten thousand trials. */
const SAFE = 40;

/** One founder whose line has Poisson many children each: whether it dies out. */
function diesOut(mean: number, dice: Dice): boolean {
  const population = populate(1);
  const { living } = population;
  while (living.length > 0 && living.length < SAFE) {
    const parent = living[0] as string;
    const children = times(poisson(dice, mean), () => spawnOf(population, parent));
    replace(population, 0, null);
    living.push(...children);
  }
  return living.length === 0;
}

/** Founders come at rate theta against the births of those who are there: lines among n. */
function linesOfGrowth(n: number, theta: number, dice: Dice): number {
  const population = populate(0);
  const { economy, living } = population;
  for (let size = 0; size < n; size++) {
    const isNew = dice.unit() * (theta + size) < theta;
    const parent = living[dice.below(Math.max(1, size))] as string;
    living.push(isNew ? found(economy, `n${size}`) : spawnOf(population, parent));
    forget(economy);
  }
  return new Set(living.map((id) => founderOf(economy, id))).size;
}

/** The same in a population of constant size, where each birth replaces one of the living. */
function linesOfTurnover(n: number, theta: number, dice: Dice): number {
  const population = populate(n);
  const { economy, living } = population;
  for (let step = 0; step < 12 * n * n; step++) {
    const isNew = dice.unit() * (n + theta) < theta;
    const parent = living[dice.below(n)] as string;
    const child = isNew ? found(economy, `n${step}`) : spawnOf(population, parent);
    replace(population, dice.below(n), child);
  }
  return new Set(living.map((id) => founderOf(economy, id))).size;
}

/** The part of trials in which something happened, or the mean of what was counted. */
function over(trials: number, about: string, seeds: string[], trial: (dice: Dice) => number) {
  return averaged(seeds, (seed) => {
    const dice = diceOf(`${about}/${seed}`);
    return times(trials, () => trial(dice)).reduce((sum, each) => sum + each, 0) / trials;
  });
}

/** A figure of yes or no, with the tolerance that so many trials need. */
function shareFigure(what: string, ours: number, theirs: number, trials: number): Figure {
  const tolerance = noiseOf(Math.sqrt(theirs * (1 - theirs)), trials);
  return { what, ours, theirs, tolerance, standing: "computed" };
}

const fixation = (n: number, r: number) => (r === 1 ? 1 / n : (1 - 1 / r) / (1 - r ** -n));

const FIXATION_TRIALS = 300;

export const fixationByDrift: Reproduction = {
  name: "fixation",
  source: "Moran: Random processes in genetics, 1958; fixation probability (1 - 1/r) / (1 - r^-N)",
  protocol:
    "Ten agents; at each step one, drawn by fitness, spawns a child and one, drawn at random, " +
    "dies. Compared is how often all descend from one mutant of fitness r in the end.",
  run: async (seeds) =>
    [0.9, 1, 1.1, 2].map((r) => {
      const trial = (dice: Dice) => Number(fixates(10, r, dice));
      const ours = over(FIXATION_TRIALS, `moran/${r}`, seeds, trial);
      const trials = FIXATION_TRIALS * seeds.length;
      return shareFigure(
        `fixation of one mutant among 10, r = ${r}`,
        ours,
        fixation(10, r),
        trials,
      );
    }),
};

/** Mean number of children → how likely the line of one founder is to end. */
const EXTINCTIONS: [mean: number, share: number][] = [
  [1.1, 0.8239],
  [1.25, 0.6286],
  [1.5, 0.4172],
  [2, 0.2032],
  [3, 0.0595],
];
const EXTINCTION_TRIALS = 250;

export const extinction: Reproduction = {
  name: "extinction",
  source:
    "Galton, Watson: On the probability of the extinction of families, 1875; q = exp(m(q - 1))",
  protocol:
    "One founder; each agent spawns a Poisson number of children of mean m and dies. Compared is " +
    `how often the line ends; a line of ${SAFE} counts as one that does not.`,
  run: async (seeds) =>
    EXTINCTIONS.map(([mean, share]) => {
      const trial = (dice: Dice) => Number(diesOut(mean, dice));
      const ours = over(EXTINCTION_TRIALS, `poisson/${mean}`, seeds, trial);
      return shareFigure(`a line ends, m = ${mean}`, ours, share, EXTINCTION_TRIALS * seeds.length);
    }),
};

/** Expected lines among n, and their standard deviation: sums of independent arrivals. */
function ewens(n: number, theta: number): { mean: number; deviation: number } {
  const arrivals = times(n, (i) => theta / (theta + i));
  const mean = arrivals.reduce((sum, p) => sum + p, 0);
  return { mean, deviation: Math.sqrt(arrivals.reduce((sum, p) => sum + p * (1 - p), 0)) };
}

type Neutral = {
  what: string;
  n: number;
  theta: number;
  trials: number;
  lines: (n: number, theta: number, dice: Dice) => number;
};

const NEUTRAL: Neutral[] = [
  { what: "growing", n: 10, theta: 1, trials: 400, lines: linesOfGrowth },
  { what: "growing", n: 100, theta: 1, trials: 80, lines: linesOfGrowth },
  { what: "growing", n: 100, theta: 5, trials: 80, lines: linesOfGrowth },
  { what: "turnover", n: 10, theta: 1, trials: 60, lines: linesOfTurnover },
];

export const lineages: Reproduction = {
  name: "lineages",
  source:
    "Ewens: The sampling theory of selectively neutral alleles, 1972; sum of θ/(θ + i) over i < n",
  protocol:
    "Founders arrive at rate θ among births without selection: in a population that grows to n, " +
    "and in one of n in which each birth replaces one of the living. Compared is the expected " +
    "number of lines that are alive.",
  run: async (seeds) =>
    NEUTRAL.map(({ what, n, theta, trials, lines }): Figure => {
      const { mean, deviation } = ewens(n, theta);
      return {
        what: `lines among ${n}, ${what}, θ = ${theta}`,
        ours: over(trials, `${what}/${n}/${theta}`, seeds, (dice) => lines(n, theta, dice)),
        theirs: mean,
        tolerance: noiseOf(deviation, trials * seeds.length),
        standing: "computed",
      };
    }),
};
