// An experiment file: what to run, against what control, how often. Read as strictly as econ.yaml:
// a misspelt word is a problem with its line, never an experiment that nobody meant.
import * as z from "zod";
import type { Rules } from "../economy/rules.ts";
import { presetConfig, presetNames } from "../kernel/templates.ts";
import type { Problem } from "../world/change.ts";
import { readConfig, setConfig } from "../world/config.ts";
import { type Checked, checkText, type Located, type Path, unknownKey } from "../world/schema.ts";
import { parseYaml } from "../world/yaml.ts";
import { GENE_NAMES, GENES, MUTATION } from "./forager.ts";
import { type Taste, USUAL } from "./human.ts";
import { type Member, namesOf, type RunSpec, runOnce } from "./run.ts";
import { birthRefusal } from "./simulate.ts";
import { STRATEGY_NAMES, TEMPLATES } from "./strategies.ts";

const NAME = /^[a-z][a-z0-9-]{0,31}$/;
const id = z.string().regex(NAME, "a name like genesis-2");
const scalar = z.union([z.number(), z.string(), z.boolean()], "a number, text, true or false");
const settings = z.record(z.string(), scalar);

const genes = z.strictObject(
  Object.fromEntries(
    GENE_NAMES.map((gene) => [gene, z.number().min(GENES[gene].least).max(GENES[gene].most)]),
  ),
);

/** Everything may be left to what the treatment changes. */
const member = z.strictObject({
  strategy: z.string().optional(),
  credits: z.number().min(0).max(1_000_000).optional(),
  count: z.number().int().min(1).max(10_000).optional(),
  of: z.array(z.string()).min(1).optional(),
  heredity: z.enum(["none", "inherit", "random"]).optional(),
  genes: genes.partial().optional(),
  writing: z.enum(["none", "copy", "rewrite", "random"]).optional(),
  teaching: z.enum(["kept", "inherited", "sold"]).optional(),
  skilled: z.number().int().min(0).max(10_000).optional(),
  mutation: z.number().min(0).max(1).optional(),
});

const human = z.strictObject({
  taste: z.enum(["news", "random", "none"]).optional(),
  fatigue: z.number().min(0).max(100).optional(),
  noise: z.number().min(0).max(10).optional(),
});

/** What a lab can do to a world and a person cannot. */
const chances = {
  payees: z.enum(["chosen", "lot"]).optional(),
  hazard: z.number().min(0).max(1).optional(),
};

const treatment = z.strictObject({
  settings: settings.optional(),
  cast: z.record(id, member.nullable()).optional(),
  human: human.optional(),
  ...chances,
});

const schema = z.strictObject({
  name: id,
  about: z.string().default(""),
  preset: z.string().default("default"),
  settings: settings.optional(),
  cast: z.record(id, member),
  human: human.optional(),
  ...chances,
  cycles: z.number().int().min(1).max(1_000_000),
  seeds: z.union(
    [z.number().int().min(1).max(10_000), z.array(z.union([z.string(), z.number()])).min(1)],
    "a number of seeds, or a list of them",
  ),
  treatments: z.record(id, treatment.nullable()).optional(),
  sweep: z.record(z.string(), z.array(scalar).min(1)).optional(),
  stop: z
    .array(
      z.strictObject({
        measure: z.string(),
        above: z.number().optional(),
        below: z.number().optional(),
      }),
    )
    .default([]),
  measures: z.array(z.string()).optional(),
});

type File = z.output<typeof schema>;
type Treatment = z.output<typeof treatment>;

export type Plan = {
  name: string;
  about: string;
  treatments: string[];
  seeds: string[];
  cycles: number;
  measures: string[];
  runs: RunSpec[];
  /** The text of each treatment's econ.yaml. */
  configs: Record<string, string>;
};

export type Overrides = { seeds?: number | undefined; cycles?: number | undefined };

