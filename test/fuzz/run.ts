// A long run against one parser, or all of them in turn. docs/testing.md says more.
// Usage: bun test/fuzz/run.ts PARSER|all [--seconds N] [--seed S]
import { parseArgs } from "node:util";
import { corpusOf, keep } from "./corpus.ts";
import { breach, LAWS } from "./laws.ts";
import { diceOf, mutant } from "./mutate.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now()) },
  },
});
/** No text of this length may keep a parser busy for so long. */
const SLOW_MS = 2_000;

/** How many texts were tried; what was found is kept in the corpus. */
async function fuzz(parser: string): Promise<boolean> {
  const corpus = corpusOf(parser).map(([, text]) => text);
  const dice = diceOf(values.seed, parser);
  const end = performance.now() + Number(values.seconds) * 1000;
  const breaches = new Set<string>();
  let tried = 0;
  let slowest = 0;
  while (performance.now() < end) {
    const text = mutant(corpus, dice);
    const start = performance.now();
    const law = await breach(parser, text);
    const took = performance.now() - start;
    tried += 1;
    slowest = Math.max(slowest, took);
    const wrong = law ?? (took > SLOW_MS ? `it took ${Math.round(took)} ms` : null);
    const kind = wrong?.replaceAll(/[0-9]+|".*"/g, "…").slice(0, 60);
    if (!wrong || !kind || breaches.has(kind)) continue;
    breaches.add(kind);
    console.log(`${parser}: ${wrong}\n  ${keep(parser, text)}`);
  }
  const found = breaches.size === 0 ? "no law broken" : `${breaches.size} kinds of breach`;
  console.log(`${parser}: ${tried} texts, ${found}; the slowest took ${Math.round(slowest)} ms`);
  return breaches.size === 0;
}

const [wanted = "all"] = positionals;
const parsers = wanted === "all" ? Object.keys(LAWS) : [wanted];
if (!parsers.every((parser) => parser in LAWS)) {
  console.error(`no parser ${wanted}; all, or one of ${Object.keys(LAWS).join(", ")}`);
  process.exitCode = 2;
} else {
  console.log(`seed ${values.seed}`);
  for (const parser of parsers) if (!(await fuzz(parser))) process.exitCode = 1;
}
