// A few hundred texts a parser, the same each time, and all that were ever found. Long runs have a
// command: docs/testing.md.
import { describe, expect, test } from "bun:test";
import { corpusOf } from "./corpus.ts";
import { breach, LAWS } from "./laws.ts";
import { diceOf, mutant } from "./mutate.ts";

const MUTANTS = 300;

describe.each(Object.keys(LAWS))("whatever the text, the parser of %s", (parser) => {
  const corpus = corpusOf(parser);

  test("keeps its laws for the corpus", async () => {
    const breaches: string[] = [];
    for (const [name, text] of corpus) {
      const wrong = await breach(parser, text);
      if (wrong) breaches.push(`${name}: ${wrong}`);
    }
    expect(breaches).toEqual([]);
  });

  test("keeps its laws for what is made of the corpus", async () => {
    const texts = corpus.map(([, text]) => text);
    const dice = diceOf("suite", parser);
    for (let n = 0; n < MUTANTS; n++) {
      const text = mutant(texts, dice);
      const wrong = await breach(parser, text);
      expect([wrong, text.slice(0, 500)]).toEqual([null, text.slice(0, 500)]);
    }
  });
});