/** The runs that an experiment file asks for, treatment by treatment and seed by seed. */
export async function readExperiment(
  text: string,
  file: string,
  overrides: Overrides = {},
): Promise<Checked<Plan>> {
  const parsed = parseYaml(text);
  const checked = checkText(schema, parsed, file);
  if (!checked.ok || !parsed.ok) return checked.ok ? { ok: false, problems: [] } : checked;
  const reader: Reader = { file, located: parsed, problems: [] };
  const { value } = checked;
  const seeds = seedsOf(overrides.seeds ?? value.seeds);
  const cycles = overrides.cycles ?? value.cycles;
  const configs: Record<string, string> = {};
  const runs = treatmentsOf(value).flatMap((variant) => {
    const { config, ...spec } = specOf(reader, value, variant);
    configs[spec.treatment] = config;
    return seeds.map((seed): RunSpec => ({ ...spec, seed, cycles }));
  });
  if (reader.problems.length === 0) await checkMeasures(reader, value, runs);
  if (reader.problems.length > 0) return { ok: false, problems: unique(reader.problems) };
  const { name, about } = value;
  const treatments = [...new Set(runs.map((run) => run.treatment))];
  const measures = value.measures ?? usualMeasures(value);
  const plan = { name, about, treatments, seeds, cycles, measures, runs, configs };
  return { ok: true, value: plan };
}

type Reader = { file: string; located: Located; problems: Problem[] };

function complain(reader: Reader, path: Path, message: string): void {
  const text = `${path.join(".")}: ${message}`;
  reader.problems.push({ ...problemAt(reader, path), message: text });
}

function problemAt({ file, located }: Reader, path: Path): Omit<Problem, "message"> {
  return { file, line: located.lineOf(path) };
}

