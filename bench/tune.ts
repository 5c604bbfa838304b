// How the default rules were found: many lives of the same cast under different rules, in process.
// Usage: bun bench/tune.ts [--seeds N] [--cycles N,N] [--only NAME]; prints the table of
// docs/economics.md. The human is simulated (src/lab/human.ts): a rule, not a person.
import { parseArgs } from "node:util";
import { toCredits } from "../src/economy/money.ts";
import { type Rules, rulesSchema } from "../src/economy/rules.ts";
import { marketOf, purseOf } from "../src/economy/state.ts";
import { type AnyStrategy, type Member, simulate } from "../src/lab/simulate.ts";
import { decide as genesis } from "../templates/agents/genesis/decide.ts";
import { decide as idler } from "../templates/agents/idler/decide.ts";
import { decide as saver } from "../templates/agents/saver/decide.ts";
import { decide as spammer } from "../templates/agents/spammer/decide.ts";
import { decide as specialist } from "../templates/agents/specialist/decide.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "5" },
    cycles: { type: "string", default: "100,1000" },
    only: { type: "string" },
  },
});
const SEEDS = Number(values.seeds);
const LENGTHS = values.cycles.split(",").map(Number);

/** The demonstration's cast, all with the whole endowment. */
const CAST: Record<string, Member> = {
  genesis: { strategy: genesis },
  spammer: { strategy: spammer },
  idler: { strategy: idler },
  saver: { strategy: saver },
};

/** §14.2 as templates/worlds/spec has it. */
const SPEC = {
  economy: { attention_conversion_rates: { interesting: 50, useful: 50, understandable: 50 } },
  resources: {
    cpu_seconds: { supply: 100, initial_price: 5 },
    memory_mb: { supply: 10_000, initial_price: 0.01 },
  },
};

const rates = (rate: number) => ({ interesting: rate, useful: rate, understandable: rate });

type Variant = {
  name: string;
  rules: Rules;
  cast?: Record<string, Member>;
  /** False: a free slot keeps the price that was once bid for it. */
  cooling?: false;
};

function crowd(size: number): Record<string, Member> {
  const names = Array.from({ length: size }, (_, i) => `idler-${i}`);
  return { ...CAST, ...Object.fromEntries(names.map((name) => [name, { strategy: idler }])) };
}

/** As `econ demo` has them: who wastes or idles gets less, so that sixty cycles show a death. */
const demo = Object.fromEntries(
  Object.entries(CAST).map(([name, member]) => [
    name,
    name === "genesis" ? member : { ...member, credits: 200 },
  ]),
);
const alone = { genesis: { strategy: genesis } };

/** The preset ample: the first default, from which one rule after the other is varied. */
const AMPLE = {
  resources: {
    cpu_seconds: { supply: 8, initial_price: 2 },
    attention: { supply: 1, initial_price: 50 },
  },
  pricing: {
    raise_above_percent: 80,
    lower_below_percent: 20,
    average_over_cycles: 1,
    ceiling_times_initial: 100,
  },
};

type Changes = { economy?: object; resources?: object };

const of = ({ economy, resources }: Changes) =>
  rulesSchema.parse({
    ...AMPLE,
    economy: { daily_mint_cap: 10_000, ...economy },
    resources: { ...AMPLE.resources, ...resources },
  });

const VARIANTS: Variant[] = [
  { name: "default", rules: rulesSchema.parse({}) },
  { name: "default, alone", rules: rulesSchema.parse({}), cast: alone },
  { name: "default, demo", rules: rulesSchema.parse({}), cast: demo },
  { name: "default+20", rules: rulesSchema.parse({}), cast: crowd(20) },
  { name: "ample", rules: of({}) },
  { name: "spec", rules: of(SPEC) },
  { name: "ample, alone", rules: of({}), cast: alone },
  { name: "spec, alone", rules: of(SPEC), cast: alone },
  { name: "ample, demo", rules: of({}), cast: demo },
  {
    name: "spec-rate-3",
    rules: of({ ...SPEC, economy: { attention_conversion_rates: rates(3) } }),
  },
  { name: "ample, no cooling", rules: of({}), cooling: false },
  { name: "rate-1", rules: of({ economy: { attention_conversion_rates: rates(1) } }) },
  { name: "rate-2", rules: of({ economy: { attention_conversion_rates: rates(2) } }) },
  { name: "rate-5", rules: of({ economy: { attention_conversion_rates: rates(5) } }) },
  { name: "rate-10", rules: of({ economy: { attention_conversion_rates: rates(10) } }) },
  { name: "cpu-4", rules: of({ resources: { cpu_seconds: { supply: 4, initial_price: 2 } } }) },
  { name: "cpu-16", rules: of({ resources: { cpu_seconds: { supply: 16, initial_price: 2 } } }) },
  { name: "slot-20", rules: of({ resources: { attention: { supply: 1, initial_price: 20 } } }) },
  { name: "ample+20", rules: of({}), cast: crowd(20) },
  { name: "spec+20", rules: of(SPEC), cast: crowd(20) },
];

