// The rules of one economy, as econ.yaml states them. Key names are the specification's (§14.2);
// what it leaves open has a default here. Unknown keys are errors: a misspelt rule must not be
// a rule nobody applies.
import * as z from "zod";
import { microFromCredits } from "./money.ts";

/** Credits in the file, micro-credits in the program. */
const amount = z.number().transform((value, context) => {
  const result = microFromCredits(value);
  if (result.ok) return result.value;
  context.issues.push({ code: "custom", message: result.reason, input: value });
  return z.NEVER;
});

const count = z.number().int().min(0).max(1_000_000);
const quantity = z.number().min(0).max(1_000_000_000);

const market = z.strictObject({
  supply: quantity.describe("units sold at one clearing; 0 closes the market"),
  initial_price: amount.describe("credits per unit at the start"),
});

const bundle = z.strictObject({
  tokens: quantity.optional(),
  cpu_seconds: quantity.optional(),
  memory_mb: quantity.optional(),
  gpu_seconds: quantity.optional(),
});

const economy = z.strictObject({
  initial_credit_budget: amount.default(1_000_000_000),
  attention_conversion_rates: z
    .strictObject({ interesting: amount, useful: amount, understandable: amount })
    .default({ interesting: 3_000_000, useful: 3_000_000, understandable: 3_000_000 }),
  spawn_cost: amount.default(100_000_000),
  message_cost: amount.default(1_000_000),
  daily_mint_cap: amount
    .default(20_000_000_000)
    .describe("credits that scores can create in one day of the world's clock"),
  estate: z.enum(["burn", "parent"]).default("burn").describe("where the balance of the dead goes"),
});

/** There is one human, and one slot: it is open (1) or closed (0). */
const slot = z.strictObject({ ...market.shape, supply: z.number().int().min(0).max(1) });

const resources = z.strictObject({
  tokens: market.default({ supply: 20_000, initial_price: 5_000 }),
  cpu_seconds: market.default({ supply: 4, initial_price: 2_000_000 }),
  memory_mb: market.default({ supply: 1_024, initial_price: 20_000 }),
  gpu_seconds: market.default({ supply: 0, initial_price: 10_000_000 }),
  attention: slot.default({ supply: 1, initial_price: 20_000_000 }),
});

const allocation = z.strictObject({
  schedule_seconds: z.number().min(1).max(86_400).default(10),
  transaction_history_length: count.default(20),
  clearing: z
    .enum(["highest", "per-size"])
    .default("highest")
    .describe("which bid comes first: the highest offer, or offer / √size"),
  payment: z
    .enum(["offer", "critical"])
    .default("offer")
    .describe("what a winner pays: its offer, or the lowest one that still wins"),
  pricing: z.enum(["threshold", "eip1559"]).default("threshold"),
  max_bids_per_agent: count.min(1).default(8),
});

const pricing = z.strictObject({
  raise_above_percent: z.number().min(0).max(100).default(30),
  lower_below_percent: z.number().min(0).max(100).default(25),
  average_over_cycles: count
    .min(1)
    .max(1_000)
    .default(20)
    .describe("the share sold is a moving average over so many; 1: the last clearing alone"),
  max_step_percent: z.number().min(0).max(50).default(12.5),
  floor_times_initial: z.number().gt(0).max(1).default(0.1),
  ceiling_times_initial: z.number().min(1).max(10_000).default(10),
});

const execution = z.strictObject({
  timeout_seconds: z.number().min(0.1).max(3_600).default(30),
  default_memory_mb: z.number().min(16).default(100),
  sandbox: z.enum(["auto", "docker", "bubblewrap", "worker"]).default("auto"),
  docker: z
    .strictObject({
      runtime: z
        .string()
        .max(100)
        .default("")
        .describe("the daemon's runtime, e.g. runsc for gVisor"),
      keep_warm: z.boolean().default(false).describe("one container per agent, kept between runs"),
    })
    .prefault({}),
  hosts: z
    .array(z.string().regex(/^[a-z0-9.-]+(:[0-9]+)?$/, "expected host or host:port"))
    .max(100)
    .default([])
    .describe("hosts that a run may reach through the gateway"),
  parallel: count.default(0).describe("runs at once; 0 means one per core"),
  max_processes: count.min(1).default(32),
  workspace_mb: z.number().min(1).max(1_024).default(16),
  changed_mb: z.number().min(0.001).max(1_024).default(4),
  workspace_files: count.min(1).default(1_000),
  max_actions: count.min(1).default(1_000),
});