/** What several treatments share is complained of once. */
function unique(problems: Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

function seedsOf(seeds: File["seeds"]): string[] {
  if (typeof seeds === "number") return Array.from({ length: seeds }, (_, i) => `seed-${i + 1}`);
  return seeds.map(String);
}

type Scalar = z.output<typeof scalar>;
type Setting = { key: string; value: Scalar; path: Path };
type Variant = { name: string; path: Path; treatment: Treatment; swept: Setting[] };

/** Each treatment with each combination of the swept values. */
function treatmentsOf({ treatments, sweep }: File): Variant[] {
  const named = Object.entries(treatments ?? { control: null });
  let variants: Variant[] = named.map(([name, treatment]) => ({
    name,
    path: ["treatments", name],
    treatment: treatment ?? {},
    swept: [],
  }));
  for (const [key, values] of Object.entries(sweep ?? {}))
    variants = variants.flatMap((variant) =>
      values.map((value, index) => ({
        ...variant,
        name: `${variant.name}, ${key.slice(key.lastIndexOf(".") + 1)}=${value}`,
        swept: [...variant.swept, { key, value, path: ["sweep", key, index] }],
      })),
    );
  return variants;
}

function specOf(reader: Reader, file: File, { name, path, treatment, swept }: Variant) {
  const common = listed(file.settings, ["settings"]);
  const own = listed(treatment.settings, [...path, "settings"]);
  const { rules, config } = rulesOf(reader, file.preset, [...common, ...own, ...swept]);
  const cast = castOf(reader, file, { path, treatment });
  checkBirths(reader, rules, cast);
  return {
    treatment: name,
    config,
    rules,
    cast,
    human: { ...USUAL, ...known(file.human), ...known(treatment.human) } as Taste,
    payees: treatment.payees ?? file.payees ?? "chosen",
    hazard: treatment.hazard ?? file.hazard ?? 0,
    stop: file.stop,
  };
}

function listed(settings: Record<string, Scalar> | undefined, path: Path): Setting[] {
  return Object.entries(settings ?? {}).map(([key, value]) => ({
    key,
    value,
    path: [...path, key],
  }));
}

function rulesOf(reader: Reader, preset: string, all: Setting[]): { rules: Rules; config: string } {
  const chosen = presetNames().includes(preset) ? preset : "default";
  if (chosen !== preset) complain(reader, ["preset"], unknownKey(preset, presetNames()));
  const base = presetConfig(chosen, []);
  let text = base.ok ? base.value : "";
  for (const { key, value, path } of all) {
    const changed = setConfig(text, key, String(value));
    if (changed.ok) text = changed.value;
    else reader.problems.push({ ...problemAt(reader, path), message: changed.reason });
  }
  const rules = readConfig(text);
  if (!rules.ok) throw new Error(`econ has a bug: preset ${chosen} cannot be read`);
  return { rules: rules.value, config: text };
}

function castOf(
  reader: Reader,
  file: File,
  { path, treatment }: { path: Path; treatment: Treatment },
): Record<string, Member> {
  const cast: Record<string, Member> = {};
  for (const name of new Set([...Object.keys(file.cast), ...Object.keys(treatment.cast ?? {})])) {
    const change = treatment.cast?.[name];
    if (change === null) continue;
    const whole = { ...known(file.cast[name]), ...known(change) } as z.output<typeof member>;
    const strategy = whole.strategy ?? name;
    const at: Path = change?.strategy ? [...path, "cast", name] : ["cast", name];
    if (!STRATEGY_NAMES.includes(strategy))
      complain(reader, at, unknownStrategy(strategy, STRATEGY_NAMES));
    for (const kind of whole.of ?? [])
      if (!TEMPLATES[kind]) complain(reader, at, unknownStrategy(kind, Object.keys(TEMPLATES)));
    if (strategy === "coin" && !whole.of) complain(reader, at, "coin needs `of`: what it may be");
    cast[name] = { ...USUAL_MEMBER, ...whole, strategy } as Member;
  }
  return cast;
}

const USUAL_MEMBER = {
  count: 1,
  heredity: "none",
  writing: "none",
  teaching: "kept",
  skilled: 0,
  mutation: MUTATION,
} as const;

/** What a world would refuse at its beginning. */
function checkBirths(reader: Reader, rules: Rules, cast: Record<string, Member>): void {
  const names = new Set<string>();
  let count = 0;
  for (const [kind, member] of Object.entries(cast)) {
    const refusal = birthRefusal(rules, member.credits);
    if (refusal) complain(reader, ["cast", kind], refusal);
    count += member.count;
    for (const name of namesOf(kind, member)) {
      if (names.has(name)) complain(reader, ["cast", kind], `there would be two called ${name}`);
      if (!NAME.test(name)) complain(reader, ["cast", kind], `${name} is too long for a name`);
      names.add(name);
    }
  }
  const { max_alive } = rules.population;
  if (count > max_alive) complain(reader, ["cast"], `${count} agents are more than ${max_alive}`);
}

function unknownStrategy(name: string, known: string[]): string {
  return unknownKey(name, known).replace("unknown key", "unknown strategy");
}

function known<T extends object>(values: T | null | undefined): Partial<T> {
  const stated = Object.entries(values ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(stated) as Partial<T>;
}

/** What can be measured depends on the cast: one cycle of every treatment shows it. */
async function checkMeasures(reader: Reader, file: File, runs: RunSpec[]): Promise<void> {
  const figures = new Set<string>();
  const columns = new Set<string>();
  const first = [...new Map(runs.map((run) => [run.treatment, run])).values()];
  for (const spec of first) {
    const trial = await runOnce({ ...spec, cycles: 1 });
    for (const name of Object.keys(trial.figures)) figures.add(name);
    for (const name of Object.keys(trial.rows[0] ?? {})) columns.add(name);
  }
  // A child of a template is of its own kind, and there is none in the first cycle.
  for (const kind of Object.keys(TEMPLATES))
    for (const column of KIND_FIGURES) figures.add(`${column}_${kind}`);
  const check = (name: string, names: Set<string>, path: Path) => {
    if (!names.has(name))
      complain(reader, path, unknownKey(name, [...names]).replace("key", "measure"));
  };
  for (const [i, name] of (file.measures ?? []).entries()) check(name, figures, ["measures", i]);
  for (const [i, { measure }] of file.stop.entries()) check(measure, columns, ["stop", i]);
}

const KIND_FIGURES = ["alive", "lifetime", "gain", "awards", "payments", "paid_by_others"].concat([
  "neutral_lifetime",
  "luck",
]);

function usualMeasures({ cast }: File): string[] {
  const kinds = Object.keys(cast).flatMap((kind) => [`lifetime_${kind}`, `gain_${kind}`]);
  return [
    "alive",
    "gini",
    "awards",
    "payment_share",
    "price_cpu_seconds",
    "price_attention",
  ].concat(kinds);
}