type Life = {
  genesis: number | null;
  saver: number | null;
  spammerDied: number | null;
  idlerDied: number | null;
  alive: number;
  deaths: number;
  cpu: number;
  attention: number;
  minted: number;
};

async function live(
  { rules, cast = CAST, cooling }: Variant,
  seed: string,
): Promise<Map<number, Life>> {
  const children: Record<string, AnyStrategy> = { specialist };
  const { economy, step } = simulate({ rules, seed, cast, children, human: true });
  const died = new Map<string, number>();
  const snapshots = new Map<number, Life>();
  let minted = 0;
  for (let cycle = 1; cycle <= Math.max(...LENGTHS); cycle++) {
    const slot = marketOf(economy, "attention");
    const before = slot.price;
    await step();
    if (cooling === false && !economy.changes.events.some(({ kind }) => kind === "shown"))
      slot.price = before;
    for (const { id } of economy.changes.died) died.set(id, cycle);
    for (const { kind, amount } of economy.changes.transfers)
      if (kind === "award") minted += toCredits(amount);
    if (!LENGTHS.includes(cycle)) continue;
    const purse = (id: string) => (economy.agents.has(id) ? toCredits(purseOf(economy, id)) : null);
    const price = (resource: "cpu_seconds" | "attention") =>
      toCredits(marketOf(economy, resource).price);
    snapshots.set(cycle, {
      genesis: purse("genesis"),
      saver: purse("saver"),
      spammerDied: died.get("spammer") ?? null,
      idlerDied: died.get("idler") ?? null,
      alive: economy.agents.size,
      deaths: died.size,
      cpu: price("cpu_seconds"),
      attention: price("attention"),
      minted,
    });
  }
  return snapshots;
}

/** "940–1,120", or how many of the seeds saw none. */
function range(figures: (number | null)[], none: string): string {
  const known = figures.filter((figure) => figure !== null);
  if (known.length === 0) return none || "–";
  const show = (figure: number) =>
    figure.toLocaleString("en", { maximumFractionDigits: figure < 10 ? 2 : 0 });
  const [low, high] = [show(Math.min(...known)), show(Math.max(...known))];
  const missing = figures.length - known.length;
  return (low === high ? low : `${low}–${high}`) + (missing > 0 ? ` (${none}: ${missing})` : "");
}

const TITLES = [
  "rules",
  "cycles",
  "genesis has",
  "saver has",
  "spammer died in",
  "idler died in",
  "alive",
  "minted",
  "cpu price",
  "slot price",
];

async function main(): Promise<void> {
  console.log(`| ${TITLES.join(" | ")} |\n|${"---|".repeat(TITLES.length)}`);
  const wanted = VARIANTS.filter(({ name }) => !values.only || name === values.only);
  for (const variant of wanted) {
    const seeds = Array.from({ length: SEEDS }, (_, i) => `seed-${i + 1}`);
    const lives = await Promise.all(seeds.map((seed) => live(variant, seed)));
    for (const length of LENGTHS) {
      const all = lives.map((life) => life.get(length) as Life);
      const { cast = CAST } = variant;
      const column = (pick: (life: Life) => number | null, none = "") => range(all.map(pick), none);
      const each = (id: string, pick: (life: Life) => number | null, none: string) =>
        id in cast ? column(pick, none) : "–";
      const cells = [
        variant.name,
        length.toLocaleString("en"),
        each("genesis", ({ genesis }) => genesis, "dead"),
        each("saver", ({ saver }) => saver, "dead"),
        each("spammer", ({ spammerDied }) => spammerDied, "lives"),
        each("idler", ({ idlerDied }) => idlerDied, "lives"),
        column(({ alive }) => alive),
        column(({ minted }) => minted),
        column(({ cpu }) => cpu),
        column(({ attention }) => attention),
      ];
      console.log(`| ${cells.join(" | ")} |`);
    }
  }
}

await main();