const attention = z.strictObject({
  timeout_cycles: count
    .min(1)
    .default(360)
    .describe("an unanswered prompt leaves the slot after so many cycles"),
  max_queued_per_agent: count.min(1).default(4),
});

const population = z.strictObject({
  max_alive: count.min(1).default(10_000),
  max_births_per_cycle: count.min(1).default(100),
  first_bid: z
    .strictObject({ code: bundle, model: bundle })
    .default({
      code: { cpu_seconds: 1, memory_mb: 96 },
      model: { tokens: 4_000, cpu_seconds: 2, memory_mb: 128 },
    })
    .describe("the first bid of a newborn whose folder names none"),
});

/** Numbers of tokens have three decimals, as all quantities have. */
const weight = z.number().min(0).max(1_000).multipleOf(0.001);
/** US dollars per million tokens. */
const dollars = z.number().min(0).max(100_000);

function isPlainUrl(text: string): boolean {
  if (text.length > 1_000 || !URL.canParse(text)) return false;
  const { protocol, username, password, search } = new URL(text);
  return /^https?:$/.test(protocol) && username + password + search === "";
}

const model = z.strictObject({
  id: z.string().min(1).max(200).describe("the provider's name for it"),
  base_url: z
    .string()
    .refine(isPlainUrl, "expected http:// or https:// and a host, without a key in it")
    .default("https://api.anthropic.com")
    .describe("any endpoint that speaks Anthropic's Messages API"),
  // Said without what was there: it may well be a key.
  key: z
    .string()
    .refine(
      (name) => /^[A-Z][A-Z0-9_]{0,99}$/.test(name),
      "expected the name of an environment variable, like ANTHROPIC_API_KEY, not the key itself",
    )
    .default("ANTHROPIC_API_KEY")
    .describe("the variable that holds the key"),
  price: z
    .strictObject({ input: dollars, cached_input: dollars, cache_write: dollars, output: dollars })
    .describe("dollars per million tokens"),
  counts_as: z
    .strictObject({
      input: weight.default(0.2),
      cached_input: weight.default(0.02),
      cache_write: weight.default(0.25),
      output: weight.default(1),
    })
    .prefault({})
    .describe("bought tokens that one token of each kind uses up"),
  max_output: count.min(1).default(32_000).describe("the most tokens of one answer"),
  bytes_per_token: z
    .number()
    .min(1)
    .max(16)
    .default(1)
    .describe("of text, where its provider counts no tokens; 1 is safe for any text"),
});

const modelName = z.string().regex(/^[a-z][a-z0-9.-]{0,63}$/, "expected a name like haiku");

const models = z
  .record(modelName, model)
  .refine((named) => Object.keys(named).length <= 100, "expected at most 100 models")
  .default({
    haiku: {
      id: "claude-haiku-4-5",
      base_url: "https://api.anthropic.com",
      key: "ANTHROPIC_API_KEY",
      price: { input: 1, cached_input: 0.1, cache_write: 1.25, output: 5 },
      counts_as: { input: 0.2, cached_input: 0.02, cache_write: 0.25, output: 1 },
      max_output: 32_000,
      bytes_per_token: 1,
    },
  })
  .describe("the models that agents can think with; the first is for those that name none");

/** What the operator pays the providers, whatever agents bid. */
const spending = z.strictObject({
  dollars_per_day: z.number().min(0).max(1_000_000).default(5),
  dollars_per_world: z.number().min(0).max(1_000_000).default(50),
});

export const rulesSchema = z.strictObject({
  clock: z.enum(["wall", "logical"]).default("wall"),
  unattended: z.boolean().default(false),
  durable: z.boolean().default(true).describe("what is reported done survives a power cut"),
  visibility: z.enum(["closed", "open"]).default("closed"),
  economy: economy.prefault({}),
  resources: resources.prefault({}),
  allocation: allocation.prefault({}),
  pricing: pricing.prefault({}),
  execution: execution.prefault({}),
  attention: attention.prefault({}),
  population: population.prefault({}),
  models,
  spending: spending.prefault({}),
});

export type Model = z.output<typeof model>;
export type Rules = z.output<typeof rulesSchema>;

/** The rules as agents see them: who provides a model, and for how much, is the operator's. */
export type PublicRules = Omit<Rules, "models"> & {
  models: Record<string, Pick<Model, "counts_as" | "max_output">>;
};
